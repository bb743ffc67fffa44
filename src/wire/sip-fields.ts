import { parseHostPort } from './sip-host.ts';
import { parseParams, paramValue, type SipParam } from './sip-params.ts';
import { isToken, parseDigits, readQuoted, skipBlanks, trimBlanks } from './sip-text.ts';
import { checkUri } from './sip-uri.ts';
import { WireError } from './wire-error.ts';

/** The largest CSeq number. RFC 3261 section 8.1.1.5 asks for less than 2^31; what is sent in practice is 32 bits wide. */
const CSEQ_MAX = 4_294_967_295;

/** One value of a Via header. Hosts and `received` are without brackets. RFC 3261 section 20.42, RFC 3581. */
export interface SipVia {
  /** '2.0' in every message of today. */
  version: string;
  /** In capitals: UDP, TCP, TLS, SCTP, WS, … */
  transport: string;
  host: string;
  port?: number;
  branch?: string;
  received?: string;
  /** null: asked for with an empty `rport`; a number: filled in by the server. */
  rport?: number | null;
  params: SipParam[];
}

/** An address with its display name and header parameters. `uri` is '*' for the wildcard Contact. RFC 3261 section 20.10. */
export interface NameAddr {
  /** Quotes and quoted-pairs undone; absent when there is none. */
  display?: string;
  uri: string;
  params: SipParam[];
}

/** RFC 3261 section 20.16. */
export interface CSeq {
  number: number;
  method: string;
}

function viaRport(params: readonly SipParam[]): { rport?: number | null } {
  const value = paramValue(params, 'rport');
  if (value === undefined) return {};
  if (value === null) return { rport: null };
  const rport = parseDigits(value, 65_535);
  if (rport === undefined) throw new WireError('via', 'The rport of a Via is not a port number');
  return { rport };
}

/** Reads one Via value, as `headerValues` gives it. Throws WireError 'via', 'host', 'port' or 'params'. */
export function parseVia(value: string): SipVia {
  const semicolon = value.indexOf(';');
  const head = semicolon < 0 ? value : value.slice(0, semicolon);
  const match = /^SIP[ \t]*\/[ \t]*([0-9.]+)[ \t]*\/[ \t]*([A-Za-z0-9\-.!%*_+`'~]+)[ \t]+(?=\S)/i.exec(
    trimBlanks(head),
  );
  if (!match) throw new WireError('via', 'A Via does not begin with SIP/2.0/transport and a host');
  const [prefix, version = '', transport = ''] = match;
  const { host, port } = parseHostPort(trimBlanks(head).slice(prefix.length));
  const params = semicolon < 0 ? [] : parseParams(value, semicolon);
  const branch = paramValue(params, 'branch');
  const received = paramValue(params, 'received');
  if (branch === null || received === null) throw new WireError('via', 'A branch or received parameter is empty');
  return {
    version,
    transport: transport.toUpperCase(),
    host,
    ...(port === undefined ? {} : { port }),
    ...(branch === undefined ? {} : { branch }),
    // RFC 5118 section 4.5: with or without brackets, the same address.
    ...(received === undefined ? {} : { received: received.replace(/^\[(.*)\]$/, '$1') }),
    ...viaRport(params),
    params,
  };
}

/**
 * Reads one value of From, To, Contact, Route and their like. Without angle brackets, parameters belong to the header, and
 * a URI that holds a question mark or comma is refused (RFC 3261 section 20). Throws WireError 'name-addr',
 * 'quoted-string', 'params' and those of `parseSipUri`.
 */
export function parseNameAddr(value: string): NameAddr {
  const text = trimBlanks(value);
  if (text === '*') return { uri: '*', params: [] };
  if (text.startsWith('"')) {
    const { value: display, next } = readQuoted(text, 0);
    return { display, ...readBracketed(text, skipBlanks(text, next)) };
  }
  const open = text.indexOf('<');
  if (open === 0) return readBracketed(text, 0);
  if (open > 0 && !/[";]/.test(text.slice(0, open))) {
    return { display: readDisplay(text.slice(0, open)), ...readBracketed(text, open) };
  }
  const semicolon = text.indexOf(';');
  const uri = trimBlanks(semicolon < 0 ? text : text.slice(0, semicolon));
  if (/[?,]/.test(uri)) throw new WireError('name-addr', 'A URI that holds ? or a comma is not in angle brackets');
  checkUri(uri);
  return { uri, params: semicolon < 0 ? [] : parseParams(text, semicolon) };
}

function readDisplay(written: string): string {
  const words = written.split(/[ \t]+/).filter((word) => word !== '');
  // Names beyond ASCII ought to be quoted and often are not: nothing is ambiguous about them.
  if (!words.every((word) => /^[A-Za-z0-9\-.!%*_+`'~\u0080-\uffff]+$/.test(word)))
    throw new WireError('name-addr', 'A display name needs quotes');
  return words.join(' ');
}

function readBracketed(text: string, at: number): { uri: string; params: SipParam[] } {
  const close = text.indexOf('>', at);
  if (text[at] !== '<' || close < 0) throw new WireError('name-addr', 'A URI is not in angle brackets', at);
  const uri = text.slice(at + 1, close);
  checkUri(uri);
  return { uri, params: parseParams(text, close + 1) };
}

/** Reads a CSeq. Throws WireError 'cseq', also for a number above 2^32-1. */
export function parseCSeq(value: string): CSeq {
  const [digits = '', method = '', ...more] = trimBlanks(value).split(/[ \t]+/);
  const number = parseDigits(digits, CSEQ_MAX);
  if (number === undefined || more.length > 0 || !isToken(method))
    throw new WireError('cseq', 'The CSeq is not a number of 32 bits and a method');
  return { number, method };
}
