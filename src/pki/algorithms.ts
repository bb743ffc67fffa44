import { WireError } from '../wire/wire-error.ts';
import { contextTag, type DerValue, readChildren, readSequence, readSingleValue, tag } from './der.ts';
import { readBitString, readIntegerOctets, readOid, toHex } from './der-primitives.ts';

/** A hash function by the name that node:crypto knows. */
type HashName = 'md2' | 'md5' | 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512';

/** A signature AlgorithmIdentifier (RFC 5280 section 4.1.1.2). */
export interface SignatureAlgorithm {
  oid: string;
  /** As OpenSSL names it ('sha256WithRSAEncryption', …), or the dotted identifier. */
  name: string;
  scheme: 'rsa' | 'rsa-pss' | 'ecdsa' | 'dsa' | 'eddsa' | 'unknown';
  /** Absent for EdDSA, which has its own, and for unknown algorithms. */
  hash?: HashName;
  /** The whole AlgorithmIdentifier. */
  der: Uint8Array;
}

/** A SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7). */
export interface PublicKeyInfo {
  oid: string;
  type: 'rsa' | 'rsa-pss' | 'ec' | 'dsa' | 'ed25519' | 'ed448' | 'x25519' | 'x448' | 'unknown';
  /** Size of the modulus, the field or the key; absent when it is not known. */
  bits?: number;
  /** RSA: size of the public exponent; 17 for the usual 65537. */
  exponentBits?: number;
  /** EC: the name of the curve, its dotted identifier, or 'explicit' when the parameters are spelt out. */
  curve?: string;
  /** The whole SubjectPublicKeyInfo. */
  spki: Uint8Array;
  /** The octets of the subjectPublicKey BIT STRING. */
  key: Uint8Array;
}

type Known = Pick<SignatureAlgorithm, 'name' | 'scheme' | 'hash'>;

const signatureAlgorithms: ReadonlyMap<string, Known> = new Map<string, Known>([
  ['1.2.840.113549.1.1.2', { name: 'md2WithRSAEncryption', scheme: 'rsa', hash: 'md2' }],
  ['1.2.840.113549.1.1.4', { name: 'md5WithRSAEncryption', scheme: 'rsa', hash: 'md5' }],
  ['1.2.840.113549.1.1.5', { name: 'sha1WithRSAEncryption', scheme: 'rsa', hash: 'sha1' }],
  ['1.3.14.3.2.29', { name: 'sha1WithRSA', scheme: 'rsa', hash: 'sha1' }],
  ['1.2.840.113549.1.1.14', { name: 'sha224WithRSAEncryption', scheme: 'rsa', hash: 'sha224' }],
  ['1.2.840.113549.1.1.11', { name: 'sha256WithRSAEncryption', scheme: 'rsa', hash: 'sha256' }],
  ['1.2.840.113549.1.1.12', { name: 'sha384WithRSAEncryption', scheme: 'rsa', hash: 'sha384' }],
  ['1.2.840.113549.1.1.13', { name: 'sha512WithRSAEncryption', scheme: 'rsa', hash: 'sha512' }],
  ['1.2.840.10045.4.1', { name: 'ecdsa-with-SHA1', scheme: 'ecdsa', hash: 'sha1' }],
  ['1.2.840.10045.4.3.1', { name: 'ecdsa-with-SHA224', scheme: 'ecdsa', hash: 'sha224' }],
  ['1.2.840.10045.4.3.2', { name: 'ecdsa-with-SHA256', scheme: 'ecdsa', hash: 'sha256' }],
  ['1.2.840.10045.4.3.3', { name: 'ecdsa-with-SHA384', scheme: 'ecdsa', hash: 'sha384' }],
  ['1.2.840.10045.4.3.4', { name: 'ecdsa-with-SHA512', scheme: 'ecdsa', hash: 'sha512' }],
  ['1.2.840.10040.4.3', { name: 'dsaWithSHA1', scheme: 'dsa', hash: 'sha1' }],
  ['2.16.840.1.101.3.4.3.1', { name: 'dsa_with_SHA224', scheme: 'dsa', hash: 'sha224' }],
  ['2.16.840.1.101.3.4.3.2', { name: 'dsa_with_SHA256', scheme: 'dsa', hash: 'sha256' }],
  ['1.3.101.112', { name: 'ED25519', scheme: 'eddsa' }],
  ['1.3.101.113', { name: 'ED448', scheme: 'eddsa' }],
]);

const RSASSA_PSS = '1.2.840.113549.1.1.10';

const hashes: ReadonlyMap<string, HashName> = new Map<string, HashName>([
  ['1.3.14.3.2.26', 'sha1'],
  ['2.16.840.1.101.3.4.2.4', 'sha224'],
  ['2.16.840.1.101.3.4.2.1', 'sha256'],
  ['2.16.840.1.101.3.4.2.2', 'sha384'],
  ['2.16.840.1.101.3.4.2.3', 'sha512'],
]);

const curves: ReadonlyMap<string, { name: string; bits: number }> = new Map([
  ['1.2.840.10045.3.1.1', { name: 'P-192', bits: 192 }],
  ['1.3.132.0.33', { name: 'P-224', bits: 224 }],
  ['1.2.840.10045.3.1.7', { name: 'P-256', bits: 256 }],
  ['1.3.132.0.34', { name: 'P-384', bits: 384 }],
  ['1.3.132.0.35', { name: 'P-521', bits: 521 }],
  ['1.3.132.0.10', { name: 'secp256k1', bits: 256 }],
  ['1.3.36.3.3.2.8.1.1.7', { name: 'brainpoolP256r1', bits: 256 }],
  ['1.3.36.3.3.2.8.1.1.11', { name: 'brainpoolP384r1', bits: 384 }],
  ['1.3.36.3.3.2.8.1.1.13', { name: 'brainpoolP512r1', bits: 512 }],
]);

const keyTypes: ReadonlyMap<string, Pick<PublicKeyInfo, 'type' | 'bits'>> = new Map<
  string,
  Pick<PublicKeyInfo, 'type' | 'bits'>
>([
  ['1.2.840.113549.1.1.1', { type: 'rsa' }],
  [RSASSA_PSS, { type: 'rsa-pss' }],
  ['1.2.840.10045.2.1', { type: 'ec' }],
  ['1.2.840.10040.4.1', { type: 'dsa' }],
  ['1.3.101.112', { type: 'ed25519', bits: 256 }],
  ['1.3.101.113', { type: 'ed448', bits: 456 }],
  ['1.3.101.110', { type: 'x25519', bits: 256 }],
  ['1.3.101.111', { type: 'x448', bits: 448 }],
]);

/** The hash of RSASSA-PSS-params; SHA-1 when it is left out (RFC 4055 section 3.1). Undefined for a hash that is not known. */
function pssHash(params: DerValue | undefined): HashName | undefined {
  if (params === undefined || params.tag !== tag.sequence) return 'sha1';
  const field = readChildren(params).find((child) => child.tag === contextTag(0, 'constructed'));
  if (field === undefined) return 'sha1';
  const [oid] = readSequence(readSingleValue(field.content, field.contentOffset), 'PSS hashAlgorithm');
  return hashes.get(readOid(oid, 'PSS hash'));
}

/** Reads a signature AlgorithmIdentifier. Throws WireError. */
export function readSignatureAlgorithm(value: DerValue | undefined): SignatureAlgorithm {
  const [type, params] = readSequence(value, 'AlgorithmIdentifier');
  const oid = readOid(type, 'signature algorithm');
  const der = value?.bytes ?? new Uint8Array();
  if (oid === RSASSA_PSS) {
    const hash = pssHash(params);
    return { oid, name: 'rsassaPss', scheme: 'rsa-pss', ...(hash === undefined ? {} : { hash }), der };
  }
  return { oid, ...(signatureAlgorithms.get(oid) ?? { name: oid, scheme: 'unknown' }), der };
}

function integerBits(octets: Uint8Array): number {
  const digits = toHex(octets).replace(/^0+/, '');
  const first = Number.parseInt(digits[0] ?? '0', 16);
  return digits === '' ? 0 : (digits.length - 1) * 4 + (32 - Math.clz32(first));
}

function rsaSizes(key: Uint8Array, offset: number): { bits: number; exponentBits: number } {
  const [modulus, exponent] = readSequence(readSingleValue(key, offset), 'RSAPublicKey');
  return {
    bits: integerBits(readIntegerOctets(modulus, 'RSA modulus')),
    exponentBits: integerBits(readIntegerOctets(exponent, 'RSA exponent')),
  };
}

function dsaBits(params: DerValue | undefined): number | undefined {
  if (params?.tag !== tag.sequence) return undefined;
  return integerBits(readIntegerOctets(readChildren(params)[0], 'DSA modulus'));
}

function curveOf(params: DerValue | undefined): { curve: string; bits?: number } {
  if (params?.tag !== tag.oid) return { curve: 'explicit' };
  const oid = readOid(params, 'named curve');
  const known = curves.get(oid);
  return known === undefined ? { curve: oid } : { curve: known.name, bits: known.bits };
}

/** Reads a SubjectPublicKeyInfo. Throws WireError; a key that is well-formed DER but not a usable key is not noticed here. */
export function readPublicKeyInfo(value: DerValue | undefined): PublicKeyInfo {
  const [algorithm, bits] = readSequence(value, 'SubjectPublicKeyInfo');
  const [type, params] = readSequence(algorithm, 'public key algorithm');
  const oid = readOid(type, 'public key algorithm');
  const { bytes: key, unused } = readBitString(bits, 'subjectPublicKey');
  if (unused !== 0) throw new WireError('bit-string', 'subjectPublicKey is not whole octets', bits?.contentOffset);
  const info: PublicKeyInfo = {
    oid,
    ...(keyTypes.get(oid) ?? { type: 'unknown' }),
    spki: value?.bytes ?? new Uint8Array(),
    key,
  };
  if (info.type === 'rsa' || info.type === 'rsa-pss')
    Object.assign(info, rsaSizes(key, (bits?.contentOffset ?? 0) + 1));
  if (info.type === 'ec') Object.assign(info, curveOf(params));
  const modulus = info.type === 'dsa' ? dsaBits(params) : undefined;
  return modulus === undefined ? info : { ...info, bits: modulus };
}
