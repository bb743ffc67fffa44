/** Registrations that are sent elsewhere with 3xx: what becomes of them there, and of the password. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { Report } from '../../src/model.ts';
import { answer, startScripted, type Behaviour } from './lcs-server.ts';
import { createAuthority, issue } from './real/certificates.ts';
import { stopAfterAll, temporaryFolder } from './real/clean-up.ts';
import { runForReport, runSipdiag } from './real/doctor-run.ts';
import { startKamailio, type Kamailio } from './real/kamailio.ts';
import { freePort, loopbackAddress } from './real/ports.ts';
import { describeWith } from './real/requirements.ts';
import { startSipp } from './real/sipp.ts';

const DOMAIN = 'fuzzybunny.local';
const ALICE = { user: 'alice', password: 'tangerine' };

/** Sends every REGISTER elsewhere. */
const sendsTo =
  (contact: string, status = '302 Moved Temporarily', ...headers: string[]): Behaviour =>
  (request) =>
    request.startsWith('OPTIONS ')
      ? answer(request, '200 OK')
      : answer(request, status, [`Contact: <${contact}>`, ...headers]);

const idsOf = ({ findings }: Report): string[] =>
  findings.flatMap(({ id, severity }) => (severity === 'info' ? [] : `${id} ${severity}`));
const signInsOf = ({ observations }: Report) =>
  observations.filter((one) => one.kind === 'sip' && one.about.step === 'sign-in');

describeWith(['kamailio', 'openssl', 'sipp'], 'sipdiag signin where the registration is sent elsewhere', () => {
  const keep = stopAfterAll();
  const [first, second, homeAddress] = [loopbackAddress(0), loopbackAddress(1), loopbackAddress(2)];
  let home: Kamailio;
  let common: string[] = [];
  beforeAll(async () => {
    const folder = keep(temporaryFolder('redirect')).path;
    const root = await createAuthority(folder, { name: 'root' });
    const leaf = await issue({ issuer: root, name: 'leaf', dns: [DOMAIN] });
    const tls = { certFile: leaf.certFile, keyFile: leaf.keyFile };
    const settings = { domain: DOMAIN, users: [ALICE], transports: ['udp', 'tcp', 'tls'] as const, tls };
    home = keep(await startKamailio({ address: homeAddress, ...settings, transports: [...settings.transports] }));
    const password = join(folder, 'password');
    writeFileSync(password, ALICE.password, { mode: 0o600 });
    // Nobody listens at port 1: no question of a test leaves this machine.
    common = ['--timeout', '900', '--resolver', `${first}:1`, '--ca', root.certFile, '--password-file', password];
  });
  const argsFor = (port: number, ...more: string[]): string[] => [
    'signin',
    `sip:alice@${DOMAIN}`,
    '--server',
    `${first}:${port}`,
    '--transport',
    'tcp',
    ...common,
    ...more,
  ];

  test('follows a 302 of sipp to a real Kamailio, signs in there once, and leaves no binding', async () => {
    const target = `sip:${homeAddress}:${home.tcpPort};transport=tcp`;
    const sipp = keep(
      await startSipp(first, {
        options: { status: '200 OK' },
        register: [{ status: '302 Moved Temporarily', headers: [`Contact: <${target}>`] }],
      }),
    );
    const { report, code } = await runForReport(argsFor(sipp.port));
    expect(signInsOf(report).map(({ outcome }) => outcome)).toMatchObject([{ ok: true, value: { status: 200 } }]);
    expect([...idsOf(report), report.verdict.status, code]).toEqual(['registration.redirected warning', 'degraded', 0]);
    expect(report.findings.map(({ id }) => id)).toContain('matrix.all-work');
    expect(await home.bindings(`alice@${DOMAIN}`)).toEqual([]);
  });

  test('follows a 302 that comes only once the password was taken, and signs in there', async () => {
    const target = `sip:${homeAddress}:${home.tcpPort};transport=tcp`;
    const asks: Behaviour = (request) =>
      request.startsWith('OPTIONS ') || /^authorization/im.test(request)
        ? sendsTo(target)(request)
        : answer(request, '401 Unauthorized', [`WWW-Authenticate: Digest realm="${DOMAIN}", nonce="abc", qop="auth"`]);
    const server = keep(await startScripted(first, asks));
    const { report, code } = await runForReport(argsFor(server.port));
    const answers = signInsOf(report).map(({ outcome }) =>
      outcome.ok && 'status' in outcome.value ? outcome.value.status : 0,
    );
    expect(answers).toContain(302);
    expect(answers).toContain(200);
    expect([...idsOf(report), report.verdict.status, code]).toEqual(['registration.redirected warning', 'degraded', 0]);
    expect(report.findings.map(({ id }) => id)).toContain('matrix.all-work');
    expect(await home.bindings(`alice@${DOMAIN}`)).toEqual([]);
  });

  test('goes by the certificate of the home server when the Contact leads to TLS', async () => {
    const server = keep(await startScripted(first, sendsTo(`sip:${DOMAIN}:${home.tlsPort};transport=tls`)));
    const pin = ['--resolve', `${DOMAIN}:${home.tlsPort}:${homeAddress}`];
    const { report, code } = await runForReport(argsFor(server.port, ...pin));
    expect(signInsOf(report)).toHaveLength(1);
    expect([report.verdict.status, code]).toEqual(['degraded', 0]);
    expect(server.requests.filter((one) => /^authorization/im.test(one))).toEqual([]);
    expect(await home.bindings(`alice@${DOMAIN}`)).toEqual([]);
  });

  test('gives no password to a TLS server that does not prove the name of the Contact', async () => {
    const server = keep(await startScripted(first, sendsTo(`sip:other.example:${home.tlsPort};transport=tls`)));
    const pin = ['--resolve', `other.example:${home.tlsPort}:${homeAddress}`];
    const foreign = argsFor(server.port, ...pin).map((one) =>
      one === `sip:alice@${DOMAIN}` ? 'sip:alice@other.example' : one,
    );
    const { report, code } = await runForReport(foreign);
    expect(signInsOf(report)).toEqual([]);
    expect([report.verdict.findingId, code]).toEqual(['registration.redirect-dead', 1]);
    expect(report.verdict.summary).toContain('it does not prove who it is');
  });

  test('a target that nobody serves is the finding', async () => {
    const target = `sip:${second}:${await freePort(second)};transport=tcp`;
    const server = keep(await startScripted(first, sendsTo(target)));
    const { report, code } = await runForReport(argsFor(server.port));
    expect([report.verdict.rung, report.verdict.findingId, code]).toEqual(['auth', 'registration.redirect-dead', 1]);
    expect(report.verdict.summary).toContain(target);
  });

  test('a target that refuses is the finding, and the director of a pool is called one', async () => {
    const pool = keep(await startScripted(second, (request) => answer(request, '404 Not Found')));
    const target = `sip:${second}:${pool.port};transport=tcp`;
    const server = keep(await startScripted(first, sendsTo(target, '301 Moved Permanently', 'Server: RTC/4.0')));
    const { report, code } = await runForReport(argsFor(server.port));
    expect([report.verdict.findingId, code]).toEqual(['registration.redirect-refused', 1]);
    expect(report.verdict.summary).toContain('sends a user to the home pool');
    expect(pool.requests.filter((one) => one.startsWith(`REGISTER sip:${DOMAIN} `))).toHaveLength(1);
  });

  test('servers that send to and fro are not followed without end', async () => {
    let there = '';
    const one = keep(await startScripted(first, (request) => sendsTo(there)(request)));
    const other = keep(await startScripted(second, sendsTo(`sip:${first}:${one.port};transport=tcp`)));
    there = `sip:${second}:${other.port};transport=tcp`;
    const { report, code } = await runForReport(argsFor(one.port));
    expect([report.verdict.findingId, code]).toEqual(['registration.redirect-loop', 1]);
    expect(other.requests).toHaveLength(1);
  });

  test('a proxy that is named with 305 is asked for the same', async () => {
    const target = `sip:${homeAddress}:${home.tcpPort};transport=tcp`;
    const server = keep(await startScripted(first, sendsTo(target, '305 Use Proxy')));
    const { stdout, code } = await runSipdiag(argsFor(server.port));
    expect(code).toBe(0);
    expect(stdout).toContain('305 -> 401');
  });
});
