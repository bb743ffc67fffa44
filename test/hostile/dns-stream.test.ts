import { describe, expect, test } from 'vitest';
import type { Report } from '../../src/model.ts';
import type { Resolver } from '../../src/probe/ask-dns.ts';
import { answerTo, HOSTILE_ANSWERS, SERVFAIL, STRAYS, TRUNCATED } from './dns-octets.ts';
import { answering, overTls, startTruncating } from './dns-servers.ts';
import { causeOf, expectSound, HEARD_MS, PATIENT_MS, questionsTo, runInTime, STEP_MS } from './hostile-run.ts';
import {
  closesAtOnce,
  drip,
  flood,
  onFirst,
  resets,
  says,
  silent,
  startHostile,
  type HostileServer,
  type StreamBehaviour,
  MOST_TAKEN,
} from './hostile-server.ts';
import { certificates } from './hostile-identity.ts';

/** A message that answers nothing, in its frame. */
const STRAY = Buffer.from([0, 12, 0, 0, 0x85, 0x80, 0, 0, 0, 0, 0, 0, 0, 0]);
const LONGEST = Buffer.concat([Buffer.from([0xff, 0xff]), Buffer.alloc(0xffff)]);

interface Case {
  name: string;
  /** What is told over TLS. */
  cause: string;
  /** What is told over TCP, where the answer over UDP was truncated. */
  overTcp: string;
  behaviour: StreamBehaviour;
  limitMs: number;
}

/** Nothing comes that can be used: over TCP the answer stays truncated. */
const broken = (name: string, fault: 'timeout' | 'failure' | 'unreachable', behaviour: StreamBehaviour): Case => ({
  name,
  cause: `resolver.${fault}`,
  overTcp: 'resolver.truncated-no-tcp',
  behaviour,
  limitMs: fault === 'timeout' ? STEP_MS : PATIENT_MS,
});

const whole = (name: string, cause: string, make: (query: Uint8Array) => Uint8Array): Case => ({
  name: `answers with ${name}`,
  cause,
  overTcp: cause,
  behaviour: answering((query) => [make(query)]),
  limitMs: PATIENT_MS,
});

const CASES: Case[] = [
  broken('never answers', 'timeout', silent),
  broken('sends an octet at a time', 'timeout', drip(STRAY)),
  broken('sends the length of a message and no more', 'timeout', says(Uint8Array.of(0xff, 0xff))),
  broken('speaks SSH', 'timeout', says('SSH-2.0-OpenSSH_9.2\r\n')),
  broken('sends 1 GiB of strays', 'failure', flood(STRAY, STRAY)),
  broken('sends 1 GiB of the longest messages', 'failure', flood(LONGEST, LONGEST)),
  broken('sends 1 GiB of zeros', 'failure', flood(Buffer.alloc(2), Buffer.alloc(1024))),
  broken('sends 10,000 strays', 'failure', says(Buffer.alloc(10_000 * STRAY.length, STRAY))),
  broken(
    'speaks HTTP and closes',
    'unreachable',
    onFirst((socket) => void socket.end('HTTP/1.1 400 No\r\n\r\n')),
  ),
  broken('closes at once', 'unreachable', closesAtOnce),
  broken(
    'closes on the question',
    'unreachable',
    onFirst((socket) => void socket.end()),
  ),
  broken('resets at once', 'unreachable', resets),
  broken(
    'resets on the question',
    'unreachable',
    onFirst((_socket, _bytes, under) => void under.resetAndDestroy()),
  ),
  ...STRAYS.map(([name, make]): Case => ({
    ...broken(
      `sends ${name}`,
      'failure',
      answering((query) => [make(query)]),
    ),
    limitMs: HEARD_MS,
  })),
  whole('a truncated answer', 'resolver.truncated-no-tcp', (query) => answerTo(query, { flags: TRUNCATED })),
  whole('SERVFAIL', 'resolver.failure', (query) => answerTo(query, { flags: SERVFAIL })),
  ...HOSTILE_ANSWERS.map(([name, make, cause]) => whole(name, cause, make)),
];

const codesOf = (cause: string) => (cause.startsWith('healthy') ? [0] : [1, 3]);

async function ask(server: HostileServer, resolver: Resolver, limitMs: number): Promise<Report> {
  const report = await runInTime(() => questionsTo(resolver, { timeoutMs: limitMs }));
  expectSound(report, { limitMs, codes: codesOf(causeOf(report)) });
  await server.abandoned();
  expect(server.sent()).toBeLessThan(MOST_TAKEN);
  return report;
}

describe.concurrent('a DNS server over tcp', () => {
  test.for(CASES)('that $name is told as what it is, in time', async (one, { expect, onTestFinished }) => {
    const server = await startTruncating(one.behaviour, onTestFinished);
    const report = await ask(server, { label: 'hostile', endpoint: server.endpoint }, one.limitMs);
    expect(causeOf(report)).toBe(one.overTcp);
  });
});

describe.concurrent('a DNS server over tls', () => {
  test.for(CASES)('that $name is told as what it is, in time', async (one, { expect, onTestFinished }) => {
    const server = await startHostile(one.behaviour, certificates, onTestFinished);
    const report = await ask(server, overTls(server.endpoint), one.limitMs);
    expect(causeOf(report)).toBe(one.cause);
  });
});
