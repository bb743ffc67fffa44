import type { Attempt } from '../model.ts';
import type { SipObservation } from '../model/sip.ts';
import { serverWays } from './server-ways.ts';
import { serverText, severityOf, standingOf, type Standing } from './standing.ts';

/** One server that gives no SIP answer that helps, over one way or over several. */
export type Evidence = Standing & {
  server: string;
  host: string;
  /** The ways that fail alike. */
  transports: string[];
  ports: number[];
  detail: string;
  ms: number;
};
export type ClosedEvidence = Evidence & {
  /** 'udp' where the same server stays silent over UDP, which has no connection to close. */
  silent: string[];
};
export type AnswerEvidence = Evidence & {
  method: string;
  status: number;
  reason: string;
  /** Seconds that the server asks to wait; null: it does not say. RFC 3261 section 20.33. */
  retryAfter: number | null;
};

export interface Fault<N extends string> {
  name: N;
  about: Attempt;
  /** What else has to be equal for two faults to be told as one. */
  alike: string;
  detail: string;
  ms: number;
}

/** Faults of one server that differ in the way alone. */
export interface Told<F extends Fault<string>> {
  name: F['name'];
  subject: string;
  evidence: Evidence;
  first: F;
}

/** One server that fails alike over several ways has one fault, not several. */
export function toldTogether<F extends Fault<string>>(
  faults: readonly F[],
  alive: readonly SipObservation[],
): Told<F>[] {
  const groups = new Map<string, [F, ...F[]]>();
  for (const fault of faults) {
    const { published, alternatives } = standingOf(fault.about, alive);
    const severity = severityOf({ published, alternatives });
    const key = JSON.stringify([fault.name, fault.about.host, fault.alike, severity, published]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [fault]);
    else group.push(fault);
  }
  return [...groups.values()].map((group) => {
    const [first] = group;
    const ways = group.map(({ about }) => about);
    const evidence = {
      published: first.about.published,
      alternatives: [...new Set(ways.flatMap((about) => standingOf(about, alive).alternatives))],
      server: serverWays(ways),
      host: first.about.host,
      transports: [...new Set(ways.map(({ transport }) => transport))],
      ports: [...new Set(ways.map(({ port }) => port))],
      detail: first.detail,
      ms: Math.max(...group.map(({ ms }) => ms)),
    };
    return { name: first.name, subject: [...new Set(ways.map(serverText))].join(', '), evidence, first };
  });
}
