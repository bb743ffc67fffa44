import type { Certificate } from './certificate.ts';
import { purposeOid } from './extension-oids.ts';

const PURPOSE_NAMES: ReadonlyMap<string, string> = new Map([
  [purposeOid.any, 'anyExtendedKeyUsage'],
  [purposeOid.serverAuth, 'serverAuth'],
  [purposeOid.clientAuth, 'clientAuth'],
  [purposeOid.sipDomain, 'id-kp-sipDomain'],
  ['1.3.6.1.5.5.7.3.3', 'codeSigning'],
  ['1.3.6.1.5.5.7.3.4', 'emailProtection'],
  ['1.3.6.1.5.5.7.3.8', 'timeStamping'],
  ['1.3.6.1.5.5.7.3.9', 'OCSPSigning'],
  ['1.3.6.1.4.1.311.20.2.2', 'smartcardLogon'],
]);

/** A key purpose by its name in the field, or the dotted identifier. */
export const purposeName = (oid: string): string => PURPOSE_NAMES.get(oid) ?? oid;

/** How a certificate stands to one purpose. unlimited: it has no extended key usage, so every purpose is allowed. */
export type PurposeStanding = 'listed' | 'any' | 'unlimited' | 'missing';

/** RFC 5280 section 4.2.1.12. */
export function purposeStanding(
  { extendedKeyUsage }: Certificate,
  purpose: 'serverAuth' | 'clientAuth' | 'sipDomain',
): PurposeStanding {
  if (extendedKeyUsage === undefined) return 'unlimited';
  if (extendedKeyUsage.includes(purposeOid[purpose])) return 'listed';
  return extendedKeyUsage.includes(purposeOid.any) ? 'any' : 'missing';
}

/** In which parts of TLS a certificate may stand. Mutual TLS between servers needs both, for either side may connect. */
export interface Roles {
  server: 'allowed' | 'refused';
  client: 'allowed' | 'refused';
  mutual: 'allowed' | 'refused';
}

export function rolesOf(certificate: Certificate): Roles {
  const fits = (purpose: 'serverAuth' | 'clientAuth'): 'allowed' | 'refused' =>
    purposeStanding(certificate, purpose) === 'missing' ? 'refused' : 'allowed';
  const [server, client] = [fits('serverAuth'), fits('clientAuth')];
  return { server, client, mutual: server === 'allowed' && client === 'allowed' ? 'allowed' : 'refused' };
}

/** What the key usage allows a TLS server to do: all that is needed, too little for clients that look closely, or nothing. */
export type KeyUsageStanding = 'fits' | 'key-exchange-only' | 'unfit';

/** TLS 1.3 and every ECDHE suite sign with the key (RFC 8446 section 4.4.2.2, RFC 8422 section 5.3). */
export function keyUsageStanding({ keyUsage, basicConstraints }: Certificate): KeyUsageStanding {
  // A certificate of an authority in the place of a leaf is judged by the rules for authorities.
  if (keyUsage === undefined || keyUsage.includes('digitalSignature') || basicConstraints?.ca === true) return 'fits';
  return keyUsage.includes('keyEncipherment') || keyUsage.includes('keyAgreement') ? 'key-exchange-only' : 'unfit';
}
