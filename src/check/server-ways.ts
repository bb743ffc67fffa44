import type { Attempt } from '../model.ts';
import { listed } from './short-list.ts';
import { namedEndpoint, serverText } from './standing.ts';

/** Columns that the ways to one server may take in a sentence. */
const WAYS = 90;

/** 'a, b and c'. */
export function inWords(texts: readonly string[]): string {
  const all = [...new Set(texts)];
  const last = all.pop() ?? '';
  return all.length === 0 ? last : `${all.join(', ')} and ${last}`;
}

/** 'TLS, TCP and UDP': the ways of a sentence, each once. */
export const overText = (transports: readonly string[]): string => inWords(transports.map((one) => one.toUpperCase()));

/** 'sip.example.com (192.0.2.1, tls 5061, tcp 5060)': one server is named once, whatever the ways to it. */
export function serverWays(ways: readonly Attempt[]): string {
  const [first] = ways;
  if (first === undefined) return '';
  if (new Set(ways.map(({ address, port }) => `${address} ${port}`)).size === 1) return namedEndpoint(first);
  if (ways.some(({ address }) => address !== first.address))
    return `${first.host} (${listed(ways.map(serverText), WAYS)})`;
  const ports = ways.map(({ transport, port }) => `${transport} ${port}`);
  return `${first.host} (${listed(first.host === first.address ? ports : [first.address, ...ports], WAYS)})`;
}

/** The servers of a sentence, each host once. */
export function serversText(ways: readonly Attempt[]): string[] {
  const hosts = new Set(ways.map(({ host }) => host));
  return [...hosts].map((host) => serverWays(ways.filter((one) => one.host === host)));
}

/** Their names alone, for the sentence that says what to do. */
export const namesText = (servers: readonly string[]): string =>
  inWords(servers.map((one) => one.replace(/ \(.*\)$/, '')));

/** Columns that servers may take in the sentence of a verdict: two lines. */
export const PLACES = 180;

export interface Way {
  host: string;
  port: number;
  transport: string;
}

/** 'sip.example.com:5061 (tls)', 'sip.example.com (tls 5061, tcp 5060)': each host once. */
export function placesText(ways: readonly Way[]): string {
  const hosts = [...new Set(ways.map(({ host }) => host))];
  const places = hosts.map((host) => {
    const mine = [
      ...new Set(ways.filter((one) => one.host === host).map(({ transport, port }) => `${transport} ${port}`)),
    ];
    const [transport, port] = mine[0]?.split(' ') ?? [];
    return mine.length === 1 ? `${host}:${port} (${transport})` : `${host} (${listed(mine)})`;
  });
  return listed(places, PLACES);
}
