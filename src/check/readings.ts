import type { Observation, ObservationKind } from '../model.ts';
import type { DnsObservation } from '../model/dns.ts';
import type { TlsObservation } from '../model/tls.ts';
import type { ChainMemory } from './chain-memory.ts';
import { decidingAnswers, type DecidingAnswers } from './deciding-answers.ts';
import { judgeChain, type ChainReadings, type JudgedChain } from './sent-chain.ts';

/** Observations by their kind, each list in the order in which they were made. */
export type ByKind = ReadonlyMap<ObservationKind, readonly Observation[]>;

/** What several checks need and is dear to work out: made once in a judgement. */
export interface Readings extends ChainReadings {
  byKind(all: readonly Observation[]): ByKind;
  /** What the resolver that decides has answered. */
  answersIn(dns: readonly DnsObservation[]): DecidingAnswers;
}

function sortByKind(all: readonly Observation[]): ByKind {
  const kinds = new Map<ObservationKind, Observation[]>();
  for (const one of all) {
    const known = kinds.get(one.kind);
    if (known === undefined) kinds.set(one.kind, [one]);
    else known.push(one);
  }
  return kinds;
}

/** Works each key out once. */
function remembering<K, V>(work: (key: K) => V): (key: K) => V {
  const known = new Map<K, { value: V }>();
  return (key) => {
    const found = known.get(key) ?? { value: work(key) };
    known.set(key, found);
    return found.value;
  };
}

/** `memory` outlives the judgement. */
export function createReadings(memory?: ChainMemory): Readings {
  return {
    chainOf: remembering<TlsObservation, JudgedChain | undefined>((one) =>
      memory === undefined ? judgeChain(one) : memory.recall(one, judgeChain),
    ),
    byKind: remembering(sortByKind),
    answersIn: remembering(decidingAnswers),
  };
}
