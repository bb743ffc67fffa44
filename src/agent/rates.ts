/** How often something may happen: `burst` times at once, then again at an even pace. */
export interface Rate {
  burst: number;
  perMinute: number;
}

interface Bucket {
  left: number;
  at: number;
}

/** Counts by source, in a table that does not grow beyond its limit. */
export interface Rates {
  /** Whether it may happen now; counts it when it may. `now` in milliseconds. */
  take(source: string, now: number): boolean;
  /** Sources that are remembered. */
  size(): number;
}

/**
 * Token buckets, one for each source. A full bucket is forgotten; when there are too many others, the one that was used the longest
 * ago: whoever asks with many addresses gets a burst for each, which the limit for all together then holds back.
 */
export function createRates({ burst, perMinute }: Rate, mostSources: number): Rates {
  const buckets = new Map<string, Bucket>();
  const refillMs = 60_000 / perMinute;
  const sweepOne = (now: number): void => {
    const [oldest] = buckets;
    if (oldest === undefined) return;
    const isFull = oldest[1].left + (now - oldest[1].at) / refillMs >= burst;
    if (isFull || buckets.size > mostSources) buckets.delete(oldest[0]);
  };
  return {
    take(source, now) {
      const known = buckets.get(source);
      const left = known === undefined ? burst : Math.min(burst, known.left + (now - known.at) / refillMs);
      // Last used, last in the table.
      buckets.delete(source);
      buckets.set(source, { left: left >= 1 ? left - 1 : left, at: now });
      sweepOne(now);
      return left >= 1;
    },
    size: () => buckets.size,
  };
}
