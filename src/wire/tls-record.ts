import { createDecipheriv, createHmac } from 'node:crypto';
import { WireError } from './wire-error.ts';

/** Content types, RFC 8446 section 5.1. */
export const CHANGE_CIPHER_SPEC = 20;
export const ALERT = 21;
export const HANDSHAKE = 22;
export const APPLICATION_DATA = 23;

/** One record of the TLS record layer. */
export interface TlsRecord {
  type: number;
  header: Uint8Array;
  body: Uint8Array;
  /** Where it starts in what was split. */
  offset: number;
}

/** 2^14 octets and the most that TLS 1.2 allows for expansion, RFC 5246 section 6.2.3. */
const MAX_RECORD = 2 ** 14 + 2048;
/** A flight of a chain of 100 KiB in fragments of 64 octets is no more. */
const MAX_RECORDS = 2048;
const TAG_LENGTH = 16;
const IV_LENGTH = 12;

interface Suite {
  /** As RFC 8446 and OpenSSL spell it. */
  name: string;
  cipher: 'aes-128-gcm' | 'aes-256-gcm' | 'chacha20-poly1305';
  hash: 'sha256' | 'sha384';
  keyLength: number;
  hashLength: number;
}

/** The suites of TLS 1.3 that Node offers, RFC 8446 appendix B.4. */
const SUITES: ReadonlyMap<number, Suite> = new Map([
  [0x1301, { name: 'TLS_AES_128_GCM_SHA256', cipher: 'aes-128-gcm', hash: 'sha256', keyLength: 16, hashLength: 32 }],
  [0x1302, { name: 'TLS_AES_256_GCM_SHA384', cipher: 'aes-256-gcm', hash: 'sha384', keyLength: 32, hashLength: 48 }],
  [
    0x1303,
    {
      name: 'TLS_CHACHA20_POLY1305_SHA256',
      cipher: 'chacha20-poly1305',
      hash: 'sha256',
      keyLength: 32,
      hashLength: 32,
    },
  ],
]);

/** Code point of a suite of TLS 1.3 by its name; undefined: none that can be opened here. */
export const suiteCode = (name: string): number | undefined =>
  [...SUITES].find(([, suite]) => suite.name === name)?.[0];

/** Whose records are to be opened, and the NSS key log lines of the connection. */
export interface Sender {
  sender: 'server' | 'client';
  keyLog: readonly string[];
}

/** Cuts octets into whole records; a record that is cut short at the end is left out. Throws WireError 'tls-record', 'tls-too-many'. */
export function splitRecords(bytes: Uint8Array): TlsRecord[] {
  const records: TlsRecord[] = [];
  let at = 0;
  while (bytes.length - at >= 5) {
    const header = bytes.subarray(at, at + 5);
    const [type = 0, major = 0, , high = 0, low = 0] = header;
    const length = high * 256 + low;
    if (type < CHANGE_CIPHER_SPEC || type > 24 || major !== 3 || length > MAX_RECORD) {
      throw new WireError('tls-record', `no TLS record: ${Buffer.from(header).toString('hex')}`, at);
    }
    if (bytes.length - at - 5 < length) break;
    if (records.length >= MAX_RECORDS) throw new WireError('tls-too-many', `more than ${MAX_RECORDS} records`, at);
    records.push({ type, header, body: bytes.subarray(at + 5, at + 5 + length), offset: at });
    at += 5 + length;
  }
  return records;
}

/** What a protected record holds, RFC 8446 section 5.2. */
export interface InnerPlaintext {
  type: number;
  body: Uint8Array;
}

/**
 * Opens the protected records of a TLS 1.3 handshake one by one, in order, from the first. Of the key log lines the last
 * handshake traffic secret of the sender counts. The opener throws WireError 'tls-decrypt'. Throws WireError 'tls-cipher' for
 * a suite that is none of GCM and ChaCha20, 'tls-no-secret'. RFC 8446 sections 5.2, 5.3 and 7.3.
 */
export function createRecordOpener(cipherSuite: number, from: Sender): (record: TlsRecord) => InnerPlaintext {
  const suite = SUITES.get(cipherSuite);
  if (suite === undefined)
    throw new WireError('tls-cipher', `cipher suite 0x${cipherSuite.toString(16)} cannot be read`);
  const secret = secretFrom(from, suite);
  const key = expandLabel(suite, secret, { label: 'key', length: suite.keyLength });
  const iv = expandLabel(suite, secret, { label: 'iv', length: IV_LENGTH });
  let sequence = 0;
  return (record) => {
    const nonce = Buffer.from(iv);
    nonce.writeUInt32BE((nonce.readUInt32BE(IV_LENGTH - 4) ^ sequence) >>> 0, IV_LENGTH - 4);
    sequence += 1;
    return stripPadding(decrypt(record, { suite, key, nonce }), record.offset);
  };
}

function decrypt(record: TlsRecord, { suite, key, nonce }: { suite: Suite; key: Buffer; nonce: Buffer }): Buffer {
  const { body, header, offset } = record;
  const sealed = body.length - TAG_LENGTH;
  if (sealed < 1) throw new WireError('tls-decrypt', 'the record is too short to be protected', offset);
  // The types of node:crypto know the authenticated methods by the names of GCM only; ChaCha20-Poly1305 has the same ones.
  const cipher = suite.cipher as 'aes-256-gcm';
  const decipher = createDecipheriv(cipher, key, nonce, { authTagLength: TAG_LENGTH });
  decipher.setAAD(header).setAuthTag(body.subarray(sealed));
  try {
    return Buffer.concat([decipher.update(body.subarray(0, sealed)), decipher.final()]);
  } catch {
    // node:crypto says no more than that the tag does not match.
    throw new WireError('tls-decrypt', 'the record does not open with the secret of this connection', offset);
  }
}

function stripPadding(plain: Buffer, offset: number): InnerPlaintext {
  let end = plain.length;
  while (end > 0 && plain[end - 1] === 0) end -= 1;
  const type = plain[end - 1];
  if (type === undefined) throw new WireError('tls-decrypt', 'the record holds nothing but padding', offset);
  return { type, body: plain.subarray(0, end - 1) };
}

function secretFrom({ sender, keyLog }: Sender, suite: Suite): Buffer {
  const label = `${sender.toUpperCase()}_HANDSHAKE_TRAFFIC_SECRET `;
  const line = keyLog.findLast((text) => text.startsWith(label));
  const secret = Buffer.from(line?.trim().split(' ')[2] ?? '', 'hex');
  if (secret.length === suite.hashLength) return secret;
  throw new WireError('tls-no-secret', `the key log holds no ${sender} handshake secret of ${suite.hashLength} octets`);
}

/** HKDF-Expand-Label with an empty context, for one block of the hash at most. RFC 8446 section 7.1, RFC 5869 section 2.3. */
function expandLabel(suite: Suite, secret: Buffer, { label, length }: { label: string; length: number }): Buffer {
  const full = Buffer.from(`tls13 ${label}`, 'latin1');
  const info = Buffer.concat([Buffer.from([0, length, full.length]), full, Buffer.from([0, 1])]);
  return createHmac(suite.hash, secret).update(info).digest().subarray(0, length);
}
