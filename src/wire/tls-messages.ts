import { type Cursor, cursorOver } from './tls-cursor.ts';
import { ALERT, HANDSHAKE, type InnerPlaintext, type TlsRecord } from './tls-record.ts';
import { WireError } from './wire-error.ts';

/** Handshake message types that either side sends, RFC 8446 section 4. */
export const CERTIFICATE = 11;
const FINISHED = 20;

/** A chain of practice holds four; OpenSSL itself stops at 100 KiB. */
const MAX_CERTIFICATES = 32;
/** Ten are usual on one side. */
const MAX_MESSAGES = 64;

const tooMany = (what: string): WireError => new WireError('tls-too-many', what);

/** What one side sent as its certificates: DER, exactly as sent, order, doubles and strangers included. */
export interface SentCertificates {
  /** The first 32. */
  certificates: Uint8Array[];
  /** How many were sent; absent: no more than these. */
  certificatesSent?: number;
}

/** The first entries of a list, and how many it has. */
interface Entries<T> {
  first: T[];
  total: number;
}

/** One handshake message, without its header. */
export interface Message {
  type: number;
  body: Uint8Array;
}

/** The records before the first of a type. */
export function takeUntil(records: readonly TlsRecord[], type: number): readonly TlsRecord[] {
  const end = records.findIndex((record) => record.type === type);
  return end < 0 ? records : records.slice(0, end);
}

/** The whole messages in records that are not protected. */
export function plainMessages(records: readonly TlsRecord[]): Message[] {
  return splitMessages(records.filter((record) => record.type === HANDSHAKE).map((record) => record.body));
}

/** The whole messages of a handshake stream, up to Finished. Throws WireError 'tls-too-many'. RFC 8446 section 4. */
function splitMessages(parts: readonly Uint8Array[]): Message[] {
  const cursor = cursorOver(Buffer.concat(parts), 'the handshake');
  const messages: Message[] = [];
  while (cursor.left() >= 4) {
    const type = cursor.number(1);
    const length = cursor.number(3);
    if (type === FINISHED || cursor.left() < length) break;
    if (messages.length >= MAX_MESSAGES) throw tooMany(`more than ${MAX_MESSAGES} handshake messages`);
    messages.push({ type, body: cursor.bytes(length) });
  }
  return messages;
}

/** What stands in the protected records of one side, up to its Finished: from there on other keys hold. */
export function openHandshake(
  records: readonly TlsRecord[],
  open: (record: TlsRecord) => InnerPlaintext,
): { messages: Message[]; end: 'said' | 'missing'; alert?: number } {
  const reachesFinished = createFinishedWatch();
  const parts: Uint8Array[] = [];
  for (const record of records) {
    const { type, body } = open(record);
    const [, alert] = body;
    if (type === ALERT && alert !== undefined) return { messages: splitMessages(parts), end: 'missing', alert };
    if (type !== HANDSHAKE) break;
    parts.push(body);
    if (reachesFinished(body)) return { messages: splitMessages(parts), end: 'said' };
  }
  return { messages: splitMessages(parts), end: 'missing' };
}

/** Follows the message boundaries of a stream that comes in parts: true once Finished has begun. */
function createFinishedWatch(): (part: Uint8Array) => boolean {
  let header: number[] = [];
  let skip = 0;
  return (part) => {
    for (let at = 0; at < part.length;) {
      const step = Math.min(skip, part.length - at);
      skip -= step;
      at += step;
      const rest = part.subarray(at, at + 4 - header.length);
      if (skip === 0) {
        header.push(...rest);
        at += rest.length;
      }
      const [type, high = 0, middle = 0, low] = header;
      if (type === FINISHED) return true;
      if (low !== undefined) {
        skip = (high << 16) | (middle << 8) | low;
        header = [];
      }
    }
    return false;
  };
}

/** Adds the certificates of one message to those before it. */
export function addCertificates(sent: SentCertificates, { first, total }: Entries<Uint8Array>): void {
  const all = (sent.certificatesSent ?? sent.certificates.length) + total;
  sent.certificates.push(...first.slice(0, MAX_CERTIFICATES - sent.certificates.length));
  if (all > sent.certificates.length) sent.certificatesSent = all;
}

/** The certificates of a Certificate message before TLS 1.3, as sent. RFC 5246 section 7.4.2. Throws WireError. */
export function readCertificates12(body: Uint8Array): Entries<Uint8Array> {
  const list = cursorOver(cursorOver(body, 'Certificate').vector(3), 'Certificate');
  const { first, total } = readEntries(list, () => list.vector(3));
  return { first: first.map((der) => Uint8Array.from(der)), total };
}

/** The certificates of a Certificate message of TLS 1.3 as sent, with the extensions of the first. RFC 8446 section 4.4.2. Throws WireError. */
export function readCertificates13(body: Uint8Array): Entries<Uint8Array> & { leafExtensions?: Uint8Array } {
  const cursor = cursorOver(body, 'Certificate');
  cursor.vector(1);
  const list = cursorOver(cursor.vector(3), 'Certificate');
  const { first, total } = readEntries(list, () => ({ der: list.vector(3), extensions: list.vector(2) }));
  const leaf = first[0] === undefined ? {} : { leafExtensions: first[0].extensions };
  return { first: first.map(({ der }) => Uint8Array.from(der)), total, ...leaf };
}

function readEntries<T>(list: Cursor, read: () => T): Entries<T> {
  const first: T[] = [];
  let total = 0;
  for (; list.left() > 0; total += 1) {
    const entry = read();
    if (total < MAX_CERTIFICATES) first.push(entry);
  }
  return { first, total };
}
