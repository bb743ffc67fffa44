import type { TlsObservation } from '../model/tls.ts';
import type { Certificate } from '../pki/certificate.ts';
import type { NameRule, NameTarget, NameVerdict } from '../pki/name-verdict.ts';
import { matchNames } from '../pki/names.ts';
import { certificatePolicy } from './cert-policy.ts';
import { shown } from './sent-chain.ts';

/** Names that one list of a report holds. */
const MAX_NAMES = 64;

/** One rule's answer, as the report has it. */
export interface RuleAnswer {
  rule: NameRule;
  /** The names that would have matched; empty: the rule needs a name that is not known here. */
  wanted: string[];
  result: 'match' | 'mismatch' | 'not-applicable';
  /** The name of the certificate that matched. */
  matched: string | null;
  why: string;
  /** True for the rules that the profile goes by. */
  decides: boolean;
}

/** What the deciding rules make of a certificate. */
export type NameOutcome =
  /** A client of the profile accepts it. */
  | 'accepted'
  /** The host is named, the SIP domain is not, which RFC 5922 asks for. */
  | 'host-only'
  /** Covered by a wildcard alone: clients that follow RFC 5922 refuse that. */
  | 'wildcard-accepted'
  /** The common name alone fits: some clients still read it. */
  | 'cn-accepted'
  | 'wildcard-refused'
  | 'cn-refused'
  | 'mismatch';

export interface NameDecision {
  outcome: NameOutcome;
  answers: RuleAnswer[];
}

/** The rules that are shown side by side, whatever the profile. */
const SIDE_BY_SIDE: readonly NameRule[] = [
  'rfc5922',
  'rfc9525',
  'microsoft-strict',
  'microsoft-relaxed',
  'teams-direct-routing',
];

export const isAddress = (name: string): boolean => /^[\d.]+$/.test(name) || name.includes(':');

/** What the client meant to reach. */
function targetOf({ verifyName, domain }: TlsObservation['about']): NameTarget {
  if (verifyName === '') return { domain };
  return { domain, ...(isAddress(verifyName) ? { address: verifyName } : { host: verifyName }) };
}

/** The rules of which one must be satisfied; a policy that lifts strict naming adds the relaxed rule. */
function decidingRules({ profile, namePolicy }: TlsObservation['about']): readonly NameRule[] {
  const { names } = certificatePolicy(profile);
  if (names === 'sip-client') return ['rfc9525', 'rfc5922'];
  const microsoft = names.some((rule) => rule.startsWith('microsoft-'));
  return microsoft && namePolicy?.strictNaming === 'off' ? [...names, 'microsoft-relaxed'] : names;
}

/** A host outside of the domain is a fault of DNS (srv-target): the certificate is judged by whether it names that host. */
function namesHost({ result, reason, identities }: NameVerdict): boolean {
  return result === 'match' || (reason === 'host-outside-domain' && identities[0]?.result === 'match');
}

const byCommonName = ({ identities }: NameVerdict): boolean => identities[0]?.source === 'common-name';

function sipClientOutcome([host, domain]: readonly NameVerdict[]): NameOutcome {
  if (host === undefined || domain === undefined) return 'mismatch';
  if (host.result === 'not-applicable' && domain.result === 'not-applicable') return 'accepted';
  if (domain.result === 'match' && (!byCommonName(domain) || host.result === 'match')) return 'accepted';
  if (host.result === 'match') {
    if (host.reason === 'wildcard') return 'wildcard-accepted';
    return domain.result === 'mismatch' ? 'host-only' : 'accepted';
  }
  // Clients that still read the common name do so only where there is no DNS name at all, as OpenSSL does.
  const readsCommonName = !host.identities.some(({ source }) => source === 'san-dns');
  const named = domain.result === 'match' || host.reason === 'common-name-only';
  return named && readsCommonName ? 'cn-accepted' : 'mismatch';
}

function productOutcome(verdicts: readonly NameVerdict[]): NameOutcome {
  if (verdicts.some(namesHost) || verdicts.every(({ result }) => result === 'not-applicable')) return 'accepted';
  const reasons = verdicts.map(({ reason }) => reason);
  if (reasons.includes('wildcard-not-allowed')) return 'wildcard-refused';
  return reasons.includes('common-name-only') ? 'cn-refused' : 'mismatch';
}

function answerOf(
  { rule, wanted, result, detail, identities }: NameVerdict,
  deciding: readonly NameRule[],
): RuleAnswer {
  const [first] = identities;
  const matched = result === 'match' && first !== undefined ? shown(first.value) : null;
  return { rule, wanted: wanted.map(shown), result, matched, why: detail, decides: deciding.includes(rule) };
}

/** Where the host is the SIP domain itself, a certificate that names the one names the other. */
const withoutDouble = ({ domain, verifyName }: TlsObservation['about'], outcome: NameOutcome): NameOutcome =>
  outcome === 'host-only' && domain === verifyName ? 'accepted' : outcome;

/** Judges the names of a certificate by every rule; the profile and the policy tell which rules decide. */
export function decideNames({ about }: TlsObservation, certificate: Certificate): NameDecision {
  const target = targetOf(about);
  const deciding = decidingRules(about);
  const verdicts = deciding.map((rule) => matchNames(rule, certificate, target));
  const sipClient = certificatePolicy(about.profile).names === 'sip-client';
  const rules = [...new Set([...SIDE_BY_SIDE, ...deciding])];
  return {
    outcome: sipClient ? withoutDouble(about, sipClientOutcome(verdicts)) : productOutcome(verdicts),
    answers: rules.map((rule) => answerOf(matchNames(rule, certificate, target), deciding)),
  };
}

/** The names that a certificate carries, bounded, and how many there are. */
export function carriedNames({ san, commonName }: Certificate): { names: string[]; total: number } {
  const all = [...san.dns, ...san.ip, ...san.uri];
  // The common name counts only where there is no subjectAltName (RFC 5922 section 7.1).
  const names = all.length === 0 && commonName !== undefined ? [commonName] : all;
  return { names: names.slice(0, MAX_NAMES).map(shown), total: names.length };
}

/** The rules as a sentence names them. */
const RULE_TITLES: Readonly<Record<RuleAnswer['rule'], string>> = {
  rfc5922: 'RFC 5922 (SIP domain)',
  rfc9525: 'RFC 9525 (connected host)',
  'microsoft-strict': 'Microsoft strict naming',
  'microsoft-relaxed': 'Microsoft with DisableStrictDNSNaming',
  'microsoft-sip-name': 'Microsoft high security mode',
  'microsoft-common-name': 'Microsoft common name',
  'teams-direct-routing': 'Teams Direct Routing',
};

/** What one rule makes of the names, in a sentence's words. */
export function answerText({ rule, result, wanted, matched, why }: RuleAnswer): string {
  const title = RULE_TITLES[rule];
  if (result === 'not-applicable') return `${title}: not applicable`;
  return `${title}: ${wanted.join(' or ')} ${result === 'match' ? `matches ${matched ?? ''}` : `does not match, ${why}`}`;
}

/** The rules of which that holds. */
export const titles = (answers: readonly RuleAnswer[], wanted: (answer: RuleAnswer) => boolean): string =>
  answers
    .filter(wanted)
    .map(({ rule }) => RULE_TITLES[rule])
    .join(', ');
