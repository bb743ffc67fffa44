import { describe, expect, test } from 'vitest';
import { NetError } from '../../src/net/net-error.ts';
import { asBase64, attempt, failureOf, offsetMs, sideBySide, sinceMs, waitOf } from '../../src/probe/context.ts';
import { WireError } from '../../src/wire/wire-error.ts';
import { contextOf, scriptWorld } from './scripted-world.ts';

const script = scriptWorld(() => []);
const context = contextOf(script);
function failWith(error: Error) {
  return async () => {
    throw error;
  };
}

describe('what a remote did wrong', () => {
  test('is the reason of the network layer, with the alert and what came instead', () => {
    const error = new NetError('tls-alert', 'alert 40', { alert: 40, received: Buffer.from('hi') });
    expect(failureOf(error)).toEqual({ reason: 'tls-alert', detail: 'alert 40', alert: 40, received: 'aGk=' });
    expect(failureOf(new NetError('refused', 'closed port'))).toEqual({ reason: 'refused', detail: 'closed port' });
  });

  test('is malformed when the octets break the protocol', () => {
    expect(failureOf(new WireError('not-sip', 'no SIP'))).toEqual({
      reason: 'malformed',
      detail: expect.stringContaining('no SIP'),
    });
  });

  test.each([new TypeError('a bug'), new Error('whatever')])('is not our own fault: %s goes on as it is', (error) => {
    expect(() => failureOf(error)).toThrow(error);
  });
});

describe('an attempt', () => {
  test('gives the value with the time that it took', async () => {
    const local = scriptWorld(() => []);
    const socket = local.datagrams();
    const outcome = await attempt(contextOf(local), async () => {
      await socket.receive({ timeoutMs: 25 }).catch(() => undefined);
      return 'value';
    });
    expect(outcome).toEqual({ ok: true, value: 'value', ms: 25 });
  });

  test('gives the failure', async () => {
    const outcome = await attempt(context, failWith(new NetError('timeout', 'nothing came')));
    expect(outcome).toEqual({ ok: false, reason: 'timeout', detail: 'nothing came', ms: 0 });
  });

  test('lets our own faults through', async () => {
    await expect(attempt(context, failWith(new RangeError('a bug')))).rejects.toThrow(RangeError);
  });
});

describe('times', () => {
  const at = (now: number) => ({ ...context, world: { ...script.world, now: () => now } });

  test.each([
    [1000, 1000, 0],
    [1012.3456, 1000, 12.35],
    [999, 1000, 0],
  ])('at %d since %d are %d ms', (now, from, ms) => {
    expect(sinceMs(at(now), from)).toBe(ms);
    expect(offsetMs({ ...at(now), startedAt: from })).toBe(ms);
  });

  test('the limit and the signal of the run go into each wait', () => {
    const { signal } = new AbortController();
    expect(waitOf({ ...context, timeoutMs: 7, signal })).toEqual({ timeoutMs: 7, signal });
  });
});

test('octets of a view are written without those around it', () => {
  expect(asBase64(Buffer.from('abcdef').subarray(2, 4))).toBe('Y2Q=');
});

describe('side by side', () => {
  test('keeps the order of the items and the limit, and starts the next as soon as one ends', async () => {
    const started: number[] = [];
    const ends = new Map<number, () => void>();
    const all = sideBySide([0, 1, 2, 3], 2, async (item) => {
      started.push(item);
      await new Promise<void>((resolve) => ends.set(item, resolve));
      return item * 10;
    });
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    expect(started).toEqual([0, 1]);
    ends.get(1)?.();
    await turn();
    expect(started).toEqual([0, 1, 2]);
    ends.get(2)?.();
    await turn();
    ends.get(3)?.();
    ends.get(0)?.();
    expect(await all).toEqual([0, 10, 20, 30]);
  });

  test('of nothing is nothing', async () => {
    expect(await sideBySide([], 4, () => Promise.resolve(1))).toEqual([]);
  });

  test('ends with the first fault of our own', async () => {
    await expect(sideBySide([1, 2], 2, failWith(new Error('a bug')))).rejects.toThrow('a bug');
  });
});
