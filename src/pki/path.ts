import { basicRules } from './basic-rules.ts';
import type { Certificate } from './certificate.ts';
import { checkRevocation } from './crl.ts';
import { type ConstraintWork, testConstraints } from './name-constraints.ts';
import type { NameVerdict } from './name-verdict.ts';
import { matchNames } from './names.ts';
import { type Breach, failureOf, type MemberRule, type PathMember, type RuleContext } from './path-member.ts';
import { type FoundPath, searchPaths } from './path-search.ts';
import type { PathFailure, PathRequest, PathVerdict, RejectedPath, RuleSet, SentOrder } from './path-types.ts';
import { profileRules } from './profile-rules.ts';
import { signatureChecker } from './signature.ts';
import { webpkiRules } from './webpki-rules.ts';

/** Signature operations of one validation: some tenths of a second with the slowest keys, and ten times what chains of practice need. */
const MAX_SIGNATURES = 128;
/** Paths that are judged; more than that many ways to a root are an attack or a hopeless mess. */
const MAX_JUDGED = 128;
/** Refused paths that are kept for the report. */
const MAX_REJECTED = 16;
const MAX_FAILURES = 32;

const furtherRules: Record<RuleSet, readonly MemberRule[]> = {
  basic: [],
  rfc5280: profileRules,
  webpki: [...profileRules, ...webpkiRules],
};

/** Comparisons are made in whole seconds, as certificates count them. Throws RangeError for a text that is no time. */
function wholeSeconds(at: string | Date): string {
  const millis = new Date(at).getTime();
  return new Date(Math.floor(millis / 1000) * 1000).toISOString();
}

/** What the judging of one request shares between its paths. */
type Judging = RuleContext &
  Pick<PathRequest, 'crls'> & { name: NameVerdict | undefined; work: ConstraintWork; further: Map<string, Breach[]> };

function membersOf({ path, end }: FoundPath): PathMember[] {
  return path.map((certificate, index): PathMember => {
    const anchored = end === 'anchored' && index === path.length - 1;
    return { certificate, index, path, role: anchored ? 'anchor' : index === 0 ? 'leaf' : 'intermediate' };
  });
}

/** Constraints bind every certificate below, except self-issued intermediates (RFC 5280 section 6.1.3). */
function constraintBreaches(members: PathMember[], { rules, work }: Judging): PathFailure[] {
  const syntax = rules === 'basic' ? 'lenient' : 'strict';
  return members.toReversed().flatMap((member) => {
    if (member.index > 0 && member.certificate.selfIssued) return [];
    return members.slice(member.index + 1).flatMap(({ certificate: { nameConstraints, subject } }): PathFailure[] => {
      if (nameConstraints === undefined) return [];
      const found = testConstraints(nameConstraints, member.certificate, { syntax, work });
      if (found.result === 'inside') return [];
      return [
        failureOf(member, { rule: 'name-constraint', detail: `${found.detail} (constraints of ${subject.text})` }),
      ];
    });
  });
}

function revocationBreaches(members: PathMember[], { crls, at }: Judging): PathFailure[] {
  return members.flatMap((member): PathFailure[] => {
    const issuer = member.path[member.index + 1];
    if (crls === undefined || issuer === undefined) return [];
    const found = checkRevocation(crls, { certificate: member.certificate, issuer }, at);
    if (found.result === 'revoked') return [failureOf(member, { rule: 'revoked', detail: found.detail })];
    return found.result === 'unusable' ? [failureOf(member, { rule: 'crl', detail: found.detail })] : [];
  });
}

/** Breaches of the profile do not depend on the path, and are worked out once for a certificate that is on many. */
function furtherBreaches(member: PathMember, judging: Judging): Breach[] {
  const key = `${member.certificate.fingerprint256} ${member.role} ${member.index === 0}`;
  const known = judging.further.get(key);
  if (known !== undefined) return known;
  const breaches = furtherRules[judging.rules].flatMap((rule) => rule(member, judging));
  judging.further.set(key, breaches);
  return breaches;
}

function openBreach(found: FoundPath): Breach[] {
  return found.end === 'open' ? [{ rule: found.rule, detail: found.detail }] : [];
}

/** What is wrong with a found path: why it is open, then by certificate from the leaf on, then what concerns the whole. */
function judgePath(found: FoundPath, judging: Judging): PathFailure[] {
  const members = membersOf(found);
  const [leaf, last] = [members[0], members.at(-1)];
  const failures: PathFailure[] = [];
  if (last !== undefined) failures.push(...openBreach(found).map((breach) => failureOf(last, breach)));
  for (const member of members) {
    const breaches = [...basicRules.flatMap((rule) => rule(member, judging)), ...furtherBreaches(member, judging)];
    failures.push(...breaches.map((breach) => failureOf(member, breach)));
  }
  if (found.end === 'anchored')
    failures.push(...constraintBreaches(members, judging), ...revocationBreaches(members, judging));
  if (leaf !== undefined && judging.name?.result === 'mismatch') {
    failures.push(failureOf(leaf, { rule: 'name', detail: judging.name.detail }));
  }
  return failures.slice(0, MAX_FAILURES);
}

/** Where the certificates of the path stand among those sent; -1 marks one that was not sent. */
function sentOrder(path: readonly Certificate[], sent: readonly Certificate[]): SentOrder {
  const places = path
    .slice(1)
    .map((member) => sent.findIndex(({ fingerprint256 }) => fingerprint256 === member.fingerprint256))
    .filter((place) => place >= 0);
  if (places.some((place, i) => place < (places[i - 1] ?? -1))) return 'wrong';
  return places.every((place, i) => place === i) ? 'direct' : 'gaps';
}

function sentFacts(path: Certificate[], { intermediates }: PathRequest): { order: SentOrder; unused: Certificate[] } {
  const used = new Set(path.map(({ fingerprint256 }) => fingerprint256));
  return {
    order: sentOrder(path, intermediates),
    unused: intermediates.filter(({ fingerprint256 }) => !used.has(fingerprint256)),
  };
}

/** The refused paths, closest first: those that reach a trusted root by fewest failures, then the others by length. */
function rankRejected(rejected: RejectedPath[]): RejectedPath[] {
  const rank = ({ end, failures }: RejectedPath): number => {
    if (end === 'anchored') return 0;
    return failures[0]?.rule === 'search-limit' ? 2 : 1;
  };
  const distance = (a: RejectedPath, b: RejectedPath): number =>
    rank(a) === 0 ? a.failures.length - b.failures.length : b.path.length - a.path.length;
  return rejected.toSorted((a, b) => rank(a) - rank(b) || distance(a, b)).slice(0, MAX_REJECTED);
}

/**
 * Builds and validates a path from the leaf to a trusted root; the first path without a failure is taken. Bounded: 128 signature
 * checks, 2,000 issuers tried. Throws RangeError when `at` is no time. RFC 5280 section 6, RFC 4158.
 */
export function validatePath(request: PathRequest): PathVerdict {
  const { leaf, intermediates, roots, name } = request;
  const verdict = name === undefined ? undefined : matchNames(name.rule, leaf, name.target);
  const named = verdict === undefined ? {} : { name: verdict };
  const judging: Judging = {
    ...request,
    at: wholeSeconds(request.at),
    name: verdict,
    work: { comparisons: 0 },
    further: new Map(),
  };
  const rejected: RejectedPath[] = [];
  const checker = signatureChecker(MAX_SIGNATURES);
  for (const found of searchPaths({ leaf, intermediates, roots, checker })) {
    const { path, end } = found;
    const failures = judgePath(found, judging);
    if (failures.length === 0) return { ok: true, path, ...sentFacts(path, request), ...named };
    rejected.push({ path, end, failures });
    if (rejected.length >= MAX_JUDGED) break;
  }
  const ranked = rankRejected(rejected);
  const [best] = ranked;
  const first = best?.failures[0];
  if (best === undefined || first === undefined) throw new Error('the search of a path ended without a result');
  const facts = sentFacts(best.path, request);
  return { ok: false, ...first, path: best.path, failures: best.failures, rejected: ranked, ...facts, ...named };
}
