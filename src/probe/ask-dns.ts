import type { DnsObservation, RecordType } from '../model/dns.ts';
import type { Endpoint } from '../world.ts';
import { runLanes } from './ask-lane.ts';
import { enqueue, inPlanOrder, openSession } from './ask-session.ts';
import type { ProbeContext } from './context.ts';

export interface Resolver {
  /** How the user called it, else its address. */
  label: string;
  /** With HTTPS the address may be a host name, which the system looks up first. */
  endpoint: Endpoint;
  /** Absent: UDP, and TCP for what does not fit into a datagram. `verifyName`: the certificate has to carry it. */
  over?: { kind: 'tls'; verifyName?: string } | { kind: 'https'; path: string };
  /** Asked in turn when this one gives no answer at all, as a stub resolver does. */
  standIns?: readonly Resolver[];
}

/** 'system': the DNS servers of this machine; with it, the operating system itself is asked too. */
export type ResolverChoice = Resolver | 'system';

export interface Question {
  name: string;
  type: RecordType;
}

export interface DnsPlan {
  questions: readonly Question[];
  /** What an answer leads to: asked at once, without waiting for the other answers. Pure. */
  followUps: (observation: DnsObservation) => Question[];
  /** Default 'desired'; 'not-desired' of the servers of a zone. */
  recursion?: 'desired' | 'not-desired';
}

async function askOne(context: ProbeContext, resolver: Resolver, plan: DnsPlan): Promise<DnsObservation[]> {
  const session = openSession(context, resolver, plan);
  enqueue(session, plan.questions);
  await runLanes(session);
  return inPlanOrder(session);
}

/** Codes of the network, and not of a server that did answer. */
const SILENT: ReadonlySet<string> = new Set(['timeout', 'refused', 'unreachable', 'no-network']);

const isSilent = (observations: readonly DnsObservation[]): boolean =>
  observations.length > 0 && observations.every(({ outcome }) => !outcome.ok && SILENT.has(outcome.reason));

/**
 * Asks one resolver every question at once, and what the answers lead to as soon as they are there: over one UDP socket with
 * retransmission inside the step's limit, and one TCP connection for all answers that were truncated; or over one TLS or
 * HTTPS connection. When it gives no answer at all, its stand-ins are asked; the answers that decide come first in the result.
 */
export async function askResolver(context: ProbeContext, resolver: Resolver, plan: DnsPlan): Promise<DnsObservation[]> {
  let observations: DnsObservation[] = [];
  for (const one of [resolver, ...(resolver.standIns ?? [])]) {
    const seen = await askOne(context, one, plan);
    observations = [...(isSilent(seen) ? observations : []), ...seen, ...(isSilent(seen) ? [] : observations)];
    if (!isSilent(seen) || context.signal?.aborted === true) break;
  }
  return observations;
}
