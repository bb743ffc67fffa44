import { formatHostPort, parseHostPort, type HostPort } from './sip-host.ts';
import type { SipParam } from './sip-params.ts';
import { decodeText, encodeText } from './sip-text.ts';
import { WireError } from './wire-error.ts';

/**
 * A SIP or SIPS URI taken apart. User, password, parameters and headers keep their escapes, because decoding is not
 * reversible; `unescapeUri` and `uriParam` undo them. An IPv6 host is without brackets. RFC 3261 section 19.1.1.
 */
export interface SipUri {
  scheme: 'sip' | 'sips';
  user?: string;
  /** A secret that the RFC advises against: never show it. */
  password?: string;
  host: string;
  hostKind: HostPort['kind'];
  port?: number;
  params: SipParam[];
  headers: SipParam[];
}

const USER = /^(?:[A-Za-z0-9\-_.!~*'()&=+$,;?/]|%[0-9A-Fa-f]{2})+$/;
const PASSWORD = /^(?:[A-Za-z0-9\-_.!~*'()&=+$,]|%[0-9A-Fa-f]{2})*$/;
const PARAM = /^(?:[A-Za-z0-9\-_.!~*'()[\]/:&+$]|%[0-9A-Fa-f]{2})+$/;
const HEADER = /^(?:[A-Za-z0-9\-_.!~*'()[\]/?:+$]|%[0-9A-Fa-f]{2})*$/;

/** Undoes %HH escapes once. Octets that are not UTF-8 become lone surrogates as in `decodeText`. RFC 3261 section 19.1.2. */
export function unescapeUri(text: string): string {
  if (!text.includes('%')) return text;
  const octets: number[] = [];
  for (const part of text.split(/(%[0-9A-Fa-f]{2})/)) {
    if (/^%[0-9A-Fa-f]{2}$/.test(part)) octets.push(Number.parseInt(part.slice(1), 16));
    else for (const octet of encodeText(part)) octets.push(octet);
  }
  return decodeText(Uint8Array.from(octets)).text;
}

/** Escapes a text so that it can stand as the user part. RFC 3261 section 19.1.2. */
export function escapeUser(text: string): string {
  return Array.from(encodeText(text), (octet) => {
    const char = String.fromCharCode(octet);
    return USER.test(char) ? char : `%${octet.toString(16).toUpperCase().padStart(2, '0')}`;
  }).join('');
}

/** The value of a URI parameter, escapes undone: null when it stands alone, undefined when there is none. */
export function uriParam(uri: SipUri, name: string): string | null | undefined {
  const wanted = name.toLowerCase();
  const found = uri.params.find((param) => unescapeUri(param.name).toLowerCase() === wanted);
  return typeof found?.value === 'string' ? unescapeUri(found.value) : found?.value;
}

function readUser(userInfo: string, at: number): { user: string; password?: string } {
  const colon = userInfo.indexOf(':');
  const user = colon < 0 ? userInfo : userInfo.slice(0, colon);
  if (!USER.test(user))
    throw new WireError('uri-user', 'The user part is empty or holds characters that need an escape', at);
  if (colon < 0) return { user };
  const password = userInfo.slice(colon + 1);
  if (!PASSWORD.test(password))
    throw new WireError('uri-user', 'The password holds characters that need an escape', at);
  return { user, password };
}

function readParams(text: string, at: number): SipParam[] {
  return text.split(';').map((part) => {
    const equals = part.indexOf('=');
    const name = equals < 0 ? part : part.slice(0, equals);
    const value = equals < 0 ? null : part.slice(equals + 1);
    if (!PARAM.test(name) || (value !== null && !PARAM.test(value)))
      throw new WireError('uri-params', 'A URI parameter is empty or holds characters that need an escape', at);
    return { name, value };
  });
}

function readHeaders(text: string, at: number): SipParam[] {
  return text.split('&').map((part) => {
    const equals = part.indexOf('=');
    const name = part.slice(0, Math.max(0, equals));
    const value = part.slice(equals + 1);
    if (name === '' || !HEADER.test(name) || !HEADER.test(value))
      throw new WireError('uri-headers', 'The headers of a URI are not name=value pairs', at);
    return { name, value };
  });
}

/**
 * Reads a SIP or SIPS URI. Throws WireError 'uri-scheme', 'uri-user', 'uri-params', 'uri-headers', 'host' or 'port'; the
 * offset counts characters. RFC 3261 section 19.1.
 */
export function parseSipUri(text: string): SipUri {
  const scheme = /^(sips?):/i.exec(text)?.[1]?.toLowerCase();
  if (scheme !== 'sip' && scheme !== 'sips') throw new WireError('uri-scheme', 'The URI is neither sip: nor sips:');
  const start = scheme.length + 1;
  // An @ cannot stand unescaped anywhere else, while the user part may hold ; and ?.
  const at = text.indexOf('@', start);
  const hostAt = at < 0 ? start : at + 1;
  const queryAt = text.indexOf('?', hostAt);
  const pathEnd = queryAt < 0 ? text.length : queryAt;
  const path = text.slice(hostAt, pathEnd);
  const semicolon = path.indexOf(';');
  const { kind, ...hostPort } = readHost(semicolon < 0 ? path : path.slice(0, semicolon), hostAt);
  return {
    scheme,
    ...(at < 0 ? {} : readUser(text.slice(start, at), start)),
    ...hostPort,
    hostKind: kind,
    params: semicolon < 0 ? [] : readParams(path.slice(semicolon + 1), hostAt + semicolon),
    headers: queryAt < 0 ? [] : readHeaders(text.slice(queryAt + 1), queryAt),
  };
}

function readHost(text: string, at: number): HostPort {
  if (/\s/.test(text)) throw new WireError('host', 'A URI holds white space', at);
  return parseHostPort(text);
}

/** Whether a text is an absolute URI: a sip(s) one is read in full, of others the scheme. Throws as `parseSipUri`. */
export function checkUri(text: string): void {
  if (/^sips?:/i.test(text)) {
    parseSipUri(text);
    return;
  }
  if (!/^[A-Za-z][A-Za-z0-9+\-.]*:[^\s<>"]+$/.test(text)) throw new WireError('uri-scheme', 'Not an absolute URI');
}

/** Writes a URI; what was read comes back as it was, but for a third colon in an IPv6 host. RFC 3261 section 19.1.1. */
export function formatSipUri(uri: SipUri): string {
  const password = uri.password === undefined ? '' : `:${uri.password}`;
  const user = uri.user === undefined ? '' : `${uri.user}${password}@`;
  const params = uri.params.map(({ name, value }) => (value === null ? `;${name}` : `;${name}=${value}`)).join('');
  const headers = uri.headers.map(({ name, value }) => `${name}=${value ?? ''}`).join('&');
  const text = `${uri.scheme}:${user}${formatHostPort(uri)}${params}${headers === '' ? '' : `?${headers}`}`;
  // Reading it again refuses what was put together by hand and would read as something else.
  parseSipUri(text);
  return text;
}
