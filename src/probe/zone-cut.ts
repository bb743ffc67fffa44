import type { Failure } from '../model.ts';
import type { DnsObservation, DnsRecord } from '../model/dns.ts';
import { formatLabel, formatName, isUnder, parseName } from '../wire/dns-name.ts';
import { askResolver, type Question, type Resolver } from './ask-dns.ts';
import { sideBySide, type ProbeContext } from './context.ts';
import type { Pins } from './pins.ts';
import type { Endpoint } from '../world.ts';

export interface NameServer {
  host: string;
  /** Where it answers; empty: it has no address, or none was found out. */
  places: Endpoint[];
  /** Why none was found out. */
  unknown?: Failure;
}

export interface Zone {
  name: string;
  servers: NameServer[];
}

/** Questions whose zones are looked for. */
const MAX_NAMES = 48;
/** Name servers of one zone; more than 13 do not fit into a plain answer (RFC 1035 section 4.2.1). */
const MAX_SERVERS = 13;
/** Name servers of all zones whose addresses are looked up. */
const MAX_HOSTS = 128;
/** Addresses of one name server, of each family. */
const MAX_ADDRESSES = 4;
/** Delegations that are followed below the zone that the resolver knows, and how many ways at a time. */
const MAX_DEPTH = 4;
const SIDE_BY_SIDE = 16;
const DNS_PORT = 53;

/** Who knows the way to the zones, and what the user knows better. */
export interface ZoneGuide {
  resolver: Resolver;
  pinned: Pins;
}

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
  unknown: Map<string, Failure>;
}

/** The zone of each name, by the name; and the names whose zone cannot be found, with why the resolver does not tell it. */
export interface Zones {
  known: Map<string, Zone>;
  unknown: Map<string, Failure | undefined>;
}

function surveyOf(observations: readonly DnsObservation[]): Survey {
  const owned = (name: string, type: 'SOA' | 'NS'): DnsRecord[] =>
    observations
      .filter(({ about }) => about.name === name && about.type === type)
      .flatMap((one) => recordsOf(one).filter((record) => record.type === type && record.name === name));
  const survey: Survey = { zones: new Map(), unknown: new Map() };
  for (const { about, outcome } of observations) {
    if (about.type !== 'SOA') continue;
    const hosts = owned(about.name, 'NS').flatMap(({ host }) => host ?? []);
    // A CNAME may lead to the SOA of another name: only its owner is a zone.
    if (owned(about.name, 'SOA').length > 0)
      survey.zones.set(about.name, [...new Set(hosts)].sort().slice(0, MAX_SERVERS));
    else if (!outcome.ok) survey.unknown.set(about.name, outcome);
  }
  return survey;
}

const firstFailure = ({ unknown }: Survey, name: string): Failure | undefined =>
  withAncestors(name).flatMap((one) => unknown.get(one) ?? [])[0];

/** Where a name server answers: at its addresses, or where the user says; without an address in DNS nowhere, whatever he says. */
function placesOf(pinned: Pins, host: string, addresses: readonly string[]): Endpoint[] {
  const pin = pinned.get(`${host.toLowerCase()}:${DNS_PORT}`);
  if (pin !== undefined && addresses.length > 0) return [pin];
  const isSix = (address: string): boolean => address.includes(':');
  const four = addresses.filter((address) => !isSix(address)).slice(0, MAX_ADDRESSES);
  const six = addresses.filter(isSix).slice(0, MAX_ADDRESSES);
  return [...four, ...six].map((address) => ({ address, port: DNS_PORT }));
}

/** Asks for the addresses of name servers; a host that is missing in the result was one too many. */
async function findPlaces(
  context: ProbeContext,
  { resolver, pinned }: ZoneGuide,
  hosts: readonly string[],
): Promise<Map<string, NameServer>> {
  const asked = [...new Set(hosts)].slice(0, MAX_HOSTS);
  const questions = asked.flatMap((name): Question[] => [
    { name, type: 'A' },
    { name, type: 'AAAA' },
  ]);
  const observations = await askResolver(context, resolver, { questions, followUps: noFollowUps });
  const serverOf = (host: string): NameServer => {
    const about = observations.filter((one) => one.about.name === host);
    const places = placesOf(
      pinned,
      host,
      about.flatMap((one) => recordsOf(one).flatMap((r) => r.address ?? [])),
    );
    const unknown = about.map(({ outcome }) => outcome).find((outcome) => !outcome.ok);
    return { host, places, ...(places.length > 0 || unknown === undefined ? {} : { unknown }) };
  };
  return new Map(asked.map((host) => [host, serverOf(host)]));
}

/** What a server of the zone says of a name below a delegation: the zone there, with the addresses that came along. */
function referredZone(records: readonly DnsRecord[], pinned: Pins): Zone | undefined {
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
      places: placesOf(
        pinned,
        host,
        records.flatMap(({ name, address }) => (name === host && address !== undefined ? address : [])),
      ),
    }));
  return { name: first.name, servers };
}

/** Asks the servers of a zone, without recursion, who serves the name; undefined: they do themselves, or none answers. */
async function askForReferral(
  context: ProbeContext,
  zone: Zone,
  { name, pinned }: { name: string; pinned: Pins },
): Promise<Zone | undefined> {
  for (const endpoint of zone.servers.flatMap((server) => server.places).slice(0, 2)) {
    const server: Resolver = { label: zone.name, endpoint };
    const plan = {
      questions: [{ name, type: 'SOA' } as const],
      followUps: noFollowUps,
      recursion: 'not-desired',
    } as const;
    const [seen] = await askResolver(context, server, plan);
    if (seen?.outcome.ok === true) return referredZone(seen.outcome.value.referral ?? [], pinned);
  }
  return undefined;
}

/** A referral leads down, towards the name: one that leads up or aside is no way to it (RFC 1034 section 5.3.3 step 4b). */
const leadsOn = (next: Zone, from: Zone, name: string): boolean =>
  next.name.toLowerCase() !== from.name && isUnder(next.name, from.name) && isUnder(name, next.name);

/** Follows delegations from a zone that is known to the one that holds the name: the resolver cannot, when they are lame. */
async function descend(
  context: ProbeContext,
  from: Zone,
  { name, guide }: { name: string; guide: ZoneGuide },
): Promise<Zone> {
  let zone = from;
  for (let depth = 0; depth < MAX_DEPTH; depth += 1) {
    const next = await askForReferral(context, zone, { name, pinned: guide.pinned });
    if (next === undefined || !leadsOn(next, zone, name)) return zone;
    const missing = next.servers.filter(({ places }) => places.length === 0).map(({ host }) => host);
    const found = await findPlaces(context, guide, missing);
    zone = {
      name: next.name.toLowerCase(),
      servers: next.servers.map((server) => (server.places.length > 0 ? server : (found.get(server.host) ?? server))),
    };
  }
  return zone;
}

/** Looks for the zone of each name, and its name servers. RFC 1034 section 4.2, RFC 2181 section 6. */
export async function findZones(context: ProbeContext, guide: ZoneGuide, names: readonly string[]): Promise<Zones> {
  const wanted = [...new Set(names.map((name) => formatName(parseName(name)).toLowerCase()))].slice(0, MAX_NAMES);
  const candidates = [...new Set(wanted.flatMap(withAncestors))];
  const questions = candidates.flatMap((name): Question[] => [
    { name, type: 'SOA' },
    { name, type: 'NS' },
  ]);
  const survey = surveyOf(await askResolver(context, guide.resolver, { questions, followUps: noFollowUps }));
  const zoneNameOf = (name: string): string | undefined => withAncestors(name).find((one) => survey.zones.has(one));
  const hostsOf = (zone: string): string[] => survey.zones.get(zone) ?? [];
  const used = new Set(wanted.flatMap((name) => zoneNameOf(name) ?? []));
  const found = await findPlaces(context, guide, [...used].flatMap(hostsOf));
  const known = new Map<string, { zone: Zone; last: string | undefined }>();
  const unknown: Zones['unknown'] = new Map();
  const lost = new Map<string, Zone>();
  for (const name of wanted) {
    const zoneName = zoneNameOf(name);
    if (zoneName === undefined) {
      unknown.set(name, firstFailure(survey, name));
      continue;
    }
    const zone = { name: zoneName, servers: hostsOf(zoneName).flatMap((host) => found.get(host) ?? []) };
    // The name nearest to the zone that the resolver gives no answer for: the delegation that it cannot follow is there.
    const last = withAncestors(name).findLast((one) => one.length > zoneName.length && survey.unknown.has(one));
    known.set(name, { zone, last });
    if (last !== undefined) lost.set(last, zone);
  }
  const ends = new Map(
    await sideBySide(
      [...lost],
      SIDE_BY_SIDE,
      async ([name, zone]) => [name, await descend(context, zone, { name, guide })] as const,
    ),
  );
  return {
    known: new Map([...known].map(([name, { zone, last }]) => [name, ends.get(last ?? '') ?? zone])),
    unknown,
  };
}
