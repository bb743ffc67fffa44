import type { Certificate } from './certificate.ts';
import { sameBytes } from './der-primitives.ts';
import { extensionOid, purposeOid } from './extension-oids.ts';
import { type Breach, breachIf, type MemberRule, type PathMember } from './path-member.ts';

/** OpenSSL's security level 1, below which no current client goes. */
const LEAST_RSA_BITS = 1024;

/** Extensions that are taken into account here; policies are read and not processed, for no SIP client asks for one. */
const understood: ReadonlySet<string> = new Set([
  extensionOid.subjectKeyId,
  extensionOid.keyUsage,
  extensionOid.subjectAltName,
  extensionOid.issuerAltName,
  extensionOid.basicConstraints,
  extensionOid.nameConstraints,
  extensionOid.crlDistributionPoints,
  extensionOid.certificatePolicies,
  extensionOid.policyMappings,
  extensionOid.authorityKeyId,
  extensionOid.policyConstraints,
  extensionOid.extendedKeyUsage,
  extensionOid.inhibitAnyPolicy,
  extensionOid.authorityInfoAccess,
]);

/** Extensions without which the decision cannot be made; the others may be malformed as far as clients of practice go. */
const decisive: ReadonlySet<string> = new Set([
  extensionOid.keyUsage,
  extensionOid.subjectAltName,
  extensionOid.basicConstraints,
  extensionOid.nameConstraints,
  extensionOid.extendedKeyUsage,
]);

/** Both ends are inclusive (RFC 5280 section 4.1.2.5). */
const validity: MemberRule = ({ certificate: { notBefore, notAfter } }, { at }) => [
  ...breachIf(Date.parse(at) > Date.parse(notAfter), 'expired', `valid until ${notAfter}`),
  ...breachIf(Date.parse(at) < Date.parse(notBefore), 'not-yet-valid', `valid from ${notBefore}`),
];

const faults: MemberRule = ({ certificate }, { rules }) =>
  certificate.faults
    .filter(({ oid }) => rules !== 'basic' || decisive.has(oid))
    .map(({ code, detail, oid }): Breach => ({ rule: code, detail: `extension ${oid}: ${detail}` }));

const unknownCritical: MemberRule = ({ certificate }) =>
  certificate.extensions
    .filter(({ oid, critical }) => critical && !understood.has(oid))
    .map(({ oid }): Breach => ({ rule: 'unknown-critical', detail: `critical extension ${oid} is not understood` }));

const algorithms: MemberRule = ({ certificate: { signatureAlgorithm, tbsSignatureAlgorithm } }) =>
  breachIf(
    !sameBytes(signatureAlgorithm.der, tbsSignatureAlgorithm.der),
    'algorithm-mismatch',
    `signed as ${tbsSignatureAlgorithm.name}, labelled ${signatureAlgorithm.name}`,
  );

/** An anchor of version 1 cannot say that it is an authority and is one by being trusted. */
const authority: MemberRule = ({ certificate, role }) => {
  if (role === 'leaf' || (role === 'anchor' && certificate.version < 3)) return [];
  const { basicConstraints, keyUsage } = certificate;
  return [
    ...breachIf(basicConstraints?.ca !== true, 'not-a-ca', 'the basic constraints do not make it an authority'),
    ...breachIf(
      keyUsage !== undefined && !keyUsage.includes('keyCertSign'),
      'key-usage',
      'its key may not sign certificates',
    ),
  ];
};

/** Intermediates below the member that are not self-issued (RFC 5280 section 4.2.1.9); the leaf does not count. */
function intermediatesBelow({ path, index }: PathMember): number {
  return path.slice(1, index).filter(({ selfIssued }) => !selfIssued).length;
}

const pathLength: MemberRule = (member, { maxIntermediates }) => {
  const below = intermediatesBelow(member);
  const allowed = member.role === 'leaf' ? undefined : member.certificate.basicConstraints?.pathLength;
  const atTop = member.index === member.path.length - 1 && member.role === 'anchor';
  return [
    ...breachIf(
      allowed !== undefined && below > allowed,
      'path-length',
      `allows ${allowed} authorities below it, has ${below}`,
    ),
    ...breachIf(
      atTop && maxIntermediates !== undefined && below > maxIntermediates,
      'path-length',
      `${below} intermediates, ${maxIntermediates} allowed`,
    ),
  ];
};

/** Uses of a key that TLS 1.2 or 1.3 can need (RFC 5280 section 4.2.1.12, RFC 8446 section 4.4.2.2). */
function fitsTls({ keyUsage }: Certificate): boolean {
  if (keyUsage === undefined) return true;
  return (['digitalSignature', 'keyEncipherment', 'keyAgreement'] as const).some((use) => keyUsage.includes(use));
}

const leafKeyUsage: MemberRule = ({ certificate, index }) =>
  breachIf(
    index === 0 && certificate.basicConstraints?.ca !== true && !fitsTls(certificate),
    'key-usage',
    'its key may not be used for TLS',
  );

/** The purpose must be allowed by the leaf and by every intermediate that limits purposes. */
const extendedKeyUsage: MemberRule = ({ certificate: { extendedKeyUsage: allowed }, role }, { purpose }) => {
  if (role === 'anchor' || allowed === undefined) return [];
  const wanted = purpose === 'server' ? purposeOid.serverAuth : purposeOid.clientAuth;
  const fits = allowed.includes(wanted) || allowed.includes(purposeOid.any);
  return breachIf(!fits, 'eku', `${wanted} is not among its extended key usages`);
};

const weakHashes: readonly (string | undefined)[] = ['md2', 'md5', 'sha1'];

/** The signature of an anchor protects nothing and is not looked at. */
const strength: MemberRule = ({ certificate, role }) => {
  const { publicKey, signatureAlgorithm } = certificate;
  const isRsa = publicKey.type === 'rsa' || publicKey.type === 'rsa-pss';
  return [
    ...breachIf(
      role !== 'anchor' && weakHashes.includes(signatureAlgorithm.hash),
      'weak-signature',
      `signed with ${signatureAlgorithm.name}`,
    ),
    ...breachIf(isRsa && (publicKey.bits ?? 0) < LEAST_RSA_BITS, 'weak-key', `RSA key of ${publicKey.bits} bits`),
  ];
};

/** What common TLS clients refuse, in the order of weight. RFC 5280 section 6.1. */
export const basicRules: readonly MemberRule[] = [
  validity,
  authority,
  pathLength,
  leafKeyUsage,
  extendedKeyUsage,
  unknownCritical,
  faults,
  algorithms,
  strength,
];
