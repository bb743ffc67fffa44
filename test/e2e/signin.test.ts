import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { createAuthority, issue } from './real/certificates.ts';
import { stopAfterAll, temporaryFolder } from './real/clean-up.ts';
import { runForReport, signInAnswersOf, type ReportedRun } from './real/doctor-run.ts';
import { startKamailio, type Binding, type Kamailio } from './real/kamailio.ts';
import { loopbackAddress } from './real/ports.ts';
import { ask, authorizationLine, rawRequest } from './real/raw-sip.ts';
import { describeWith } from './real/requirements.ts';
import { DOMAIN, HOST, USER as TOML } from './real/stage.ts';
import { playScenes } from './scenes/play.ts';
import { argsOf } from './scenes/row.ts';
import type { Algorithm, SigninScene } from './scenes/signin.ts';

const ALICE = { user: 'alice', password: String.raw`s"3\cr$et` };
const PASSWORDS = { alice: ALICE.password, toml: TOML.password, wrong: 'wrong' };
const USERS = ['alice', 'toml', 'nobody'] as const;

type Held = Record<(typeof USERS)[number], string[]>;
interface WatchedRun extends ReportedRun {
  before: Held;
  after: Held;
}

/** What changes from second to second is no part of what a registrar holds. */
const contactsOf = (bindings: readonly Binding[]): string[] =>
  bindings.map(({ contact, callId }) => `${contact} ${callId}`).toSorted();

async function heldBy(server: Kamailio): Promise<Held> {
  const [alice = [], toml = [], nobody = []] = await Promise.all(
    USERS.map(async (user) => contactsOf(await server.bindings(`${user}@${DOMAIN}`))),
  );
  return { alice, toml, nobody };
}

function expectSignIn({ expected }: SigninScene, { report, before, after }: WatchedRun): void {
  expect(signInAnswersOf(report)).toEqual(expected.answers);
  expect(after).toEqual(before);
  expect(after.alice).toEqual([]);
  expect(JSON.stringify(report)).not.toContain(ALICE.password);
}

/** Signs toml in at two endpoints that are not this machine. */
async function signInElsewhere({ address, tcpPort }: Kamailio): Promise<void> {
  const to = { transport: 'tcp' as const, address, port: tcpPort };
  const uri = `sip:${DOMAIN}`;
  for (const [port, seconds] of [
    [5070, 600],
    [5080, 900],
  ] as const) {
    const headers = [`Contact: <sip:toml@192.0.2.7:${port};transport=tcp>`, `Expires: ${seconds}`];
    const parts = { method: 'REGISTER', uri, aor: `sip:toml@${DOMAIN}`, transport: to.transport };
    const challenge = await ask(to, rawRequest({ ...parts, headers }));
    await ask(to, rawRequest({ ...parts, headers: [...headers, authorizationLine(challenge, uri, TOML)] }));
  }
}

describeWith(['kamailio', 'openssl'], 'signing in at a real Kamailio', () => {
  const keep = stopAfterAll();
  const files: Record<string, string> = {};
  const servers = new Map<Algorithm, Kamailio>();

  const play = async (scene: SigninScene): Promise<WatchedRun> => {
    const server = servers.get(scene.world.algorithm);
    if (server === undefined) throw new Error(`no Kamailio with ${scene.world.algorithm}`);
    const { address, udpPort, tcpPort, tlsPort } = server;
    const ports = { udp: `${udpPort}`, tcp: `${tcpPort}`, tls: `${tlsPort}` };
    const before = await heldBy(server);
    const run = await runForReport(argsOf(scene, { address, ...ports, ...files }));
    return { ...run, before, after: await heldBy(server) };
  };

  beforeAll(async () => {
    const folder = keep(temporaryFolder('signin')).path;
    const root = await createAuthority(folder, { name: 'root' });
    files['root'] = root.certFile;
    for (const [name, password] of Object.entries(PASSWORDS)) {
      files[name] = join(folder, name);
      writeFileSync(join(folder, name), `${password}\n`, { mode: 0o600 });
    }
    const { certFile, keyFile } = await issue({ issuer: root, name: 'leaf', dns: [DOMAIN, HOST] });
    for (const [index, algorithm] of (['MD5', 'SHA-256'] as const).entries()) {
      const transports = ['udp' as const, 'tcp' as const, 'tls' as const];
      const common = { domain: DOMAIN, users: [ALICE, TOML], transports, tls: { certFile, keyFile }, algorithm };
      const server = keep(await startKamailio({ address: loopbackAddress(index), ...common }));
      await signInElsewhere(server);
      servers.set(algorithm, server);
    }
  });

  const seen = playScenes('signin', play, expectSignIn);

  test('a wrong password is sent once, whichever ways there are', async () => {
    const { report } = await seen('signin-wrong-password');
    expect(report.observations.filter(({ kind }) => kind === 'withheld')).toHaveLength(1);
  });

  test('without a password it goes up to the challenge', async () => {
    const { report } = await seen('signin-no-password');
    expect(report.rungs.find(({ rung }) => rung === 'auth')?.summary).toContain('no password');
  });

  test('the other endpoints of a user are left as they were', async () => {
    const { before, after } = await seen('signin-elsewhere');
    expect(before.toml).toHaveLength(2);
    expect(after.toml).toEqual(before.toml);
  });
});
