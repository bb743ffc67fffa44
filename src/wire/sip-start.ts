import { isToken, isTokenCode, trimBlanks } from './sip-text.ts';
import { checkUri, parseSipUri } from './sip-uri.ts';
import { WireError } from './wire-error.ts';

/** What a start line says, and what is wrong with it that can be read past. */
export type StartLine = (
  { kind: 'request'; method: string; uri: string } | { kind: 'response'; status: number; reason: string }
) & { problems: { code: string; message: string }[] };

/** No method in use comes near it; what is longer is not SIP, and a reader need not wait for its end. */
const MAX_METHOD_OCTETS = 128;
const CR = 13;
const LF = 10;

/**
 * Throws as soon as these first octets can no longer become a SIP message: WireError 'tls-record' (a TLS alert or handshake
 * came in clear), 'http' or 'not-sip'. Looks at a bounded number of octets, so that a reader may call it after each octet.
 */
export function refuseForeign(bytes: Uint8Array): void {
  const [first, second] = bytes;
  if (first === undefined) return;
  if (first >= 0x14 && first <= 0x17 && (second ?? 3) === 3)
    throw new WireError('tls-record', 'The octets are a TLS record, not SIP');
  let end = 0;
  while (end < Math.min(bytes.length, MAX_METHOD_OCTETS + 1) && isTokenCode(bytes[end] ?? 0)) end += 1;
  const word = String.fromCharCode(...bytes.subarray(0, end));
  if (end > MAX_METHOD_OCTETS) throw new WireError('not-sip', 'The first word is too long for a SIP method');
  if (end === bytes.length) return;
  if (/^HTTP$/i.test(word) && bytes[end] === 0x2f)
    throw new WireError('http', 'The octets are an HTTP answer, not SIP');
  const wellBegun = bytes[end] === 0x2f ? /^SIP$/i.test(word) : end > 0 && (bytes[end] === 0x20 || bytes[end] === 0x09);
  if (!wellBegun) throw new WireError('not-sip', 'The first octets are neither a SIP method nor a SIP version', end);
}

/** Reads a start line without its line end. Throws WireError 'not-sip', 'http', 'request-uri' or 'status-code'. RFC 3261 7.1, 7.2. */
export function parseStartLine(line: string): StartLine {
  return /^SIP\//i.test(line) ? parseStatusLine(line) : parseRequestLine(line);
}

function versionProblems(version: string): { code: string; message: string }[] {
  return /^SIP\/2\.0$/i.test(version) ? [] : [{ code: 'version', message: 'The SIP version is not 2.0' }];
}

function parseStatusLine(line: string): StartLine {
  const match = /^(SIP\/[0-9]+\.[0-9]+)([ \t]+)([0-9]+)(?:([ \t])(.*))?$/is.exec(line);
  if (!match) throw new WireError('not-sip', 'The status line has no version and status code');
  const [, version = '', gap, digits = '', blank, reason = ''] = match;
  if (digits.length !== 3)
    throw new WireError('status-code', 'The status code does not have three digits', version.length + 1);
  const status = Number(digits);
  const problems = versionProblems(version);
  if (status < 100 || status > 699)
    problems.push({ code: 'status-code', message: 'The status code is not from 100 to 699' });
  if (gap !== ' ' || blank !== ' ')
    problems.push({ code: 'start-line', message: 'The parts of the status line are not parted by one blank each' });
  return { kind: 'response', status, reason, problems };
}

function parseRequestLine(line: string): StartLine {
  const [method = '', uri = '', version = '', ...more] = trimBlanks(line).split(/[ \t]+/);
  const last = more.at(-1) ?? version;
  if (/^HTTP\//i.test(last)) throw new WireError('http', 'The octets are an HTTP request, not SIP');
  if (!isToken(method) || !/^SIP\/[0-9]+\.[0-9]+$/i.test(last))
    throw new WireError('not-sip', 'The first line is neither a SIP request line nor a status line');
  if (more.length > 0) throw new WireError('request-uri', 'The Request-URI holds white space', method.length + 1);
  const problems = versionProblems(version);
  if (line !== `${method} ${uri} ${version}`)
    problems.push({ code: 'start-line', message: 'The parts of the request line are not parted by one blank each' });
  const bare = uri.replace(/^<(.*)>$/, '$1');
  if (bare !== uri) problems.push({ code: 'request-uri', message: 'The Request-URI is in angle brackets' });
  problems.push(...requestUriProblems(bare));
  return { kind: 'request', method, uri: bare, problems };
}

function requestUriProblems(uri: string): { code: string; message: string }[] {
  try {
    checkUri(uri);
    if (/^sips?:/i.test(uri) && parseSipUri(uri).headers.length > 0)
      return [{ code: 'request-uri', message: 'The Request-URI holds headers' }];
    return [];
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return [{ code: 'request-uri', message: error.message }];
  }
}

/** The index of the first octet that is no empty line; RFC 3261 section 7.5 has receivers pass over leading ones. */
export function skipEmptyLines(bytes: Uint8Array): number {
  let at = 0;
  while (bytes[at] === LF || (bytes[at] === CR && bytes[at + 1] === LF)) at += bytes[at] === LF ? 1 : 2;
  return at;
}
