import { cpuMs } from '../cpu-ms.ts';
import { LIMIT_MS, type FuzzedParser } from './fuzzed-parser.ts';

/** What one input did; undefined: nothing that it should not. */
export type Fault = { what: 'crash'; error: unknown } | { what: 'slow'; ms: number };

/** The least of so many counts: the collector of V8 and a busy machine take their share of the others. */
const COUNTS = 5;

/** Reads an input; one that was slow is measured again by the CPU that it takes: a pause of the machine is not its doing. */
export async function attempt(parser: FuzzedParser, bytes: Uint8Array, pieces: number): Promise<Fault | undefined> {
  const limit = parser.limitMs ?? LIMIT_MS;
  try {
    const startedAt = performance.now();
    await parser.read(bytes, pieces);
    if (performance.now() - startedAt <= limit) return undefined;
    const costs: number[] = [];
    for (let again = 0; again < COUNTS; again += 1) {
      const before = cpuMs();
      await parser.read(bytes, pieces);
      costs.push(cpuMs() - before);
    }
    const ms = Math.min(...costs);
    return ms > limit ? { what: 'slow', ms } : undefined;
  } catch (error) {
    return { what: 'crash', error };
  }
}
