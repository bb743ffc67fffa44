import { headerFaults } from './sip-checks.ts';
import { findHeadEnd, MAX_BODY_OCTETS, MAX_HEAD_OCTETS, parseHead, startHeadSearch, type SipHead } from './sip-head.ts';
import { isListHeader, splitList } from './sip-lists.ts';
import { refuseForeign, skipEmptyLines } from './sip-start.ts';
import { concatBytes, encodeText, isToken, longHeaderName, parseDigits } from './sip-text.ts';
import { WireError } from './wire-error.ts';

/** One header line. */
export interface SipHeader {
  /** Lower-case long form. */
  name: string;
  /** Unfolded and trimmed; octets that are not UTF-8 stand as lone surrogates U+DC80 to U+DCFF. */
  value: string;
  /** The name as on the wire. */
  written: string;
}

/**
 * What is wrong with a message and can be read past: kept because it is the finding. A message without faults is one that
 * no element may refuse for its form. `offset` counts octets from the start line on.
 */
export interface SipFault {
  code: string;
  message: string;
  offset: number;
}

interface MessageParts {
  headers: SipHeader[];
  body: Uint8Array;
  faults: SipFault[];
  /** Octets of the datagram behind the body, which RFC 3261 section 18.3 has a receiver discard; absent: none. */
  trailing?: number;
}

/** RFC 3261 section 7.1. */
export interface SipRequest extends MessageParts {
  kind: 'request';
  method: string;
  uri: string;
}

/** RFC 3261 section 7.2. */
export interface SipResponse extends MessageParts {
  kind: 'response';
  status: number;
  reason: string;
}

export type SipMessage = SipRequest | SipResponse;

/** What the Content-Length headers of a head say about the body. RFC 3261 section 20.14. */
type BodyLength = { state: 'known'; octets: number } | { state: 'absent' } | { state: 'invalid' };

/** Reads the Content-Length; values that differ are as invalid as one that is no number. RFC 3261 section 20.14. */
export function bodyLength(headers: readonly SipHeader[]): BodyLength {
  const values = headers.filter(({ name }) => name === 'content-length').map(({ value }) => value);
  const [first] = values;
  if (first === undefined) return { state: 'absent' };
  const octets = parseDigits(first, Number.MAX_SAFE_INTEGER);
  const agreed = values.every((value) => parseDigits(value, Number.MAX_SAFE_INTEGER) === octets);
  return octets === undefined || !agreed ? { state: 'invalid' } : { state: 'known', octets };
}

/** Puts head and body together, with the faults of both. `more` are the faults that the transport's framing has shown. */
export function assembleMessage(head: SipHead, body: Uint8Array, more: readonly SipFault[]): SipMessage {
  const { problems: _problems, ...start } = head.start;
  const faults = [...head.faults, ...headerFaults(head), ...more];
  return { ...start, headers: head.headers, body, faults };
}

function invalidLength(message: string, offset: number): SipFault {
  return { code: 'content-length', message, offset };
}

/**
 * Reads one datagram, or one message that was cut out of a stream. Octets that are no SIP message throw WireError ('empty',
 * 'tls-record', 'http', 'not-sip', 'request-uri', 'status-code', 'head-too-long', 'too-many-headers', 'body-too-large');
 * everything else that is wrong is in `faults`: codes of the head and its headers, 'head-unterminated', 'content-length'
 * (invalid; the body is then the rest) and 'body-truncated'. Without a Content-Length the body is the rest of the
 * datagram; what follows the body is counted in `trailing`. Takes time in proportion to the octets. RFC 3261 sections 7, 18.3.
 */
export function parseSip(bytes: Uint8Array): SipMessage {
  const lead = skipEmptyLines(bytes);
  const message = bytes.subarray(lead);
  if (message.length === 0) throw new WireError('empty', 'There is no message');
  refuseForeign(message);
  const end = findHeadEnd(message, startHeadSearch());
  const head = parseHead(message.subarray(0, end ?? message.length));
  if (end === undefined) {
    const fault = { code: 'head-unterminated', message: 'No empty line ends the headers', offset: message.length };
    return assembleMessage(head, new Uint8Array(0), [fault]);
  }
  const rest = message.subarray(end);
  const length = bodyLength(head.headers);
  const octets = length.state === 'known' ? length.octets : rest.length;
  if (Math.min(octets, rest.length) > MAX_BODY_OCTETS)
    throw new WireError('body-too-large', 'The body is longer than 1 MiB', end);
  const faults: SipFault[] = [];
  if (length.state === 'invalid') faults.push(invalidLength('The Content-Length is no number, or two differ', end));
  if (octets > rest.length) {
    const text = `The Content-Length is ${octets}, yet ${rest.length} octets follow the headers`;
    faults.push({ code: 'body-truncated', message: text, offset: end + rest.length });
  }
  // Not rest.slice(): of a Buffer that is a view, and the caller may use its octets again.
  const read = assembleMessage(head, new Uint8Array(rest.subarray(0, octets)), faults);
  return octets < rest.length ? { ...read, trailing: rest.length - octets } : read;
}

/**
 * All values of a header, in order. Comma lists are cut where the grammar of the header has them, with respect to quotes
 * and angle brackets, and their empty elements dropped; WWW-Authenticate, Date and their like are never cut. The name may
 * be given in any case, long or compact. RFC 3261 section 7.3.1.
 */
export function headerValues(message: { headers: readonly SipHeader[] }, name: string): string[] {
  const wanted = longHeaderName(name);
  const values = message.headers.filter((header) => header.name === wanted).map(({ value }) => value);
  return isListHeader(wanted) ? values.flatMap((value) => splitList(value)).filter((value) => value !== '') : values;
}

/** The first value of a header, as `headerValues` cuts them; undefined when there is none. */
export function headerValue(message: { headers: readonly SipHeader[] }, name: string): string | undefined {
  return headerValues(message, name)[0];
}

function refuseInjection(text: string, what: string): string {
  if (/[\r\n\0]/.test(text)) throw new WireError('injection', `${what} holds CR, LF or NUL`);
  return text;
}

function formatStart(message: SipMessage): string {
  if (message.kind === 'response') {
    if (!Number.isInteger(message.status) || message.status < 100 || message.status > 699)
      throw new WireError('status-code', 'The status is not from 100 to 699');
    return `SIP/2.0 ${message.status} ${refuseInjection(message.reason, 'The reason phrase')}`;
  }
  refuseInjection(`${message.method}${message.uri}`, 'The request line');
  if (!isToken(message.method)) throw new WireError('method', 'The method is no token');
  if (message.uri === '' || /[\s<>]/.test(message.uri))
    throw new WireError('request-uri', 'The Request-URI is empty or holds blanks or angle brackets');
  return `${message.method} ${message.uri} SIP/2.0`;
}

function formatHeader(header: SipHeader): string {
  refuseInjection(header.written + header.value, `The header ${JSON.stringify(header.name)}`);
  if (!isToken(header.written) || longHeaderName(header.written) !== header.name)
    throw new WireError(
      'header-name',
      `The header name ${JSON.stringify(header.written)} is no token or not that of ${header.name}`,
    );
  return header.value === '' ? `${header.written}:` : `${header.written}: ${header.value}`;
}

/**
 * Writes a message of SIP/2.0. The Content-Length is always the length of the body: it stands where the message has one,
 * else last. Throws WireError 'injection' when a field holds CR, LF or NUL, and 'method', 'request-uri', 'status-code',
 * 'header-name', 'head-too-long' or 'body-too-large' when what was asked for cannot be written. RFC 3261 section 7.
 */
export function formatSip(message: SipMessage): Uint8Array {
  const { body } = message;
  if (body.length > MAX_BODY_OCTETS) throw new WireError('body-too-large', 'The body is longer than 1 MiB');
  const lines = [formatStart(message)];
  let length: SipHeader | undefined = { name: 'content-length', written: 'Content-Length', value: String(body.length) };
  for (const header of message.headers) {
    if (header.name !== 'content-length') {
      lines.push(formatHeader(header));
    } else if (length) {
      lines.push(formatHeader({ ...length, written: header.written }));
      length = undefined;
    }
  }
  if (length) lines.push(formatHeader(length));
  const head = encodeText(`${lines.join('\r\n')}\r\n\r\n`);
  if (head.length > MAX_HEAD_OCTETS) throw new WireError('head-too-long', 'The head is longer than 64 KiB');
  return concatBytes([head, body]);
}

/** A header as `formatSip` wants it, from its name as it shall be written. */
export function sipHeader(written: string, value: string): SipHeader {
  return { name: longHeaderName(written), written, value };
}
