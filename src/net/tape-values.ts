import { createHash } from 'node:crypto';
import type {
  ByteStream,
  Datagram,
  Endpoint,
  HandshakeRecord,
  HttpsAnswer,
  HttpsPost,
  NetReason,
  OpensslVerdict,
  TlsFacts,
  TlsSettings,
} from '../world.ts';
import { showEndpoint } from './endpoint.ts';
import { NetError } from './net-error.ts';
import { isRecord, TapeError } from './tape.ts';

/** The forms of values on a tape. Each `read…` throws TapeError for what its `write…` cannot have written. */

/** Text where a person can read it, so that a change shows in a diff. */
export function writeBytes(bytes: Uint8Array): { text: string } | { base64: string } {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const text = buffer.toString('latin1');
  return /^[\t\r\n -~]*$/.test(text) ? { text } : { base64: buffer.toString('base64') };
}

export function readBytes(value: unknown): Uint8Array {
  const { text, base64 } = record(value, 'octets');
  if (typeof text === 'string' && /^[\t\r\n -~]*$/.test(text)) return new Uint8Array(Buffer.from(text, 'latin1'));
  if (typeof base64 === 'string' && /^[\w+/]*={0,2}$/.test(base64))
    return new Uint8Array(Buffer.from(base64, 'base64'));
  throw new TapeError('no octets where some belong');
}

export const writeEndpoint = showEndpoint;

export function readEndpoint(value: unknown): Endpoint {
  const match = typeof value === 'string' ? /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(value) : null;
  const address = match?.[1] ?? match?.[2];
  if (address === undefined) throw new TapeError('no endpoint where one belongs');
  return { address, port: Number(match?.[3]) };
}

export function writeEnds({ local, remote }: Pick<ByteStream, 'local' | 'remote'>): Record<string, unknown> {
  return { local: writeEndpoint(local), remote: writeEndpoint(remote) };
}

export function readEnds(value: unknown): { local: Endpoint; remote: Endpoint } {
  const { local, remote } = record(value, 'endpoints');
  return { local: readEndpoint(local), remote: readEndpoint(remote) };
}

export function writeDatagram({ bytes, from }: Datagram): unknown {
  return { from: writeEndpoint(from), bytes: writeBytes(bytes) };
}

export function readDatagram(value: unknown): Datagram {
  const { from, bytes } = record(value, 'a datagram');
  return { from: readEndpoint(from), bytes: readBytes(bytes) };
}

export function readSending(value: unknown): { to: Endpoint; bytes: Uint8Array } {
  const { to, bytes } = record(value, 'a datagram');
  return { to: readEndpoint(to), bytes: readBytes(bytes) };
}

/** What a handshake was asked for. A key never gets onto a tape; a client certificate leaves its hash. */
export function writeSettings(settings: TlsSettings): Record<string, unknown> {
  const { serverName, clientCert, clientKey, minVersion, maxVersion, ciphers, alpn } = settings;
  const clientCertSha256 = clientCert === undefined ? undefined : createHash('sha256').update(clientCert).digest('hex');
  const key = clientKey === undefined ? undefined : 'withheld';
  return { serverName, minVersion, maxVersion, ciphers, clientCertSha256, clientKey: key, alpn };
}

export function writeFacts(facts: TlsFacts): Record<string, unknown> {
  const { version, cipher, handshake, ocspStaple, alpn, openssl } = facts;
  return {
    version,
    cipher,
    chain: facts.readChain().map((der) => writeBytes(der)),
    handshake: handshake && writeHandshake(handshake),
    ocspStaple: ocspStaple && writeBytes(ocspStaple),
    alpn,
    openssl,
  };
}

export function readFacts(value: unknown): TlsFacts {
  const { version, cipher, chain, handshake, ocspStaple, alpn, openssl } = record(value, 'facts of a handshake');
  if (typeof version !== 'string' || typeof cipher !== 'string')
    throw new TapeError('no TLS version where one belongs');
  const sent = list(chain).map((der) => readBytes(der));
  return {
    version,
    cipher,
    readChain: () => sent,
    handshake: handshake === undefined ? undefined : readHandshake(handshake),
    ocspStaple: ocspStaple === undefined ? undefined : readBytes(ocspStaple),
    ...(typeof alpn === 'string' ? { alpn } : {}),
    ...(openssl === undefined ? {} : { openssl: readVerdict(openssl) }),
  };
}

function readVerdict(value: unknown): OpensslVerdict {
  const { version, verdict } = record(value, "OpenSSL's verdict");
  if (typeof version !== 'string' || typeof verdict !== 'string') throw new TapeError('no verdict where one belongs');
  return { version, verdict };
}

function writeHandshake({ serverFlight, keyLog }: HandshakeRecord): unknown {
  return { serverFlight: writeBytes(serverFlight), keyLog };
}

function readHandshake(value: unknown): HandshakeRecord {
  const { serverFlight, keyLog } = record(value, 'a handshake');
  return { serverFlight: readBytes(serverFlight), keyLog: readStrings(keyLog) };
}

export function writePost({ path, contentType, accept, body }: HttpsPost): unknown {
  return { path, contentType, accept, body: writeBytes(body) };
}

export function writeHttpsAnswer({ status, contentType, body }: HttpsAnswer): unknown {
  return { status, contentType, body: writeBytes(body) };
}

export function readHttpsAnswer(value: unknown): HttpsAnswer {
  const { status, contentType, body } = record(value, 'an HTTP answer');
  if (typeof status !== 'number' || typeof contentType !== 'string')
    throw new TapeError('no HTTP status where one belongs');
  return { status, contentType, body: readBytes(body) };
}

export function readStrings(value: unknown): string[] {
  return list(value).map((item) => {
    if (typeof item !== 'string') throw new TapeError('no text where one belongs');
    return item;
  });
}

export function writeEndpoints(endpoints: readonly Endpoint[]): unknown {
  return endpoints.map((endpoint) => writeEndpoint(endpoint));
}

export function readEndpoints(value: unknown): Endpoint[] {
  return list(value).map((item) => readEndpoint(item));
}

export function writeNothing(): undefined {
  return undefined;
}

/** Checks that an operation that gives nothing gave nothing. */
export function readNothing(value: unknown): void {
  if (value !== undefined) throw new TapeError('a value where none belongs');
}

const REASONS: readonly NetReason[] = [
  'timeout',
  'refused',
  'unreachable',
  'no-network',
  'reset',
  'closed',
  'tls-alert',
  'not-tls',
  'tls-failed',
  'address',
  'in-use',
  'privileged',
  'too-large',
  'malformed',
  'cancelled',
  'other',
];

export function writeError({ code, message, alert, received, handshake }: NetError): unknown {
  const octets = received && writeBytes(received);
  return { code, message, alert, received: octets, handshake: handshake && writeHandshake(handshake) };
}

export function readError(value: unknown): NetError {
  const { code, message, alert, received, handshake } = record(value, 'an error');
  const reason = REASONS.find((known) => known === code);
  if (reason === undefined || typeof message !== 'string') throw new TapeError('no network error where one belongs');
  return new NetError(reason, message, {
    alert: typeof alert === 'number' ? alert : undefined,
    received: received === undefined ? undefined : readBytes(received),
    handshake: handshake === undefined ? undefined : readHandshake(handshake),
  });
}

function record(value: unknown, what: string): Record<string, unknown> {
  if (isRecord(value)) return value;
  throw new TapeError(`no object where ${what} should be`);
}

function list(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  throw new TapeError('no list where one belongs');
}
