import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { stopAfterAll, temporaryFolder, type Stoppable } from './real/clean-up.ts';
import { runForReport } from './real/doctor-run.ts';
import { startKamailio, type Binding, type Kamailio } from './real/kamailio.ts';
import { freePorts, loopbackAddress } from './real/ports.ts';
import { ask, authorizationLine, rawRequest } from './real/raw-sip.ts';
import { describeWith } from './real/requirements.ts';
import { playScenes } from './scenes/play.ts';
import { argsOf } from './scenes/row.ts';

const BIN = resolve(import.meta.dirname, '../../bin/sipdiag.js');
const DOMAIN = 'fuzzybunny.local';
const TOML = { user: 'toml', password: 'tangerine' };
const AOR = `sip:toml@${DOMAIN}`;

const held = (bindings: readonly Binding[]): string[] => bindings.map(({ contact }) => contact).toSorted();

/** What a run leaves at the server: what others have registered, and nothing of its own. */
const expectHeld = async (kamailio: Kamailio, contacts: string[]): Promise<void> =>
  expect(held(await kamailio.bindings(`toml@${DOMAIN}`))).toEqual(contacts);

/** Has a port until it is stopped. */
async function holdTaken(): Promise<Stoppable & { port: number }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // a TCP port that listens
  return { port, stop: async () => void (await once(server.close(), 'close')) };
}

const LEFT = `firewall ${AOR} --server {server} --transport tcp --password-file {password} --ports {waiting}-{waiting} --idle 60 --json`;

describeWith(['kamailio'], 'sipdiag firewall at a real Kamailio on loopback', () => {
  const keep = stopAfterAll();
  let kamailio: Kamailio;
  let values: Record<string, string>;
  let other: string;

  beforeAll(async () => {
    const address = loopbackAddress(1);
    const folder = keep(temporaryFolder('firewall')).path;
    const passwordFile = join(folder, 'password');
    writeFileSync(passwordFile, `${TOML.password}\n`, { mode: 0o600 });
    kamailio = keep(await startKamailio({ address, domain: DOMAIN, users: [TOML], transports: ['udp', 'tcp'] }));
    const [free, waiting] = await freePorts('127.0.0.1', 2);
    const taken = keep(await holdTaken());
    values = {
      server: `${address}:${kamailio.tcpPort}`,
      password: passwordFile,
      free: `${free}`,
      waiting: `${waiting}`,
      taken: `${taken.port}`,
    };
    const [elsewhere = 0] = await freePorts(address, 1);
    other = `sip:toml@${address}:${elsewhere};transport=tcp`;
    const parts = { method: 'REGISTER', uri: `sip:${DOMAIN}`, aor: AOR, transport: 'tcp' as const };
    const to = { transport: 'tcp' as const, address, port: kamailio.tcpPort };
    const headers = [`Contact: <${other}>`, 'Expires: 600'];
    const challenge = await ask(to, rawRequest({ ...parts, headers }));
    await ask(to, rawRequest({ ...parts, headers: [...headers, authorizationLine(challenge, parts.uri, TOML)] }));
  });

  const seen = playScenes(
    'firewall-loopback',
    (scene) => runForReport(argsOf(scene, values)),
    () => expectHeld(kamailio, [other]),
  );

  test('is called back on the port', async () => {
    const { report } = await seen('firewall-loopback-free');
    const reached = report.observations.filter((one) => one.kind === 'reach' && one.outcome.ok);
    expect(reached.length).toBeGreaterThan(0);
  });

  test('takes it back on Ctrl-C too', async () => {
    const args = argsOf({ command: LEFT }, values);
    const run = spawn(process.execPath, [BIN, ...args], { stdio: 'ignore' });
    const ended = once(run, 'exit');
    await expect.poll(async () => held(await kamailio.bindings(`toml@${DOMAIN}`)), { timeout: 10_000 }).toHaveLength(2);
    run.kill('SIGINT');
    await ended;
    await expectHeld(kamailio, [other]);
  });
});
