import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { startBind } from './real/bind.ts';
import { createAuthority, issue } from './real/certificates.ts';
import { stopAfterAll, temporaryFolder } from './real/clean-up.ts';
import { judgementOf, ladderOf, runForReport, runSipdiag } from './real/doctor-run.ts';
import { startKamailio, type Kamailio } from './real/kamailio.ts';
import { blockRules, createEmptyNamespace, createNetwork, type TestNetwork } from './real/namespaces.ts';
import { describeWith } from './real/requirements.ts';
import { DOMAIN, HOST, USER } from './real/stage.ts';
import { scenesOf } from './scenes.ts';
import { publish } from './scenes/ladder-row.ts';
import { playScenes } from './scenes/play.ts';
import { argsOf, titleOf } from './scenes/row.ts';

const SERVER = '203.0.113.10';
const AOR = `${USER.user}@${DOMAIN}`;

describeWith(['namespaces', 'kamailio', 'bind', 'openssl'], 'doctor through a router', () => {
  const keep = stopAfterAll();
  let network: TestNetwork;
  let kamailio: Kamailio;
  let folder: string;
  let rootFile: string;
  let doctor: string[];
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
    doctor = ['doctor', `sip:${AOR}`, '--ca', rootFile];
  });

  const seen = playScenes('router', async (scene) => {
    await network.setRules(scene.world.rules);
    return runForReport(argsOf(scene, { root: rootFile }), network.client);
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

  test.each([
    ['healthy', ''],
    ['faulty', blockRules('tcp dport 5061')],
  ])('a saved run in a %s world is judged alike on a machine without any network', async (name, rules) => {
    await network.setRules(rules);
    const file = join(folder, `${name}.json`);
    const live = await runForReport([...doctor, '--timeout', '1000', '--save', file], network.client);
    const offline = keep(createEmptyNamespace());
    const later = await runForReport(['judge', file], offline.name);
    expect(judgementOf(later.report)).toEqual(judgementOf(live.report));
    expect(later.code).toBe(live.code);
    expect(readFileSync(file, 'utf8')).not.toContain(USER.password);
  });

  test('says unknown, and not broken, when this machine has no network at all', async () => {
    const offline = keep(createEmptyNamespace());
    const { report, code } = await runForReport([...doctor, '--resolver', SERVER], offline.name);
    expect({ status: report.verdict.status, findingId: report.verdict.findingId, code }).toEqual({
      status: 'unknown',
      findingId: null,
      code: 3,
    });
    expect(report.verdict.summary).toContain('This machine has no way out to the network');
    expect(Object.values(ladderOf(report))).not.toContain('passed');
    expect(report.rungs.find((one) => one.rung === 'dns')?.summary).toMatch(/^no answer from DNS \(.*ENETUNREACH/);
  });

  test('draws the same diagnosis for people', async () => {
    await network.setRules('');
    const { stdout, stderr, code } = await runSipdiag(doctor, network.client);
    expect(stdout).toMatch(/^HEALTHY {2}sip:toml@fuzzybunny\.local: /);
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
  });
});
