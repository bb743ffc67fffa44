import { createHmac, timingSafeEqual } from 'node:crypto';
import { WireError } from '../wire/wire-error.ts';
import { normalizeBer } from './ber.ts';
import { contextTag, type DerValue, expectTag, readChildren, readSequence, readSingleValue, tag } from './der.ts';
import { readOid, readSmallInteger } from './der-primitives.ts';
import { bmpPassword, type Budget, derivePkcs12, MAX_ITERATIONS, openSealed, spend } from './password-key.ts';

/** A .pfx file holds one certificate with its chain. */
const MAX_BAGS = 256;
/** Safe contents inside safe contents. */
const MAX_DEPTH = 4;

const OID = {
  data: '1.2.840.113549.1.7.1',
  encryptedData: '1.2.840.113549.1.7.6',
  keyBag: '1.2.840.113549.1.12.10.1.1',
  shroudedKeyBag: '1.2.840.113549.1.12.10.1.2',
  certBag: '1.2.840.113549.1.12.10.1.3',
  safeContentsBag: '1.2.840.113549.1.12.10.1.6',
  x509Certificate: '1.2.840.113549.1.9.22.1',
} as const;

/** What a PKCS#12 file holds: certificates in DER, private keys in PKCS#8 DER, both in the order of the file. */
export interface Pkcs12 {
  certificates: Uint8Array[];
  keys: Uint8Array[];
}

interface Opening {
  password: string;
  budget: Budget;
  found: Pkcs12;
}

/** The value inside an explicit [0]. */
function inside(field: DerValue | undefined, what: string): DerValue {
  const explicit = expectTag(field, contextTag(0, 'constructed'), what);
  return readSingleValue(explicit.content, explicit.contentOffset);
}

const octetsInside = (field: DerValue | undefined, what: string): Uint8Array =>
  expectTag(inside(field, what), tag.octetString, what).content;

const DIGESTS = new Map([
  ['1.3.14.3.2.26', { name: 'sha1', octets: 20 }],
  ['2.16.840.1.101.3.4.2.1', { name: 'sha256', octets: 32 }],
  ['2.16.840.1.101.3.4.2.2', { name: 'sha384', octets: 48 }],
  ['2.16.840.1.101.3.4.2.3', { name: 'sha512', octets: 64 }],
] as const);

/** The MAC over the safe tells a wrong password before anything is deciphered. RFC 7292 section 4. */
function checkMac(macData: DerValue | undefined, content: Uint8Array, { password, budget }: Opening): void {
  if (macData === undefined) return;
  const [digestInfo, salt, count] = readSequence(macData, 'MacData');
  const [algorithm, expected] = readSequence(digestInfo, 'DigestInfo');
  const oid = readOid(readSequence(algorithm, 'digest algorithm')[0], 'digest algorithm');
  // The map's keys are literals; a text from a file is looked up all the same.
  const digest = (
    DIGESTS as ReadonlyMap<string, { name: 'sha1' | 'sha256' | 'sha384' | 'sha512'; octets: number }>
  ).get(oid);
  if (digest === undefined) throw new WireError('algorithm', `the digest ${oid} of the MAC is not known`);
  const iterations = spend(budget, count === undefined ? 1 : readSmallInteger(count, 'iterations'));
  const wanted = expectTag(expected, tag.octetString, 'MAC').content;
  const fits = (secret: Uint8Array): boolean => {
    const key = derivePkcs12({
      digest: digest.name,
      password: secret,
      salt: expectTag(salt, tag.octetString, 'macSalt').content,
      iterations,
      use: 3,
      octets: digest.octets,
    });
    const mac = createHmac(digest.name, key).update(content).digest();
    return mac.length === wanted.length && timingSafeEqual(mac, wanted);
  };
  // Without a password some programs hash no octet at all instead of the empty text.
  if (fits(bmpPassword(password)) || (password === '' && fits(new Uint8Array()))) return;
  throw new WireError('password', password === '' ? 'it needs a password' : 'the password does not open it');
}

function takeCertificate(bag: DerValue, { found }: Opening): void {
  const [type, value] = readSequence(bag, 'CertBag');
  if (readOid(type, 'certificate type') === OID.x509Certificate)
    found.certificates.push(octetsInside(value, 'certificate'));
}

function takeShroudedKey(bag: DerValue, opening: Opening): void {
  const [algorithm, sealed] = readSequence(bag, 'EncryptedPrivateKeyInfo');
  const { content } = expectTag(sealed, tag.octetString, 'encryptedData');
  const { password, budget, found } = opening;
  found.keys.push(openSealed(algorithm, { bytes: content, password, budget }));
}

function takeBags(contents: DerValue, opening: Opening, depth: number): void {
  const bags = readSequence(contents, 'SafeContents');
  if (bags.length > MAX_BAGS || depth > MAX_DEPTH) throw new WireError('too-many', 'PKCS#12 holds too much');
  for (const bag of bags) {
    const [type, value] = readSequence(bag, 'SafeBag');
    const oid = readOid(type, 'bag type');
    if (oid === OID.certBag) takeCertificate(inside(value, 'CertBag'), opening);
    else if (oid === OID.keyBag) opening.found.keys.push(inside(value, 'KeyBag').bytes);
    else if (oid === OID.shroudedKeyBag) takeShroudedKey(inside(value, 'shrouded key'), opening);
    else if (oid === OID.safeContentsBag) takeBags(inside(value, 'SafeContents'), opening, depth + 1);
  }
}

/** The octets of one safe, deciphered where it is encrypted; undefined for safes sealed by a public key. */
function openSafe(info: DerValue, { password, budget }: Opening): Uint8Array | undefined {
  const [type, value] = readSequence(info, 'ContentInfo');
  const oid = readOid(type, 'contentType');
  if (oid === OID.data) return octetsInside(value, 'data');
  if (oid !== OID.encryptedData) return undefined;
  const [, content] = readSequence(inside(value, 'EncryptedData'), 'EncryptedData');
  const [, algorithm, sealed] = readSequence(content, 'EncryptedContentInfo');
  if (sealed === undefined) return undefined;
  // encryptedContent is [0] IMPLICIT OCTET STRING, in pieces in some files.
  const bytes =
    sealed.tag === contextTag(0, 'constructed')
      ? Buffer.concat(readChildren(sealed).map((piece) => piece.content))
      : expectTag(sealed, contextTag(0, 'primitive'), 'encryptedContent').content;
  return normalizeBer(openSealed(algorithm, { bytes, password, budget }));
}

/**
 * Opens a PKCS#12 (.pfx, .p12) file. Reads PBES2 with AES and the older schemes with 3DES and RC2, and any kind of key. Throws
 * WireError: 'password' when the password is wrong or missing, 'algorithm' for a scheme that is not known. RFC 7292.
 */
export function readPkcs12(bytes: Uint8Array, password: string): Pkcs12 {
  const [version, authSafe, macData] = readSequence(readSingleValue(normalizeBer(bytes)), 'PFX');
  if (readSmallInteger(version, 'version') !== 3) throw new WireError('version', 'PKCS#12 is not of version 3');
  const [type, value] = readSequence(authSafe, 'authSafe');
  if (readOid(type, 'contentType') !== OID.data)
    throw new WireError('content-type', 'PKCS#12 is protected by a public key, not by a password');
  const content = octetsInside(value, 'authSafe');
  const opening: Opening = { password, budget: { iterations: MAX_ITERATIONS }, found: { certificates: [], keys: [] } };
  checkMac(macData, content, opening);
  const infos = readSequence(readSingleValue(normalizeBer(content)), 'AuthenticatedSafe');
  if (infos.length > MAX_BAGS) throw new WireError('too-many', 'PKCS#12 holds too many safes');
  for (const info of infos) {
    const safe = openSafe(info, opening);
    if (safe !== undefined) takeBags(readSingleValue(normalizeBer(safe)), opening, 0);
  }
  return opening.found;
}
