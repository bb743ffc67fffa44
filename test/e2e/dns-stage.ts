/** What the scenes of DNS play on: one Kamailio whose certificate covers every host, and a BIND for each zone. */
import type { Report } from '../../src/model.ts';
import type { Discovery } from '../../src/model/dns.ts';
import { startBind } from './real/bind.ts';
import { createAuthority, issue } from './real/certificates.ts';
import { temporaryFolder, type Stoppable } from './real/clean-up.ts';
import { runForReport, type ReportedRun } from './real/doctor-run.ts';
import { startKamailio, type Kamailio } from './real/kamailio.ts';
import { loopbackAddress } from './real/ports.ts';
import { DOMAIN, USER } from './real/stage.ts';
import { argsOf } from './scenes/row.ts';
import { FOREIGN_HOST, type ZoneScene } from './scenes/zone-row.ts';

export const RESOLVER_ADDRESS = loopbackAddress(0);
/** BIND by itself loads no host name with a dot or a blank inside a label. */
const LENIENT = { 'check-names primary': 'ignore' };

export interface DnsStage {
  server: Kamailio;
  rootFile: string;
}

/** Starts the SIP server, on ports 5060 and 5061; `keep` takes what has to be ended. */
export async function setDnsStage(
  keep: <T extends Stoppable>(started: T) => T,
  where: { address: string; namespace?: string } = { address: loopbackAddress(1) },
): Promise<DnsStage> {
  const { path } = keep(temporaryFolder('dns-stage'));
  const root = await createAuthority(path, { name: 'root' });
  const names = ['sip', 'front', 'pool'].map((label) => `${label}.${DOMAIN}`);
  const dns = [DOMAIN, ...names, FOREIGN_HOST];
  const { certFile, keyFile } = await issue({ issuer: root, name: 'leaf', dns });
  const server = await startKamailio({
    ...where,
    domain: DOMAIN,
    users: [USER],
    transports: ['udp', 'tcp', 'tls'],
    tls: { certFile, keyFile },
    ports: { udp: 5060, tcp: 5060, tls: 5061 },
  });
  return { server: keep(server), rootFile: root.rootFile };
}

/** The runs of scenes of one world, by their ids, while its zone is served. */
export async function playZone(
  scenes: readonly ZoneScene[],
  { server, rootFile }: DnsStage,
): Promise<Map<string, ReportedRun>> {
  const [first] = scenes;
  if (first === undefined) throw new Error('no scene of this world');
  const zones = { [DOMAIN]: first.world.records(server).join('\n'), ...first.world.zones?.(server) };
  const bind = await startBind({ address: RESOLVER_ADDRESS, port: 53, zones, options: LENIENT });
  try {
    const values = { dns: RESOLVER_ADDRESS, root: rootFile };
    const runs = scenes.map(async (scene) => [scene.id, await runForReport(argsOf(scene, values))] as const);
    return new Map(await Promise.all(runs));
  } finally {
    await bind.stop();
  }
}

/** Throws Error when the run worked nothing out. */
export function discoveryOf({ observations }: Report): Discovery {
  const discovery = observations.find((one) => one.kind === 'discovery');
  if (discovery?.outcome.ok !== true) throw new Error('no discovery was observed');
  return discovery.outcome.value;
}

/** 'transport host:port', in the order in which the client would try them. */
export const serversOf = (report: Report): string[] =>
  discoveryOf(report).servers.map(({ transport, host, port }) => `${transport} ${host}:${port}`);
