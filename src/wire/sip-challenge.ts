import { isToken, readQuoted, skipBlanks, trimBlanks } from './sip-text.ts';
import { WireError } from './wire-error.ts';

/** One parameter of a challenge or of credentials. */
export interface AuthParam {
  /** Lower case. */
  name: string;
  /** Quotes and quoted-pairs undone. */
  value: string;
  /** As on the wire, with its quotes. */
  written: string;
}

/** WWW-Authenticate, Proxy-Authenticate and, in the same grammar, Authorization. RFC 3261 sections 20.7, 20.27, 20.44. */
export interface SipChallenge {
  /** As written: Digest, NTLM, Kerberos, TLS-DSK, … Compare without regard to case. */
  scheme: string;
  params: AuthParam[];
  /** The single opaque value that some schemes have in place of parameters. RFC 7235 section 2.1. */
  token68?: string;
}

/** The value of the first parameter of that name, quotes undone; undefined when there is none. */
export function authParam(challenge: SipChallenge, name: string): string | undefined {
  const wanted = name.toLowerCase();
  return challenge.params.find((param) => param.name === wanted)?.value;
}

function readAuthParam(text: string, at: number): { param: AuthParam; next: number } {
  const equals = text.indexOf('=', at);
  const written = trimBlanks(text.slice(at, Math.max(at, equals)));
  if (!isToken(written)) throw new WireError('challenge', 'A parameter of a challenge has no name', at);
  const name = written.toLowerCase();
  const valueAt = skipBlanks(text, equals + 1);
  if (text[valueAt] === '"') {
    const { value, next } = readQuoted(text, valueAt);
    return { param: { name, value, written: text.slice(valueAt, next) }, next: skipBlanks(text, next) };
  }
  let next = text.indexOf(',', valueAt);
  if (next < 0) next = text.length;
  const value = trimBlanks(text.slice(valueAt, next));
  // Schemes of vendors write numbers, GUIDs and base64 without quotes: anything without blanks and quotes is one value.
  if (/[\s"]/.test(value))
    throw new WireError('challenge', 'A value of a challenge is neither a token nor quoted', valueAt);
  return { param: { name, value, written: value }, next };
}

/**
 * Reads one challenge or set of credentials, of whatever scheme. A SIP header holds one challenge (RFC 3261 section 25.1):
 * a comma parts parameters, never challenges. Empty list elements are passed over. Throws WireError 'challenge' or
 * 'quoted-string'; the offset counts characters.
 */
export function parseChallenge(value: string): SipChallenge {
  const text = trimBlanks(value);
  const scheme = /^[^ \t]*/.exec(text)?.[0] ?? '';
  if (!isToken(scheme)) throw new WireError('challenge', 'A challenge does not begin with the name of a scheme');
  let at = skipBlanks(text, scheme.length);
  if (/^[A-Za-z0-9\-._~+/]+=*$/.test(text.slice(at))) return { scheme, params: [], token68: text.slice(at) };
  const params: AuthParam[] = [];
  while (at < text.length) {
    if (text[at] === ',') {
      at = skipBlanks(text, at + 1);
      continue;
    }
    const { param, next } = readAuthParam(text, at);
    params.push(param);
    if (next < text.length && text[next] !== ',')
      throw new WireError('challenge', 'A comma is missing in a challenge', next);
    at = next;
  }
  return { scheme, params };
}
