import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { judgeChain } from '../../src/check/sent-chain.ts';
import { workAhead } from '../../src/cli/work-ahead.ts';
import type { Report, Target } from '../../src/model.ts';
import type { TlsObservation } from '../../src/model/tls.ts';
import { makeChain, observed } from '../check/tls-observation.ts';

const FAR_MS = 50;
const NEAR_MS = 2;

function handshake(ms: number): TlsObservation {
  const one = observed(makeChain());
  return { ...one, outcome: { ...one.outcome, ms } };
}

function begin() {
  const drawn: Report[] = [];
  const target: Target = { input: 'example.com', scheme: 'sip', transports: [], profile: 'auto' };
  const draw = (report: Report) => Promise.resolve(drawn.push(report));
  const { request, stop } = workAhead({ command: 'tls', version: '0.0.0', target }, draw);
  return { drawn, stop, ...request };
}

/** Lets a silence pass, and what was begun in it end. */
async function silence(): Promise<void> {
  await vi.advanceTimersByTimeAsync(FAR_MS);
  await vi.dynamicImportSettled();
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('a far server is silent again: what it has shown is judged and drawn, once for what came together', async () => {
  const [first, second] = [handshake(FAR_MS), handshake(FAR_MS)];
  const { seen, drawn } = begin();
  seen(first);
  seen(second);
  await silence();
  expect(drawn.map(({ observations }) => observations)).toEqual([[first, second]]);
  expect(drawn[0]?.rungs.find(({ rung }) => rung === 'certificate')?.status).toBe('passed');
});

test('a chain that was judged in the silence is known to the judgement that counts', async () => {
  const one = handshake(FAR_MS);
  const { seen, chains } = begin();
  seen(one);
  await silence();
  const known = chains.recall(one, () => {
    throw new Error('not judged yet');
  });
  expect(known).toEqual(judgeChain(one));
});

test('a near server answers at once: nothing is begun that would lengthen the times that are measured', async () => {
  const { seen, drawn } = begin();
  seen(handshake(FAR_MS));
  seen(handshake(NEAR_MS));
  await silence();
  expect(drawn).toEqual([]);
});

test('the end of the run ends it', async () => {
  const { seen, drawn, stop } = begin();
  seen(handshake(FAR_MS));
  stop();
  await silence();
  expect(drawn).toEqual([]);
});

test('of many silences only the first are used', async () => {
  const { seen, drawn } = begin();
  const one = handshake(FAR_MS);
  for (let at = 0; at < 20; at += 1) {
    seen(one);
    await silence();
  }
  expect(drawn).toHaveLength(8);
});
