/** How a DNS server is asked, and servers that do not answer as they should. No client follows: the pool is not there. */
import type { BindOptions } from '../real/bind.ts';
import { DOMAIN } from '../real/stage.ts';
import { a, srv } from '../real/zone-records.ts';
import { dnsRow, type DnsTale } from './dns-row.ts';
import { broken, degraded, HEALTHY, type Expected, type Row } from './row.ts';

export const POOL: readonly string[] = [srv('_sips._tcp', { target: 'pool', port: 5061 }), a('pool', '192.0.2.10')];
const LEADS = [`pool.${DOMAIN}:5061`];

/** What carried the answers, and the reasons where none came: each once, sorted. */
interface Carried {
  ways: readonly string[];
}

type Transported<S extends string, W> = Row<S, W> & { expected: Expected & Carried };

export type DnsTransportScene = Transported<'dns-transports', object>;
/** How BIND differs from one that serves the pool as it should. */
export type DnsServerScene = Transported<'dns-servers', { bind: Partial<BindOptions> }>;

type Tale = DnsTale & Carried & { args: string };

function rowOf<S extends string, W>(stage: S, world: W, { ways, args, ...tale }: Tale): Transported<S, W> {
  const typed = `${DOMAIN} --resolver ${args}`;
  const row = dnsRow({ stage, command: 'dns', typed, world }, { servers: ['BIND'], ...tale });
  return { ...row, expected: { ...row.expected, ways } };
}

const TRANSPORTS: readonly Tale[] = [
  {
    id: 'tls-named',
    name: 'DNS over TLS with the name of the server',
    args: `tls://{dns}#dns.${DOMAIN} --ca {root}`,
    ways: ['tls'],
    ending: HEALTHY,
    findings: [],
    says: LEADS,
  },
  {
    id: 'tls-unnamed',
    name: 'DNS over TLS without a name',
    args: 'tls://{dns} --ca {root}',
    ways: ['tls'],
    ending: HEALTHY,
    findings: ['resolver.unverified info'],
    says: LEADS,
  },
  {
    id: 'https',
    name: 'DNS over HTTPS',
    args: 'https://{dns}/dns-query --ca {root}',
    ways: ['https'],
    ending: HEALTHY,
    findings: [],
    says: LEADS,
  },
  {
    id: 'https-untrusted',
    name: 'DNS over HTTPS of a server that is not trusted works, and is told of',
    args: 'https://{dns}/dns-query',
    ways: ['https'],
    ending: HEALTHY,
    findings: ['resolver.unverified info'],
    says: LEADS,
  },
  {
    id: 'tls-misnamed',
    name: 'DNS over TLS to a server with another name is refused',
    args: 'tls://{dns}#dns.example --ca {root}',
    ways: ['tls-failed'],
    ending: broken('dns', 'resolver.unreachable'),
    findings: ['resolver.unreachable error'],
  },
  {
    id: 'https-elsewhere',
    name: 'another path of the HTTPS server gives no DNS answer',
    args: 'https://{dns}/elsewhere --ca {root}',
    ways: ['other'],
    ending: broken('dns', 'resolver.failure'),
    findings: ['resolver.failure error'],
    explains: ['HTTP status 404'],
  },
];

export const DNS_TRANSPORTS: readonly DnsTransportScene[] = TRANSPORTS.map((tale) => rowOf('dns-transports', {}, tale));

/** Too many targets for one datagram. */
const many = (): string => {
  const names = Array.from({ length: 50 }, (_, index) => `pool${index}`);
  const records = names.flatMap((target) => [srv('_sips._tcp', { target, port: 5061 }), a(target, '192.0.2.10')]);
  return records.join('\n');
};

const withoutEdns = (
  id: string,
  name: string,
  behaviour: NonNullable<BindOptions['behaviours']>[number],
): [DnsServerScene['world'], Omit<Tale, 'args'>] => [
  { bind: { behaviours: [behaviour] } },
  { id, name: `a server that ${name} is asked without it`, ways: ['udp'], ending: HEALTHY, findings: [], says: LEADS },
];

const SERVERS: readonly [DnsServerScene['world'], Omit<Tale, 'args'>][] = [
  [
    { bind: { zones: { [DOMAIN]: many() } } },
    {
      id: 'truncated',
      name: 'truncated answers are fetched over TCP',
      ways: ['tcp', 'udp'],
      ending: HEALTHY,
      findings: [],
    },
  ],
  [
    { bind: { zones: { [DOMAIN]: many() }, behaviours: ['notcp'] } },
    {
      id: 'truncated-no-tcp',
      name: 'truncated answers without TCP are named, and are not a pass',
      ways: ['truncated', 'udp'],
      ending: broken('dns', 'resolver.truncated-no-tcp'),
      findings: ['resolver.truncated-no-tcp error'],
      explains: ['1 of', `Without _sips._tcp.${DOMAIN}`],
    },
  ],
  [
    { bind: { options: { 'allow-query': '{ none; }' } } },
    {
      id: 'refused',
      name: 'REFUSED of every question breaks the rung',
      ways: ['refused-query'],
      ending: broken('dns', 'resolver.failure'),
      findings: ['resolver.failure error'],
      says: ['REFUSED'],
    },
  ],
  withoutEdns('edns-formerr', 'answers FORMERR to EDNS', 'ednsformerr'),
  withoutEdns('edns-notimp', 'answers NOTIMP to EDNS', 'ednsnotimp'),
  withoutEdns('edns-dropped', 'loses what carries EDNS', 'dropedns'),
];

export const DNS_SERVERS: readonly DnsServerScene[] = SERVERS.map(([world, tale]) =>
  rowOf('dns-servers', world, { ...tale, args: '{dns}' }),
);

/** The DNS servers that the machine itself is set up with: the first is silent, the second serves the pool. */
export type MachineScene = Row<'machine-resolvers', object>;

const machineRow = (args: string, tale: DnsTale): MachineScene =>
  dnsRow(
    { stage: 'machine-resolvers', command: 'dns', typed: `${DOMAIN} --timeout 700${args}`, world: {} },
    { servers: ['BIND'], ...tale },
  );

export const MACHINE_RESOLVERS: readonly MachineScene[] = [
  machineRow('', {
    id: 'first-silent',
    name: 'they are asked in their order, and a silent first one is a warning when the second answers',
    ending: degraded('dns', 'resolver.timeout'),
    findings: ['resolver.timeout warning'],
    explains: ['{second}:53 answered in its place'],
  }),
  machineRow(' --resolver system', {
    id: 'hosts-file',
    name: 'they are compared with the machine itself by --resolver system',
    ending: degraded('dns', 'resolver.timeout'),
    findings: ['resolver.timeout warning', 'system-resolver.differs warning'],
    explains: [`resolves pool.${DOMAIN} to 10.0.0.5`],
  }),
];
