import { randomInt } from 'node:crypto';
import { NetError } from '../net/net-error.ts';
import { createRealWorld } from '../net/real-world.ts';

/** Ports, both ends included. */
export interface PortBlock {
  first: number;
  last: number;
}

const LOOPBACK = '127.0.0.1';
const DRAWS = 50;

/** Above what programs ask for by name, below what systems hand out by themselves. */
export const QUIET: PortBlock = { first: 20_000, last: 30_000 };
/** What systems hand out where they do not say so (RFC 6335 section 6, the Dynamic Ports). */
const DYNAMIC: PortBlock = { first: 49_152, last: 65_535 };

/** `count` ports of `range` in a row, at random, on which somebody could listen a moment ago, over TCP and over UDP. Throws NetError. */
export async function freeBlock(range: PortBlock, count: number): Promise<PortBlock> {
  const { net } = createRealWorld();
  for (let draw = 0; draw < DRAWS; draw += 1) {
    const first = randomInt(range.first, range.last - count + 2);
    const ends = Array.from({ length: count }, (_, at) => ({ address: LOOPBACK, port: first + at }));
    const tried = await Promise.allSettled(ends.flatMap((end) => [net.listen(end), net.bindUdp(end)]));
    for (const one of tried) if (one.status === 'fulfilled') one.value.close();
    if (tried.every(({ status }) => status === 'fulfilled')) return { first, last: first + count - 1 };
  }
  throw new NetError(
    'in-use',
    `no ${count} ports in a row are free on ${LOOPBACK} from ${range.first} to ${range.last}`,
  );
}

/** Those that the system hands out last: Linux gives programs that listen the lower half of them first. */
export async function handedOutLast(): Promise<PortBlock> {
  const { first, last } = (await createRealWorld().net.ephemeralPorts()) ?? DYNAMIC;
  return { first: Math.ceil((first + last) / 2), last };
}
