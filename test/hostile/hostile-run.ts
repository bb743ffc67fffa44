import { expect } from 'vitest';
import { exitCodeOf } from '../../src/cli/exit-code.ts';
import type { Observation, Report, Transport } from '../../src/model.ts';
import { createRealWorld } from '../../src/net/real-world.ts';
import { run, type RunRequest } from '../../src/run.ts';
import type { Endpoint } from '../../src/world.ts';
import { assertValidReport } from '../report/valid-report.ts';

/** The limit of one step in these tests: nothing on loopback needs so long, and it is waited for often. */
const STEP_MS = 400;
/** What a step may take beyond its limit. */
const MARGIN_MS = 500;
/** A run that was late while the machine was busy is made again: a step without a limit is late every time. */
const ATTEMPTS = 4;

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

/** Makes the run, and again while a step was late; what is given is the last. */
export async function runInTime(make: () => RunRequest): Promise<Report> {
  for (let attempt = 1; ; attempt += 1) {
    const report = await run(createRealWorld(), make());
    if (attempt === ATTEMPTS || late(report.observations).length === 0) return report;
  }
}

/** Steps that took longer than they may. */
const late = (observations: readonly Observation[]): string[] =>
  observations
    .filter(({ outcome }) => outcome.ms > STEP_MS + MARGIN_MS)
    .map(({ kind, subject, outcome }) => `${kind} ${subject}: ${outcome.ms} ms`);

/** What holds whatever a server does. */
export function expectSound(report: Report): void {
  expect(late(report.observations)).toEqual([]);
  expect(report.checks.filter(({ status }) => status === 'crashed')).toEqual([]);
  expect([1, 3]).toContain(exitCodeOf(report, 'error'));
  expect(report.verdict.summary).not.toBe('');
  assertValidReport(JSON.parse(JSON.stringify(report)));
}

/** The first broken rung and its cause. */
export const causeOf = ({ verdict }: Report): string => verdict.findingId ?? `${verdict.status} at ${verdict.rung}`;
