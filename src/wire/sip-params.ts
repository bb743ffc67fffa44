import { isToken, readQuoted, skipBlanks, trimBlanks } from './sip-text.ts';
import { WireError } from './wire-error.ts';

/** One parameter as received: `value` is null when the name stands alone, and has its quotes and quoted-pairs undone. */
export interface SipParam {
  name: string;
  value: string | null;
}

/**
 * The value of the first parameter of that name, compared without regard to case: null when it stands alone, undefined
 * when there is none. RFC 3261 section 7.3.1.
 */
export function paramValue(params: readonly SipParam[], name: string): string | null | undefined {
  const wanted = name.toLowerCase();
  return params.find((param) => param.name.toLowerCase() === wanted)?.value;
}

/**
 * Reads `;name=value;name…` from `at` to the end of the text. Values are tokens, hosts (bracketed IPv6 too) or
 * quoted-strings. Throws WireError 'params'. RFC 3261 section 25.1, generic-param.
 */
export function parseParams(text: string, at: number): SipParam[] {
  const params: SipParam[] = [];
  let next = skipBlanks(text, at);
  while (next < text.length) {
    if (text[next] !== ';') throw new WireError('params', 'A parameter does not begin with a semicolon', next);
    const { param, end } = readParam(text, next + 1);
    params.push(param);
    next = end;
  }
  return params;
}

function readParam(text: string, at: number): { param: SipParam; end: number } {
  let end = at;
  while (end < text.length && text[end] !== ';' && text[end] !== '=') end += 1;
  const name = trimBlanks(text.slice(at, end));
  if (!isToken(name)) throw new WireError('params', 'A parameter has no name, or one that is no token', at);
  if (text[end] !== '=') return { param: { name, value: null }, end };
  const valueAt = skipBlanks(text, end + 1);
  if (text[valueAt] === '"') {
    const quoted = readQuoted(text, valueAt);
    return { param: { name, value: quoted.value }, end: skipBlanks(text, quoted.next) };
  }
  end = valueAt;
  while (end < text.length && text[end] !== ';') end += 1;
  const value = trimBlanks(text.slice(valueAt, end));
  if (value === '' || /[\s"<>,]/.test(value)) throw new WireError('params', 'A parameter value is no token', valueAt);
  return { param: { name, value }, end };
}
