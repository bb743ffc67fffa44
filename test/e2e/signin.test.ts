import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Report } from '../../src/model.ts';
import { createAuthority, issue } from './real/certificates.ts';
import { stopAfterAll, temporaryFolder } from './real/clean-up.ts';
import { runForReport, type ReportedRun } from './real/doctor-run.ts';
import { startKamailio, type Binding, type Kamailio } from './real/kamailio.ts';
import { loopbackAddress } from './real/ports.ts';
import { ask, authorizationLine, rawRequest } from './real/raw-sip.ts';
import { describeWith } from './real/requirements.ts';

const DOMAIN = 'fuzzybunny.local';
const HOST = `sip.${DOMAIN}`;
const ALICE = { user: 'alice', password: String.raw`s"3\cr$et` };
const TOML = { user: 'toml', password: 'tangerine' };
const AOR = `sip:${ALICE.user}@${DOMAIN}`;
const TRANSPORTS = ['udp', 'tcp', 'tls'] as const;

const idsOf = ({ findings }: Report, least: 'warning' | 'info' = 'warning'): string[] =>
  findings.filter(({ severity }) => least === 'info' || severity !== 'info').map(({ id }) => id);

/** What changes from second to second is no part of what a registrar holds. */
const held = (bindings: readonly Binding[]): string[] =>
  bindings.map(({ contact, callId }) => `${contact} ${callId}`).toSorted();

describeWith(['kamailio', 'openssl'], 'sipdiag signin at a real Kamailio', () => {
  const keep = stopAfterAll();
  let folder = '';
  let ca = '';
  const servers = new Map<'MD5' | 'SHA-256', Kamailio>();

  const argsFor = (server: Kamailio, transport: (typeof TRANSPORTS)[number], input = AOR): string[] => {
    const port = { udp: server.udpPort, tcp: server.tcpPort, tls: server.tlsPort }[transport];
    const where = ['--server', `${HOST}:${port}`, '--resolve', `${HOST}:${port}:${server.address}`];
    return ['signin', input, ...where, '--transport', transport, '--ca', ca];
  };
  const passwordFile = (password: string): string => {
    const file = join(folder, 'password');
    writeFileSync(file, `${password}\n`, { mode: 0o600 });
    return file;
  };
  /** One run, before and after which Kamailio is asked what it holds: the same. */
  const runAt = async (server: Kamailio, args: readonly string[]): Promise<ReportedRun> => {
    const holds = () =>
      Promise.all(['alice', 'toml', 'nobody'].map(async (user) => held(await server.bindings(`${user}@${DOMAIN}`))));
    const before = await holds();
    const run = await runForReport(args);
    expect(await holds()).toEqual(before);
    return run;
  };
  const serverOf = (algorithm: 'MD5' | 'SHA-256'): Kamailio => {
    const server = servers.get(algorithm);
    if (server === undefined) throw new Error(`no Kamailio with ${algorithm}`);
    return server;
  };

  beforeAll(async () => {
    folder = keep(temporaryFolder('signin')).path;
    const root = await createAuthority(folder, { name: 'root' });
    ca = root.certFile;
    const leaf = await issue({ issuer: root, name: 'leaf', dns: [DOMAIN, HOST] });
    for (const [index, algorithm] of (['MD5', 'SHA-256'] as const).entries()) {
      const tls = { certFile: leaf.certFile, keyFile: leaf.keyFile };
      const common = { domain: DOMAIN, users: [ALICE, TOML], transports: [...TRANSPORTS], tls, algorithm };
      servers.set(algorithm, keep(await startKamailio({ address: loopbackAddress(index), ...common })));
    }
  });

  describe.each(['MD5', 'SHA-256'] as const)('with %s', (algorithm) => {
    test.each(TRANSPORTS)('signs in over %s, by address and by name, and leaves no binding', async (transport) => {
      const server = serverOf(algorithm);
      const file = passwordFile(ALICE.password);
      const { report, code } = await runAt(server, [...argsFor(server, transport), '--password-file', file]);
      const signIns = report.observations.filter((one) => one.kind === 'sip' && one.about.step === 'sign-in');
      expect(signIns.map(({ outcome }) => outcome.ok && 'status' in outcome.value && outcome.value.status)).toEqual([
        200, 200,
      ]);
      expect(idsOf(report)).toEqual([]);
      expect(report.findings.map(({ id }) => id)).toContain('matrix.all-work');
      expect(report.rungs.find(({ rung }) => rung === 'auth')?.status).toBe('passed');
      expect([report.verdict.status, code]).toEqual(['healthy', 0]);
      expect(await server.bindings(`alice@${DOMAIN}`)).toEqual([]);
      expect(JSON.stringify(report)).not.toContain(ALICE.password);
    });
  });

  test('sends a wrong password once, whichever ways there are', async () => {
    const server = serverOf('MD5');
    const args = argsFor(server, 'tcp');
    const { report, code } = await runAt(server, [...args, '--password-file', passwordFile('wrong')]);
    const { verdict } = report;
    expect([verdict.status, verdict.rung, verdict.findingId, code]).toEqual([
      'broken',
      'auth',
      'registration.credentials-rejected',
      1,
    ]);
    expect(idsOf(report, 'info')).toContain('matrix.password-refused');
    const sent = report.observations.filter((one) => one.kind === 'sip' && one.about.step === 'sign-in');
    expect(sent).toHaveLength(1);
    expect(report.observations.filter(({ kind }) => kind === 'withheld')).toHaveLength(1);
    expect(await server.bindings(`alice@${DOMAIN}`)).toEqual([]);
  });

  test('a user that does not exist is told from a domain that is not served', async () => {
    const server = serverOf('MD5');
    const file = passwordFile('x');
    for (const [aor, id] of [
      [`sip:nobody@${DOMAIN}`, 'registration.unknown-user'],
      ['sip:alice@elsewhere.example', 'registration.domain-not-served'],
    ] as const) {
      const { report, code } = await runAt(server, [...argsFor(server, 'tcp', aor), '--password-file', file]);
      expect([report.verdict.rung, report.verdict.findingId, code]).toEqual(['auth', id, 1]);
    }
  });

  test('doctor signs in too, and leaves what was there', async () => {
    const server = serverOf('MD5');
    const [, ...args] = argsFor(server, 'tls');
    const { report, code } = await runAt(server, ['doctor', ...args, '--password-file', passwordFile(ALICE.password)]);
    expect([report.verdict.status, code]).toEqual(['healthy', 0]);
    expect(report.rungs.find(({ rung }) => rung === 'auth')?.status).toBe('passed');
  });

  test('without a password it goes up to the challenge', async () => {
    const server = serverOf('SHA-256');
    const { report, code } = await runAt(server, argsFor(server, 'tls'));
    expect([report.verdict.status, code]).toEqual(['healthy', 0]);
    expect(report.rungs.find(({ rung }) => rung === 'auth')?.summary).toContain('no password');
  });

  describe('with two other endpoints signed in', () => {
    let before: string[] = [];
    let run: ReportedRun | undefined;
    beforeEach(async () => {
      const server = serverOf('MD5');
      const to = { transport: 'tcp' as const, address: server.address, port: server.tcpPort };
      for (const [port, seconds] of [
        [5070, 600],
        [5080, 900],
      ] as const) {
        const uri = `sip:${DOMAIN}`;
        const headers = [`Contact: <sip:toml@192.0.2.7:${port};transport=tcp>`, `Expires: ${seconds}`];
        const parts = { method: 'REGISTER', uri, aor: `sip:toml@${DOMAIN}`, transport: 'tcp' as const };
        const challenge = await ask(to, rawRequest({ ...parts, headers }));
        await ask(to, rawRequest({ ...parts, headers: [...headers, authorizationLine(challenge, uri, TOML)] }));
      }
      before = held(await server.bindings(`toml@${DOMAIN}`));
      const args = argsFor(server, 'tcp', `sip:toml@${DOMAIN}`);
      run = await runAt(server, [...args, '--password-file', passwordFile(TOML.password)]);
    });

    test('counts them and leaves them as they were', async () => {
      const elsewhere = run?.report.findings.find(({ id }) => id === 'registration.elsewhere');
      expect(elsewhere?.text).toContain('is signed in at 2 other endpoints');
      expect(elsewhere?.text).toContain('sip:toml@192.0.2.7:5080;transport=tcp over TCP');
      expect(run?.code).toBe(0);
      expect(before).toHaveLength(2);
      expect(held(await serverOf('MD5').bindings(`toml@${DOMAIN}`))).toEqual(before);
    });
  });
});
