import { writeFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import type { Report } from '../../src/model.ts';
import { discoveryOf, RESOLVER_ADDRESS } from './dns-stage.ts';
import { startBind, type BindOptions } from './real/bind.ts';
import { createAuthority, issue } from './real/certificates.ts';
import { stopAfterAll, temporaryFolder } from './real/clean-up.ts';
import { runForReport } from './real/doctor-run.ts';
import { blockRules, createNetwork, type TestNetwork } from './real/namespaces.ts';
import { describeWith } from './real/requirements.ts';
import { DOMAIN } from './real/stage.ts';
import { POOL, type DnsServerScene, type DnsTransportScene } from './scenes/dns-transports.ts';
import { playScenes } from './scenes/play.ts';
import { argsOf } from './scenes/row.ts';

const HOST = `pool.${DOMAIN}`;
const ZONES = { [DOMAIN]: POOL.join('\n') };

function expectWays({ expected }: DnsTransportScene | DnsServerScene, { observations }: Report): void {
  const ways = observations.flatMap((one) =>
    one.kind === 'dns' ? (one.outcome.ok ? one.outcome.value.via : one.outcome.reason) : [],
  );
  expect([...new Set(ways)].toSorted()).toEqual(expected.ways);
}

describeWith(['bind', 'openssl'], 'BIND over other transports', () => {
  const keep = stopAfterAll();
  let root: string;

  beforeAll(async () => {
    const folder = keep(temporaryFolder('dns-tls'));
    const authority = await createAuthority(folder.path, { name: 'root' });
    root = authority.rootFile;
    const leaf = await issue({ name: 'dns', issuer: authority, dns: [`dns.${DOMAIN}`], ip: [RESOLVER_ADDRESS] });
    const options: BindOptions = {
      address: RESOLVER_ADDRESS,
      port: 53,
      zones: ZONES,
      options: {
        'listen-on port 853 tls sipdiag': `{ ${RESOLVER_ADDRESS}; }`,
        'listen-on port 443 tls sipdiag http sipdiag': `{ ${RESOLVER_ADDRESS}; }`,
      },
      extraConfig: [
        `tls sipdiag { cert-file "${leaf.chainFile}"; key-file "${leaf.keyFile}"; };`,
        'http sipdiag { endpoints { "/dns-query"; }; };',
      ].join('\n'),
    };
    keep(await startBind(options));
  });

  playScenes(
    'dns-transports',
    (scene) => runForReport(argsOf(scene, { dns: RESOLVER_ADDRESS, root })),
    (scene, { report }) => expectWays(scene, report),
  );
});

describeWith(['bind'], 'BIND that does not answer as it should', () => {
  playScenes(
    'dns-servers',
    async (scene) => {
      const bind = await startBind({ address: RESOLVER_ADDRESS, port: 53, zones: ZONES, ...scene.world.bind });
      try {
        return await runForReport(argsOf(scene, { dns: RESOLVER_ADDRESS }));
      } finally {
        await bind.stop();
      }
    },
    (scene, { report }) => expectWays(scene, report),
  );
});

describeWith(['namespaces', 'bind'], 'the DNS servers of the machine', () => {
  const keep = stopAfterAll();
  const [silent, second] = ['203.0.113.11', '203.0.113.10'];
  let network: TestNetwork;

  beforeAll(async () => {
    const clientResolvConf = `nameserver ${silent}\nnameserver ${second}\n`;
    network = keep(await createNetwork({ serverAddresses: [second, silent], clientResolvConf }));
    await network.setRules(blockRules(`ip daddr ${silent} udp dport 53`));
    writeFileSync(`/etc/netns/${network.client}/hosts`, `10.0.0.5 ${HOST}\n`);
    keep(await startBind({ address: second, port: 53, namespace: network.server, zones: ZONES }));
  });

  const seen = playScenes('machine-resolvers', async (scene) => {
    const values = { second };
    return { ...(await runForReport(argsOf(scene, values), network.client)), values };
  });

  test('the second gives the address of the server, not the hosts file', async () => {
    const { report } = await seen('machine-resolvers-first-silent-dns');
    expect(discoveryOf(report)).toMatchObject({ servers: [{ host: HOST, addresses: ['192.0.2.10'] }] });
  });
});
