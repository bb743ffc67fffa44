import { splitList } from './sip-lists.ts';
import { parseParams, type SipParam } from './sip-params.ts';
import { isToken, longHeaderName, parseDigits, readQuoted, skipBlanks, trimBlanks } from './sip-text.ts';
import { WireError } from './wire-error.ts';

/** Header names in lower case to their values as received: the `headers` of a SIP observation. */
export type SeenHeaders = Readonly<Record<string, readonly string[]>>;

/** One value of ms-diagnostics or its kin. [MS-OCER] section 2.2.1. */
export interface MsDiagnostic {
  header: 'ms-diagnostics' | 'ms-diagnostics-public' | 'ms-client-diagnostics';
  id: number;
  /** After the point, where there is one. */
  sub?: number;
  source?: string;
  reason?: string;
  /** Further parameters, 16 at most. */
  more: { name: string; value: string }[];
}

/** One Warning value. RFC 3261 section 20.43. */
export interface SipWarning {
  code: number;
  agent: string;
  text: string;
}

/** One Reason value. RFC 3326 section 2. */
export interface SipReason {
  /** As written: SIP, Q.850, … */
  protocol: string;
  cause?: number;
  text?: string;
}

/** What else a response says about why it is as it is. */
export interface SipAdvice {
  diagnostics: MsDiagnostic[];
  warnings: SipWarning[];
  reasons: SipReason[];
  /** Seconds. RFC 3261 section 20.33. */
  retryAfter?: number;
  /** Seconds. RFC 3261 section 20.23. */
  minExpires?: number;
  /** Method names, option tags: in the order received. */
  allow: string[];
  supported: string[];
  unsupported: string[];
  server?: string;
  /** Milliseconds since 1970 as the server's clock had it. RFC 3261 section 20.17. */
  date?: number;
}

/** Values of one header that are read; servers send one or two. */
const MAX_VALUES = 16;
const MAX_LIST = 64;
const MAX_TEXT = 512;
const MAX_PARAMS = 16;
const MAX_SECONDS = 0xffff_ffff;
const MS_HEADERS = ['ms-diagnostics', 'ms-diagnostics-public', 'ms-client-diagnostics'] as const;

/** The elements of a header that is a comma list, whether its lines were cut already or not. */
function listOf(headers: SeenHeaders, name: string): string[] {
  const values = Object.hasOwn(headers, name) ? (headers[name] ?? []) : [];
  const parts = values.slice(0, MAX_LIST).flatMap((value) => splitList(value.slice(0, MAX_TEXT * MAX_PARAMS)));
  return parts.filter((part) => part !== '').slice(0, MAX_LIST);
}

function firstOf(headers: SeenHeaders, name: string): string | undefined {
  return Object.hasOwn(headers, name) ? headers[name]?.[0] : undefined;
}

/** What `read` makes of each value; values that break the grammar are left out. */
function readAll<T>(values: readonly string[], read: (value: string) => T): T[] {
  return values.slice(0, MAX_VALUES).flatMap((value) => {
    try {
      return [read(value)];
    } catch (error) {
      if (error instanceof WireError) return [];
      throw error;
    }
  });
}

/** Parameters, or none where they break the grammar: the number in front of them says enough. */
function paramsBehind(value: string, semicolon: number): SipParam[] {
  try {
    return semicolon < 0 ? [] : parseParams(value, semicolon);
  } catch (error) {
    if (error instanceof WireError) return [];
    throw error;
  }
}

/** Reads one value of ms-diagnostics: `1010.2;reason="…";source="…"`. Throws WireError 'ms-diagnostics' when no number begins it. */
export function parseMsDiagnostic(header: MsDiagnostic['header'], value: string): MsDiagnostic {
  const semicolon = value.indexOf(';');
  const head = trimBlanks(semicolon < 0 ? value : value.slice(0, semicolon));
  const [, digits = '', , subDigits] = /^(\d{1,9})(\.(\d{1,9}))?$/.exec(head) ?? [];
  if (digits === '') throw new WireError('ms-diagnostics', 'The value does not begin with a number');
  const params = paramsBehind(value, semicolon);
  const named = (name: string): string | undefined =>
    params.find((param) => param.name.toLowerCase() === name)?.value?.slice(0, MAX_TEXT);
  const [source, reason] = [named('source'), named('reason')];
  const more = params
    .filter((param) => !/^(source|reason)$/i.test(param.name))
    .slice(0, MAX_PARAMS)
    .map(({ name, value: text }) => ({ name: name.slice(0, MAX_TEXT), value: (text ?? '').slice(0, MAX_TEXT) }));
  return {
    header,
    id: Number(digits),
    ...(subDigits === undefined ? {} : { sub: Number(subDigits) }),
    ...(source === undefined ? {} : { source }),
    ...(reason === undefined ? {} : { reason }),
    more,
  };
}

/** Reads one Warning value: `399 host "text"`. Throws WireError 'warning' or 'quoted-string'. */
export function parseWarning(value: string): SipWarning {
  const [head = '', code = '', agent = ''] = /^[ \t]*(\d{3})[ \t]+([^ \t"]+)[ \t]*/.exec(value) ?? [];
  if (code === '' || value[head.length] !== '"') throw new WireError('warning', 'The value is no code, agent and text');
  const { value: text } = readQuoted(value, head.length);
  return { code: Number(code), agent: agent.slice(0, MAX_TEXT), text: text.slice(0, MAX_TEXT) };
}

/** Reads one Reason value: `Q.850;cause=16;text="…"`. Throws WireError 'reason' or 'params'. */
export function parseReason(value: string): SipReason {
  const semicolon = value.indexOf(';');
  const protocol = trimBlanks(semicolon < 0 ? value : value.slice(0, semicolon));
  if (!isToken(protocol)) throw new WireError('reason', 'The value does not begin with the name of a protocol');
  const params = semicolon < 0 ? [] : parseParams(value, semicolon);
  const named = (name: string): string | undefined =>
    params.find((param) => param.name.toLowerCase() === name)?.value ?? undefined;
  const [cause, text] = [parseDigits(named('cause') ?? '', 0xffff), named('text')];
  return {
    protocol: protocol.slice(0, MAX_TEXT),
    ...(cause === undefined ? {} : { cause }),
    ...(text === undefined ? {} : { text: text.slice(0, MAX_TEXT) }),
  };
}

/** The leading whole number of seconds: `120 (in a meeting);duration=60` is 120. RFC 3261 section 20.33. */
function secondsOf(value: string | undefined): number | undefined {
  const text = value ?? '';
  const digits = /^\d{1,10}(?=[ \t;(]|$)/.exec(text.slice(skipBlanks(text, 0)))?.[0];
  return digits === undefined ? undefined : parseDigits(digits, MAX_SECONDS);
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** Reads a SIP date, always GMT: `Sat, 13 Nov 2010 23:29:00 GMT`; undefined when it is none. RFC 3261 section 20.17. */
export function parseSipDate(value: string): number | undefined {
  const match = /^[ \t]*[A-Za-z]{3},[ \t]+(\d{1,2}) ([A-Za-z]{3}) (\d{4}) (\d\d):(\d\d):(\d\d) (?:GMT|UTC)[ \t]*$/.exec(
    value,
  );
  const [, day = '', month = '', year = '', ...clock] = match ?? [];
  const at = MONTHS.findIndex((name) => name.toLowerCase() === month.toLowerCase());
  if (at < 0) return undefined;
  const [hours = 0, minutes = 0, seconds = 0] = clock.map(Number);
  const time = Date.UTC(Number(year), at, Number(day), hours, minutes, seconds);
  // Date.UTC turns the 31st of June into the 1st of July.
  const real = new Date(time).getUTCDate() === Number(day) && hours < 24 && minutes < 60 && seconds <= 60;
  return real ? time : undefined;
}

/**
 * Reads what a response says besides its status. Never throws: what breaks the grammar is left out; lists are cut to 64
 * elements, texts to 512 characters. Names of headers are in lower-case long form.
 */
export function readAdvice(headers: SeenHeaders): SipAdvice {
  const [retryAfter, minExpires] = [firstOf(headers, 'retry-after'), firstOf(headers, 'min-expires')].map(secondsOf);
  const server = firstOf(headers, 'server')?.slice(0, MAX_TEXT);
  const date = parseSipDate(firstOf(headers, 'date')?.slice(0, MAX_TEXT) ?? '');
  const words = (name: string): string[] =>
    listOf(headers, longHeaderName(name))
      .filter(isToken)
      .map((one) => one.slice(0, MAX_TEXT));
  return {
    diagnostics: MS_HEADERS.flatMap((name) =>
      readAll(listOf(headers, name), (value) => parseMsDiagnostic(name, value)),
    ),
    warnings: readAll(listOf(headers, 'warning'), parseWarning),
    reasons: readAll(listOf(headers, 'reason'), parseReason),
    ...(retryAfter === undefined ? {} : { retryAfter }),
    ...(minExpires === undefined ? {} : { minExpires }),
    allow: words('allow'),
    supported: words('supported'),
    unsupported: words('unsupported'),
    ...(server === undefined ? {} : { server }),
    ...(date === undefined ? {} : { date }),
  };
}
