import type { Reason, Severity } from '../model.ts';
import type { AuthorityObservation, DnsAnswer, DnsObservation, RecordType } from '../model/dns.ts';
import { plainly } from './plain-failure.ts';
import { defineCheck } from './define-check.ts';

interface ServerEvidence {
  zone: string;
  server: string;
  detail: string;
  /** Name servers of the zone that do better. */
  others: string[];
}

interface Disagreement {
  zone: string;
  serials: { server: string; serial: number }[];
  /** Record sets that are not the same everywhere. */
  sets: { question: string; answers: { server: string; answer: string }[] }[];
}

const SHOWN = 2;
/** Name servers in one sentence. */
const NAMED = 4;

function serverText({ about: { host, address, port } }: AuthorityObservation): string {
  if (address === '') return host;
  return `${host} (${port === undefined ? address : `${address} port ${port}`})`;
}

/** '192.0.2.1', or '127.0.0.1 -p 5353': whom dig asks. */
const digServer = (server: string): string => server.replace(/^.*\(|\)$/g, '').replace(' port ', ' -p ');

type Answers = Extract<AuthorityObservation['outcome'], { ok: true }>['value']['answers'];

const answersOf = ({ outcome }: AuthorityObservation): Answers => (outcome.ok ? outcome.value.answers : []);

function soaOf(one: AuthorityObservation): Answers[number] | undefined {
  return answersOf(one).find(({ type, name }) => type === 'SOA' && name === one.about.zone);
}

/** Something came, and it is no answer. */
const UNUSABLE: ReadonlySet<string> = new Set(['malformed', 'truncated']);

/** Why a server does not serve the zone that it is named for; undefined: it does. */
function lameness(one: AuthorityObservation): string | undefined {
  const soa = soaOf(one)?.outcome;
  if (soa === undefined) return undefined;
  if (!soa.ok) {
    if (soa.reason === 'refused-query') return 'it answers REFUSED';
    if (soa.reason === 'servfail') return 'it answers SERVFAIL (the zone is not loaded there, or has expired)';
    if (soa.reason === 'rcode') return `it answers ${soa.detail}`;
    return UNUSABLE.has(soa.reason) ? `its answer cannot be used: ${soa.detail}` : undefined;
  }
  if (soa.value.referral !== undefined) return 'it names others instead, as a server of another zone does';
  if (soa.value.authoritative !== true) return 'its answer is not authoritative';
  const { zone } = one.about;
  const own = soa.value.records.filter(({ name }) => name.toLowerCase() === zone);
  if (own.some(({ type }) => type === 'SOA')) return undefined;
  const alias = own.find(({ type }) => type === 'CNAME')?.host;
  return alias === undefined ? 'it holds no SOA record of the zone' : `there ${zone} is an alias of ${alias}`;
}

const serves = (one: AuthorityObservation): boolean => one.outcome.ok && lameness(one) === undefined;

/** One text for one record set, whatever the order and the TTLs. */
function setText({ status, records }: DnsAnswer, type: RecordType): string {
  if (status !== 'answer') return status === 'nxdomain' ? 'NXDOMAIN' : 'no such record';
  const mine = records.filter((record) => record.type === type || record.type === 'CNAME');
  return mine
    .map(({ text }) => text.toLowerCase())
    .sort()
    .join('; ');
}

function differingSets(servers: readonly AuthorityObservation[]): Disagreement['sets'] {
  const byQuestion = new Map<string, { server: string; answer: string }[]>();
  for (const one of servers) {
    for (const { name, type, outcome } of answersOf(one)) {
      // A referral says nothing of the record set: the name lies below another cut.
      if (type === 'SOA' || !outcome.ok || outcome.value.authoritative !== true) continue;
      const question = `${name} ${type}`;
      const entry = { server: serverText(one), answer: setText(outcome.value, type) };
      byQuestion.set(question, [...(byQuestion.get(question) ?? []), entry]);
    }
  }
  return [...byQuestion]
    .filter(([, answers]) => new Set(answers.map(({ answer }) => answer)).size > 1)
    .map(([question, answers]) => ({ question, answers }));
}

function disagreementOf(zone: string, servers: readonly AuthorityObservation[]): Disagreement | undefined {
  const serials = servers.flatMap((one) => {
    const soa = soaOf(one)?.outcome;
    const serial = soa?.ok === true ? soa.value.records.find(({ soa }) => soa)?.soa?.serial : undefined;
    return serial === undefined ? [] : [{ server: serverText(one), serial }];
  });
  const sets = differingSets(servers);
  const differ = sets.length > 0 || new Set(serials.map(({ serial }) => serial)).size > 1;
  return differ ? { zone, serials, sets } : undefined;
}

/** A zone whose every server is lame cannot be resolved once the caches are empty. */
const lameSeverity = ({ others, resolution }: ServerEvidence & { resolution: 'fails' | 'works' }): Severity =>
  others.length === 0 && resolution === 'fails' ? 'error' : 'warning';

/** When no server can be asked from here, that is most likely a firewall of ours, which resolvers need not share. */
const silentSeverity = ({ others }: ServerEvidence): Severity => (others.length === 0 ? 'info' : 'warning');

const moreText = ({ length }: readonly string[]): string => (length > NAMED ? ` and ${length - NAMED} more` : '');

const othersText = ({ others }: ServerEvidence, what: string): string =>
  others.length === 0 ? '' : ` ${others.slice(0, NAMED).join(', ')}${moreText(others)} ${what}.`;

const isUnder = (name: string, zone: string): boolean => name === zone || name.endsWith(`.${zone}`);

/** Without an address, 'other' says that there is none, and any other reason why none was found out. */
function faultOf(address: string, reason: Reason): 'silent' | 'no-address' | 'unresolved' {
  if (address !== '') return 'silent';
  return reason === 'other' ? 'no-address' : 'unresolved';
}

const resolutionOf = (zone: string, dns: readonly DnsObservation[]): 'fails' | 'works' => {
  const mine = dns.filter(({ about }) => isUnder(about.name.toLowerCase(), zone));
  return mine.length > 0 && mine.every(({ outcome }) => !outcome.ok) ? 'fails' : 'works';
};

function zonesOf(all: readonly AuthorityObservation[]): Map<string, AuthorityObservation[]> {
  const zones = new Map<string, AuthorityObservation[]>();
  for (const one of all) {
    // Without a server the zone was not found; without a network here, nothing is known of the server.
    if (one.about.host === '' || (!one.outcome.ok && ['no-network', 'cancelled'].includes(one.outcome.reason)))
      continue;
    zones.set(one.about.zone, [...(zones.get(one.about.zone) ?? []), one]);
  }
  return zones;
}

export const authority = defineCheck({
  id: 'authority',
  rung: 'dns',
  question: 'Do the name servers of the zones serve them, and alike?',
  source: 'RFC 1034 section 4.2.2, RFC 1912 section 2.8',
  reads: ['authority'],
  uses: ['dns'],
  cases: {
    lame: {
      means: 'A server that the zone names as its name server does not serve the zone.',
      causes: [
        'the zone was removed from that server, or never set up',
        'its copy of the zone has expired',
        'old NS records at the registrar',
      ],
      fix: 'Configure the zone on that server, or take the server out of the NS records of the zone and of its parent.',
      severity: lameSeverity,
      weighs: 'warning; error when no name server serves the zone and the resolver fails for it too',
      text: (e: ServerEvidence & { resolution: 'fails' | 'works' }) =>
        `${e.server} is named as a name server of ${e.zone}, but does not serve it: ${e.detail}.${othersText(e, 'does')}`,
      remedy: (e) =>
        `Configure the zone ${e.zone} on ${e.server}, or take it out of the NS records of the zone and of its parent; check with: dig @${digServer(e.server)} ${e.zone} SOA +norecurse`,
    },
    silent: {
      means: 'A name server of the zone does not answer when asked directly.',
      causes: ['the server is down', 'a firewall drops port 53 to it', 'this network lets only its own resolver out'],
      fix: 'Start the DNS service of that server, or open UDP and TCP port 53 to it; if no name server can be asked from here, run this from another place.',
      severity: silentSeverity,
      weighs: 'warning; info when no name server of the zone can be asked from here',
      text: (e: ServerEvidence) =>
        `${e.server}, a name server of ${e.zone}, gives no answer: ${plainly(e.detail)}.${othersText(e, 'answers')}`,
      remedy: (e) =>
        e.others.length === 0
          ? `Ask the name servers of ${e.zone} from another place if names resolve all the same: this network then lets only its own resolver out to port 53.`
          : `Start the DNS service of ${e.server}, or open UDP and TCP port 53 to it: resolvers that try it first lose time at every lookup.`,
    },
    'no-address': {
      means: 'A name server of the zone has a name without any address.',
      causes: ['the address record was removed', 'a spelling mistake in the NS record'],
      fix: 'Publish an address for the name server, or take it out of the NS records of the zone.',
      severity: 'warning',
      text: (e: ServerEvidence) => `${e.server}, a name server of ${e.zone}, has no address in DNS.`,
      remedy: (e) => `Publish an address for ${e.server}, or take it out of the NS records of ${e.zone}.`,
    },
    unresolved: {
      means: 'The DNS server that was asked gives no answer for the address of a name server of the zone.',
      causes: [
        'the zone that holds the name of the name server cannot be resolved',
        'the name lies inside the zone itself, and the zone above gives no address along with it',
        'the DNS server that was asked has a fault',
      ],
      fix: 'Repair the zone that holds the name of the name server, or have the zone above publish its address.',
      severity: silentSeverity,
      weighs: 'warning; info when no other name server of the zone answers',
      text: (e: ServerEvidence) =>
        `${e.server}, a name server of ${e.zone}, could not be asked, since its address could not be looked up: ${e.detail}.${othersText(e, 'answers')}`,
      remedy: (e) =>
        `Repair the zone that holds the name ${e.server}, or have the zone above ${e.zone} publish its address; check with: dig ${e.server} A`,
    },
    disagree: {
      means: 'The name servers of the zone do not hold the same records.',
      causes: [
        'the zone transfer fails',
        'the serial was not raised after a change',
        'a change that is still on its way',
      ],
      fix: 'See why the zone transfer fails (NOTIFY, TCP port 53 between the servers, a serial that was not raised), then compare again.',
      severity: ({ sets }: Disagreement): Severity => (sets.length > 0 ? 'warning' : 'info'),
      weighs: 'warning when the records differ; info when only the serial numbers do',
      text: (e) => {
        const serials = e.serials.map(({ server, serial }) => `${server}: ${serial}`).join(', ');
        if (e.sets.length === 0)
          return `The name servers of ${e.zone} have different versions of it (serial ${serials}).`;
        const sets = e.sets
          .slice(0, SHOWN)
          .map(({ question, answers }) => {
            const each = answers.map(({ server, answer }) => `${server} says ${answer}`).join(', ');
            return `${question} (${each})`;
          })
          .join('; ');
        const more = e.sets.length > SHOWN ? ` and ${e.sets.length - SHOWN} more` : '';
        return `The name servers of ${e.zone} give different answers: ${sets}${more}. Serials: ${serials}.`;
      },
      remedy: (e) =>
        new Set(e.serials.map(({ serial }) => serial)).size > 1
          ? `See why the zone transfer of ${e.zone} to the servers with the older serial fails (NOTIFY, TCP port 53 between the servers), then compare again with: sipdiag dns ${e.zone} --authority`
          : `Raise the serial of ${e.zone} on its primary name server, because all servers hold the same one and fetch nothing without a new one, then compare again with: sipdiag dns ${e.zone} --authority`,
    },
  },
  notApplicable: ({ authority: seen }) =>
    seen.length === 0 ? 'the name servers were not asked themselves (--authority)' : null,
  run({ authority: seen, dns }, found) {
    for (const [zone, servers] of zonesOf(seen)) {
      const good = servers.filter(serves);
      const others = good.map(serverText);
      for (const one of servers) {
        const evidence = { zone, server: serverText(one), others };
        const lame = lameness(one);
        if (lame !== undefined) {
          found('lame', one.about.host, { ...evidence, detail: lame, resolution: resolutionOf(zone, dns) });
        } else if (!one.outcome.ok) {
          const { detail } = one.outcome;
          found(faultOf(one.about.address, one.outcome.reason), one.about.host, { ...evidence, detail });
        }
      }
      const disagreement = disagreementOf(zone, good);
      if (disagreement !== undefined) found('disagree', zone, disagreement);
    }
  },
});
