import type { Transport } from '../model.ts';
import { PROFILE_NAMES } from '../profiles.ts';
import type { Resolver, ResolverChoice } from '../probe/ask-dns.ts';
import type { Endpoint } from '../world.ts';
import { isAddress } from './ip-address.ts';
import { UsageError } from './usage-error.ts';

const DNS_PORT = 53;
/** RFC 7858 section 3.1. */
const DNS_OVER_TLS_PORT = 853;
const HTTPS_PORT = 443;

/** Throws UsageError; `context` is what the user typed. */
export function parsePort(text: string, context: string): number {
  const port = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port >= 1 && port <= 65_535)) {
    throw new UsageError(`port '${text}' in '${context}' is not a port; expected a number from 1 to 65535`);
  }
  return port;
}

/** A positive whole number of milliseconds. */
export function parseMilliseconds(option: string): (text: string) => number {
  return (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : 0;
    if (value <= 0) throw new UsageError(`${option} '${text}' is not a time; expected milliseconds, for example 3000`);
    return value;
  };
}

const RESOLVER_FORMS =
  '[label=]IP[:port], tls://IP[:port][#name], https://host[:port]/dns-query or system, for example 192.0.2.53';

function splitAddress(text: string, option: string, defaultPort: number): { address: string; port: number } {
  const bracketed = /^\[([^\]]+)\](?::(.+))?$/.exec(text);
  // An IPv6 address without brackets is all address.
  const plain = isAddress(text) ? null : /^([^:]+)(?::(.+))?$/.exec(text);
  const [, address = text, port] = bracketed ?? plain ?? [];
  if (!isAddress(address)) throw new UsageError(`${option} '${text}' is not an IP address; expected ${RESOLVER_FORMS}`);
  // Answers are matched by their source, and the system writes IPv6 addresses by RFC 5952.
  const canonical = address.includes(':') ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address;
  return { address: canonical, port: port === undefined ? defaultPort : parsePort(port, text) };
}

const showAddress = ({ address, port }: { address: string; port: number }): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;

function parseTlsResolver(text: string, label: string | undefined): Resolver {
  const [place = '', name, ...more] = text.slice('tls://'.length).split('#');
  if (more.length > 0 || name === '')
    throw new UsageError(`--resolver '${text}' is not understood; expected ${RESOLVER_FORMS}`);
  const endpoint = splitAddress(place, '--resolver', DNS_OVER_TLS_PORT);
  const over = { kind: 'tls' as const, ...(name === undefined ? {} : { verifyName: name.toLowerCase() }) };
  return { label: label ?? `tls://${showAddress(endpoint)}`, endpoint, over };
}

function parseHttpsResolver(text: string, label: string | undefined): Resolver {
  if (!URL.canParse(text)) throw new UsageError(`--resolver '${text}' is not a URL; expected ${RESOLVER_FORMS}`);
  const url = new URL(text);
  if (url.username !== '' || url.password !== '' || url.hash !== '')
    throw new UsageError(`--resolver '${text}' holds more than host, port and path; expected ${RESOLVER_FORMS}`);
  // A template variable stands for the question of a GET; the path of a POST ends before it (RFC 8484 section 4.1).
  const path = `${url.pathname === '/' ? '/dns-query' : url.pathname}${url.search}`.replace(
    /(\{|%7B)\?dns(\}|%7D)$/i,
    '',
  );
  const endpoint = {
    address: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? HTTPS_PORT : Number(url.port),
  };
  return { label: label ?? text, endpoint, over: { kind: 'https', path } };
}

/** A DNS server to ask; 'system': those of this machine, and the machine itself. Throws UsageError. */
export function parseResolver(text: string): ResolverChoice {
  const [, label, rest = text] = /^([A-Za-z][\w.-]*)=(.*)$/.exec(text) ?? [];
  if (rest === 'system') return 'system';
  if (/^tls:\/\//i.test(rest)) return parseTlsResolver(rest, label);
  if (/^https:\/\//i.test(rest)) return parseHttpsResolver(rest, label);
  const endpoint = splitAddress(rest, '--resolver', DNS_PORT);
  return { label: label ?? showAddress(endpoint), endpoint };
}

/** 'host:port:ip', as curl's --resolve, with another port behind it where that is not the same. */
export function parsePin(text: string): [string, Endpoint] {
  const match = /^([^:]+):(\d+):(.+)$/.exec(text);
  const [, host = '', port = '', place = ''] = match ?? [];
  const bare = place.replace(/^\[|\]$/g, '');
  const [, bracketed, plain, other] = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(isAddress(bare) ? '' : place) ?? [];
  const address = bracketed ?? plain ?? bare;
  if (match === null || !isAddress(address)) {
    throw new UsageError(
      `--resolve '${text}' is not understood; expected host:port:address, with or without :port, for example sip.example.com:5061:192.0.2.1`,
    );
  }
  const asked = parsePort(port, text);
  return [`${host.toLowerCase()}:${asked}`, { address, port: other === undefined ? asked : parsePort(other, text) }];
}

export function parseServer(text: string): { host: string; port?: number } {
  const bracketed = /^\[([^\]]+)\](?::(.+))?$/.exec(text);
  const [, host = text, port] =
    bracketed ?? (isAddress(text) ? [text, text] : (/^([^:]+)(?::(.+))?$/.exec(text) ?? []));
  const isName = /^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\.?$/i.test(host);
  // Digits and dots alone were meant as an address.
  if (!isAddress(host) && (!isName || bracketed !== null || /^[\d.]+$/.test(host))) {
    throw new UsageError(
      `--server '${text}' is not a server; expected a host name or an address, with or without :port`,
    );
  }
  return {
    host: host.toLowerCase().replace(/\.$/, ''),
    ...(port === undefined ? {} : { port: parsePort(port, text) }),
  };
}

const TRANSPORTS: readonly Transport[] = ['udp', 'tcp', 'tls'];

/** One or more of the choices, separated by commas. */
export const parseTransports: ChoiceParser<Transport[]> = Object.assign(
  (text: string): Transport[] =>
    text.split(',').map((one) => {
      const name = TRANSPORTS.find((known) => known === one.trim().toLowerCase());
      if (name !== undefined) return name;
      throw new UsageError(`--transport '${one}' is not supported; expected udp, tcp or tls, separated by commas`);
    }),
  { choices: TRANSPORTS },
);

export const parseProfile: ChoiceParser<string> = Object.assign(
  (text: string): string => {
    if (PROFILE_NAMES.includes(text)) return text;
    throw new UsageError(`--profile '${text}' is not known; expected ${PROFILE_NAMES.join(', ')}`);
  },
  { choices: PROFILE_NAMES },
);

/** An ISO 8601 time, taken as UTC where it names no zone. */
export function parseTime(text: string): string {
  const [, date = '', clock = '', zone] = /^(\d{4}-\d\d-\d\d)(?:T([\d:.]+)(Z|[+-]\d\d:\d\d)?)?$/.exec(text) ?? [];
  // JavaScript takes a time without a zone for a local one, and February 30 for March 2.
  const exists = new Date(Date.parse(`${date}T00:00:00Z`) || 0).toISOString().startsWith(date);
  const time = exists && date !== '' ? Date.parse(clock === '' ? date : `${date}T${clock}${zone ?? 'Z'}`) : Number.NaN;
  if (Number.isNaN(time))
    throw new UsageError(`--at '${text}' is not a time; expected ISO 8601, for example 2026-11-23T10:00:00Z`);
  return new Date(time).toISOString();
}

/** A parser that tells which words it takes, for the completion of a shell. */
export type ChoiceParser<T> = ((text: string) => T) & { readonly choices: readonly string[] };

export function parseChoice<T extends string>(option: string, choices: readonly T[]): ChoiceParser<T> {
  const parse = (text: string): T => {
    const choice = choices.find((one) => one === text);
    if (choice === undefined) {
      const others = choices.slice(0, -1).join(', ');
      throw new UsageError(`${option} '${text}' is not known; expected ${others} or ${choices.at(-1)}`);
    }
    return choice;
  };
  return Object.assign(parse, { choices });
}
