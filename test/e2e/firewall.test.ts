import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { stopAfterAll, temporaryFolder } from './real/clean-up.ts';
import { runForReport } from './real/doctor-run.ts';
import { startKamailio, type Binding, type Kamailio } from './real/kamailio.ts';
import { freePorts, loopbackAddress } from './real/ports.ts';
import { ask, authorizationLine, rawRequest } from './real/raw-sip.ts';
import { describeWith } from './real/requirements.ts';

const BIN = resolve(import.meta.dirname, '../../bin/sipdiag.js');
const DOMAIN = 'fuzzybunny.local';
const TOML = { user: 'toml', password: 'tangerine' };
const AOR = `sip:toml@${DOMAIN}`;
const FAR_SIDE = ['callback', 'media'];

const held = (bindings: readonly Binding[]): string[] => bindings.map(({ contact }) => contact).toSorted();

describeWith(['kamailio'], 'sipdiag firewall at a real Kamailio on loopback', () => {
  const keep = stopAfterAll();
  let kamailio: Kamailio;
  let args: string[];
  let other: string;
  let ports: number[];

  beforeAll(async () => {
    const address = loopbackAddress(1);
    const folder = keep(temporaryFolder('firewall')).path;
    const passwordFile = join(folder, 'password');
    writeFileSync(passwordFile, `${TOML.password}\n`, { mode: 0o600 });
    kamailio = keep(await startKamailio({ address, domain: DOMAIN, users: [TOML], transports: ['udp', 'tcp'] }));
    const server = `${address}:${kamailio.tcpPort}`;
    args = ['firewall', AOR, '--server', server, '--transport', 'tcp', '--password-file', passwordFile];
    ports = await freePorts('127.0.0.1', 2);
    const [elsewhere = 0] = await freePorts(address, 1);
    other = `sip:toml@${address}:${elsewhere};transport=tcp`;
    const parts = { method: 'REGISTER', uri: `sip:${DOMAIN}`, aor: AOR, transport: 'tcp' as const };
    const to = { transport: 'tcp' as const, address, port: kamailio.tcpPort };
    const headers = [`Contact: <${other}>`, 'Expires: 600'];
    const challenge = await ask(to, rawRequest({ ...parts, headers }));
    await ask(to, rawRequest({ ...parts, headers: [...headers, authorizationLine(challenge, parts.uri, TOML)] }));
  });

  const range = (port: number) => ['--ports', `${port}-${port}`];

  test('takes back its own Contact and no other', async () => {
    const { report } = await runForReport([...args, ...range(ports[0] ?? 0), '--timeout', '2000']);
    const reached = report.observations.filter((one) => one.kind === 'reach' && one.outcome.ok);
    expect(reached.length).toBeGreaterThan(0);
    expect(report.rungs.find(({ rung }) => rung === 'callback')?.status).toBe('passed');
    expect(report.findings.filter(({ rung }) => FAR_SIDE.includes(rung)).map(({ id }) => id)).toContain(
      'callback-range.too-small',
    );
    expect(held(await kamailio.bindings(`toml@${DOMAIN}`))).toEqual([other]);
  });

  test('takes it back on Ctrl-C too', async () => {
    const run = spawn(process.execPath, [BIN, ...args, ...range(ports[1] ?? 0), '--idle', '60', '--json'], {
      stdio: 'ignore',
    });
    const ended = once(run, 'exit');
    await expect.poll(async () => held(await kamailio.bindings(`toml@${DOMAIN}`)), { timeout: 10_000 }).toHaveLength(2);
    run.kill('SIGINT');
    await ended;
    expect(held(await kamailio.bindings(`toml@${DOMAIN}`))).toEqual([other]);
  });

  test('names a port that another program has', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    try {
      const { port } = taken.address() as { port: number }; // a TCP port that listens
      const { report } = await runForReport([...args, ...range(port), '--timeout', '2000']);
      expect(report.verdict.findingId).toBe('callback-port.in-use');
      expect(report.verdict.status).toBe('broken');
    } finally {
      taken.close();
    }
  });
});
