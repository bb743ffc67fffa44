/** What the name servers of a domain themselves hold, and what `--authority` makes of them. */
import type { Kamailio } from '../real/kamailio.ts';
import { DOMAIN, HOST } from '../real/stage.ts';
import { a, APEX, ns, srv } from '../real/zone-records.ts';
import { COMMANDS, dnsRow, type DnsTale } from './dns-row.ts';
import { publish } from './ladder-row.ts';
import { broken, degraded, HEALTHY, type Row } from './row.ts';

const TTL_SECONDS = 60;
/** A zone file with serial and name servers of its own. */
export const zone = (serial: number, records: readonly string[]): string =>
  [`$TTL ${TTL_SECONDS}`, `@ SOA ns1 hostmaster ${serial} 3600 600 86400 ${TTL_SECONDS}`, ...records].join('\n');

/** The addresses of name servers. */
export interface Places {
  first: string;
  second: string;
  /** A name server that does not serve the domain, and refuses. */
  bare: string;
  /** Nobody listens here. */
  nobody: string;
}

/** The zone that each of the two serves; absent: it is not there. `drops`: a name that the second leaves without any answer. */
type Zones = (server: Kamailio, places: Places) => { first: string; second?: string; drops?: string };

export type AuthorityScene = Row<'authority', { zones: Zones }>;
/** Behind a resolver, to a domain whose delegation leads to a server that does not serve it. */
export type DelegationScene = Row<'delegation', object>;

interface Tale extends DnsTale {
  zones: Zones;
  /** Absent: `--authority`. */
  args?: string;
}

const asking = (resolver: string, args: string): string =>
  `sip:toml@${DOMAIN} --ca {root} --resolver {${resolver}}${args}`;

const rowsOf = ({ zones, args = ' --authority', ...tale }: Tale): AuthorityScene[] =>
  COMMANDS.map((command) =>
    dnsRow({ stage: 'authority', command, typed: asking('first', args), world: { zones } }, tale),
  );

const named = (first: string, second: string): string[] => [
  ns(APEX, 'ns1'),
  a('ns1', first),
  ns(APEX, 'ns2'),
  a('ns2', second),
];

/** Both name servers are there; `serial` is of the second. */
const both =
  (serial: number): Zones =>
  (server, { first, second }) => {
    const records = [...named(first, second), ...publish(server)];
    return { first: zone(2, records), second: zone(serial, records) };
  };

/** Both serve the same, and a DNS firewall (a response policy zone) at the second drops every question for one name. */
const dropping =
  (drops: string): Zones =>
  (server, places) => ({ ...both(2)(server, places), drops });

/** The second name server is told to be at a place where it is not. */
const secondAt =
  (place: 'bare' | 'nobody'): Zones =>
  (server, places) => ({ first: zone(2, [...named(places.first, places[place]), ...publish(server)]) });

const TALES: readonly Tale[] = [
  { id: 'same', name: 'both serve the same zone', zones: both(2), ending: HEALTHY, findings: [] },
  {
    id: 'serials',
    name: 'serials differ while the records are the same',
    zones: both(1),
    ending: HEALTHY,
    findings: ['authority.disagree info'],
    explains: [`serial ns1.${DOMAIN} ({first}): 2, ns2.${DOMAIN} ({second}): 1`],
  },
  {
    id: 'other-srv',
    name: 'two hold different SRV sets',
    zones: (server, { first, second, nobody }) => {
      const old = [srv('_sips._tcp', { target: 'old', port: 443 }), a('old', nobody)];
      const servers = named(first, second);
      return { first: zone(2, [...servers, ...publish(server)]), second: zone(1, [...servers, ...old]) };
    },
    ending: degraded('dns', 'authority.disagree'),
    findings: ['authority.disagree warning'],
    says: [
      `_sips._tcp.${DOMAIN} SRV (ns1.${DOMAIN} ({first}) says 0 0 5061 ${HOST}., ns2.${DOMAIN} ({second}) says 0 0 443 old.${DOMAIN}.)`,
    ],
    explains: [`ns1.${DOMAIN} ({first}): 2, ns2.${DOMAIN} ({second}): 1`],
  },
  {
    id: 'lame',
    name: 'one does not serve the zone while another does',
    zones: secondAt('bare'),
    ending: degraded('dns', 'authority.lame'),
    findings: ['authority.lame warning'],
    says: [
      `ns2.${DOMAIN} ({bare}) is named as a name server of ${DOMAIN}`,
      `it answers REFUSED. ns1.${DOMAIN} ({first}) does.`,
    ],
  },
  {
    id: 'silent',
    name: 'nothing listens at the address of one',
    zones: secondAt('nobody'),
    ending: degraded('dns', 'authority.silent'),
    findings: ['authority.silent warning'],
  },
  {
    id: 'partial-soa',
    name: 'one answers for the services, and not for the zone itself',
    zones: dropping(DOMAIN),
    args: ' --authority --timeout 2500',
    ending: degraded('dns', 'authority.partial'),
    findings: ['authority.partial warning'],
    says: [`ns2.${DOMAIN} ({second}), a name server of ${DOMAIN}, answers`, `but not ${DOMAIN} SOA`, `ns1.${DOMAIN}`],
  },
  {
    id: 'partial-srv',
    name: 'one serves the zone, and drops the questions for a service',
    zones: dropping(`_sips._tcp.${DOMAIN}`),
    args: ' --authority --timeout 2500',
    ending: degraded('dns', 'authority.partial'),
    findings: ['authority.partial warning'],
    says: [`but not _sips._tcp.${DOMAIN} SRV (no answer to `],
  },
  {
    id: 'no-address',
    name: 'one has no address',
    zones: (server, { first }) => ({
      first: zone(2, [ns(APEX, 'ns1'), a('ns1', first), ns(APEX, 'gone.elsewhere.example.'), ...publish(server)]),
    }),
    ending: degraded('dns', 'authority.no-address'),
    findings: ['authority.no-address warning'],
    explains: ['gone.elsewhere.example'],
  },
  {
    id: 'unresolved',
    name: 'the name of one stands in a zone that is not to be had',
    zones: (server, { first }) => ({
      first: zone(2, [ns(APEX, 'ns1'), a('ns1', first), ns(APEX, 'ns2.refused.example.'), ...publish(server)]),
    }),
    ending: degraded('dns', 'authority.unresolved'),
    findings: ['authority.unresolved warning'],
    explains: ['ns2.refused.example', 'REFUSED'],
  },
  {
    id: 'not-asked',
    name: 'without the option they are not asked',
    zones: secondAt('bare'),
    args: '',
    ending: HEALTHY,
    findings: [],
  },
];

export const AUTHORITIES: readonly AuthorityScene[] = TALES.flatMap(rowsOf);

/** A domain of which BIND alone is there. */
const DELEGATION: Pick<DnsTale, 'servers' | 'rungs'> = {
  servers: ['BIND'],
  rungs: { connect: 'not-tested', sip: 'not-tested' },
};

const delegationRows = ({
  args,
  resolver = 'recursive',
  ...tale
}: DnsTale & { args: string; resolver?: string }): DelegationScene[] =>
  COMMANDS.map((command) =>
    dnsRow({ stage: 'delegation', command, typed: asking(resolver, args), world: {} }, { ...DELEGATION, ...tale }),
  );

export const DELEGATIONS: readonly DelegationScene[] = [
  ...delegationRows({
    id: 'lame',
    name: 'the lame delegation is named as the cause of SERVFAIL',
    args: ' --authority',
    ending: broken('dns', 'authority.lame'),
    findings: ['authority.lame error', 'resolver.failure error'],
    says: [`ns.${DOMAIN} ({bare}) is named as a name server of ${DOMAIN}`, 'it answers REFUSED'],
  }),
  ...delegationRows({
    id: 'servfail',
    name: 'without the option SERVFAIL alone is seen',
    args: '',
    ending: broken('dns', 'resolver.failure'),
    findings: ['resolver.failure error'],
    says: ['SERVFAIL'],
  }),
  ...delegationRows({
    id: 'not-found',
    name: 'a DNS server that refuses every question tells no name servers either',
    resolver: 'bare',
    args: ' --authority',
    ending: broken('dns', 'resolver.failure'),
    findings: ['resolver.failure error', 'authority.not-found info'],
    explains: [`The name servers of ${DOMAIN} could not be asked`, '(REFUSED)'],
  }),
];
