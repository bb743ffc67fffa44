import { createHash } from 'node:crypto';
import { WireError } from '../wire/wire-error.ts';
import {
  type PublicKeyInfo,
  readPublicKeyInfo,
  readSignatureAlgorithm,
  type SignatureAlgorithm,
} from './algorithms.ts';
import { contextTag, type DerValue, readSequence, readSingleValue } from './der.ts';
import { readBitString, readIntegerOctets, readSmallInteger, sameBytes, toHex } from './der-primitives.ts';
import { readTime } from './der-text.ts';
import { attributeValues, type DistinguishedName, readName } from './distinguished-name.ts';
import { extensionOid } from './extension-oids.ts';
import type { AuthorityKeyId, BasicConstraints, KeyUsage, NameConstraints } from './extension-values.ts';
import { type CertificateFault, type Extension, type ExtensionReading, readExtensions } from './extensions.ts';
import type { GeneralName } from './general-name.ts';

/** The largest certificate that is read, in octets; a whole chain in TLS has at most 256 KiB here. */
export const MAX_CERTIFICATE_OCTETS = 1_048_576;

/** subjectAltName by type, in the order of the certificate; all lists are empty when it is absent. At most 4,096 names. */
interface AlternativeNames {
  /** The extension is there, even if nothing in it could be read. */
  present: boolean;
  dns: string[];
  /** Dotted decimal or RFC 5952. */
  ip: string[];
  uri: string[];
  email: string[];
  dirName: DistinguishedName[];
  other: Extract<GeneralName, { type: 'other' }>[];
}

/** An X.509 certificate (RFC 5280 section 4.1). All texts are as the certificate has them, control characters included. */
export interface Certificate {
  der: Uint8Array;
  /** The octets that are signed. */
  tbs: Uint8Array;
  /** 1, 2 or 3 as people count. */
  version: number;
  /** Hex of the INTEGER's octets, two's complement: a leading digit of 8 to f means negative. */
  serial: string;
  issuer: DistinguishedName;
  subject: DistinguishedName;
  /** ISO 8601, whole seconds, UTC. */
  notBefore: string;
  /** ISO 8601, whole seconds, UTC; the last second that is valid. */
  notAfter: string;
  /** The most specific common name of the subject. */
  commonName?: string;
  san: AlternativeNames;
  /** The same names in the order of the certificate, whatever their type. */
  alternativeNames: GeneralName[];
  publicKey: PublicKeyInfo;
  /** Of the outer certificate. */
  signatureAlgorithm: SignatureAlgorithm;
  /** Of the signed part; must be the same (RFC 5280 section 4.1.1.2). */
  tbsSignatureAlgorithm: SignatureAlgorithm;
  signature: Uint8Array;
  extensions: Extension[];
  keyUsage?: KeyUsage[];
  /** Dotted identifiers. Absent: every use is allowed. */
  extendedKeyUsage?: string[];
  basicConstraints?: BasicConstraints;
  nameConstraints?: NameConstraints;
  authorityKeyId?: AuthorityKeyId;
  /** Hex. */
  subjectKeyId?: string;
  crlUrls: string[];
  ocspUrls: string[];
  caIssuersUrls: string[];
  policies: string[];
  /** Extensions that break RFC 5280; the rest of the certificate was read all the same. */
  faults: CertificateFault[];
  /** Issuer and subject are the same name. */
  selfIssued: boolean;
  /** SHA-256 of the DER, lower-case hex. */
  fingerprint256: string;
}

function namesByType({ values, list }: ExtensionReading): AlternativeNames {
  const names: AlternativeNames = {
    present: list.some((extension) => extension.oid === extensionOid.subjectAltName),
    dns: [],
    ip: [],
    uri: [],
    email: [],
    dirName: [],
    other: [],
  };
  for (const name of values.subjectAltNames ?? []) {
    if (name.type === 'dirName') names.dirName.push(name.name);
    else if (name.type === 'other') names.other.push(name);
    else names[name.type].push(name.value);
  }
  return names;
}

/** The signed fields by name; the optional ones are told apart by their tags. */
function splitTbs(tbs: DerValue): Record<'version' | 'extensions', DerValue | undefined> & { fields: DerValue[] } {
  const children = readSequence(tbs, 'TBSCertificate');
  const explicit = children[0]?.tag === contextTag(0, 'constructed') ? children[0] : undefined;
  const fields = explicit === undefined ? children : children.slice(1);
  const optional = fields.slice(6);
  // issuerUniqueID [1] and subjectUniqueID [2] are obsolete and carry nothing that is used here.
  const known = [contextTag(1, 'primitive'), contextTag(2, 'primitive'), contextTag(3, 'constructed')];
  const stray = optional.find(
    ({ tag }, i) => !known.slice(i === 0 ? 0 : known.indexOf(optional[i - 1]?.tag ?? 0) + 1).includes(tag),
  );
  if (stray !== undefined) throw new WireError('tag', 'TBSCertificate has an unknown field', stray.offset);
  return { version: explicit, fields, extensions: optional.find(({ tag }) => tag === contextTag(3, 'constructed')) };
}

function inner(value: DerValue): DerValue {
  return readSingleValue(value.content, value.contentOffset);
}

function readVersion(field: DerValue | undefined): number {
  const version = field === undefined ? 0 : readSmallInteger(inner(field), 'version');
  if (version > 2) throw new WireError('version', `X.509 version ${version + 1} is unknown`, field?.offset);
  return version + 1;
}

type SignedPart = Omit<Certificate, 'der' | 'tbs' | 'signatureAlgorithm' | 'signature' | 'fingerprint256'>;

function readSignedPart(tbs: DerValue): SignedPart {
  const { version, fields, extensions } = splitTbs(tbs);
  const [serial, algorithm, issuerField, validity, subjectField, spki] = fields;
  const issuer = readName(issuerField, 'issuer');
  const subject = readName(subjectField, 'subject');
  const [notBefore, notAfter] = readSequence(validity, 'Validity');
  const [commonName] = attributeValues(subject, 'CN');
  const reading = extensions === undefined ? { list: [], values: {}, faults: [] } : readExtensions(inner(extensions));
  const { subjectAltNames, policies, crlUrls, authorityInfo, ...values } = reading.values;
  return {
    version: readVersion(version),
    serial: toHex(readIntegerOctets(serial, 'serialNumber')),
    issuer,
    subject,
    notBefore: readTime(notBefore, 'notBefore'),
    notAfter: readTime(notAfter, 'notAfter'),
    ...(commonName === undefined ? {} : { commonName }),
    san: namesByType(reading),
    alternativeNames: subjectAltNames ?? [],
    publicKey: readPublicKeyInfo(spki),
    tbsSignatureAlgorithm: readSignatureAlgorithm(algorithm),
    extensions: reading.list,
    ...values,
    crlUrls: crlUrls ?? [],
    ocspUrls: authorityInfo?.ocsp ?? [],
    caIssuersUrls: authorityInfo?.caIssuers ?? [],
    policies: policies ?? [],
    faults: reading.faults,
    selfIssued: sameBytes(issuer.der, subject.der),
  };
}

/**
 * Reads one DER certificate. What breaks RFC 5280 inside an extension is listed in `faults`; what makes the certificate
 * unreadable throws WireError ('too-large', 'truncated', 'trailing', 'tag', 'length', 'time', 'version', …). RFC 5280 section 4.1.
 */
export function readCertificate(der: Uint8Array): Certificate {
  if (der.length > MAX_CERTIFICATE_OCTETS) {
    throw new WireError('too-large', `certificate of ${der.length} octets, more than ${MAX_CERTIFICATE_OCTETS}`);
  }
  const outer = readSingleValue(der);
  const [tbs, algorithm, signature, extra] = readSequence(outer, 'Certificate');
  if (tbs === undefined) throw new WireError('truncated', 'TBSCertificate is missing', outer.contentOffset);
  if (extra !== undefined) throw new WireError('trailing', 'Certificate has too many fields', extra.offset);
  return {
    der,
    tbs: tbs.bytes,
    ...readSignedPart(tbs),
    signatureAlgorithm: readSignatureAlgorithm(algorithm),
    signature: readBitString(signature, 'signatureValue').bytes,
    fingerprint256: createHash('sha256').update(der).digest('hex'),
  };
}
