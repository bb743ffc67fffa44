import { describe, expect, test } from 'vitest';
import { pump, type PumpPlan } from '../../../src/cli/batch/pump.ts';

async function* numbers(count: number): AsyncGenerator<number> {
  for (let number = 1; number <= count; number += 1) yield number;
}

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

/** Odd jobs take long. */
const slowWhenOdd = async (job: number): Promise<number> => {
  await turns(job % 2 === 1 ? 20 : 1);
  return job;
};

interface Seen {
  written: number[];
  most: number;
}

async function pumped(count: number, change: Partial<PumpPlan<number, number>> = {}): Promise<Seen> {
  const seen: Seen = { written: [], most: 0 };
  let running = 0;
  const { run = slowWhenOdd, ...rest } = change;
  await pump(numbers(count), {
    concurrency: 3,
    perSecond: Infinity,
    order: 'input',
    signal: new AbortController().signal,
    write: async (result) => {
      await turns(1);
      seen.written.push(result);
    },
    ...rest,
    run: async (job) => {
      running += 1;
      seen.most = Math.max(seen.most, running);
      const result = await run(job);
      running -= 1;
      return result;
    },
  });
  return seen;
}

describe('many jobs', () => {
  test('are written in the order of the input, however long each takes', async () => {
    const { written, most } = await pumped(40);
    expect(written).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
    expect(most).toBe(3);
  });

  test('are written as they end, where order does not matter', async () => {
    const { written } = await pumped(9, { order: 'finish' });
    expect(written.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(written.indexOf(2)).toBeLessThan(written.indexOf(1));
  });

  test('do not run far ahead of one that hangs, so that memory stays bounded', async () => {
    let started = 0;
    let release = (): void => undefined;
    const hanging = new Promise<void>((resolve) => {
      release = resolve;
    });
    const whole = pumped(1000, {
      run: async (job) => {
        started += 1;
        if (job === 1) await hanging;
        return job;
      },
    });
    await turns(500);
    expect(started).toBeLessThanOrEqual(3 * 8 + 1);
    release();
    expect((await whole).written).toHaveLength(1000);
  });

  test('start no more once the signal is aborted, and those under way are awaited', async () => {
    const ending = new AbortController();
    const { written } = await pumped(1000, {
      signal: ending.signal,
      run: async (job) => {
        if (job === 5) ending.abort();
        await turns(3);
        return job;
      },
    });
    expect(written.slice(0, 5)).toEqual([1, 2, 3, 4, 5]);
    expect(written.length).toBeLessThan(20);
  });

  test('a fault of one ends them all with its error', async () => {
    const run = async (job: number): Promise<number> => {
      await turns(1);
      if (job === 7) throw new Error('job seven');
      return job;
    };
    await expect(pumped(100, { run })).rejects.toThrow('job seven');
  });
});
