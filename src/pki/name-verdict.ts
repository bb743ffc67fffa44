import { coverHost } from './host-name.ts';

export type NameRule =
  | 'rfc5922'
  | 'rfc9525'
  | 'microsoft-strict'
  | 'microsoft-relaxed'
  | 'microsoft-sip-name'
  | 'microsoft-common-name'
  | 'teams-direct-routing';

/** What the client meant to reach. Names in A-label form; a rule that needs a part that is missing is not applicable. */
export interface NameTarget {
  /** The SIP domain of the address-of-record. */
  domain?: string | undefined;
  /** The host name that was connected to, or the SBC's own name. */
  host?: string | undefined;
  /** The address, when the client was given an address instead of a name. */
  address?: string | undefined;
}

export type IdentitySource = 'san-uri' | 'san-dns' | 'san-ip' | 'common-name';

/** One name of the certificate and what the rule made of it. */
export interface ComparedIdentity {
  source: IdentitySource;
  /** As compared (for a URI the host part), at most 512 characters. Control characters are not escaped. */
  value: string;
  result: 'match' | 'mismatch' | 'ignored';
  why: string;
}

export type NameReason =
  /** Matches. */
  | 'exact'
  | 'wildcard'
  | 'inside-domain'
  /** The certificate has no name of a kind that the rule reads. */
  | 'no-name'
  /** It has such names, all of them others. */
  | 'other-names'
  /** A wildcard would cover the name, and the rule takes no wildcards. */
  | 'wildcard-not-allowed'
  /** The common name would match, and the rule does not read it. */
  | 'common-name-only'
  /** The host itself is not where the rule wants it, whatever the certificate says. */
  | 'host-outside-domain'
  /** The host is under onmicrosoft.com, which Direct Routing does not take. */
  | 'host-not-usable'
  /** The certificate has names, but not the address that was asked for. */
  | 'address-not-listed'
  /** The target lacks what this rule compares with. */
  | 'nothing-to-compare';

export interface NameVerdict {
  rule: NameRule;
  result: 'match' | 'mismatch' | 'not-applicable';
  reason: NameReason;
  /** One sentence, without the certificate's own text. */
  detail: string;
  /** The names or the address that would have matched. */
  wanted: string[];
  /** At most 64, matches first. */
  identities: ComparedIdentity[];
  /** All names that the certificate has of the kinds above. */
  total: number;
}

/** A name before it is compared; `ignored` tells why the rule passes over it. */
export interface Candidate {
  source: IdentitySource;
  value: string;
  ignored?: string;
}

export interface Comparison {
  rule: NameRule;
  wanted: string[];
  candidates: Candidate[];
  wildcards: 'one-label' | 'never';
  /** Accepts further names by another measure than equality. */
  accepts?: (value: string) => boolean;
}

const MAX_LISTED = 64;
const MAX_VALUE_LENGTH = 512;
const order = { match: 0, mismatch: 1, ignored: 2 } as const;

const details: Record<NameReason, string> = {
  exact: 'a name of the certificate is the wanted name',
  wildcard: 'a wildcard name of the certificate covers the wanted name',
  'inside-domain': 'a name of the certificate lies inside the domain',
  'no-name': 'the certificate has no name of a kind that this rule reads',
  'other-names': 'the certificate has other names only',
  'wildcard-not-allowed': 'only a wildcard name covers the wanted name, and this rule takes no wildcards',
  'common-name-only': 'only the common name matches, and this rule does not read it here',
  'host-outside-domain': 'the host is not in the domain in the way that this rule demands',
  'host-not-usable': 'names under onmicrosoft.com cannot be used',
  'address-not-listed': 'the certificate does not list the address',
  'nothing-to-compare': 'the rule needs a name that is not known here',
};

type Coverage = 'exact' | 'wildcard' | 'inside-domain' | 'none';

function coverage(value: string, { wanted, accepts }: Comparison): Coverage {
  const found = wanted.map((name) => coverHost(value, name));
  if (found.includes('exact')) return 'exact';
  if (accepts?.(value) === true) return 'inside-domain';
  return found.includes('wildcard') ? 'wildcard' : 'none';
}

interface Judged {
  identity: ComparedIdentity;
  coverage: Coverage;
}

function judge(candidate: Candidate, comparison: Comparison): Judged {
  const { source, value, ignored } = candidate;
  const covered = coverage(value, comparison);
  if (ignored !== undefined) return { identity: { source, value, result: 'ignored', why: ignored }, coverage: covered };
  const refused = covered === 'wildcard' && comparison.wildcards === 'never';
  const result = covered === 'none' || refused ? 'mismatch' : 'match';
  const why = refused ? 'wildcards are not taken' : covered === 'none' ? 'another name' : details[covered];
  return { identity: { source, value, result, why }, coverage: covered };
}

function mismatchReason(judged: Judged[]): NameReason {
  if (judged.some(({ identity, coverage }) => identity.result === 'mismatch' && coverage === 'wildcard'))
    return 'wildcard-not-allowed';
  const cnWould = judged.some(
    ({ identity, coverage }) =>
      identity.result === 'ignored' && identity.source === 'common-name' && coverage !== 'none',
  );
  if (cnWould) return 'common-name-only';
  return judged.some(({ identity }) => identity.result === 'mismatch') ? 'other-names' : 'no-name';
}

/** The verdict with its identities cut to the limit, matches first. */
export function makeVerdict(
  comparison: Pick<Comparison, 'rule' | 'wanted'>,
  reason: NameReason,
  identities: ComparedIdentity[],
): NameVerdict {
  const { rule, wanted } = comparison;
  const matches: NameReason[] = ['exact', 'wildcard', 'inside-domain'];
  const result = matches.includes(reason) ? 'match' : reason === 'nothing-to-compare' ? 'not-applicable' : 'mismatch';
  const listed = identities
    .toSorted((a, b) => order[a.result] - order[b.result])
    .slice(0, MAX_LISTED)
    .map((identity) => ({ ...identity, value: identity.value.slice(0, MAX_VALUE_LENGTH) }));
  return { rule, result, reason, detail: details[reason], wanted, identities: listed, total: identities.length };
}

/** Compares every candidate with the wanted names and says which decided. */
export function compareNames(comparison: Comparison): NameVerdict {
  const judged = comparison.candidates.map((candidate) => judge(candidate, comparison));
  const hits = judged.filter(({ identity }) => identity.result === 'match').map(({ coverage }) => coverage);
  const best = (['exact', 'inside-domain', 'wildcard'] as const).find((kind) => hits.includes(kind));
  return makeVerdict(
    comparison,
    best ?? mismatchReason(judged),
    judged.map(({ identity }) => identity),
  );
}
