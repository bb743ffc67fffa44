import { createHash, randomBytes, sign, type KeyObject } from 'node:crypto';
import forge from 'node-forge';

const { asn1 } = forge;
type Node = forge.asn1.Asn1;

const OID = {
  commonName: '2.5.4.3',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  authorityInfoAccess: '1.3.6.1.5.5.7.1.1',
  caIssuers: '1.3.6.1.5.5.7.48.2',
  ocsp: '1.3.6.1.5.5.7.48.1',
  crlDistributionPoints: '2.5.29.31',
  tlsFeature: '1.3.6.1.5.5.7.1.24',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  anyUse: '2.5.29.37.0',
  sipDomain: '1.3.6.1.5.5.7.3.20',
} as const;

/** ECDSA with each hash. RFC 5758 section 3.2, RFC 3279 section 2.2.3. */
const SIGNATURE_OIDS = {
  sha256: '1.2.840.10045.4.3.2',
  sha1: '1.2.840.10045.4.1',
} as const;

/** The bits of keyUsage and how many of the octet are unused. RFC 5280 section 4.2.1.3. */
const KEY_USES = {
  // keyCertSign and cRLSign.
  authority: { bits: '\u0006', unused: 1 },
  signature: { bits: '\u0080', unused: 7 },
  'key-exchange': { bits: '\u0020', unused: 5 },
  'data-only': { bits: '\u0010', unused: 4 },
} as const;

/** Context tags of GeneralName and the octets that go with them (RFC 5280 section 4.2.1.6). */
export type AltName =
  { type: 'dns'; value: string } | { type: 'uri'; value: string } | { type: 'ip'; octets: Uint8Array };

/** What a certificate is to say. Dates are milliseconds since the Unix epoch; a certificate without `altNames` has no SAN. */
export interface CertificateFields {
  commonName: string;
  role: 'authority' | 'end-entity';
  notBefore: number;
  notAfter: number;
  altNames: readonly AltName[];
  /** Empty: no extended key usage, that is unrestricted (RFC 5280 section 4.2.1.12). */
  usages: readonly ('serverAuth' | 'clientAuth' | 'anyUse' | 'sipDomain')[];
  /** What the key of a server may do; absent: signatures. */
  keyUse?: 'signature' | 'key-exchange' | 'data-only';
  /** Absent: 3. A certificate of version 1 has no extensions; there is no version 4. */
  version?: 1 | 3 | 4;
  /** Of the signature; absent: SHA-256. */
  hash?: keyof typeof SIGNATURE_OIDS;
  /** Where the certificate of the issuer can be fetched (RFC 5280 section 4.2.2.1); absent: it does not say. */
  issuerUrl?: string;
  /** Where an OCSP responder, and where a revocation list is; absent: it does not say. */
  ocspUrl?: string;
  crlUrl?: string;
  /** Whether it may be shown only with an OCSP response (RFC 7633). */
  mustStaple?: 'yes';
}

/** Whose name and key sign. `publicKey` makes the authority key identifier. The private key is EC P-256. */
export interface CertificateIssuer {
  commonName: string;
  publicKey: KeyObject;
  privateKey: KeyObject;
}

const binary = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
const universal = (type: forge.asn1.Type, value: string): Node => asn1.create(asn1.Class.UNIVERSAL, type, false, value);
const sequence = (...items: Node[]): Node => asn1.create(asn1.Class.UNIVERSAL, asn1.Type.SEQUENCE, true, items);
const oid = (value: string): Node => universal(asn1.Type.OID, asn1.oidToDer(value).getBytes());
const octetString = (value: string): Node => universal(asn1.Type.OCTETSTRING, value);
/** A BIT STRING starts with the count of unused bits in its last octet. */
const bitString = (value: string, unusedBits = 0): Node =>
  universal(asn1.Type.BITSTRING, String.fromCharCode(unusedBits) + value);
/** Context-specific tags (RFC 5280 appendix A.1): the code is the tag number, not a universal type. */
const context = (tag: number, content: Node[] | string): Node =>
  // oxlint-disable-next-line typescript/no-unsafe-enum-assignment -- forge's types know universal types only; it writes any tag below 31
  asn1.create(asn1.Class.CONTEXT_SPECIFIC, tag, typeof content !== 'string', content);

function distinguishedName(commonName: string): Node {
  const attribute = sequence(oid(OID.commonName), universal(asn1.Type.UTF8, forge.util.encodeUtf8(commonName)));
  return sequence(asn1.create(asn1.Class.UNIVERSAL, asn1.Type.SET, true, [attribute]));
}

/** RFC 5280 section 4.1.2.5: UTCTime through 2049, GeneralizedTime from 2050 on. */
function time(ms: number): Node {
  const date = new Date(ms);
  return date.getUTCFullYear() < 2050
    ? universal(asn1.Type.UTCTIME, asn1.dateToUtcTime(date))
    : universal(asn1.Type.GENERALIZEDTIME, asn1.dateToGeneralizedTime(date));
}

function spkiDer(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' });
}

/** Any octets that tell keys apart will do (RFC 5280 section 4.2.1.2); here the SHA-1 of the whole SubjectPublicKeyInfo. */
function keyIdentifier(key: KeyObject): string {
  return binary(createHash('sha1').update(spkiDer(key)).digest());
}

function generalName(name: AltName): Node {
  if (name.type === 'ip') return context(7, binary(name.octets));
  return context(name.type === 'dns' ? 2 : 6, name.value);
}

function extension(id: string, critical: 'critical' | 'plain', value: Node): Node {
  const flag = critical === 'critical' ? [universal(asn1.Type.BOOLEAN, '\u00ff')] : [];
  return sequence(oid(id), ...flag, octetString(asn1.toDer(value).getBytes()));
}

const uri = (value: string): Node => generalName({ type: 'uri', value });

/** Where more can be asked about the certificate, and what has to come with it. RFC 5280 sections 4.2.1.13 and 4.2.2.1, RFC 7633. */
function places({ issuerUrl, ocspUrl, crlUrl, mustStaple }: CertificateFields): Node[] {
  const access = [
    ...(ocspUrl === undefined ? [] : [sequence(oid(OID.ocsp), uri(ocspUrl))]),
    ...(issuerUrl === undefined ? [] : [sequence(oid(OID.caIssuers), uri(issuerUrl))]),
  ];
  const list = (url: string): Node => sequence(sequence(context(0, [context(0, [uri(url)])])));
  // status_request
  const features = sequence(universal(asn1.Type.INTEGER, '\u0005'));
  return [
    ...(access.length === 0 ? [] : [extension(OID.authorityInfoAccess, 'plain', sequence(...access))]),
    ...(crlUrl === undefined ? [] : [extension(OID.crlDistributionPoints, 'plain', list(crlUrl))]),
    ...(mustStaple === undefined ? [] : [extension(OID.tlsFeature, 'plain', features)]),
  ];
}

function extensions(fields: CertificateFields, subjectKey: KeyObject, issuer: CertificateIssuer): Node {
  const authority = fields.role === 'authority';
  const keyUse = KEY_USES[authority ? 'authority' : (fields.keyUse ?? 'signature')];
  const list = [
    extension(
      OID.basicConstraints,
      'critical',
      authority ? sequence(universal(asn1.Type.BOOLEAN, '\u00ff')) : sequence(),
    ),
    extension(OID.keyUsage, 'critical', bitString(keyUse.bits, keyUse.unused)),
    extension(OID.subjectKeyIdentifier, 'plain', octetString(keyIdentifier(subjectKey))),
    extension(OID.authorityKeyIdentifier, 'plain', sequence(context(0, keyIdentifier(issuer.publicKey)))),
  ];
  if (fields.usages.length > 0) {
    list.push(extension(OID.extendedKeyUsage, 'plain', sequence(...fields.usages.map((usage) => oid(OID[usage])))));
  }
  if (fields.altNames.length > 0) {
    list.push(extension(OID.subjectAltName, 'plain', sequence(...fields.altNames.map(generalName))));
  }
  return sequence(...list, ...places(fields));
}

/** A positive number of 16 octets (RFC 5280 section 4.1.2.2): the two top bits are 01. */
function serialNumber(): string {
  const octets = randomBytes(16);
  octets[0] = ((octets[0] ?? 0) & 0x3f) | 0x40;
  return binary(octets);
}

/**
 * An X.509 certificate, DER, signed with ECDSA. The fields are written as given, sensible or not: making
 * wrong certificates is the purpose. RFC 5280 section 4.1.
 */
export function buildCertificate(
  fields: CertificateFields,
  subjectKey: KeyObject,
  issuer: CertificateIssuer,
): Uint8Array {
  const { version = 3, hash = 'sha256' } = fields;
  const algorithm = sequence(oid(SIGNATURE_OIDS[hash]));
  const tbs = sequence(
    // The default, version 1, is left out (X.690 section 11.5).
    ...(version === 1 ? [] : [context(0, [universal(asn1.Type.INTEGER, String.fromCharCode(version - 1))])]),
    universal(asn1.Type.INTEGER, serialNumber()),
    algorithm,
    distinguishedName(issuer.commonName),
    sequence(time(fields.notBefore), time(fields.notAfter)),
    distinguishedName(fields.commonName),
    asn1.fromDer(binary(spkiDer(subjectKey))),
    ...(version === 1 ? [] : [context(3, [extensions(fields, subjectKey, issuer)])]),
  );
  const signature = sign(hash, Buffer.from(asn1.toDer(tbs).getBytes(), 'latin1'), issuer.privateKey);
  const certificate = sequence(tbs, algorithm, bitString(binary(signature)));
  return Buffer.from(asn1.toDer(certificate).getBytes(), 'latin1');
}
