import { randomInt } from 'node:crypto';
import { createRealWorld } from '../net/real-world.ts';
import type { FarSideOptions } from './far-side-options.ts';

/** Above what programs ask for by name, below what systems hand out by themselves. */
const LOWEST = 20_000;
const HIGHEST = 30_000;
const BLOCK = 4;
const DRAWS = 50;
const LOOPBACK = '127.0.0.1';

interface Closable {
  close(): void;
}

/** A block of ports on which somebody could listen a moment ago. */
async function freeBlock(open: (port: number) => Promise<Closable>): Promise<{ first: number; last: number }> {
  for (let draw = 0; draw < DRAWS; draw += 1) {
    const first = randomInt(LOWEST, HIGHEST);
    const tried = await Promise.allSettled(Array.from({ length: BLOCK }, (_, at) => open(first + at)));
    for (const one of tried) if (one.status === 'fulfilled') one.value.close();
    if (tried.every(({ status }) => status === 'fulfilled')) return { first, last: first + BLOCK - 1 };
  }
  throw new Error('no free ports on loopback');
}

/** Ports of the client for a run against the lab: two such runs side by side do not take each other's. */
export async function freeClientPorts(): Promise<Pick<FarSideOptions, 'ports' | 'mediaPorts'>> {
  const { net } = createRealWorld();
  const [ports, mediaPorts] = await Promise.all([
    freeBlock((port) => net.listen({ address: LOOPBACK, port })),
    freeBlock((port) => net.bindUdp({ address: LOOPBACK, port })),
  ]);
  return { ports, mediaPorts };
}
