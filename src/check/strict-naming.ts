import type { Severity } from '../model.ts';
import { PROFILES, TRUSTED_DOMAINS, type Profile } from '../profiles.ts';
import { isUnder, parseName } from '../wire/dns-name.ts';

type Rule = NonNullable<Profile['naming']>;

/** The verdict of a client of Microsoft's on the host that an SRV record of TLS names. */
export interface NamingVerdict {
  /** As shipped. uncertain: Microsoft's documents differ. */
  strict: 'accepted' | 'uncertain' | 'refused';
  /** With DisableStrictDNSNaming=1: any host that ends in the SIP domain. */
  relaxed: 'accepted' | 'refused';
  /** Labels that the target has in front of the SIP domain; null: it lies outside. */
  labelsBelow: number | null;
  /** The target belongs to a provider that newer clients trust by their own list. */
  provider: 'trusted' | 'none';
}

/**
 * The domain itself and sip.<domain> pass, a deeper host does not: help text of the policy DisableStrictDNSNaming (Office
 * administrative templates). Another host directly in the domain is refused by that text and, for Windows Messenger, by the RTC
 * Client API (RTCIF_DISABLE_STRICT_DNS: the lookup must return sip.<domain>); the guides for Communicator and Lync name such hosts
 * as examples, pool01.contoso.com (TechNet bb663700, "DNS Requirements for Automatic Client Sign-In"). Partners of federation take
 * a host directly in the domain (Cisco TechNote 212383).
 */
function strictVerdict(target: string, labelsBelow: number, rule: Rule): NamingVerdict['strict'] {
  if (rule === 'exact') return labelsBelow === 1 ? 'accepted' : 'refused';
  if (labelsBelow === 0) return 'accepted';
  if (labelsBelow > 1) return 'refused';
  if (target.toLowerCase().startsWith('sip.')) return 'accepted';
  return rule === 'high-security' ? 'refused' : 'uncertain';
}

/** What a client with this rule makes of the host that an SRV record names. */
export function judgeNaming(target: string, domain: string, rule: Rule): NamingVerdict {
  const provider = TRUSTED_DOMAINS.some((one) => isUnder(target, one)) ? 'trusted' : 'none';
  if (!isUnder(target, domain)) return { strict: 'refused', relaxed: 'refused', labelsBelow: null, provider };
  const labelsBelow = parseName(target).length - parseName(domain).length;
  return { strict: strictVerdict(target, labelsBelow, rule), relaxed: 'accepted', labelsBelow, provider };
}

/** The profiles with a rule of naming that ask for the SRV name; over TCP in the clear no rule holds (same sources). */
export const profilesAsking = (name: string, domain: string): Profile[] =>
  PROFILES.filter(
    ({ naming, steps }) =>
      naming !== undefined &&
      steps.some(
        (step) => step.kind === 'srv' && step.transport === 'tls' && step.name.replace('{d}', domain) === name,
      ),
  );

/** How much a target outside weighs for the profile that decides; the others are told for information. */
export function severityOfNaming(verdict: NamingVerdict, naming: Profile['naming']): Severity {
  if (naming === undefined || verdict.provider === 'trusted') return 'info';
  if (naming === 'exact') return verdict.strict === 'accepted' ? 'info' : 'error';
  if (verdict.strict === 'uncertain') return 'info';
  if (naming === 'high-security') return verdict.relaxed === 'accepted' ? 'info' : 'warning';
  return verdict.relaxed === 'refused' ? 'error' : 'warning';
}
