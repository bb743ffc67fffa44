import type { Severity } from '../model.ts';
import { PROFILES, TRUSTED_DOMAINS, type Profile } from '../profiles.ts';
import { isUnder, parseName } from '../wire/dns-name.ts';

/** The verdict of a client of Microsoft's on the host that an SRV record names. */
export interface NamingVerdict {
  /** As shipped: the host has to lie in the SIP domain. */
  strict: 'accepted' | 'uncertain' | 'refused';
  /** With DisableStrictDNSNaming=1: any host that ends in the SIP domain. */
  relaxed: 'accepted' | 'refused';
  /** Labels that the target has in front of the SIP domain; null: it lies outside. */
  labelsBelow: number | null;
  /** The target belongs to a provider that newer clients trust by their own list. */
  provider: 'trusted' | 'none';
}

/**
 * Strict: exactly one label below the domain. Whether deeper hosts are accepted as well, no document says: 'uncertain'. Microsoft
 * TechNet, "DNS Requirements for Automatic Client Sign-In".
 */
export function judgeNaming(target: string, domain: string): NamingVerdict {
  const provider = TRUSTED_DOMAINS.some((one) => isUnder(target, one)) ? 'trusted' : 'none';
  if (!isUnder(target, domain)) return { strict: 'refused', relaxed: 'refused', labelsBelow: null, provider };
  const labelsBelow = parseName(target).length - parseName(domain).length;
  return { strict: labelsBelow === 1 ? 'accepted' : 'uncertain', relaxed: 'accepted', labelsBelow, provider };
}

/** The profiles with a rule of naming that ask for the SRV name. */
export const profilesAsking = (name: string, domain: string): Profile[] =>
  PROFILES.filter(
    ({ naming, steps }) =>
      naming !== undefined && steps.some((step) => step.kind === 'srv' && step.name.replace('{d}', domain) === name),
  );

/** How much a target outside weighs for the profile that decides; the others are told for information. */
export function severityOfNaming(verdict: NamingVerdict, naming: Profile['naming']): Severity {
  if (naming === undefined || verdict.provider === 'trusted') return 'info';
  if (naming === 'exact') return verdict.labelsBelow === 1 ? 'info' : 'error';
  if (naming === 'high-security') return verdict.relaxed === 'accepted' ? 'info' : 'warning';
  return verdict.relaxed === 'refused' ? 'error' : 'warning';
}
