import type { DnsObservation, DnsRecord } from '../model.ts';
import { formatLabel, formatName, parseName } from '../wire/dns-name.ts';
import { askResolver, type Question, type Resolver } from './ask-dns.ts';
import type { ProbeContext } from './context.ts';

export interface NameServer {
  host: string;
  addresses: string[];
}

export interface Zone {
  name: string;
  servers: NameServer[];
}

/** Questions whose zones are looked for. */
const MAX_NAMES = 48;
/** Name servers of one zone; more than 13 do not fit into a plain answer (RFC 1035 section 4.2.1). */
const MAX_SERVERS = 13;
/** Delegations that are followed below the zone that the resolver knows. */
const MAX_DEPTH = 4;
const DNS_PORT = 53;

const noFollowUps = (): Question[] => [];

/** The name and every name above it but the root. */
export function withAncestors(name: string): string[] {
  const labels = parseName(name).map((label) => formatLabel(label));
  return labels.map((_, index) => labels.slice(index).join('.').toLowerCase());
}

const recordsOf = ({ outcome }: DnsObservation): DnsRecord[] => (outcome.ok ? outcome.value.records : []);

/** What the resolver says of the names: which are zones, and which it cannot tell. */
interface Survey {
  zones: Map<string, string[]>;
  unknown: Set<string>;
}

function surveyOf(observations: readonly DnsObservation[]): Survey {
  const owned = (name: string, type: 'SOA' | 'NS'): DnsRecord[] =>
    observations
      .filter(({ about }) => about.name === name && about.type === type)
      .flatMap((one) => recordsOf(one).filter((record) => record.type === type && record.name === name));
  const survey: Survey = { zones: new Map(), unknown: new Set() };
  for (const { about, outcome } of observations) {
    if (about.type !== 'SOA') continue;
    const hosts = owned(about.name, 'NS').flatMap(({ host }) => host ?? []);
    // A CNAME may lead to the SOA of another name: only its owner is a zone.
    if (owned(about.name, 'SOA').length > 0)
      survey.zones.set(about.name, [...new Set(hosts)].sort().slice(0, MAX_SERVERS));
    else if (!outcome.ok) survey.unknown.add(about.name);
  }
  return survey;
}

async function addressesOf(context: ProbeContext, resolver: Resolver, hosts: readonly string[]) {
  const questions = hosts.flatMap((name): Question[] => [
    { name, type: 'A' },
    { name, type: 'AAAA' },
  ]);
  const observations = await askResolver(context, resolver, { questions, followUps: noFollowUps });
  return (host: string): string[] =>
    observations
      .filter(({ about }) => about.name === host)
      .flatMap((one) => recordsOf(one).flatMap((r) => r.address ?? []));
}

/** What a server of the zone says of a name below a delegation: the zone there, with the addresses that came along. */
function referredZone(records: readonly DnsRecord[]): Zone | undefined {
  const [first] = records.filter((record) => record.type === 'NS');
  if (first === undefined) return undefined;
  const hosts = records
    .filter(({ type, name }) => type === 'NS' && name === first.name)
    .flatMap(({ host }) => host ?? []);
  const servers = [...new Set(hosts)]
    .sort()
    .slice(0, MAX_SERVERS)
    .map((host) => ({
      host,
      addresses: records.flatMap(({ name, address }) => (name === host && address !== undefined ? address : [])),
    }));
  return { name: first.name, servers };
}

/** Asks the servers of a zone, without recursion, who serves the name; undefined: they do themselves, or none answers. */
async function askForReferral(context: ProbeContext, zone: Zone, name: string): Promise<Zone | undefined> {
  for (const address of zone.servers.flatMap((server) => server.addresses).slice(0, 2)) {
    const server: Resolver = { label: zone.name, endpoint: { address, port: DNS_PORT } };
    const plan = {
      questions: [{ name, type: 'SOA' } as const],
      followUps: noFollowUps,
      recursion: 'not-desired',
    } as const;
    const [seen] = await askResolver(context, server, plan);
    if (seen?.outcome.ok === true) return referredZone(seen.outcome.value.referral ?? []);
  }
  return undefined;
}

/** Follows delegations from a zone that is known to the one that holds the name: the resolver cannot, when they are lame. */
async function descend(
  context: ProbeContext,
  from: Zone,
  { name, resolver }: { name: string; resolver: Resolver },
): Promise<Zone> {
  let zone = from;
  for (let depth = 0; depth < MAX_DEPTH; depth += 1) {
    const next = await askForReferral(context, zone, name);
    if (next === undefined || next.name.length <= zone.name.length) return zone;
    const missing = next.servers.filter(({ addresses }) => addresses.length === 0).map(({ host }) => host);
    const found = await addressesOf(context, resolver, missing);
    zone = {
      name: next.name,
      servers: next.servers.map(({ host, addresses }) => ({
        host,
        addresses: addresses.length > 0 ? addresses : found(host),
      })),
    };
  }
  return zone;
}

/** The zone of each name, by the name; a name whose zone cannot be found is missing. RFC 1034 section 4.2, RFC 2181 section 6. */
export async function findZones(
  context: ProbeContext,
  resolver: Resolver,
  names: readonly string[],
): Promise<Map<string, Zone>> {
  const wanted = [...new Set(names.map((name) => formatName(parseName(name)).toLowerCase()))].slice(0, MAX_NAMES);
  const candidates = [...new Set(wanted.flatMap(withAncestors))];
  const questions = candidates.flatMap((name): Question[] => [
    { name, type: 'SOA' },
    { name, type: 'NS' },
  ]);
  const survey = surveyOf(await askResolver(context, resolver, { questions, followUps: noFollowUps }));
  const zoneNameOf = (name: string): string | undefined => withAncestors(name).find((one) => survey.zones.has(one));
  const used = new Set(wanted.flatMap((name) => zoneNameOf(name) ?? []));
  const addresses = await addressesOf(
    context,
    resolver,
    [...used].flatMap((name) => survey.zones.get(name) ?? []),
  );
  const zones = new Map<string, Zone>();
  const descents = new Map<string, Promise<Zone>>();
  for (const name of wanted) {
    const zoneName = zoneNameOf(name);
    if (zoneName === undefined) continue;
    const servers = (survey.zones.get(zoneName) ?? []).map((host) => ({ host, addresses: addresses(host) }));
    const zone = { name: zoneName, servers };
    // The name nearest to the zone that the resolver gives no answer for: the delegation that it cannot follow is there.
    const lost = withAncestors(name).findLast((one) => one.length > zoneName.length && survey.unknown.has(one));
    if (lost !== undefined && !descents.has(lost)) descents.set(lost, descend(context, zone, { name: lost, resolver }));
    zones.set(name, (lost === undefined ? undefined : await descents.get(lost)) ?? zone);
  }
  return zones;
}
