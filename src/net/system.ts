import { isIP } from 'node:net';
import type { Endpoint, Wait } from '../world.ts';
import { limited } from './limit.ts';
import { NetError } from './net-error.ts';
import { codeOf } from './system-error.ts';

/** Addresses of one name that are taken from the system. */
const ADDRESSES = 64;

/** See `Net.systemLookup`. The system cannot be told to stop: a lookup that ran out of time goes on unheard. */
export async function lookupBySystem(host: string, wait: Wait): Promise<string[]> {
  const dns = await import('node:dns');
  const what = `system lookup of ${JSON.stringify(host)}`;
  return limited<string[]>(wait, what, (settle) => {
    try {
      dns.lookup(host, { all: true, order: 'verbatim' }, (error, found) => {
        if (error === null) settle.resolve([...new Set(found.map((entry) => entry.address))].slice(0, ADDRESSES));
        else if (codeOf(error) === 'ENOTFOUND') settle.resolve([]);
        else settle.reject(new NetError('other', `${what}: ${codeOf(error)}`, { cause: error }));
      });
    } catch (error) {
      settle.reject(new NetError('other', `${what}: the system does not take this name`, { cause: error }));
    }
    return () => undefined;
  });
}

/** See `Net.systemResolvers`. */
export async function resolversOfSystem(): Promise<Endpoint[]> {
  const dns = await import('node:dns');
  return dns.getServers().flatMap((text) => readResolver(text) ?? []);
}

/** See `Net.ephemeralPorts`: Linux says it in a file; elsewhere nothing is known without starting a program. */
export async function ephemeralPortsOfSystem(): Promise<{ first: number; last: number } | undefined> {
  const { readFile } = await import('node:fs/promises');
  try {
    const text = await readFile('/proc/sys/net/ipv4/ip_local_port_range', 'utf8');
    const [, first, last] = /^(\d{1,5})\s+(\d{1,5})\s*$/.exec(text) ?? [];
    return first === undefined || last === undefined ? undefined : { first: Number(first), last: Number(last) };
  } catch {
    return undefined; // Not Linux, or /proc is not there.
  }
}

/** Reads '192.0.2.1', '192.0.2.1:5353', '2001:db8::1', '[2001:db8::1%eth0]:53'; undefined for anything else. */
export function readResolver(text: string): Endpoint | undefined {
  if (isIP(text) !== 0) return { address: text, port: 53 };
  const match = /^(?:\[(?<six>[^\]]+)\]|(?<four>[\d.]+))(?::(?<port>\d{1,5}))?$/.exec(text);
  const address = match?.groups?.['six'] ?? match?.groups?.['four'] ?? '';
  const port = Number(match?.groups?.['port'] ?? 53);
  return isIP(address) !== 0 && port > 0 && port < 65_536 ? { address, port } : undefined;
}
