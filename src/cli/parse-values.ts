import type { Transport } from '../model.ts';
import { PROFILES } from '../profiles.ts';
import type { Resolver } from '../probe/ask-dns.ts';
import { isAddress } from './ip-address.ts';
import { UsageError } from './usage-error.ts';

const DNS_PORT = 53;

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

function splitAddress(text: string, option: string): { address: string; port: number } {
  const bracketed = /^\[([^\]]+)\](?::(.+))?$/.exec(text);
  const plain = /^([^:]+)(?::(.+))?$/.exec(text);
  const [, address = text, port] = bracketed ?? plain ?? [];
  if (!isAddress(address))
    throw new UsageError(
      `${option} '${text}' is not an IP address; expected [label=]IP[:port], for example 192.0.2.53`,
    );
  return { address, port: port === undefined ? DNS_PORT : parsePort(port, text) };
}

export function parseResolver(text: string): Resolver {
  const [, label, rest = text] = /^([A-Za-z][\w.-]*)=(.*)$/.exec(text) ?? [];
  const endpoint = splitAddress(rest, '--resolver');
  const shown = endpoint.address.includes(':')
    ? `[${endpoint.address}]:${endpoint.port}`
    : `${endpoint.address}:${endpoint.port}`;
  return { label: label ?? shown, endpoint };
}

/** 'host:port:ip', as curl's --resolve. */
export function parsePin(text: string): [string, string] {
  const match = /^([^:]+):(\d+):(.+)$/.exec(text);
  const [, host = '', port = '', address = ''] = match ?? [];
  const bare = address.replace(/^\[|\]$/g, '');
  if (match === null || !isAddress(bare)) {
    throw new UsageError(
      `--resolve '${text}' is not understood; expected host:port:address, for example sip.example.com:5061:192.0.2.1`,
    );
  }
  return [`${host.toLowerCase()}:${parsePort(port, text)}`, bare];
}

export function parseServer(text: string): { host: string; port?: number } {
  const bracketed = /^\[([^\]]+)\](?::(.+))?$/.exec(text);
  const [, host = text, port] =
    bracketed ?? (isAddress(text) ? [text, text] : (/^([^:]+)(?::(.+))?$/.exec(text) ?? []));
  if (!isAddress(host) && !/^[a-z0-9_]([a-z0-9_.-]*[a-z0-9_.])?$/i.test(host)) {
    throw new UsageError(
      `--server '${text}' is not a server; expected a host name or an address, with or without :port`,
    );
  }
  return {
    host: host.toLowerCase().replace(/\.$/, ''),
    ...(port === undefined ? {} : { port: parsePort(port, text) }),
  };
}

export function parseTransports(text: string): Transport[] {
  return text.split(',').map((one) => {
    const name = one.trim().toLowerCase();
    if (name === 'udp' || name === 'tcp' || name === 'tls') return name;
    throw new UsageError(`--transport '${one}' is not supported; expected udp, tcp or tls, separated by commas`);
  });
}

export function parseProfile(text: string): string {
  const names = ['auto', ...PROFILES.map((profile) => profile.name)];
  if (names.includes(text)) return text;
  throw new UsageError(`--profile '${text}' is not known; expected ${names.join(', ')}`);
}

/** An ISO 8601 time, taken as UTC where it names no zone. */
export function parseTime(text: string): string {
  const time = /^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:?\d\d)?)?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time))
    throw new UsageError(`--at '${text}' is not a time; expected ISO 8601, for example 2026-11-23T10:00:00Z`);
  return new Date(time).toISOString();
}

export function parseChoice<T extends string>(option: string, choices: readonly T[]): (text: string) => T {
  return (text) => {
    const choice = choices.find((one) => one === text);
    if (choice === undefined)
      throw new UsageError(`${option} '${text}' is not known; expected ${choices.join(' or ')}`);
    return choice;
  };
}
