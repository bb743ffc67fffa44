import type { TlsObservation } from '../model/tls.ts';
import type { JudgedChain } from './sent-chain.ts';

/** Chains that judgements share: what the same certificates come to in the same second need not be worked out again. */
export interface ChainMemory {
  /** `judge` is asked where nothing is known. */
  recall(one: TlsObservation, judge: (one: TlsObservation) => JudgedChain | undefined): JudgedChain | undefined;
}

/** All that a judged chain hangs on; path validation counts in whole seconds. Undefined: no chain was seen. */
function keyOf({ about, outcome }: TlsObservation): string | undefined {
  if (!outcome.ok) return undefined;
  const { chain, trustAnchors } = outcome.value;
  const second = Math.floor(Date.parse(about.judgeAt) / 1000);
  return [second, about.peer ?? 'server', ...chain, 'anchors', ...trustAnchors].join('\n');
}

/** Keeps `limit` chains at most: the oldest goes first. */
export function createChainMemory(limit: number): ChainMemory {
  const known = new Map<string, JudgedChain | undefined>();
  return {
    recall(one, judge) {
      const key = keyOf(one);
      if (key === undefined || known.has(key)) return key === undefined ? undefined : known.get(key);
      const chain = judge(one);
      known.set(key, chain);
      const [oldest] = known.keys();
      if (known.size > limit && oldest !== undefined) known.delete(oldest);
      return chain;
    },
  };
}
