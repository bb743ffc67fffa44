import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createServer2 } from 'node:http2';
import type { Readable, Writable } from 'node:stream';
import { describe, expect, onTestFinished, test } from 'vitest';
import { exitCodeOf } from '../../src/cli/exit-code.ts';
import type { Observation, Report } from '../../src/model.ts';
import { createRealWorld } from '../../src/net/real-world.ts';
import { sideBySide } from '../../src/probe/context.ts';
import { run } from '../../src/run.ts';
import { attributeValue } from '../../src/wire/stun-message.ts';
import { STUN_ATTRIBUTE } from '../../src/wire/stun-registry.ts';
import type { Endpoint } from '../../src/world.ts';
import { assertValidReport } from '../report/valid-report.ts';
import { cutting } from './cut-conversation.ts';
import { answerTo, NXDOMAIN } from './dns-octets.ts';
import { answering, overTls, startTruncating } from './dns-servers.ts';
import { askWitness } from './far-side-run.ts';
import { PATIENT_MS, questionsTo } from './hostile-run.ts';
import { startHostile, type HostileServer, type StreamBehaviour } from './hostile-server.ts';
import { answering as answeringStun, challenged, refusal } from './stun-servers.ts';
import { certificates } from './hostile-identity.ts';

const SIDE_BY_SIDE = 8;
const nothingThere = answering((query) => [answerTo(query, { flags: NXDOMAIN })]);

const line = (value: unknown): string => `${JSON.stringify(value)}\n`;
const agent: StreamBehaviour = (socket) => {
  socket.write(line({ type: 'hello', versions: [1], challenge: 'ab'.repeat(16), token: 'none', ports: 16 }));
  const accepted = {
    type: 'accepted',
    software: 'a',
    address: '127.0.0.1',
    port: 9,
    session: 'cd'.repeat(16),
    mirror: [],
  };
  socket.once('data', () => void socket.write(line(accepted) + line({ type: 'done' })));
};

const relay = answeringStun((request) =>
  (attributeValue(request, STUN_ATTRIBUTE.USERNAME) === undefined ? challenged(401, 'n') : refusal(486))(request),
);

/** Answers each question over HTTP, of either version, without TLS. */
async function startWeb(version: 1 | 2): Promise<Endpoint> {
  const answer = (
    request: Readable,
    response: Writable & { setHeader(name: string, value: string): unknown },
  ): void => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      response.setHeader('content-type', 'application/dns-message');
      response.end(answerTo(Buffer.concat(parts), { flags: NXDOMAIN }));
    });
  };
  const server = version === 1 ? createServer(answer) : createServer2(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('the server has no port');
  return { address: bound.address, port: bound.port };
}

interface Way {
  name: string;
  good: StreamBehaviour | { start: () => Promise<Endpoint> };
  /** Where it is cut. Absent: there is no TLS. */
  tls?: 'inside' | 'records';
  alpn?: string[];
  /** Octets from one place to the next. */
  step: number;
  start?: typeof startTruncating;
  ask: (server: HostileServer, ports: number) => Promise<Report>;
  /** What is told of it. */
  cause: RegExp;
}

/** One is enough: what is left of many is asked on one new connection after the other. */
const QUESTION = { name: 'sip.fuzzybunny.local', type: 'A' as const };
const dns = (resolver: Parameters<typeof questionsTo>[0]) =>
  run(createRealWorld(), questionsTo(resolver, { timeoutMs: PATIENT_MS, question: QUESTION }));
const dnsOverHttps = ({ endpoint }: HostileServer) =>
  dns({ label: 'cut', endpoint, over: { kind: 'https', path: '/dns-query' } });
const askAgent =
  (tls: 'tcp' | 'tls') =>
  ({ endpoint: { address: host, port } }: HostileServer, ports: number) =>
    askWitness({ witness: 'agent', named: { agent: { host, port, tls } }, limitMs: PATIENT_MS, ports }, onTestFinished);
const askRelay =
  (transport: 'tcp' | 'tls') =>
  ({ endpoint: { address: host, port } }: HostileServer, ports: number) => {
    const turnCredentials = { user: 'alice', password: () => 'clementine' };
    const named = { turn: { host, port, transport }, turnCredentials };
    return askWitness({ witness: 'turn', named, limitMs: PATIENT_MS, ports }, onTestFinished);
  };

const overTlsTo = ({ endpoint }: HostileServer) => dns(overTls(endpoint));
const UNREACHABLE = /^resolver\.unreachable: .* ended the connection/;
const ENDED = /^(?:witness\.unreachable|unknown): .* ended the connection/;
/** Behind the answer to the first of two requests, that is what is told. */
const REFUSED = /^witness\.(?:unreachable: .* ended the connection|[a-z]+: .*: 486 )/;

const WAYS: Way[] = [
  {
    name: 'of DNS over TCP',
    good: nothingThere,
    step: 1,
    start: startTruncating,
    ask: ({ endpoint }) => dns({ label: 'cut', endpoint }),
    cause: /^resolver\.truncated-no-tcp: .* ended the connection/,
  },
  { name: 'of DNS over TLS', good: nothingThere, tls: 'inside', step: 1, ask: overTlsTo, cause: UNREACHABLE },
  {
    name: 'of DNS over TLS, in its records,',
    good: nothingThere,
    tls: 'records',
    step: 61,
    ask: overTlsTo,
    cause: UNREACHABLE,
  },
  {
    name: 'of DNS over HTTP/1.1',
    good: { start: () => startWeb(1) },
    tls: 'inside',
    step: 1,
    ask: dnsOverHttps,
    cause: UNREACHABLE,
  },
  {
    name: 'of DNS over HTTP/2',
    good: { start: () => startWeb(2) },
    tls: 'inside',
    alpn: ['h2'],
    step: 1,
    ask: dnsOverHttps,
    cause: UNREACHABLE,
  },
  { name: 'with an agent', good: agent, step: 1, ask: askAgent('tcp'), cause: ENDED },
  { name: 'with an agent over TLS', good: agent, tls: 'inside', step: 1, ask: askAgent('tls'), cause: ENDED },
  { name: 'with a TURN server', good: relay, step: 1, ask: askRelay('tcp'), cause: REFUSED },
  { name: 'with a TURN server over TLS', good: relay, tls: 'inside', step: 1, ask: askRelay('tls'), cause: REFUSED },
];

const startPlain = (behaviour: StreamBehaviour): Promise<HostileServer> => startHostile(behaviour);

async function startGood({ good, tls }: Way): Promise<Endpoint> {
  if ('start' in good) return good.start();
  return (await startHostile(good, tls === 'records' ? certificates : undefined)).endpoint;
}

async function cutAt(way: Way, octets: number, ports: number) {
  const { tls, alpn = [], start = startPlain, ask } = way;
  const { behaviour, returned } = cutting(await startGood(way), octets);
  const server =
    tls === 'inside'
      ? await startHostile(behaviour, { ...certificates, alpn })
      : await start(behaviour, onTestFinished);
  const report = await ask(server, ports);
  await server.abandoned();
  return { report, returned: returned() };
}

const isWaitedFor = ({ outcome }: Observation): boolean => !outcome.ok && outcome.reason === 'timeout';

describe('a good conversation', () => {
  test.each(WAYS)('$name that is cut short, wherever it is, is told at once and never as healthy', async (way) => {
    const whole = await cutAt(way, Infinity, 26_000);
    const places = Array.from({ length: Math.ceil(whole.returned / way.step) }, (_, at) => at * way.step);
    expect(places.length).toBeGreaterThan(20);
    const runs = await sideBySide(places, SIDE_BY_SIDE, (octets) =>
      cutAt(way, octets, 26_008 + 8 * (octets / way.step)),
    );
    for (const { report } of runs) {
      assertValidReport(JSON.parse(JSON.stringify(report)));
      expect(report.checks.filter(({ status }) => status === 'crashed')).toEqual([]);
      expect(report.observations.filter(isWaitedFor)).toEqual([]);
      expect([1, 3]).toContain(exitCodeOf(report, 'error'));
      expect(report.verdict.status).not.toBe('healthy');
    }
    const strange = runs.flatMap(({ report: { verdict } }, at) => {
      const told = `${verdict.findingId ?? verdict.status}: ${verdict.summary}`;
      return way.cause.test(told) ? [] : [`${places[at]}: ${told}`];
    });
    expect(strange).toEqual([]);
  });
});
