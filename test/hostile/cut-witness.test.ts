import { describe, expect, onTestFinished, test } from 'vitest';
import { createLabCertificates } from '../../src/lab/certificates.ts';
import type { Observation, Report } from '../../src/model.ts';
import { createRealWorld } from '../../src/net/real-world.ts';
import { sideBySide } from '../../src/probe/context.ts';
import { run } from '../../src/run.ts';
import { assertValidReport } from '../report/valid-report.ts';
import { cutting } from './cut-conversation.ts';
import { answerTo, NXDOMAIN } from './dns-octets.ts';
import { answering, overTls, startTruncating } from './dns-servers.ts';
import { askWitness } from './far-side-run.ts';
import { PATIENT_MS, questionsTo } from './hostile-run.ts';
import { startHostile, type HostileServer, type StreamBehaviour } from './hostile-server.ts';
import { answering as answeringStun, challenged, refusal } from './stun-servers.ts';

const certificates = await createLabCertificates({ domain: 'fuzzybunny.local', now: Date.now(), flaw: 'none' });
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

let requests = 0;
const relay = answeringStun((request) => ((requests += 1) % 2 === 1 ? challenged(401, 'n') : refusal(486))(request));

interface Way {
  name: string;
  good: StreamBehaviour;
  tls?: true;
  /** Octets from one place to the next. */
  step: number;
  start?: typeof startTruncating;
  ask: (server: HostileServer, ports: number) => Promise<Report>;
}

/** One is enough: what is left of many is asked on one new connection after the other. */
const QUESTION = { name: 'sip.fuzzybunny.local', type: 'A' as const };
const dns = (resolver: Parameters<typeof questionsTo>[0]) =>
  run(createRealWorld(), questionsTo(resolver, { timeoutMs: PATIENT_MS, question: QUESTION }));

const WAYS: Way[] = [
  {
    name: 'of DNS over TCP',
    good: nothingThere,
    step: 1,
    start: startTruncating,
    ask: ({ endpoint }) => dns({ label: 'cut', endpoint }),
  },
  { name: 'of DNS over TLS', good: nothingThere, tls: true, step: 61, ask: ({ endpoint }) => dns(overTls(endpoint)) },
  {
    name: 'with an agent',
    good: agent,
    step: 7,
    ask: ({ endpoint: { address: host, port } }, ports) =>
      askWitness(
        { witness: 'agent', named: { agent: { host, port, tls: 'tcp' } }, limitMs: PATIENT_MS, ports },
        onTestFinished,
      ),
  },
  {
    name: 'with a TURN server',
    good: relay,
    step: 5,
    ask: ({ endpoint: { address: host, port } }, ports) => {
      const turnCredentials = { user: 'alice', password: () => 'clementine' };
      const named = { turn: { host, port, transport: 'tcp' as const }, turnCredentials };
      return askWitness({ witness: 'turn', named, limitMs: PATIENT_MS, ports }, onTestFinished);
    },
  },
];

async function cutAt(
  { good, tls, start = (behaviour) => startHostile(behaviour), ask }: Way,
  octets: number,
  ports: number,
) {
  const behind = await startHostile(good, tls && certificates);
  const { behaviour, returned } = cutting(behind.endpoint, octets);
  const server = await start(behaviour, onTestFinished);
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
      expect(report.verdict.status).not.toBe('healthy');
    }
  });
});
