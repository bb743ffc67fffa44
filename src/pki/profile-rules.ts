import type { Certificate } from './certificate.ts';
import { extensionOid } from './extension-oids.ts';
import { isHostName, isWildcardName } from './host-name.ts';
import { parseAddress } from './ip-address.ts';
import { type Breach, breachIf, extensionOf, type MemberRule } from './path-member.ts';

/** RFC 5280 section 4.1.2.2. */
const MAX_SERIAL_OCTETS = 20;

const isCritical = (certificate: Certificate, oid: string): boolean => extensionOf(certificate, oid)?.critical === true;
const isPlain = (certificate: Certificate, oid: string): boolean => extensionOf(certificate, oid)?.critical === false;

const serial: MemberRule = ({ certificate: { serial: hex } }) => [
  ...breachIf(hex.length > 2 * MAX_SERIAL_OCTETS, 'serial', `serial number of ${hex.length / 2} octets`),
  ...breachIf(/^0+$/.test(hex), 'serial', 'serial number 0'),
  ...breachIf(/^[89a-f]/.test(hex), 'serial', 'negative serial number'),
];

const names: MemberRule = ({ certificate, role }) => {
  const noSubject = certificate.subject.rdns.length === 0;
  return [
    ...breachIf(certificate.issuer.rdns.length === 0, 'empty-name', 'its issuer is empty'),
    ...breachIf(noSubject && role !== 'leaf', 'empty-name', 'its subject is empty'),
    ...breachIf(
      noSubject && role === 'leaf' && !isCritical(certificate, extensionOid.subjectAltName),
      'criticality',
      'its subject is empty and its alternative names are not critical',
    ),
  ];
};

const neverCritical = [
  [extensionOid.authorityKeyId, 'authority key identifier'],
  [extensionOid.subjectKeyId, 'subject key identifier'],
  [extensionOid.authorityInfoAccess, 'authority information access'],
] as const;

const criticality: MemberRule = ({ certificate, role }, { rules }) => [
  ...neverCritical.flatMap(([oid, name]) =>
    breachIf(isCritical(certificate, oid), 'criticality', `${name} is critical`),
  ),
  ...breachIf(
    role !== 'leaf' && isPlain(certificate, extensionOid.basicConstraints),
    'criticality',
    'basic constraints are not critical',
  ),
  // The Baseline Requirements allow it, for clients that do not know the extension.
  ...breachIf(
    rules === 'rfc5280' && isPlain(certificate, extensionOid.nameConstraints),
    'criticality',
    'name constraints are not critical',
  ),
  ...breachIf(
    isPlain(certificate, extensionOid.policyConstraints),
    'criticality',
    'policy constraints are not critical',
  ),
];

/** Only a self-signed authority may leave out the identifier of its issuer's key (RFC 5280 section 4.2.1.1). */
const keyIdentifiers: MemberRule = ({ certificate, role }) => {
  const { authorityKeyId, subjectKeyId, selfIssued } = certificate;
  const exempt = role === 'anchor' && selfIssued;
  return [
    ...breachIf(!exempt && authorityKeyId?.keyId === undefined, 'key-identifier', 'it has no authority key identifier'),
    ...breachIf(role !== 'leaf' && subjectKeyId === undefined, 'key-identifier', 'it has no subject key identifier'),
  ];
};

const authorityExtensions: MemberRule = ({ certificate }) => {
  const { basicConstraints, keyUsage } = certificate;
  const ca = basicConstraints?.ca === true;
  const signs = keyUsage?.includes('keyCertSign') === true;
  const limited = basicConstraints?.pathLength !== undefined;
  return [
    ...breachIf(signs && !ca, 'ca-extensions', 'its key may sign certificates, and it is no authority'),
    ...breachIf(limited && !(ca && signs), 'ca-extensions', 'it has a path length and may not sign certificates'),
    ...breachIf(
      !ca && extensionOf(certificate, extensionOid.nameConstraints) !== undefined,
      'ca-extensions',
      'it has name constraints and is no authority',
    ),
  ];
};

/** Preferred name syntax (RFC 5280 section 4.2.1.6); the last label of a host is never a number (RFC 1123 section 2.1). */
function isProperDns(name: string): boolean {
  return (isHostName(name) || isWildcardName(name)) && !/(^|\.)\d+$/.test(name) && parseAddress(name) === undefined;
}

const alternativeNames: MemberRule = ({ certificate: { san } }) => {
  const dns = san.dns.find((name) => !isProperDns(name));
  const email = san.email.find((name) => !/^[^@]+@[^@]+$/.test(name));
  const breaches: Breach[] = [];
  if (dns !== undefined) breaches.push({ rule: 'alternative-name', detail: `${dns} is not a DNS name` });
  if (email !== undefined) breaches.push({ rule: 'alternative-name', detail: `${email} is not a mailbox` });
  return breaches;
};

/** What RFC 5280 section 4 forbids an authority to issue. */
export const profileRules: readonly MemberRule[] = [
  serial,
  names,
  criticality,
  keyIdentifiers,
  authorityExtensions,
  alternativeNames,
];
