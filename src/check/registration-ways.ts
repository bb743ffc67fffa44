import type { SipObservation } from '../model/sip.ts';
import type { Found } from './define-check.ts';
import { serversOf } from './registration-reading.ts';

interface Gathered<E> {
  /** Takes down what is found on one way. */
  of: (one: SipObservation) => Found<E>;
  /** Tells it, each finding once. */
  tell: () => void;
}

/** Ways to one registrar that end alike are told together: the same sentence, naming them all. */
export function gatherWays<E>(found: Found<E>): Gathered<E> {
  const groups = new Map<string, { seen: SipObservation[]; tell: (servers: string[]) => void }>();
  return {
    of: (one) => (name, aor, evidence) => {
      const key = JSON.stringify([name, aor, one.about.host, { ...evidence, servers: [], ms: 0 }]);
      const group = groups.get(key);
      if (group !== undefined) group.seen.push(one);
      else groups.set(key, { seen: [one], tell: (servers) => found(name, aor, { ...evidence, servers }) });
    },
    tell: () => {
      for (const { seen, tell } of groups.values()) tell(serversOf(seen));
    },
  };
}
