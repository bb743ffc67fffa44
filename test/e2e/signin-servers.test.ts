/** Several servers of one domain, as DNS publishes them: which one a client ends up on, and what is told of the others. */
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { answer, lcs, startScripted } from './lcs-server.ts';
import { startBind } from './real/bind.ts';
import { stopAfterAll, temporaryFolder, type Stoppable } from './real/clean-up.ts';
import { runForReport, runSipdiag } from './real/doctor-run.ts';
import { startKamailio, type Kamailio } from './real/kamailio.ts';
import { freePort, loopbackAddress } from './real/ports.ts';
import { describeWith } from './real/requirements.ts';
import { startSipp } from './real/sipp.ts';
import { a, srv } from './real/zone-records.ts';

const DOMAIN = 'fuzzybunny.local';
const ALICE = { user: 'alice', password: 'tangerine' };

interface Member {
  name: string;
  address: string;
  port: number;
  priority?: number;
}

const publish = (members: readonly Member[]): string =>
  members
    .flatMap(({ name, address, port, priority = 10 }) => [
      srv('_sip._tcp', { target: name, port, priority }),
      a(name, address),
    ])
    .join('\n');

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ');

describeWith(['kamailio', 'bind', 'sipp'], 'sipdiag signin at several servers of a domain', () => {
  const keep = stopAfterAll();
  const [good, other, third] = [loopbackAddress(0), loopbackAddress(1), loopbackAddress(2)];
  let kamailio: Kamailio;
  let password = '';
  beforeAll(async () => {
    password = join(keep(temporaryFolder('servers')).path, 'password');
    writeFileSync(password, ALICE.password, { mode: 0o600 });
    kamailio = keep(await startKamailio({ address: good, domain: DOMAIN, users: [ALICE], transports: ['tcp'] }));
  });
  const working = (priority: number): Member => ({ name: 'sip3', address: good, port: kamailio.tcpPort, priority });

  /** Publishes the members and gives the command line; the name server ends after `act`. */
  async function at<T>(members: readonly Member[], act: (args: string[]) => Promise<T>): Promise<T> {
    const bind = await startBind({ address: loopbackAddress(5), port: 53, zones: { [DOMAIN]: publish(members) } });
    try {
      const resolver = `${bind.endpoint.address}:${bind.endpoint.port}`;
      return await act([
        'signin',
        `sip:alice@${DOMAIN}`,
        '--resolver',
        resolver,
        '--timeout',
        '900',
        '--password-file',
        password,
      ]);
    } finally {
      await bind.stop();
    }
  }

  test('the first is overloaded, the second silent, the third takes the client after 32 s', async () => {
    const overloaded = { status: '503 Service Unavailable', headers: ['Retry-After: 120'] };
    const sipp = keep(await startSipp(other, { options: overloaded, register: [overloaded] }));
    const silent = keep(await startScripted(third, () => undefined));
    const members = [
      { name: 'sip1', address: other, port: sipp.port, priority: 10 },
      { name: 'sip2', address: third, port: silent.port, priority: 20 },
      working(30),
    ];
    const { report, code } = await at(members, runForReport);
    expect([report.verdict.status, report.verdict.rung, code]).toEqual(['degraded', 'sip', 0]);
    const severities = report.findings.flatMap(({ id, severity }) => (severity === 'info' ? [] : `${id} ${severity}`));
    expect(severities).toEqual(['sip-answer.server-error warning', 'sip-answer.none warning']);
    const [moves] = report.findings.filter(({ id }) => id.startsWith('failover.'));
    expect(moves?.id).toBe('failover.moves-on');
    expect(moves?.text).toContain('at once (503 Service Unavailable, and asks to be left alone for 120 s)');
    expect(moves?.text).toContain(`and registers at sip3.${DOMAIN} (${good}:${kamailio.tcpPort}) after 32 s`);
    expect(await kamailio.bindings(`alice@${DOMAIN}`)).toEqual([]);
  });

  test('the first is down, and the report says where the client goes', async () => {
    const members = [{ name: 'sip1', address: other, port: await freePort(other), priority: 10 }, working(20)];
    const { stdout, code } = await at(members, runSipdiag);
    expect(code).toBe(0);
    expect(oneLine(stdout)).toContain('Failover: Over tcp a client of the profile rfc3263 leaves sip1');
    expect(oneLine(stdout)).toContain('at once (connection: refused), and registers at sip3');
  });

  test('one of two equals does not serve the domain: some clients sign in, some do not', async () => {
    const stranger = keep(await startScripted(other, (request) => answer(request, '404 Not Found')));
    const members = [{ name: 'sip1', address: other, port: stranger.port, priority: 10 }, working(10)];
    const { report, code } = await at(members, runForReport);
    expect([report.verdict.findingId, report.verdict.status, code]).toEqual([
      'registration.domain-not-served',
      'degraded',
      0,
    ]);
  });

  test('the first alone does not serve the domain, and stops everybody', async () => {
    const stranger = keep(await startScripted(other, (request) => answer(request, '404 Not Found')));
    const members = [{ name: 'sip1', address: other, port: stranger.port, priority: 10 }, working(20)];
    const { report, code } = await at(members, runForReport);
    expect([report.verdict.findingId, report.verdict.status, code]).toEqual([
      'registration.domain-not-served',
      'broken',
      1,
    ]);
    expect(report.findings.map(({ id }) => id)).toContain('failover.stops-short');
  });
});

/** Takes connections on the port of a key distribution centre. */
async function startCentre(address: string): Promise<Stoppable> {
  const server = createServer((socket) => void socket.on('error', () => undefined).resume());
  server.listen(88, address);
  await once(server, 'listening');
  return {
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}

describeWith(['bind'], 'an account written user@domain at a server that offers Kerberos', () => {
  const keep = stopAfterAll();
  const [server, centre] = [loopbackAddress(0), loopbackAddress(6)];
  let args: string[] = [];
  beforeAll(async () => {
    const scripted = keep(await startScripted(server, lcs));
    const records = [srv('_kerberos._tcp', { target: 'dc1', port: 88 }), a('dc1', centre)];
    const address = loopbackAddress(5);
    const { endpoint } = keep(await startBind({ address, port: 53, zones: { [DOMAIN]: records.join('\n') } }));
    const to = ['--server', `${server}:${scripted.port}`, '--transport', 'tcp', '--timeout', '900'];
    const who = ['--auth-user', `alice@${DOMAIN}`, '--resolver', `${endpoint.address}:${endpoint.port}`];
    args = ['signin', `sip:alice@${DOMAIN}`, ...to, ...who];
  });

  describe('while the key distribution centre is down', () => {
    test('is in the trap, and the centre is named', async () => {
      const { report, code } = await runForReport(args);
      expect([report.verdict.rung, report.verdict.findingId, code]).toEqual(['auth', 'registration.kerberos-trap', 1]);
      expect(report.verdict.summary).toContain(`dc1.${DOMAIN}:88 refused`);
    });
  });

  describe('while the key distribution centre answers', () => {
    beforeAll(async () => {
      keep(await startCentre(centre));
    });

    test('is in no trap', async () => {
      const { report } = await runForReport(args);
      const ids = report.findings.map(({ id }) => id);
      expect(ids).not.toContain('registration.kerberos-trap');
      const kdc = report.observations.find(({ kind }) => kind === 'kdc');
      expect(kdc?.outcome).toMatchObject({ ok: true, value: { centres: [{ port: 88, reached: 'open' }] } });
    });
  });
});
