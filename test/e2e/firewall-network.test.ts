import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { Report } from '../../src/model.ts';
import { createAuthority, issue } from './real/certificates.ts';
import { stopAfterAll, temporaryFolder } from './real/clean-up.ts';
import { judgementOf, runForReport, runSipdiag } from './real/doctor-run.ts';
import { startKamailio } from './real/kamailio.ts';
import { blockRules, createEmptyNamespace, createNetwork, type TestNetwork } from './real/namespaces.ts';
import { describeWith } from './real/requirements.ts';
import { DOMAIN, HOST, USER } from './real/stage.ts';
import { FIREWALL_SCENES, type FirewallScene } from './scenes-firewall.ts';

const AOR = `${USER.user}@${DOMAIN}`;
const SERVERS = { plain: '203.0.113.10', reusing: '203.0.113.11', forgetful: '203.0.113.12' } as const;

/** As Kamailio is set up for clients behind NAT: requests for a client go to where its REGISTER came from. */
const REUSE = 'if (is_method("REGISTER")) { fix_nated_register(); }';
const CONFIGS: Record<keyof typeof SERVERS, { extraConfig?: string; requestPrelude?: string }> = {
  plain: {},
  reusing: {
    extraConfig:
      'modparam("registrar", "received_avp", "$avp(RECEIVED)")\nmodparam("nathelper", "received_avp", "$avp(RECEIVED)")',
    requestPrelude: REUSE,
  },
  forgetful: {
    extraConfig:
      'modparam("registrar", "received_avp", "$avp(RECEIVED)")\nmodparam("nathelper", "received_avp", "$avp(RECEIVED)")\ntcp_connection_lifetime=4',
    requestPrelude: REUSE,
  },
};

const statusOf = ({ rungs }: Report, rung: string) => rungs.find((one) => one.rung === rung)?.status;
const farSide = ({ findings }: Report) => findings.filter(({ rung }) => rung === 'callback' || rung === 'media');

describeWith(['namespaces', 'kamailio', 'openssl'], 'firewall through a router', () => {
  const keep = stopAfterAll();
  let network: TestNetwork;
  let folder: string;
  let common: string[];
  beforeAll(async () => {
    network = keep(await createNetwork({ serverAddresses: Object.values(SERVERS) }));
    folder = keep(temporaryFolder('firewall')).path;
    const root = await createAuthority(folder, { name: 'root' });
    const { certFile, keyFile } = await issue({ issuer: root, name: 'leaf', dns: [DOMAIN, HOST] });
    const passwordFile = join(folder, 'password');
    writeFileSync(passwordFile, `${USER.password}\n`);
    for (const [name, address] of Object.entries(SERVERS) as [keyof typeof SERVERS, string][]) {
      const server = await startKamailio({
        address,
        namespace: network.server,
        domain: DOMAIN,
        users: [USER],
        transports: ['udp', 'tcp', 'tls'],
        tls: { certFile, keyFile },
        ...CONFIGS[name],
      });
      keep(server);
    }
    common = [`sip:${AOR}`, '--ca', root.rootFile, '--password-file', passwordFile, '--timeout', '1500'];
  });

  const argsOf = ({ server = 'plain', args = ['--transport', 'tcp'] }: FirewallScene): string[] => [
    ...common,
    '--server',
    SERVERS[server],
    ...args,
  ];
  const scenes = FIREWALL_SCENES.map((scene): [string, FirewallScene] => [scene.name, scene]);

  test.each(scenes)('firewall tells the truth when the router %s', async (_name, scene) => {
    await network.setRules(scene.rules);
    const { report, code } = await runForReport(['firewall', ...argsOf(scene)], network.client);
    const { says, findings, callback, ...verdict } = scene.expected;
    const { status, rung, findingId, summary } = report.verdict;
    expect({ status, rung, findingId, code }).toEqual(verdict);
    expect(statusOf(report, 'callback')).toBe(callback);
    expect(statusOf(report, 'media')).toBe('not-tested');
    expect(farSide(report).map(({ id }) => id)).toEqual(findings);
    const told = [summary, ...farSide(report).map(({ text }) => text)].join('\n');
    for (const words of says) expect(told).toContain(words);
  });

  test.each(scenes.filter(([, { args }]) => args?.includes('--idle') !== true))(
    'doctor fills the rung when the router %s',
    async (_name, scene) => {
      await network.setRules(scene.rules);
      const { report } = await runForReport(['doctor', ...argsOf(scene)], network.client);
      const { status, rung, findingId } = scene.expected;
      expect(report.verdict).toMatchObject({ status, rung, findingId });
      expect(statusOf(report, 'callback')).toBe(scene.expected.callback);
    },
  );

  test('four blocked ports cost one time-out', async () => {
    await network.setRules(blockRules('tcp dport 7100-7103', 'drop', 'server'));
    const [scene] = FIREWALL_SCENES;
    if (scene === undefined) throw new Error('there is a first scene');
    const { report } = await runForReport(['firewall', ...argsOf(scene)], network.client);
    const took = report.observations.flatMap((one) => (one.kind === 'reach' ? one.outcome.ms : []));
    expect(took).toHaveLength(4);
    for (const ms of took) expect(ms).toBeGreaterThanOrEqual(1500);
    const begun = report.observations.flatMap((one) => (one.kind === 'reach' ? one.at : []));
    expect(new Set(begun).size).toBe(1);
    expect(report.ms).toBeLessThanOrEqual(1500 + 1000);
  });

  test('without a password nobody is asked: doctor leaves the rungs untested and says how to get a witness', async () => {
    await network.setRules('');
    const args = [`sip:${AOR}`, '--server', SERVERS.plain, '--transport', 'tcp', '--timeout', '1500'];
    const { report, code } = await runForReport(['doctor', ...args], network.client);
    expect(statusOf(report, 'callback')).toBe('not-tested');
    expect(statusOf(report, 'media')).toBe('not-tested');
    expect(report.rungs.find(({ rung }) => rung === 'callback')?.summary).toContain('--password-file');
    expect(code).toBe(0);
    const asked = await runForReport(['firewall', ...args, '--via', 'sip'], network.client);
    expect(farSide(asked.report).map(({ id }) => id)).toEqual(['witness.denied']);
    expect({ status: asked.report.verdict.status, code: asked.code }).toEqual({ status: 'unknown', code: 3 });
  });

  test('a saved run is judged alike on a machine without any network, and holds no password', async () => {
    await network.setRules(blockRules('tcp dport 7101-7103', 'drop', 'server'));
    const [scene] = FIREWALL_SCENES;
    if (scene === undefined) throw new Error('there is a first scene');
    const file = join(folder, 'saved.json');
    const live = await runForReport(['firewall', ...argsOf(scene), '--save', file], network.client);
    const offline = keep(createEmptyNamespace());
    const later = await runForReport(['judge', file], offline.name);
    expect(judgementOf(later.report)).toEqual(judgementOf(live.report));
    expect(readFileSync(file, 'utf8')).not.toContain(USER.password);
  });

  test('shows people which port was reached by whom', async () => {
    await network.setRules(blockRules('tcp dport 7101-7103', 'drop', 'server'));
    const [scene] = FIREWALL_SCENES;
    if (scene === undefined) throw new Error('there is a first scene');
    const { stdout } = await runSipdiag(['firewall', ...argsOf(scene)], network.client);
    expect(stdout).toMatch(/TCP 7100 from 203\.0\.113\.10:5060 +reached/);
    expect(stdout).toMatch(/TCP 7103 from 203\.0\.113\.10:5060 +timeout/);
    expect(stdout).toContain('On the firewall between 198.18.0.10 and 203.0.113.10 allow TCP 7101-7103');
  });
});
