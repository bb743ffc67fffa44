/** Where the client of each profile connects in a zone that holds the names of all of them. */
import { DOMAIN, HOST } from '../real/stage.ts';
import { COMMANDS, dnsRow, type DnsCommand, type DnsTale } from './dns-row.ts';
import { broken, degraded, HEALTHY, RUNG_STATUS, type Ending, type Expected, type Row } from './row.ts';

export interface Leads {
  /** 'transport host:port', in the order in which the client would try them. */
  servers: readonly string[];
  status: 'reaches' | 'finds-nothing';
  /** Words of the reason. */
  by: string;
}

export type ProfileScene = Row<'profiles', { profile: string }> & { expected: Expected & { leads: Leads } };

interface Client {
  leads: Leads;
  findings?: DnsTale['findings'];
  /** Absent: the client finds its server. */
  ends?: Partial<Record<DnsCommand, Ending>>;
}

const reached = (servers: readonly string[], by: string): Leads => ({ servers, status: 'reaches', by });
const both = (ending: Ending) => ({ dns: ending, doctor: ending });

/** The certificate of the one server covers neither inside nor edge. */
const MISNAMED = broken('certificate', 'cert-name.mismatch');
/** What clients of Microsoft think of a host that is no "sip.DOMAIN". */
const FOREIGN = 'srv-target.foreign-domain info';

const RFC3263: Client = {
  leads: reached([`tls ${HOST}:5061`, `tcp ${HOST}:5060`, `udp ${HOST}:5060`], `SRV _sips._tcp.${DOMAIN}`),
};
const COMMUNICATOR: Client = {
  leads: reached([`tls inside.${DOMAIN}:5061`], `SRV _sipinternaltls._tcp.${DOMAIN}`),
  findings: [FOREIGN],
  ends: { doctor: MISNAMED },
};

const CLIENTS: Readonly<Record<string, Client>> = {
  auto: RFC3263,
  rfc3263: RFC3263,
  lync: COMMUNICATOR,
  communicator2007r2: COMMUNICATOR,
  communicator2007: COMMUNICATOR,
  'phone-edition': COMMUNICATOR,
  lcs2003: {
    leads: reached([`tls edge.${DOMAIN}:443`], `SRV _sip._tls.${DOMAIN}`),
    findings: [FOREIGN],
    ends: { doctor: broken('connect', 'tcp-reach.refused') },
  },
  federation: {
    leads: reached([`tls edge.${DOMAIN}:5061`], `SRV _sipfederationtls._tcp.${DOMAIN}`),
    ends: { doctor: MISNAMED },
  },
  office365: {
    leads: { servers: [], status: 'finds-nothing', by: 'on-premises or hybrid' },
    findings: ['srv-records.absent error'],
    ends: both(broken('dns', 'srv-records.absent')),
  },
  // Names of Microsoft are asked for as well, which this name server does not serve.
  'teams-direct-routing': {
    leads: reached([`tls ${DOMAIN}:5061`], `address of ${DOMAIN}`),
    findings: ['resolver.failure warning'],
    ends: both(degraded('dns', 'resolver.failure')),
  },
};

function rowsOf(profile: string, { leads, findings = [], ends = {} }: Client): ProfileScene[] {
  const typed = `sip:toml@${DOMAIN} --resolver {dns} --ca {root} --profile ${profile}`;
  return COMMANDS.map((command) => {
    const ending = ends[command] ?? HEALTHY;
    const dns = RUNG_STATUS[(ends.dns ?? HEALTHY).status];
    const tale = { id: profile, name: `the client of --profile ${profile}`, ending, findings, rungs: { dns } };
    const row = dnsRow({ stage: 'profiles', command, typed, world: { profile } }, tale);
    return { ...row, expected: { ...row.expected, leads } };
  });
}

export const PROFILES: readonly ProfileScene[] = Object.entries(CLIENTS).flatMap(([profile, client]) =>
  rowsOf(profile, client),
);
