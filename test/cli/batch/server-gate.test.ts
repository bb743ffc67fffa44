import { describe, expect, test } from 'vitest';
import { createServerGate } from '../../../src/cli/batch/server-gate.ts';

const { signal } = new AbortController();
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const to = (...pairs: [string, number][]): ReadonlyMap<string, number> => new Map(pairs);

/** Notes who is inside. */
function visitors(limit: number) {
  const gate = createServerGate(limit);
  const inside: string[] = [];
  const enter = async (name: string, needs: ReadonlyMap<string, number>, until = signal): Promise<() => void> => {
    const leave = await gate.enter(needs, until);
    inside.push(name);
    return leave;
  };
  return { inside, enter };
}

describe('connections to one address', () => {
  test('wait while it has as many as it may have, and go in by their turn', async () => {
    const { inside, enter } = visitors(2);
    const leave = await enter('a', to(['192.0.2.1', 2]));
    const later = [
      enter('b', to(['192.0.2.1', 1])),
      enter('c', to(['192.0.2.1', 1])),
      enter('d', to(['192.0.2.1', 1])),
    ];
    await turn();
    expect(inside).toEqual(['a']);
    leave();
    await turn();
    expect(inside).toEqual(['a', 'b', 'c']);
    (await later[0])?.();
    await later[2];
    expect(inside).toEqual(['a', 'b', 'c', 'd']);
  });

  test('do not wait for those to another address', async () => {
    const { inside, enter } = visitors(1);
    await enter('a', to(['192.0.2.1', 1]));
    await enter('b', to(['192.0.2.2', 1]));
    expect(inside).toEqual(['a', 'b']);
  });

  test('that are more than the limit get the address for themselves', async () => {
    const { inside, enter } = visitors(2);
    const leave = await enter('small', to(['192.0.2.1', 1]));
    const large = enter('large', to(['192.0.2.1', 9]));
    await turn();
    expect(inside).toEqual(['small']);
    leave();
    await large;
    expect(inside).toEqual(['small', 'large']);
  });

  test('two that need the same two addresses in another order both get through', async () => {
    const { inside, enter } = visitors(1);
    const both = [enter('a', to(['x', 1], ['y', 1])), enter('b', to(['y', 1], ['x', 1]))];
    (await Promise.race(both))();
    await Promise.all(both);
    expect(inside.sort()).toEqual(['a', 'b']);
  });

  test('an abort ends the wait and gives back what was taken', async () => {
    const { inside, enter } = visitors(1);
    const leave = await enter('a', to(['y', 1]));
    const ending = new AbortController();
    const waiting = enter('b', to(['x', 1], ['y', 1]), ending.signal);
    await turn();
    ending.abort(new Error('ended'));
    await expect(waiting).rejects.toThrow('ended');
    await enter('c', to(['x', 1]));
    leave();
    await enter('d', to(['y', 1]));
    expect(inside).toEqual(['a', 'c', 'd']);
  });
});
