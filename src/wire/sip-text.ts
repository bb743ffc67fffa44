import { WireError } from './wire-error.ts';

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const utf8Writer = new TextEncoder();
const LONE_BYTE = /[\udc80-\udcff]/u;

/** RFC 3261 section 7.3.3 and the IANA registry of header fields: compact form to long form. */
const COMPACT_FORMS: ReadonlyMap<string, string> = new Map([
  ['a', 'accept-contact'],
  ['b', 'referred-by'],
  ['c', 'content-type'],
  ['d', 'request-disposition'],
  ['e', 'content-encoding'],
  ['f', 'from'],
  ['i', 'call-id'],
  ['j', 'reject-contact'],
  ['k', 'supported'],
  ['l', 'content-length'],
  ['m', 'contact'],
  ['n', 'identity-info'],
  ['o', 'event'],
  ['r', 'refer-to'],
  ['s', 'subject'],
  ['t', 'to'],
  ['u', 'allow-events'],
  ['v', 'via'],
  ['x', 'session-expires'],
  ['y', 'identity'],
]);

/** The lower-case long form of a header name: 'V' and 'Via' are both 'via'. RFC 3261 section 7.3.3. */
export function longHeaderName(written: string): string {
  const lower = written.toLowerCase();
  return COMPACT_FORMS.get(lower) ?? lower;
}

/** The least and greatest second octet after a first one; the others of a sequence are 0x80 to 0xbf. RFC 3629 section 4. */
function secondOctetRange(first: number): readonly [number, number] {
  if (first === 0xe0) return [0xa0, 0xbf];
  if (first === 0xed) return [0x80, 0x9f];
  if (first === 0xf0) return [0x90, 0xbf];
  if (first === 0xf4) return [0x80, 0x8f];
  return [0x80, 0xbf];
}

/** Octets of the UTF-8 sequence at `at`; 0 when there is none. Without exceptions, which cost too much per octet. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  const [least, greatest] = secondOctetRange(first);
  const second = bytes[at + 1] ?? 0;
  if (second < least || second > greatest) return 0;
  for (let i = 2; i < length; i += 1) {
    if (((bytes[at + i] ?? 0) & 0xc0) !== 0x80) return 0;
  }
  return length;
}

/**
 * Reads octets as UTF-8. An octet that is part of no valid sequence becomes the lone surrogate U+DC00 + octet, so that
 * `encodeText` gives the same octets back; `valid` tells whether that was needed.
 */
export function decodeText(bytes: Uint8Array): { text: string; valid: 'utf-8' | 'mixed' } {
  try {
    return { text: strictUtf8.decode(bytes), valid: 'utf-8' };
  } catch {
    // Not UTF-8 throughout: read what can be read, keep the other octets.
  }
  const parts: string[] = [];
  let start = 0;
  let at = 0;
  while (at < bytes.length) {
    const length = sequenceLength(bytes, at);
    if (length === 0) {
      if (at > start) parts.push(strictUtf8.decode(bytes.subarray(start, at)));
      parts.push(String.fromCharCode(0xdc00 + (bytes[at] ?? 0)));
      start = at + 1;
    }
    at += Math.max(1, length);
  }
  parts.push(strictUtf8.decode(bytes.subarray(start)));
  return { text: parts.join(''), valid: 'mixed' };
}

/** The octets of a text: UTF-8, and the octet itself for each lone surrogate that `decodeText` made. */
export function encodeText(text: string): Uint8Array {
  if (!LONE_BYTE.test(text)) return utf8Writer.encode(text);
  const parts = text
    .split(/([\udc80-\udcff])/u)
    .map((part) => (LONE_BYTE.test(part) ? Uint8Array.of(part.charCodeAt(0) - 0xdc00) : utf8Writer.encode(part)));
  return concatBytes(parts);
}

/** One array that holds all parts in order. */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Whether a character code may stand in a token. RFC 3261 section 25.1. */
export function isTokenCode(code: number): boolean {
  if ((code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122)) return true;
  return code < 128 && "-.!%*_+`'~".includes(String.fromCharCode(code));
}

/** Whether a text is a non-empty token. RFC 3261 section 25.1. */
export function isToken(text: string): boolean {
  return /^[A-Za-z0-9\-.!%*_+`'~]+$/.test(text);
}

/** Blank or horizontal tab, the only white space that is left in an unfolded value. */
function isBlank(code: number): boolean {
  return code === 32 || code === 9;
}

/** The index of the first character from `at` on that is no blank. */
export function skipBlanks(text: string, at: number): number {
  let next = at;
  while (isBlank(text.charCodeAt(next))) next += 1;
  return next;
}

/** Takes blanks and tabs off both ends; unlike String.trim it leaves U+FEFF and its like, which are content, alone. */
export function trimBlanks(text: string): string {
  let end = text.length;
  if (!isBlank(text.charCodeAt(0)) && !isBlank(text.charCodeAt(end - 1))) return text;
  const start = skipBlanks(text, 0);
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

/** A whole number in decimal digits, leading zeros allowed; undefined when it is none or above `max`. */
export function parseDigits(text: string, max: number): number | undefined {
  if (!/^[0-9]+$/.test(text)) return undefined;
  const value = Number(text);
  return value <= max ? value : undefined;
}

/**
 * The content of the quoted-string that opens at `at`, its quoted-pairs undone, and the index after the closing quote.
 * Throws WireError 'quoted-string' when it does not close. RFC 3261 section 25.1.
 */
export function readQuoted(text: string, at: number): { value: string; next: number } {
  const parts: string[] = [];
  let start = at + 1;
  for (let i = start; i < text.length; i += 1) {
    const char = text[i];
    if (char === '"') {
      parts.push(text.slice(start, i));
      return { value: parts.join(''), next: i + 1 };
    }
    if (char === '\\') {
      parts.push(text.slice(start, i));
      i += 1;
      start = i;
    }
  }
  throw new WireError('quoted-string', 'A quoted string does not close', at);
}

/** Writes a text as a quoted-string. RFC 3261 section 25.1. */
export function quote(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
