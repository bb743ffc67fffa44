/** One domain on BIND and Kamailio, and what is wrong with it: `sipdiag doctor` climbs the whole ladder. */
import type { BindOptions } from '../real/bind.ts';
import { DOMAIN, type Stage } from '../real/stage.ts';
import { a, aaaa, srv } from '../real/zone-records.ts';
import {
  ALL_PASSED,
  broken,
  HEALTHY,
  NOT_TESTED,
  type Ending,
  type Expected,
  type Ladder,
  type Row,
  type Server,
} from './row.ts';

export interface LadderWorld {
  /** Lines of the zone fuzzybunny.local; absent: every transport of the good server is published. */
  records?: (stage: Stage) => string[];
  /** What BIND is told beyond that; 'silent': a name server that never answers stands in its place. */
  dns?: Partial<BindOptions> | 'silent';
}

export type LadderScene = Row<'ladder', LadderWorld>;

const AOR = `sip:toml@${DOMAIN}`;
const SERVERS: readonly Server[] = ['Kamailio', 'BIND'];

type Tale = Pick<LadderScene, 'id' | 'name'> &
  LadderWorld & { target?: string; args?: string; untrusted?: true; servers?: readonly Server[] };

export const row = (
  { id, name, target = AOR, args, untrusted, servers, ...world }: Tale,
  expected: Expected,
): LadderScene => {
  const trust = untrusted === true ? [] : ['--ca {root}'];
  const command = ['doctor', target, '--resolver {dns}', ...trust, ...(args === undefined ? [] : [args])].join(' ');
  return { id, stage: 'ladder', name, servers: servers ?? SERVERS, command, world, expected };
};

export const healthy = (says: string[], rungs: Partial<Ladder> = {}): Expected => ({
  ...HEALTHY,
  rungs: { ...ALL_PASSED, ...rungs },
  says,
});
/** The rungs that are not named are as in a world without a fault. */
export const failed = (ending: Ending, says: string[], rungs: Partial<Ladder> = {}): Expected => {
  const own = ending.status === 'broken' ? 'failed' : 'warning';
  return { ...ending, says, rungs: { ...ALL_PASSED, ...(ending.rung ? { [ending.rung]: own } : {}), ...rungs } };
};
/** Nothing above the first rung could be tried. */
export const brokenDns = (findingId: string, says: string[]): Expected => ({
  ...broken('dns', findingId),
  says,
  rungs: { ...NOT_TESTED, dns: 'failed' },
});

interface Published {
  address: string;
  udpPort: number;
  tcpPort: number;
  tlsPort: number;
}

/** Every transport of one server, under one host name. */
export function publish(server: Published, target = 'sip'): string[] {
  return [
    srv('_sips._tcp', { target, port: server.tlsPort }),
    srv('_sip._tcp', { target, port: server.tcpPort }),
    srv('_sip._udp', { target, port: server.udpPort }),
    server.address.includes(':') ? aaaa('sip', server.address) : a('sip', server.address),
  ];
}

export const tlsOnly = (target: string, port: number): string => srv('_sips._tcp', { target, port });
export const NO_DNS = { dns: 'not-tested' } as const;
export const NO_TLS = { tls: 'not-tested', certificate: 'not-tested' } as const;
export const NO_TCP = { connect: 'not-tested', ...NO_TLS } as const;
