import { expect } from 'vitest';
import { exitCodeOf } from '../../src/cli/exit-code.ts';
import { assembleReport } from '../../src/judge.ts';
import type { Observation, Report, Transport } from '../../src/model.ts';
import { createRealWorld } from '../../src/net/real-world.ts';
import type { Resolver } from '../../src/probe/ask-dns.ts';
import { run, type RunRequest } from '../../src/run.ts';
import type { Endpoint } from '../../src/world.ts';
import { assertValidReport } from '../report/valid-report.ts';

/** The limit of one step in these tests: nothing on loopback needs so long, and it is waited for often. */
export const STEP_MS = 400;
/** Where the limit is waited for, but what comes before it has to be heard. */
export const HEARD_MS = 2000;
/** Of runs in which nothing is waited for: a busy machine must not make it the cause. */
export const PATIENT_MS = 8000;
/** What a step may take beyond its limit. */
const MARGIN_MS = 500;
/** A run that was late while the machine was busy is made again: a step without a limit is late every time. */
const ATTEMPTS = 4;
/** What is left to a machine that was busy each time; a step without a limit takes longer still. */
const BUSY_MS = 5000;

/** A sign-in at one server, named by its address: nothing is looked up. */
export function requestTo(endpoint: Endpoint, transport: Transport, change: Partial<RunRequest> = {}): RunRequest {
  const { address: host, port } = endpoint;
  return {
    command: 'doctor',
    version: '0.0.0',
    target: {
      input: 'sip:alice@fuzzybunny.local',
      domain: 'fuzzybunny.local',
      user: 'alice',
      scheme: 'sip',
      server: { host, port },
      transports: [transport],
      profile: 'auto',
    },
    // Nobody listens there.
    resolvers: [{ label: 'nobody', endpoint: { address: '127.0.0.1', port: 1 } }],
    pinned: new Map(),
    families: [4],
    timeoutMs: STEP_MS,
    trust: { added: [], builtIn: () => Promise.resolve([]) },
    farSide: { via: [], ports: {}, listen: 'for-witnesses' },
    ...change,
  };
}

/** The names of a domain, asked of one server. */
export function questionsTo(resolver: Resolver, change: Partial<RunRequest> = {}): RunRequest {
  const { server: _server, user: _user, ...target } = requestTo(resolver.endpoint, 'udp').target;
  return requestTo(resolver.endpoint, 'udp', {
    command: 'dns',
    target: { ...target, input: 'fuzzybunny.local', transports: [] },
    resolvers: [resolver],
    ...change,
  });
}

/** Makes the run, and again while a step was late; what is given is the last. */
export async function runInTime(make: () => RunRequest): Promise<Report> {
  return inTime(() => {
    const request = make();
    return { limitMs: request.timeoutMs, report: run(createRealWorld(), request) };
  });
}

/** The same for a report that is made in another way. */
export async function inTime(make: () => { limitMs: number; report: Promise<Report> }): Promise<Report> {
  for (let attempt = 1; ; attempt += 1) {
    const made = make();
    const report = await made.report;
    if (attempt === ATTEMPTS || late(report, made.limitMs).length === 0) return report;
  }
}

/** What the observations of one probe come to. */
export const reportOn = (observations: Observation[]): Report =>
  assembleReport(observations, {
    version: '0.0.0',
    command: 'doctor',
    startedAt: new Date().toISOString(),
    ms: 0,
    target: { input: 'example.org', scheme: 'sip', transports: [], profile: 'auto' },
  });

/** Steps that took longer than they may. */
const late = ({ observations }: Report, limitMs: number, marginMs = MARGIN_MS): string[] =>
  observations
    .filter((one) => one.outcome.ms > limitMs + marginMs)
    .map(({ kind, subject, outcome }) => `${kind} ${subject}: ${outcome.ms} ms`);

interface Sound {
  /** With which the command may end. */
  codes?: readonly number[];
  limitMs?: number;
}

/** What holds whatever a server does. */
export function expectSound(report: Report, { codes = [1, 3], limitMs = STEP_MS }: Sound = {}): void {
  expect(late(report, limitMs, BUSY_MS)).toEqual([]);
  expect(report.checks.filter(({ status }) => status === 'crashed')).toEqual([]);
  expect(codes).toContain(exitCodeOf(report, 'error'));
  expect(report.verdict.summary).not.toBe('');
  assertValidReport(JSON.parse(JSON.stringify(report)));
}

/** The first broken rung and its cause. */
export const causeOf = ({ verdict }: Report): string => verdict.findingId ?? `${verdict.status} at ${verdict.rung}`;
