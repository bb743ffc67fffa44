import type { Certificate } from './certificate.ts';
import { extensionOid, purposeOid } from './extension-oids.ts';
import { type Breach, breachIf, extensionOf, type MemberRule } from './path-member.ts';

/** BR section 6.1.5. */
const LEAST_RSA_BITS = 2048;
const curves: readonly (string | undefined)[] = ['P-256', 'P-384', 'P-521'];

const version: MemberRule = ({ certificate }) =>
  breachIf(certificate.version !== 3, 'version', `X.509 version ${certificate.version}`);

/** BR section 6.1.5 and 7.1.3.1. */
const keys: MemberRule = ({ certificate: { publicKey } }) => {
  const { type, bits = 0, curve } = publicKey;
  if (type === 'rsa') {
    return [
      ...breachIf(bits < LEAST_RSA_BITS, 'weak-key', `RSA key of ${bits} bits`),
      ...breachIf(bits % 8 !== 0, 'key-type', `RSA key of ${bits} bits, not whole octets`),
    ];
  }
  return breachIf(type !== 'ec' || !curves.includes(curve), 'key-type', `key of type ${curve ?? type}`);
};

/** BR section 7.1.2.7: subscriber certificates. */
const leafExtensions: MemberRule = ({ certificate, index }) => {
  if (index > 0) return [];
  const { extendedKeyUsage, basicConstraints, keyUsage } = certificate;
  return [
    ...breachIf(extendedKeyUsage === undefined, 'eku', 'it has no extended key usage'),
    ...breachIf(extendedKeyUsage?.includes(purposeOid.any), 'eku', 'it is good for any purpose'),
    ...breachIf(
      extensionOf(certificate, extensionOid.extendedKeyUsage)?.critical,
      'criticality',
      'extended key usage is critical',
    ),
    ...breachIf(basicConstraints?.ca, 'ca-extensions', 'it is an authority in the place of a leaf'),
    ...breachIf(keyUsage?.includes('keyCertSign'), 'ca-extensions', 'its key may sign certificates'),
  ];
};

/** A wildcard right below a top-level domain; longer public suffixes would need the Public Suffix List. */
const wideWildcard = (name: string): boolean => /^\*(\.[^.]*)?$/.test(name);

/** BR section 7.1.4: names of subscriber certificates. */
const leafNames: MemberRule = ({ certificate, index }) => {
  if (index > 0) return [];
  const { san, subject } = certificate;
  const critical = extensionOf(certificate, extensionOid.subjectAltName)?.critical === true;
  const listed = new Set([...san.dns, ...san.ip]);
  const stray = commonNames(certificate).find((name) => !listed.has(name));
  const breaches: Breach[] =
    stray === undefined ? [] : [{ rule: 'common-name', detail: `${stray} is not an alternative name` }];
  return [
    ...breachIf(!san.present, 'alternative-name', 'it has no alternative names'),
    ...breachIf(critical && subject.rdns.length > 0, 'criticality', 'alternative names are critical'),
    ...breachIf(san.dns.some(wideWildcard), 'alternative-name', 'it has a wildcard for a top-level domain'),
    ...breaches,
  ];
};

function commonNames({ subject }: Certificate): string[] {
  return subject.rdns.flat().flatMap(({ type, value }) => (type === 'CN' ? [value] : []));
}

/** BR section 7.1.2.1: root certificates. */
const rootExtensions: MemberRule = ({ certificate, role }) => {
  if (role !== 'anchor' || !certificate.selfIssued) return [];
  const { authorityKeyId: id, subjectKeyId, extendedKeyUsage } = certificate;
  const present = id !== undefined;
  return [
    ...breachIf(extendedKeyUsage !== undefined, 'eku', 'a root has extended key usages'),
    ...breachIf(present && id.keyId !== subjectKeyId, 'key-identifier', 'the key identifiers of a root differ'),
    ...breachIf(
      present && (id.issuer !== undefined || id.serial !== undefined),
      'key-identifier',
      'the authority key identifier of a root names issuer or serial number',
    ),
  ];
};

/** What the CA/Browser Forum Baseline Requirements for TLS server certificates (BR) add to RFC 5280. */
export const webpkiRules: readonly MemberRule[] = [version, keys, leafExtensions, leafNames, rootExtensions];
