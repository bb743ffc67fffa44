import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { createAuthority, issue } from './real/certificates.ts';
import { stopAfterAll, temporaryFolder } from './real/clean-up.ts';
import { judgementOf, runForReport, runSipdiag } from './real/doctor-run.ts';
import { startKamailio } from './real/kamailio.ts';
import { createEmptyNamespace, createNetwork, type TestNetwork } from './real/namespaces.ts';
import { describeWith } from './real/requirements.ts';
import { DOMAIN, HOST, USER } from './real/stage.ts';
import { sceneOf } from './scenes.ts';
import { playScenes } from './scenes/play.ts';
import { argsOf } from './scenes/row.ts';

const SERVERS = {
  plain: '203.0.113.10',
  reusing: '203.0.113.11',
  forgetful: '203.0.113.12',
  deaf: '203.0.113.13',
  strict: '203.0.113.14',
  idle: '203.0.113.15',
} as const;

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
  // Dropped on purpose, against scanners.
  deaf: { requestPrelude: 'if (is_method("OPTIONS")) { exit; }' },
  // As FreeSWITCH answers it.
  strict: {
    requestPrelude:
      'if (is_method("REGISTER") && !is_present_hf("Contact")) { sl_send_reply("400", "Missing Contact Header"); exit; }',
  },
  // As a proxy that answers in place of its registrar.
  idle: {
    requestPrelude:
      'if (is_method("REGISTER") && is_present_hf("Authorization")) { sl_send_reply("200", "OK"); exit; }',
  },
};

describeWith(['namespaces', 'kamailio', 'openssl'], 'firewall through a router', () => {
  const keep = stopAfterAll();
  let network: TestNetwork;
  let folder: string;
  let files: { root: string; password: string };
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
    files = { root: root.rootFile, password: passwordFile };
  });

  const values = (): Record<string, string> => ({ ...SERVERS, ...files });
  const savedIn = (id: string): string => join(folder, `${id}.json`);
  const seen = playScenes('firewall', async (scene) => {
    await network.setRules(scene.world.rules);
    return runForReport([...argsOf(scene, values()), '--save', savedIn(scene.id)], network.client);
  });

  test('four blocked ports cost one time-out', async () => {
    const { report } = await seen('firewall-drops-firewall');
    const took = report.observations.flatMap((one) => (one.kind === 'reach' ? one.outcome.ms : []));
    expect(took).toHaveLength(4);
    for (const ms of took) expect(ms).toBeGreaterThanOrEqual(1500);
    const begun = report.observations.flatMap((one) => (one.kind === 'reach' ? one.at : []));
    expect(new Set(begun).size).toBe(1);
    expect(report.ms).toBeLessThanOrEqual(1500 + 1000);
  });

  test('without a password doctor says how to get a witness', async () => {
    const { report } = await seen('firewall-no-password-doctor');
    expect(report.rungs.find(({ rung }) => rung === 'callback')?.summary).toContain('--password-file');
  });

  test('a saved run is judged alike on a machine without any network, and holds no password', async () => {
    const live = await seen('firewall-one-of-four-firewall');
    const file = savedIn('firewall-one-of-four-firewall');
    const offline = keep(createEmptyNamespace());
    const later = await runForReport(['judge', file], offline.name);
    expect(judgementOf(later.report)).toEqual(judgementOf(live.report));
    expect(readFileSync(file, 'utf8')).not.toContain(USER.password);
  });

  test('shows people which port was reached by whom', async () => {
    const scene = sceneOf('firewall', 'firewall-one-of-four-firewall');
    await network.setRules(scene.world.rules);
    const { stdout } = await runSipdiag(argsOf(scene, values()), network.client);
    expect(stdout).toMatch(/TCP 7100 from 203\.0\.113\.10:5060 +reached/);
    expect(stdout).toMatch(/TCP 7103 from 203\.0\.113\.10:5060 +timeout/);
    expect(stdout).toContain('On the firewall between 198.18.0.10 and 203.0.113.10 allow TCP 7101-7103');
  });
});
