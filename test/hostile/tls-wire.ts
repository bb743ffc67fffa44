import { createECDH, sign, type KeyObject } from 'node:crypto';

/** Writes TLS by hand: up to TLS 1.2 a server shows its certificates in clear, so that no cryptography is needed to be hostile. */

export const ALERT = 21;
export const HANDSHAKE = 22;
export const APPLICATION_DATA = 23;
/** RFC 5246 section 6.2.1. */
const MAX_RECORD = 2 ** 14;

type Part = Uint8Array | readonly number[];
const join = (parts: readonly Part[]): Buffer => Buffer.concat(parts.map((part) => Buffer.from(part)));
const big = (value: number, octets: number): Buffer => {
  const bytes = Buffer.alloc(octets);
  bytes.writeUIntBE(value, 0, octets);
  return bytes;
};

/** A list with its length in so many octets before it. */
export const vector = (prefix: 1 | 2 | 3, ...parts: Part[]): Buffer => {
  const body = join(parts);
  return join([big(body.length, prefix), body]);
};

export const record = (type: number, body: Uint8Array): Buffer => join([[type, 3, 3], big(body.length, 2), body]);

/** Octets in as many records as they need. */
function records(type: number, body: Uint8Array): Buffer {
  const pieces: Buffer[] = [];
  for (let at = 0; at < body.length; at += MAX_RECORD) pieces.push(record(type, body.subarray(at, at + MAX_RECORD)));
  return Buffer.concat(pieces);
}

/** The header of a handshake message that says how long it is to be. */
export const messageHead = (type: number, length: number): Buffer => join([[type], big(length, 3)]);
export const message = (type: number, ...parts: Part[]): Buffer => join([[type], vector(3, ...parts)]);
export const handshake = (...messages: Uint8Array[]): Buffer => records(HANDSHAKE, Buffer.concat(messages));

/** ECDHE-ECDSA-AES128-GCM-SHA256. */
const SUITE = 0xc02b;

export interface HelloSettings {
  suite?: number;
  version?: number;
  extensions?: readonly [type: number, body: Uint8Array][];
}

/** The extension that leaves renegotiation out in so many words, RFC 5746 section 3.6: OpenSSL asks for it. */
const RENEGOTIATION_INFO: [number, Uint8Array] = [0xff01, Buffer.from([0])];

const SERVER_RANDOM = Buffer.alloc(32, 7);

/** RFC 5246 section 7.4.1.3. */
export function serverHello({ suite = SUITE, version = 0x0303, extensions = [] }: HelloSettings = {}): Buffer {
  const list = [RENEGOTIATION_INFO, ...extensions].map(([type, body]) => join([big(type, 2), vector(2, body)]));
  return message(2, big(version, 2), SERVER_RANDOM, [0], big(suite, 2), [0], vector(2, ...list));
}

/** RFC 5246 section 7.4.2: each certificate with its length before it. */
export const certificates = (...list: Uint8Array[]): Buffer =>
  message(11, vector(3, ...list.map((der) => vector(3, der))));

/** RFC 5246 section 7.4.4, for keys of every kind. */
export const certificateRequest = (names: readonly Uint8Array[]): Buffer =>
  message(13, vector(1, [1, 64]), vector(2, [4, 3, 8, 4]), vector(2, ...names.map((name) => vector(2, name))));

/** RFC 6066 section 8. */
export const certificateStatus = (response: Uint8Array): Buffer => message(22, [1], vector(3, response));

export const serverHelloDone = message(14);
/** RFC 5246 section 7.4.1.1. */
export const helloRequest = message(0);
/** RFC 8446 section 6; level 1 is a warning. */
export const alert = (level: 1 | 2, description: number): Buffer => record(ALERT, Buffer.from([level, description]));

/** ServerKeyExchange with a key of P-256 that nobody needs to know, RFC 8422 section 5.4. */
export function serverKeyExchange(clientHello: Uint8Array, key: KeyObject): Buffer {
  const ecdh = createECDH('prime256v1');
  const params = join([[3, 0, 23], vector(1, ecdh.generateKeys())]);
  // Behind the header of the record, that of the message and the version.
  const clientRandom = clientHello.subarray(11, 43);
  const signature = sign('sha256', join([clientRandom, SERVER_RANDOM, params]), key);
  return message(12, params, [4, 3], vector(2, signature));
}
