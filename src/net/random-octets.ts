import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';

/** Read at once: enough for the ids of the questions of a run. */
const SUPPLY_OCTETS = 512;
/** The generator of the kernel, from which that of node:crypto is seeded: loading node:crypto takes a fifth of Node's start. */
const KERNEL = '/dev/urandom';

function fromKernel(count: number): Buffer | undefined {
  try {
    const file = openSync(KERNEL, 'r');
    try {
      const octets = Buffer.alloc(count);
      return readSync(file, octets, 0, count, null) === count ? octets : undefined;
    } finally {
      closeSync(file);
    }
  } catch {
    return undefined; // Another system, or one that shows no devices.
  }
}

/** Gives octets that no remote can predict; none is given twice. */
export function createRandomOctets(): (count: number) => Buffer {
  let supply: Buffer = Buffer.alloc(0);
  return (count) => {
    if (supply.length < count) {
      const wanted = Math.max(SUPPLY_OCTETS, count);
      supply = fromKernel(wanted) ?? randomBytes(wanted);
    }
    const octets = supply.subarray(0, count);
    supply = supply.subarray(count);
    return octets;
  };
}
