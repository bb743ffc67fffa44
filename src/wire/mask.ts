import { decodeText, encodeText } from './sip-text.ts';

/** Headers that carry credentials, or what credentials are computed from. RFC 3261 sections 20.6, 20.7, 20.27, 20.28, 20.44. */
const AUTH_HEADER =
  /^((?:proxy-)?auth(?:orization|enticate|entication-info)|www-authenticate)[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)/gim;
/** Everything else in such a header is masked: a scheme that nobody here knows must not give its secret away. */
const SHOWN: ReadonlySet<string> = new Set([
  'username',
  'realm',
  'uri',
  'algorithm',
  'qop',
  'nc',
  'stale',
  'userhash',
  'charset',
  'domain',
  'targetname',
  'version',
  'sts-uri',
]);
/**
 * sip:user:password@host, which RFC 3261 section 19.1.1 recommends against and people write all the same. A user may hold ';', '?' and
 * ',', a password ',' (section 25.1).
 */
const URI_PASSWORD = /(sips?:[^\s:@<>"]{1,256}:)([^\s:@;<>"?]{1,256})(?=@)/gi;
/** SDP: ICE (RFC 8839), MIKEY (RFC 4567) and keys of the media (RFC 8866 section 5.12). */
const SDP_KEY = /^(a=(?:ice-pwd:|key-mgmt:[^\s]{1,64} )|k=(?:clear|base64|uri):)([^|\r\n]*)/gim;
/** SDP: SRTP (RFC 4568). A line may hold several keys, and one more for the error correction. */
const SRTP_LINE = /^a=crypto:[^\r\n]*/gim;
const SRTP_KEY = /(inline:)([^|;\s]*)/gi;

/** As many octets as the text has, so that no length in the message becomes wrong. */
const blot = (text: string): string => 'x'.repeat(encodeText(text).length);

/** The end of the parameter that begins at `at`: the comma after it, or the closing quote. Looks at each character once. */
function paramEnd(text: string, at: number): number {
  let state: 'name' | 'start' | 'value' = 'name';
  for (let i = at; i < text.length; i += 1) {
    const char = text[i] ?? '';
    if (char === ',') return i;
    if (state === 'name' && char === '=') state = 'start';
    else if (state === 'start' && char === '"') return quoteEnd(text, i);
    else if (state === 'start' && !/\s/.test(char)) state = 'value';
  }
  return text.length;
}

function quoteEnd(text: string, open: number): number {
  for (let i = open + 1; i < text.length; i += 1) {
    if (text[i] === '"') return i + 1;
    if (text[i] === '\\') i += 1;
  }
  return text.length;
}

/** One parameter; what has no name is masked as a whole. */
function maskParam(part: string): string {
  const [, name = '', equals = '', value = ''] = /^([^=]*)(=[ \t]*)(.*)$/s.exec(part) ?? [];
  if (equals === '') return part.trim() === '' ? part : blot(part);
  if (SHOWN.has(name.trim().toLowerCase())) return part;
  const quoted = /^"(.*)"(\s*)$/s.exec(value);
  return quoted ? `${name}${equals}"${blot(quoted[1] ?? '')}"${quoted[2] ?? ''}` : `${name}${equals}${blot(value)}`;
}

function maskParams(text: string): string {
  const parts: string[] = [];
  let start = 0;
  while (start < text.length) {
    const end = paramEnd(text, start);
    parts.push(maskParam(text.slice(start, end)));
    if (text[end] === ',') parts.push(',');
    start = text[end] === ',' ? end + 1 : end;
  }
  return parts.join('');
}

function maskAuthValue(name: string, value: string): string {
  const lineEnd = /\r?$/.exec(value)?.[0] ?? '';
  const text = value.slice(0, value.length - lineEnd.length);
  const hasScheme = !/info$/i.test(name);
  const scheme = hasScheme ? (/^[ \t\r\n]*[^ \t\r\n,="]*(?=[ \t\r\n]|$)/.exec(text)?.[0] ?? '') : '';
  const blanks = /^[ \t\r\n]*/.exec(text.slice(scheme.length))?.[0] ?? '';
  const rest = text.slice(scheme.length + blanks.length);
  if (rest === '' && /authorization$/i.test(name)) return scheme.replace(/\S+/, blot) + blanks + lineEnd;
  // One opaque value in place of parameters: Basic, Bearer, Negotiate.
  const masked = /^[A-Za-z0-9\-._~+/]+=*$/.test(rest) ? blot(rest) : maskParams(rest);
  return scheme + blanks + masked + lineEnd;
}

/**
 * Masks the secrets in the text of SIP messages: in authentication headers everything but names (user names are kept), passwords
 * in SIP URIs, keys in session descriptions. Each secret becomes as many 'x' as it has octets. Never throws.
 */
export function maskText(text: string): string {
  return text
    .replaceAll(
      AUTH_HEADER,
      (whole: string, name: string, value: string) =>
        whole.slice(0, whole.length - value.length) + maskAuthValue(name, value),
    )
    .replaceAll(URI_PASSWORD, (_whole, lead: string, secret: string) => lead + blot(secret))
    .replaceAll(SDP_KEY, (_whole, lead: string, secret: string) => lead + blot(secret))
    .replaceAll(SRTP_LINE, (line) =>
      line.replaceAll(SRTP_KEY, (_whole, lead: string, secret: string) => lead + blot(secret)),
    );
}

/** The octets of SIP messages with their secrets masked: as many octets as before, whether they can be parsed or not. Never throws. */
export function maskSip(bytes: Uint8Array): Uint8Array {
  return encodeText(maskText(decodeText(bytes).text));
}
