import type { Failure, Outcome } from '../model.ts';
import type { AuthorityObservation, DnsObservation, Server } from '../model/dns.ts';
import { askResolver, type Question, type Resolver } from './ask-dns.ts';
import { attempt, offsetMs, sideBySide, sinceMs, type ProbeContext } from './context.ts';
import { findZones, type NameServer, type Zone, type ZoneGuide, type Zones } from './zone-cut.ts';
import { familyOf, isAddress } from './endpoint-text.ts';
import type { Endpoint } from '../world.ts';

export interface AuthorityPlan extends ZoneGuide {
  /** What clients look for, and what has to be the same on every server of its zone. */
  questions: readonly Question[];
  families: readonly (4 | 6)[];
}

const DNS_PORT = 53;
/** Servers that are asked at a time, and in all. */
const SIDE_BY_SIDE = 16;
const MAX_SERVERS = 64;
/** What a run may reasonably ask of one server. */
const MAX_QUESTIONS = 48;

/** The record sets that decide where clients go: every service name that was asked for, and the addresses of the servers. */
export function authorityQuestions(dns: readonly DnsObservation[], servers: readonly Server[]): Question[] {
  const services = dns.flatMap(({ about }): Question[] =>
    about.type === 'SRV' || about.type === 'NAPTR' ? [{ name: about.name, type: about.type }] : [],
  );
  const hosts = servers.map(({ host }) => host).filter((host) => !isAddress(host));
  const addresses = hosts.flatMap((name): Question[] => [
    { name, type: 'A' },
    { name, type: 'AAAA' },
  ]);
  const distinct = new Map([...services, ...addresses].map((one) => [`${one.type} ${one.name}`, one]));
  return [...distinct.values()].slice(0, MAX_QUESTIONS);
}

interface Ask {
  zone: string;
  host: string;
  /** A failure: it has no address, or none was found out. */
  place: Endpoint | Failure;
  questions: readonly Question[];
}

const NO_ADDRESS: Failure = { ok: false, reason: 'other', detail: 'it has no address', ms: 0 };

const NETWORK: ReadonlySet<string> = new Set([
  'timeout',
  'refused',
  'unreachable',
  'no-network',
  'cancelled',
  'address',
]);

async function askServer(context: ProbeContext, { zone, host, place, questions }: Ask): Promise<AuthorityObservation> {
  const at = offsetMs(context);
  const from = context.world.now();
  const { address, port } = 'address' in place ? place : { address: '', port: DNS_PORT };
  const about = { zone, host, address, ...(port === DNS_PORT ? {} : { port }) };
  const base = { kind: 'authority', subject: `${zone} at ${host}`, at, about } as const;
  if (!('address' in place)) return { ...base, outcome: place };
  const plan = { questions: [{ name: zone, type: 'SOA' } as const, ...questions], recursion: 'not-desired' } as const;
  const server: Resolver = { label: host, endpoint: place };
  const seen = await askResolver(context, server, { ...plan, followUps: () => [] });
  const answers = seen.map(({ about, outcome }) => ({ name: about.name, type: about.type, outcome }));
  const silence = answers.flatMap(({ outcome }): Failure[] =>
    !outcome.ok && NETWORK.has(outcome.reason) ? [outcome] : [],
  );
  const ms = sinceMs(context, from);
  const [first] = silence;
  // A server that answers anything is there; what it keeps to itself stands in its answers.
  const outcome: Outcome<{ answers: typeof answers }> =
    first !== undefined && silence.length === answers.length ? { ...first, ms } : { ok: true, value: { answers }, ms };
  return { ...base, outcome };
}

function asksOf(zone: Zone, questions: readonly Question[], families: readonly (4 | 6)[]): Ask[] {
  return zone.servers.flatMap(({ host, places, unknown }: NameServer): Ask[] => {
    const base = { zone: zone.name, host, questions };
    if (places.length === 0) return [{ ...base, place: unknown ?? NO_ADDRESS }];
    return places.filter(({ address }) => families.includes(familyOf(address))).map((place) => ({ ...base, place }));
  });
}

const failing = (reason: Failure['reason'], detail: string): Failure => ({ ok: false, reason, detail, ms: 0 });

/** Why none of its name servers is asked. */
const unaskable = ({ servers }: Zone): Failure =>
  servers.length === 0
    ? failing('other', 'the DNS server knows the zone, and names no name server of it')
    : failing('no-network', 'none of them has an address of the family that is to be used');

/** The name that a service belongs to: '_sip._tls.example.org' is no name that anybody knows. */
const ownerOf = (name: string): string => name.replace(/^(?:_[^.]*\.)+/, '');

function untold(failure: Failure | undefined): Failure {
  const what = 'the DNS server tells no zone that holds it';
  return failure === undefined ? failing('other', what) : { ...failure, detail: `${what} (${plainReason(failure)})` };
}

const CODES: Partial<Record<Failure['reason'], string>> = { servfail: 'SERVFAIL', 'refused-query': 'REFUSED' };
const plainReason = ({ reason, detail }: Failure): string => CODES[reason] ?? detail;

/** What is to be asked, and the zones of which no name server can be. */
interface Asking {
  asks: Ask[];
  lost: Map<string, Failure>;
}

function planAsks({ questions, families }: AuthorityPlan, { known, unknown }: Zones): Asking {
  const byZone = new Map<string, { zone: Zone; questions: Question[] }>();
  const lost = new Map([...unknown].map(([name, failure]) => [ownerOf(name), untold(failure)]));
  for (const question of questions) {
    const zone = known.get(question.name.toLowerCase());
    if (zone === undefined) continue;
    const entry = byZone.get(zone.name) ?? { zone, questions: [] };
    entry.questions.push(question);
    byZone.set(zone.name, entry);
  }
  const asks = [...byZone.values()].flatMap((entry) => {
    const mine = asksOf(entry.zone, entry.questions, families);
    if (mine.length === 0) lost.set(entry.zone.name, unaskable(entry.zone));
    return mine;
  });
  return { asks: asks.slice(0, MAX_SERVERS), lost };
}

/**
 * Finds the zones that hold the record sets (the cut may lie above the domain, and targets in other zones), and asks each of
 * their name servers itself, without recursion.
 */
export async function probeAuthority(context: ProbeContext, plan: AuthorityPlan): Promise<AuthorityObservation[]> {
  const at = offsetMs(context);
  const names = plan.questions.map(({ name }) => name);
  const found = await attempt(context, () => findZones(context, plan, names));
  const subject = ownerOf(names[0] ?? '');
  const { asks, lost } = found.ok ? planAsks(plan, found.value) : { asks: [], lost: new Map([[subject, found]]) };
  const asked = await sideBySide(asks, SIDE_BY_SIDE, (ask) => askServer(context, ask));
  const unasked = [...lost].map(([zone, outcome]): AuthorityObservation => {
    const about = { zone, host: '', address: '' };
    return { kind: 'authority', subject: zone, at, about, outcome };
  });
  return [...asked, ...unasked];
}
