import { createDecipheriv, createHash, pbkdf2Sync } from 'node:crypto';
import forge from 'node-forge';
import { WireError } from '../wire/wire-error.ts';
import { type DerValue, expectTag, readSequence, tag } from './der.ts';
import { readOid, readSmallInteger } from './der-primitives.ts';

/** Key derivations of all parts of one file together: some seconds; OpenSSL writes 2,048 for each part, Firefox 600,000. */
export const MAX_ITERATIONS = 4_000_000;

/** What is spent on one file, counted down by every derivation. */
export interface Budget {
  iterations: number;
}

export function spend(budget: Budget, iterations: number): number {
  budget.iterations -= iterations;
  if (budget.iterations < 0) throw new WireError('iterations', 'the key derivation asks for too many iterations');
  return Math.max(1, iterations);
}

/** The text as BMPString with two octets of zero, as PKCS#12 hashes it (RFC 7292 appendix B.1). */
export function bmpPassword(password: string): Uint8Array {
  return Buffer.from(`${password}\0`, 'utf16le').swap16();
}

type Digest = 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512';
const BLOCK_OCTETS: Readonly<Record<Digest, number>> = { sha1: 64, sha224: 64, sha256: 64, sha384: 128, sha512: 128 };

interface Pkcs12Kdf {
  digest: Digest;
  password: Uint8Array;
  salt: Uint8Array;
  iterations: number;
  /** 1: a key, 2: an initialisation vector, 3: a key for the MAC. */
  use: 1 | 2 | 3;
  octets: number;
}

/** `bytes` over and over, up to a whole number of blocks. */
function fillBlocks(bytes: Uint8Array, block: number): Buffer {
  return Buffer.alloc(block * Math.ceil(bytes.length / block), bytes.length === 0 ? 0 : bytes);
}

function addToBlock(target: Buffer, start: number, addend: Buffer): void {
  let carry = 1;
  for (let i = addend.length - 1; i >= 0; i--) {
    const sum = (target[start + i] ?? 0) + (addend[i] ?? 0) + carry;
    target[start + i] = sum & 0xff;
    carry = sum >> 8;
  }
}

/** The key derivation of PKCS#12 (RFC 7292 appendix B.2). */
export function derivePkcs12({ digest, password, salt, iterations, use, octets }: Pkcs12Kdf): Buffer {
  const block = BLOCK_OCTETS[digest];
  const diversifier = Buffer.alloc(block, use);
  const input = Buffer.concat([fillBlocks(salt, block), fillBlocks(password, block)]);
  const parts: Buffer[] = [];
  for (let have = 0; have < octets;) {
    let hash = createHash(digest).update(diversifier).update(input).digest();
    for (let round = 1; round < iterations; round++) hash = createHash(digest).update(hash).digest();
    parts.push(hash);
    have += hash.length;
    const addend = Buffer.alloc(block, hash);
    for (let start = 0; start < input.length; start += block) addToBlock(input, start, addend);
  }
  return Buffer.concat(parts).subarray(0, octets);
}

const HMACS: ReadonlyMap<string, Digest> = new Map<string, Digest>([
  ['1.2.840.113549.2.7', 'sha1'],
  ['1.2.840.113549.2.8', 'sha224'],
  ['1.2.840.113549.2.9', 'sha256'],
  ['1.2.840.113549.2.10', 'sha384'],
  ['1.2.840.113549.2.11', 'sha512'],
]);

const CIPHERS: ReadonlyMap<string, { name: string; keyOctets: number }> = new Map([
  ['2.16.840.1.101.3.4.1.2', { name: 'aes-128-cbc', keyOctets: 16 }],
  ['2.16.840.1.101.3.4.1.22', { name: 'aes-192-cbc', keyOctets: 24 }],
  ['2.16.840.1.101.3.4.1.42', { name: 'aes-256-cbc', keyOctets: 32 }],
  ['1.2.840.113549.3.7', { name: 'des-ede3-cbc', keyOctets: 24 }],
]);

const octetsOf = (value: DerValue | undefined, what: string): Uint8Array =>
  expectTag(value, tag.octetString, what).content;

/** Octets that a password protects. */
export interface Sealed {
  bytes: Uint8Array;
  password: string;
  budget: Budget;
}

const wrongPassword = (): WireError => new WireError('password', 'the password does not open it');

function decipher(name: string, { key, iv }: { key: Uint8Array; iv: Uint8Array }, bytes: Uint8Array): Uint8Array {
  try {
    const cipher = createDecipheriv(name, key, iv);
    return Buffer.concat([cipher.update(bytes), cipher.final()]);
  } catch {
    // Wrong padding at the end: there is no other sign of a wrong key in CBC.
    throw wrongPassword();
  }
}

/** PBES2 with PBKDF2 (RFC 8018 sections 6.2 and 5.2). */
function openPbes2(parameters: DerValue | undefined, { bytes, password, budget }: Sealed): Uint8Array {
  const [kdf, scheme] = readSequence(parameters, 'PBES2-params');
  const [kdfType, kdfParameters] = readSequence(kdf, 'keyDerivationFunc');
  const kdfOid = readOid(kdfType, 'keyDerivationFunc');
  if (kdfOid !== '1.2.840.113549.1.5.12') throw new WireError('algorithm', `key derivation ${kdfOid} is not known`);
  const [salt, count, ...rest] = readSequence(kdfParameters, 'PBKDF2-params');
  const prf = rest.find((field) => field.tag === tag.sequence);
  const prfOid = prf === undefined ? '1.2.840.113549.2.7' : readOid(readSequence(prf, 'prf')[0], 'prf');
  const digest = HMACS.get(prfOid);
  const [cipherType, iv] = readSequence(scheme, 'encryptionScheme');
  const cipherOid = readOid(cipherType, 'encryptionScheme');
  const cipher = CIPHERS.get(cipherOid);
  if (digest === undefined || cipher === undefined)
    throw new WireError('algorithm', `the encryption ${cipherOid} with ${prfOid} is not known`);
  const iterations = spend(budget, readSmallInteger(count, 'iterationCount'));
  const key = pbkdf2Sync(password, octetsOf(salt, 'salt'), iterations, cipher.keyOctets, digest);
  return decipher(cipher.name, { key, iv: octetsOf(iv, 'iv') }, bytes);
}

/** RC2 with 40 bits, which OpenSSL 3 no longer offers and which older Windows exports still carry. */
function openRc2({ key, iv }: { key: Uint8Array; iv: Uint8Array }, bytes: Uint8Array): Uint8Array {
  const binary = (octets: Uint8Array): string => Buffer.from(octets).toString('latin1');
  const cipher = forge.rc2.createDecryptionCipher(binary(key), key.length * 8);
  cipher.start(forge.util.createBuffer(binary(iv)));
  cipher.update(forge.util.createBuffer(binary(bytes)));
  if (!cipher.finish()) throw wrongPassword();
  return Buffer.from(cipher.output.getBytes(), 'latin1');
}

/** The schemes of PKCS#12 itself, all with SHA-1 (RFC 7292 appendix C). */
const PKCS12_SCHEMES: ReadonlyMap<string, { cipher: 'des-ede3-cbc' | 'rc2'; keyOctets: number }> = new Map([
  ['1.2.840.113549.1.12.1.3', { cipher: 'des-ede3-cbc', keyOctets: 24 }],
  ['1.2.840.113549.1.12.1.5', { cipher: 'rc2', keyOctets: 16 }],
  ['1.2.840.113549.1.12.1.6', { cipher: 'rc2', keyOctets: 5 }],
]);

/** Opens what an AlgorithmIdentifier for password-based encryption protects. Throws WireError 'password', 'algorithm', 'iterations'. */
export function openSealed(algorithm: DerValue | undefined, sealed: Sealed): Uint8Array {
  const [type, parameters] = readSequence(algorithm, 'encryption algorithm');
  const oid = readOid(type, 'encryption algorithm');
  if (oid === '1.2.840.113549.1.5.13') return openPbes2(parameters, sealed);
  const scheme = PKCS12_SCHEMES.get(oid);
  if (scheme === undefined) throw new WireError('algorithm', `the encryption ${oid} is not known`);
  const [saltField, count] = readSequence(parameters, 'PBE parameters');
  const salt = octetsOf(saltField, 'salt');
  const iterations = spend(sealed.budget, readSmallInteger(count, 'iterations'));
  const common = { digest: 'sha1' as const, password: bmpPassword(sealed.password), salt, iterations };
  const key = derivePkcs12({ ...common, use: 1, octets: scheme.keyOctets });
  const iv = derivePkcs12({ ...common, use: 2, octets: 8 });
  return scheme.cipher === 'rc2'
    ? openRc2({ key, iv }, sealed.bytes)
    : decipher(scheme.cipher, { key, iv }, sealed.bytes);
}
