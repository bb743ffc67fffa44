import { createHmac } from 'node:crypto';
import type { Net, World } from '../world.ts';
import { createRandomOctets } from './random-octets.ts';
import { createRealNet } from './real-net.ts';

export interface RealWorldOptions {
  net?: Net | undefined;
  /** 64 hexadecimal digits that all random values come from; absent: drawn anew. */
  seed?: string | undefined;
}

/** The world of this machine: its network, its randomness, and a clock that follows no correction of the wall clock. */
export function createRealWorld(options: RealWorldOptions = {}): World {
  const startedAt = Date.now();
  // The first touch of `performance` loads node:perf_hooks, a tenth of what an empty Node takes to start.
  const startedNs = process.hrtime.bigint();
  return {
    net: options.net ?? createRealNet(),
    now: () => startedAt + Number((process.hrtime.bigint() - startedNs) / 1_000_000n),
    randomHex: options.seed === undefined ? drawHex() : createRandomHex(options.seed),
  };
}

/** Where nothing is to be repeated, all values are independent of one another, whatever their label. */
function drawHex(): World['randomHex'] {
  const draw = createRandomOctets();
  return (_label, bytes) => draw(bytes).toString('hex');
}

/**
 * Random values by label: HMAC-SHA-256 keyed with the seed (hex), in counter mode over the label, so the order in which
 * labels are asked does not matter. See `World.randomHex`.
 */
export function createRandomHex(seed: string): World['randomHex'] {
  const key = Buffer.from(seed, 'hex');
  const counts = new Map<string, number>();
  return (label, bytes) => {
    const count = counts.get(label) ?? 0;
    counts.set(label, count + 1);
    let hex = '';
    for (let block = 0; hex.length < bytes * 2; block += 1) {
      hex += createHmac('sha256', key).update(`${label}#${count}#${block}`).digest('hex');
    }
    return hex.slice(0, bytes * 2);
  };
}
