import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { writeFileSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Report } from '../../src/model.ts';
import { answer, lcs, sha512Truncated, startScripted, type Behaviour } from './lcs-server.ts';
import { stopAfterAll, temporaryFolder } from './real/clean-up.ts';
import { runForReport } from './real/doctor-run.ts';
import { loopbackAddress } from './real/ports.ts';
import { describeWith } from './real/requirements.ts';
import { startSipp, type SippScript } from './real/sipp.ts';

const SECRET = 'tangerine-6e6f6e6365';
const CHALLENGE = 'WWW-Authenticate: Digest realm="fuzzybunny.local", nonce="abc", qop="auth"';
const OK = { status: '200 OK' };
const ASKS = { status: '401 Unauthorized', headers: [CHALLENGE] };

const args = (address: string, port: number, ...more: string[]): string[] => [
  'signin',
  'sip:alice@fuzzybunny.local',
  '--server',
  `${address}:${port}`,
  '--transport',
  'tcp',
  // Nobody listens there: no question of a test leaves this machine.
  '--resolver',
  `${address}:1`,
  '--timeout',
  '900',
  ...more,
];

function told({ verdict, findings }: Report, code: number | null): unknown {
  return { rung: verdict.rung, cause: verdict.findingId, code, ids: findings.map(({ id }) => id) };
}

describe('sipdiag signin at scripted servers', () => {
  const keep = stopAfterAll();
  const address = loopbackAddress(0);
  let withPassword: string[] = [];
  beforeAll(() => {
    const file = join(keep(temporaryFolder('scripted')).path, 'password');
    writeFileSync(file, SECRET, { mode: 0o600 });
    withPassword = ['--password-file', file];
  });

  describeWith(['sipp'], 'played by a real sipp', () => {
    const accepted = { status: '200 OK', headers: ['Contact: <sip:alice@192.0.2.1>;expires=120'] };
    const scripts: [string, SippScript, unknown][] = [
      [
        'sends elsewhere with 302',
        {
          options: OK,
          register: [{ status: '302 Moved Temporarily', headers: ['Contact: <sip:home.fuzzybunny.local>'] }],
        },
        { rung: 'auth', cause: 'registration.redirect-dead', code: 1, ids: expect.any(Array) },
      ],
      [
        'is overloaded: 503 with Retry-After',
        {
          options: { status: '503 Service Unavailable', headers: ['Retry-After: 120'] },
          register: [{ status: '503 Service Unavailable', headers: ['Retry-After: 120'] }],
        },
        { rung: 'sip', cause: 'sip-answer.server-error', code: 1, ids: expect.any(Array) },
      ],
      [
        'wants a longer registration: 423 with Min-Expires',
        {
          options: OK,
          register: [ASKS, { status: '423 Interval Too Brief', headers: ['Min-Expires: 120'] }, accepted, OK],
        },
        { rung: null, cause: null, code: 0, ids: expect.arrayContaining(['registration.interval-too-brief']) },
      ],
      [
        'sends twenty provisional answers first',
        {
          options: OK,
          register: [...Array.from({ length: 20 }, () => ({ status: '100 Trying' })), ASKS, accepted, OK],
        },
        { rung: null, cause: null, code: 0, ids: expect.any(Array) },
      ],
      [
        'refuses OPTIONS with 405, and takes REGISTER',
        { options: { status: '405 Method Not Allowed', headers: ['Allow: REGISTER'] }, register: [ASKS, accepted, OK] },
        { rung: null, cause: null, code: 0, ids: expect.arrayContaining(['sip-answer.method-refused']) },
      ],
      [
        'does not serve the domain: 403',
        { options: OK, register: [{ status: '403 Domain Not Served Here' }] },
        {
          rung: 'auth',
          cause: 'registration.domain-not-served',
          code: 1,
          ids: expect.arrayContaining(['registration.domain-not-served']),
        },
      ],
      [
        'forbids the registration once the password was sent',
        { options: OK, register: [ASKS, { status: '403 Forbidden' }] },
        { rung: 'auth', cause: 'registration.account-forbidden', code: 1, ids: expect.any(Array) },
      ],
    ];
    test.each(scripts)('one that %s', async (_name, script, expected) => {
      const server = keep(await startSipp(address, script));
      const { report, code } = await runForReport(args(address, server.port, ...withPassword));
      expect(told(report, code)).toEqual(expected);
    });
  });

  const behaviours: [string, Behaviour, unknown][] = [
    ['accepts and never answers', () => undefined, { rung: 'sip', cause: 'sip-answer.none', code: 1 }],
    [
      'answers HTTP',
      () => 'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n',
      { rung: 'sip', cause: 'sip-answer.not-sip', code: 1 },
    ],
    ['closes after the request', () => null, { rung: 'sip', cause: 'sip-answer.closed', code: 1 }],
  ];
  test.each(behaviours)('one that %s', async (_name, behaviour, expected) => {
    const server = keep(await startScripted(address, behaviour));
    const { report, code } = await runForReport(args(address, server.port, ...withPassword));
    expect(told(report, code)).toMatchObject(Object(expected));
  });

  test('one of the LCS days leads a user@domain account into the Kerberos trap', async () => {
    const server = keep(await startScripted(address, lcs));
    const named = await runForReport(
      args(address, server.port, '--auth-user', 'alice@fuzzybunny.local', ...withPassword),
    );
    expect(told(named.report, named.code)).toMatchObject({
      rung: 'auth',
      cause: 'registration.kerberos-trap',
      code: 1,
    });
    const [trap] = named.report.findings.filter(({ id }) => id === 'registration.kerberos-trap');
    expect(trap?.remedy).toContain(String.raw`DOMAIN\user`);
    expect(server.requests.filter((one) => /^authorization/im.test(one))).toEqual([]);
  });

  test('one of the LCS days does not trap DOMAIN\\user', async () => {
    const server = keep(await startScripted(address, lcs));
    const { report } = await runForReport(
      args(address, server.port, '--auth-user', String.raw`FUZZY\alice`, ...withPassword),
    );
    const ids = report.findings.map(({ id }) => id);
    expect(ids).toContain('registration.scheme-unsupported');
    expect(ids).not.toContain('registration.kerberos-trap');
  });

  test('one that cuts SHA-512 short refuses the right password, and takes it with --digest-sha512t', async () => {
    const server = keep(await startScripted(address, sha512Truncated(SECRET)));
    const refused = await runForReport(args(address, server.port, ...withPassword));
    expect(told(refused.report, refused.code)).toMatchObject({
      rung: 'auth',
      cause: 'registration.credentials-rejected',
      code: 1,
    });
    expect(refused.report.verdict.nextStep).toContain('--digest-sha512t');
    expect(server.requests.filter((one) => /^authorization/im.test(one))).toHaveLength(1);
    const taken = await runForReport(args(address, server.port, ...withPassword, '--digest-sha512t'));
    expect(told(taken.report, taken.code)).toMatchObject({ cause: null, code: 0 });
  });

  test('a clock that is twenty minutes ahead is told', async () => {
    const late: Behaviour = (request) =>
      answer(request, request.startsWith('OPTIONS ') ? '200 OK' : '401 Unauthorized', [
        `Date: ${new Date(Date.now() + 20 * 60_000).toUTCString()}`,
        ...(request.startsWith('OPTIONS ') ? [] : [CHALLENGE]),
      ]);
    const server = keep(await startScripted(address, late));
    const { report, code } = await runForReport(args(address, server.port));
    const skew = report.findings.find(({ id }) => id === 'registration.clock-skew');
    expect(skew?.text).toContain('20 minutes ahead of');
    expect([skew?.severity, report.verdict.status, code]).toEqual(['warning', 'degraded', 0]);
  });

  describe('a silent UDP server', () => {
    let socket: Socket;
    beforeAll(async () => {
      socket = createSocket('udp4');
      socket.bind(0, address);
      await once(socket, 'listening');
    });
    afterAll(() => void socket.close());

    test('is given up after three seconds, not thirty', async () => {
      const line = ['signin', 'sip:alice@fuzzybunny.local', '--server', `${address}:${socket.address().port}`];
      const { report, code } = await runForReport([...line, '--transport', 'udp', ...withPassword]);
      expect(told(report, code)).toMatchObject({ rung: 'sip', cause: 'sip-answer.none', code: 1 });
      expect(report.ms).toBeLessThan(3500);
    });
  });

  test('Ctrl-C between REGISTER and its answer takes the Contact back', async () => {
    let interrupted: () => void = () => undefined;
    const slow: Behaviour = (request) => {
      if (request.startsWith('OPTIONS ')) return answer(request, '200 OK');
      if (!/^authorization/im.test(request)) return answer(request, '401 Unauthorized', [CHALLENGE]);
      if (/^expires: 0$/im.test(request)) return answer(request, '200 OK');
      interrupted();
      return undefined;
    };
    const server = keep(await startScripted(address, slow));
    const bin = resolve(import.meta.dirname, '../../bin/sipdiag.js');
    const child = spawn(process.execPath, [bin, ...args(address, server.port, ...withPassword), '--timeout', '9000'], {
      stdio: 'ignore',
    });
    interrupted = () => void child.kill('SIGINT');
    await once(child, 'close');
    const contacts = server.requests.flatMap(
      (one) => /^Contact: <([^>]*)>.*expires=(\d+)$/im.exec(one)?.slice(1, 3) ?? [],
    );
    expect(contacts).toEqual([contacts[0], '60', contacts[0], '0']);
  });

  test('no report, trace, saved run or error holds the password, nor does a response give it away', async () => {
    const echo: Behaviour = (request) => {
      if (request.startsWith('OPTIONS ')) return answer(request, '200 OK');
      const credentials = /^Authorization: .*$/im.exec(request)?.[0];
      if (credentials === undefined) return answer(request, '401 Unauthorized', [CHALLENGE]);
      return answer(request, '200 OK', [credentials]);
    };
    const server = keep(await startScripted(address, echo));
    const folder = keep(temporaryFolder('secrets')).path;
    const files = ['trace', 'pcap', 'saved'].map((name) => join(folder, name));
    const [trace = '', pcap = '', saved = ''] = files;
    const outputs = ['--trace', trace, '--trace-pcap', pcap, '--save', saved];
    const { report } = await runForReport(args(address, server.port, ...withPassword, ...outputs));
    const sent = server.requests.find((one) => /^authorization/im.test(one)) ?? '';
    const response = /response="([0-9a-f]{32})"/.exec(sent)?.[1] ?? 'none';
    expect(response).toHaveLength(32);
    const texts = [JSON.stringify(report), ...files.map((file) => readFileSync(file, 'latin1'))];
    expect(texts.filter((text) => text.includes(SECRET) || text.includes(response))).toEqual([]);
    expect(texts[1]).toContain('username="alice"');
  });
});
