/** What the name servers of a domain themselves hold, and what `--authority` makes of them. */
import type { Kamailio } from '../real/kamailio.ts';
import { DOMAIN, HOST } from '../real/stage.ts';
import { a, APEX, ns, srv } from '../real/zone-records.ts';
import { publish } from './ladder-row.ts';
import { broken, degraded, HEALTHY, RUNG_STATUS, type Ending, type Row, type Told } from './row.ts';

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

/** The zone that each of the two serves; absent: it is not there. */
type Zones = (server: Kamailio, places: Places) => { first: string; second?: string };

export type AuthorityScene = Row<'authority', { zones: Zones }>;
/** Behind a resolver, to a domain whose delegation leads to a server that does not serve it. */
export type DelegationScene = Row<'delegation', object>;

interface Tale {
  id: string;
  name: string;
  zones: Zones;
  args?: string;
  ending: Ending;
  /** All findings of the rung dns. */
  findings: Told[];
  says?: string[];
  explains?: string[];
}

const COMMANDS = ['dns', 'doctor'] as const;
const lineOf = (command: (typeof COMMANDS)[number], resolver: string): string =>
  `${command} sip:toml@${DOMAIN} --ca {root} --resolver {${resolver}}`;

function rowsOf(tale: Tale): AuthorityScene[] {
  const { id, name, zones, args = ' --authority', ending, findings, says = [], explains = [] } = tale;
  return COMMANDS.map((command) => ({
    id: `authority-${id}-${command}`,
    stage: 'authority',
    name: `${command}, ${name}`,
    servers: ['Kamailio', 'BIND'],
    command: `${lineOf(command, 'first')}${args}`,
    world: { zones },
    expected: {
      ...ending,
      rungs: { dns: RUNG_STATUS[ending.status] },
      only: { rungs: ['dns'], findings },
      says,
      explains,
    },
  }));
}

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
    id: 'not-asked',
    name: 'without the option they are not asked',
    zones: secondAt('bare'),
    args: '',
    ending: HEALTHY,
    findings: [],
  },
];

export const AUTHORITIES: readonly AuthorityScene[] = TALES.flatMap(rowsOf);

const NOTHING_ABOVE = { dns: 'failed', connect: 'not-tested', sip: 'not-tested' } as const;

export const DELEGATIONS: readonly DelegationScene[] = COMMANDS.flatMap((command): DelegationScene[] => {
  const common = { stage: 'delegation', servers: ['BIND'], world: {} } as const;
  return [
    {
      ...common,
      id: `delegation-lame-${command}`,
      name: `${command} --authority names the lame delegation as the cause of SERVFAIL`,
      command: `${lineOf(command, 'recursive')} --authority`,
      expected: {
        ...broken('dns', 'authority.lame'),
        rungs: NOTHING_ABOVE,
        only: { rungs: ['dns'], findings: ['authority.lame error', 'resolver.failure error'] },
        says: [`ns.${DOMAIN} ({bare}) is named as a name server of ${DOMAIN}`],
      },
    },
    {
      ...common,
      id: `delegation-servfail-${command}`,
      name: `${command} without it sees the SERVFAIL alone`,
      command: lineOf(command, 'recursive'),
      expected: { ...broken('dns', 'resolver.failure'), rungs: NOTHING_ABOVE, says: ['SERVFAIL'] },
    },
  ];
});
