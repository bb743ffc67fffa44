import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { startBind } from './real/bind.ts';
import { createAuthority, issue } from './real/certificates.ts';
import { stopAfterAll, temporaryFolder } from './real/clean-up.ts';
import { judgementOf, runForReport, runSipdiag } from './real/doctor-run.ts';
import { startKamailio, type Kamailio } from './real/kamailio.ts';
import { createEmptyNamespace, createNetwork, type TestNetwork } from './real/namespaces.ts';
import { describeWith } from './real/requirements.ts';
import { DOMAIN, HOST, USER } from './real/stage.ts';
import { sceneOf, scenesOf } from './scenes.ts';
import { publish } from './scenes/ladder-row.ts';
import { playScenes } from './scenes/play.ts';
import { argsOf, titleOf } from './scenes/row.ts';

const SERVER = '203.0.113.10';

describeWith(['namespaces', 'kamailio', 'bind', 'openssl'], 'doctor through a router', () => {
  const keep = stopAfterAll();
  let network: TestNetwork;
  let kamailio: Kamailio;
  let folder: string;
  let rootFile: string;
  beforeAll(async () => {
    network = keep(await createNetwork({ clientResolvConf: `nameserver ${SERVER}\n` }));
    folder = keep(temporaryFolder('network')).path;
    const root = await createAuthority(folder, { name: 'root' });
    const { certFile, keyFile } = await issue({ issuer: root, name: 'leaf', dns: [DOMAIN, HOST] });
    const where = { address: SERVER, namespace: network.server };
    const tls = { certFile, keyFile };
    const served = { domain: DOMAIN, users: [USER], transports: ['udp' as const, 'tcp' as const, 'tls' as const], tls };
    kamailio = keep(await startKamailio({ ...where, ...served }));
    keep(await startBind({ ...where, port: 53, zones: { [DOMAIN]: publish(kamailio).join('\n') } }));
    ({ rootFile } = root);
  });

  const savedIn = (id: string): string => join(folder, `${id}.json`);
  const seen = playScenes('router', async (scene) => {
    const { rules, client } = scene.world;
    await network.setRules(rules);
    const namespace = client === 'offline' ? keep(createEmptyNamespace()).name : network.client;
    return runForReport([...argsOf(scene, { root: rootFile }), '--save', savedIn(scene.id)], namespace);
  });

  const limited = scenesOf('router').flatMap((scene): [string, string, number][] => {
    const limit = /--timeout (\d+)/.exec(scene.command)?.[1];
    return limit === undefined ? [] : [[titleOf(scene), scene.id, Number(limit)]];
  });

  test.each(limited)('ends within --timeout and a second: %s', async (_title, id, limit) => {
    const { report } = await seen(id);
    expect(report.ms).toBeGreaterThanOrEqual(limit);
    expect(report.ms).toBeLessThanOrEqual(limit + 1000);
  });

  test.each(['router-open', 'router-drops-tls'])(
    'a saved run of %s is judged alike on a machine without any network',
    async (id) => {
      const live = await seen(id);
      const offline = keep(createEmptyNamespace());
      const later = await runForReport(['judge', savedIn(id)], offline.name);
      expect(judgementOf(later.report)).toEqual(judgementOf(live.report));
      expect(later.code).toBe(live.code);
      expect(readFileSync(savedIn(id), 'utf8')).not.toContain(USER.password);
    },
  );

  test('tells what kept a machine without any network from DNS', async () => {
    const { report } = await seen('router-none');
    expect(report.rungs.find((one) => one.rung === 'dns')?.summary).toMatch(/^no answer from DNS \(.*ENETUNREACH/);
  });

  test('draws the same diagnosis for people', async () => {
    const scene = sceneOf('router', 'router-open');
    await network.setRules(scene.world.rules);
    const { stdout, stderr, code } = await runSipdiag(argsOf(scene, { root: rootFile }), network.client);
    expect(stdout).toMatch(/^HEALTHY {2}sip:toml@fuzzybunny\.local: /);
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
  });
});
