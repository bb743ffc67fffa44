import type { Discovery, DiscoveryObservation, DnsObservation, DnsRecord, Server } from '../model/dns.ts';
import { PROFILES, type Profile } from '../profiles.ts';
import { readAnswers, type Answers } from '../wire/dns-lookup.ts';

export interface DecidingAnswers extends Answers {
  seen: readonly DnsObservation[];
  /** Every SRV record, by the name that was asked for. */
  srv: readonly NamedSrv[];
}

/** The answers of the resolver that decides: the first that was asked. The others are there to be compared with it. */
export function decidingAnswers(dns: readonly DnsObservation[]): DecidingAnswers {
  const first = dns[0]?.about;
  const seen = dns.filter(
    ({ about }) => about.resolver === first?.resolver && about.resolverLabel === first.resolverLabel,
  );
  const answers = readAnswers(seen);
  return { ...answers, seen, srv: srvRecordsIn(seen, answers) };
}

/** What was worked out for the profile that decides, and for which domain. */
export interface Decision {
  domain: string;
  discovery: Discovery;
  profile: Profile | undefined;
  /** Servers of the profile that have an address. */
  alive: Server[];
}

export function decisionOf(observations: readonly DiscoveryObservation[]): Decision | undefined {
  for (const { about, outcome } of observations) {
    if (!outcome.ok) continue;
    const discovery = outcome.value;
    const profile = PROFILES.find(({ name }) => name === discovery.profile);
    const alive = discovery.servers.filter(({ addresses }) => addresses.length > 0);
    return { domain: about.domain, discovery, profile, alive };
  }
  return undefined;
}

/** 'clients of the profile lync (Lync 2010 and 2013, Skype for Business client)'. */
export function clientsText(name: string): string {
  const profile = PROFILES.find((one) => one.name === name);
  const called =
    profile === undefined ? [] : [profile.title, ...(profile.detail === undefined ? [] : [profile.detail])];
  return `clients of the profile ${name}${called.length === 0 ? '' : ` (${called.join(', ')})`}`;
}

/** Nobody finds a server, and the domain says itself that it offers none. */
export const offersNothing = ({ discovery }: Decision): boolean => {
  const { profiles = [], steps } = discovery;
  const all = [...steps, ...profiles.flatMap((one) => one.steps)];
  return all.some(({ fate }) => fate === 'refused') && profiles.every(({ servers }) => servers.length === 0);
};

export interface NamedSrv {
  /** The name that was asked for. */
  name: string;
  record: DnsRecord;
  srv: NonNullable<DnsRecord['srv']>;
}

/** Records of one name that are judged: as many as are looked up. */
const MAX_RECORDS = 64;

function srvRecordsIn(seen: readonly DnsObservation[], answers: Answers): NamedSrv[] {
  const names = new Set(seen.flatMap(({ about }) => (about.type === 'SRV' ? about.name.toLowerCase() : [])));
  return [...names].flatMap((name) => {
    const lookup = answers.lookUp(name, 'SRV');
    const records = lookup.state === 'found' ? lookup.records : [];
    return records
      .flatMap((record) => (record.srv === undefined ? [] : { name, record, srv: record.srv }))
      .toSorted((a, b) => a.srv.priority - b.srv.priority)
      .slice(0, MAX_RECORDS);
  });
}

/** How much hangs on a set of SRV names that share a fault. */
export interface Weight {
  names: string[];
  /** Names among them that the deciding client uses; without a profile, all. */
  needed: string[];
  /** Needed names that have another target with an address. */
  alsoServed: string[];
}

/** Weighs a fault of one target by the names that point to it. */
export function weighTarget(target: string, answers: DecidingAnswers, decision: Decision | undefined): Weight {
  const names = [...new Set(answers.srv.filter(({ srv }) => srv.target === target).map(({ name }) => name))];
  const sets = new Set(decision?.discovery.servers.map(({ set }) => set));
  const needed = decision === undefined ? names : names.filter((name) => sets.has(name));
  const others = answers.srv.filter(({ srv }) => srv.target !== target && srv.target !== '.');
  const served = new Set(
    others.filter(({ srv }) => answers.host(srv.target).state === 'addressed').map(({ name }) => name),
  );
  return { names, needed, alsoServed: needed.filter((name) => served.has(name)) };
}

/** An outage of a name that the deciding client uses, or a fault that others will meet. */
export const severityOfWeight = ({ needed, alsoServed }: Weight): 'error' | 'warning' =>
  needed.length > alsoServed.length ? 'error' : 'warning';

/** 'a', 'a and b', 'a, b and c'. */
export const namesText = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;

/** The verb after namesText, from its singular and plural. */
export const verbFor = (names: readonly string[], verb: 'points' | 'has'): string =>
  names.length === 1 ? verb : { points: 'point', has: 'have' }[verb];

/** Says why a fault is no outage for the deciding client. */
export function weightText({ needed, alsoServed }: Weight): string {
  if (needed.length === 0) return ' The client that was judged here does not use it; others do.';
  return alsoServed.length === needed.length ? ' Other targets of the same name can still be used.' : '';
}
