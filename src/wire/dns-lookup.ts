/** What several answers of one resolver say together of a name: aliases that end in another answer are followed. */
import type { Reason } from '../model.ts';
import type { DnsObservation, DnsRecord, RecordType } from '../model/dns.ts';
import { followAliases, MAX_ALIASES } from './dns-answer.ts';

/**
 * - 'found': `records` are of the type asked for and owned by `name`.
 * - 'nodata', 'nxdomain': `name`, the end of the aliases, has no such record, or does not exist.
 * - 'loop', 'too-long': the aliases lead nowhere (RFC 1034 section 3.6.2).
 * - 'failed': the resolver gave no answer for `name`.
 * - 'not-asked': nobody asked for `name`.
 */
export type Lookup = {
  /** The last name of the path. */
  name: string;
  /** The CNAME records on the way, in order. */
  chain: DnsRecord[];
} & (
  | { state: 'found'; records: DnsRecord[] }
  | { state: 'nodata' | 'nxdomain' | 'loop' | 'too-long' | 'not-asked' }
  | { state: 'failed'; reason: Reason; detail: string }
);

type Index = ReadonlyMap<string, DnsObservation['outcome']>;

const keyOf = (name: string, type: RecordType): string => `${type} ${name.toLowerCase()}`;

/**
 * The aliases from a name on, where they were asked for themselves because the server gave no answer about their end; undefined
 * when they do come to an end.
 */
function endlessAliases(index: Index, name: string): { state: 'loop' | 'too-long'; chain: DnsRecord[] } | undefined {
  const chain: DnsRecord[] = [];
  const seen = new Set<string>();
  let current = name;
  for (;;) {
    seen.add(current);
    const outcome = index.get(keyOf(current, 'CNAME'));
    const records = outcome?.ok === true ? outcome.value.records : [];
    const alias = records.find((record) => record.type === 'CNAME' && record.name === current);
    if (alias?.host === undefined) return undefined;
    chain.push(alias);
    current = alias.host.toLowerCase();
    if (seen.has(current)) return { state: 'loop', chain };
    if (chain.length >= MAX_ALIASES) return { state: 'too-long', chain };
  }
}

function lookUp(index: Index, name: string, type: RecordType): Lookup {
  const chain: DnsRecord[] = [];
  const seen = new Set<string>();
  let current = name.toLowerCase();
  for (;;) {
    const outcome = index.get(keyOf(current, type));
    if (outcome === undefined) return { state: 'not-asked', name: current, chain };
    if (!outcome.ok) {
      const endless = endlessAliases(index, current);
      if (endless !== undefined) return { state: endless.state, name: current, chain: [...chain, ...endless.chain] };
      return { state: 'failed', name: current, chain, reason: outcome.reason, detail: outcome.detail };
    }
    const path = followAliases(outcome.value.records, current, type);
    chain.push(...path.chain);
    seen.add(current);
    current = path.name;
    if (chain.length > MAX_ALIASES) return { state: 'too-long', name: current, chain };
    if (path.kind === 'found') return { state: 'found', name: current, chain, records: path.records };
    if (path.kind === 'loop' || path.kind === 'too-long') return { state: path.kind, name: current, chain };
    const { status } = outcome.value;
    if (status !== 'answer' || path.kind === 'none') {
      return { state: status === 'nxdomain' ? 'nxdomain' : 'nodata', name: current, chain };
    }
    if (seen.has(current)) return { state: 'loop', name: current, chain };
  }
}

/** What is known of the addresses of a host, of both families together. */
export interface HostLookup {
  /** 'addressed': at least one address of either family. */
  state: 'addressed' | Exclude<Lookup['state'], 'found'>;
  /** IPv6 and IPv4 in turn, IPv6 first. RFC 8305 section 4. */
  addresses: string[];
  chain: DnsRecord[];
  /** With 'failed': why. */
  detail: string;
}

/** The two families in turn, IPv6 first. RFC 8305 section 4. */
export function interleave(ipv6: readonly string[], ipv4: readonly string[]): string[] {
  const longest = Math.max(ipv6.length, ipv4.length);
  return Array.from({ length: longest }, (_, at) => [ipv6[at], ipv4[at]])
    .flat()
    .filter((address) => address !== undefined);
}

const addressesIn = (lookup: Lookup): string[] =>
  lookup.state === 'found' ? lookup.records.flatMap(({ address }) => address ?? []) : [];

/** Where one family fails and the other has nothing, the failure is what is told: it may hide an address. */
const WORST_FIRST = ['failed', 'loop', 'too-long', 'not-asked', 'nxdomain', 'nodata'] as const;

function joinFamilies(ipv6: Lookup, ipv4: Lookup): HostLookup {
  const addresses = interleave(addressesIn(ipv6), addressesIn(ipv4));
  const chain = ipv4.chain.length >= ipv6.chain.length ? ipv4.chain : ipv6.chain;
  if (addresses.length > 0) return { state: 'addressed', addresses, chain, detail: '' };
  const state = WORST_FIRST.find((one) => one === ipv4.state || one === ipv6.state) ?? 'nodata';
  const failed = [ipv4, ipv6].find((one) => one.state === 'failed');
  return { state, addresses, chain, detail: failed?.state === 'failed' ? failed.detail : '' };
}

/** The answers of one resolver, ready to be looked into. Both functions throw WireError for a name that no resolver gives. */
export interface Answers {
  /** What they say of one name and type. */
  lookUp(name: string, type: RecordType): Lookup;
  /** What they say of the addresses of a host. RFC 7984 section 3: both families count. */
  host(name: string): HostLookup;
}

/**
 * Makes the answers of one resolver ready; the first answer to a question counts. Each name is worked out once, because a
 * hostile zone can make many names lead to the same long answers.
 */
export function readAnswers(dns: readonly DnsObservation[]): Answers {
  const index = new Map<string, DnsObservation['outcome']>();
  for (const { about, outcome } of dns) {
    const key = keyOf(about.name, about.type);
    if (!index.has(key)) index.set(key, outcome);
  }
  const lookups = new Map<string, Lookup>();
  const hosts = new Map<string, HostLookup>();
  const once = <T>(known: Map<string, T>, key: string, make: () => T): T => {
    const made = known.get(key) ?? make();
    known.set(key, made);
    return made;
  };
  const find = (name: string, type: RecordType): Lookup =>
    once(lookups, keyOf(name, type), () => lookUp(index, name, type));
  return {
    lookUp: find,
    host: (name) => once(hosts, name.toLowerCase(), () => joinFamilies(find(name, 'AAAA'), find(name, 'A'))),
  };
}
