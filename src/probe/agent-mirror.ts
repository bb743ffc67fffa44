import type { MirrorObservation } from '../model/far-side.ts';
import type { AgentAccepted, AgentMirrored, MirrorPort } from '../wire/agent-protocol.ts';
import type { Outcome } from '../model.ts';
import { changesBetween } from './compare-mirrored.ts';
import { attempt, sinceMs, type ProbeContext } from './context.ts';
import { sendToMirror, type SentMessage } from './sip-mirror.ts';

/** Messages to one agent: it names its mirror ports itself, and may name many. */
const MAX_MESSAGES = 8;

/** The messages that are on their way to the mirror ports of an agent. */
export interface SentMirror {
  ports: readonly MirrorPort[];
  startedAt: number;
  /** In the order of the ports. */
  messages: Promise<Outcome<SentMessage>[]>;
}

/** Sends one message to each mirror port, side by side; `signal` ends the sending. */
export function startMirror(
  context: ProbeContext,
  { address, accepted, signal }: { address: string; accepted: AgentAccepted; signal: AbortSignal },
): SentMirror {
  const ports = accepted.mirror.slice(0, MAX_MESSAGES);
  const { session } = accepted;
  const messages = Promise.all(
    ports.map((to) => attempt(context, () => sendToMirror(context, { address, to, session }, signal))),
  );
  return { ports, startedAt: context.world.now(), messages };
}

function outcomeOf(
  sent: Outcome<SentMessage> | undefined,
  mirrored: AgentMirrored | undefined,
  ms: number,
): MirrorObservation['outcome'] {
  if (sent?.ok === false) return sent;
  if (sent === undefined || mirrored === undefined)
    return { ok: false, reason: 'timeout', detail: 'it did not arrive at the agent, or no word of it came back', ms };
  const arrived = Buffer.from(mirrored.message, 'base64');
  return { ok: true, ms, value: { changes: changesBetween(sent.value.bytes, arrived) } };
}

/** Compares what was sent with what the agent says has arrived, and lets go of the sockets. */
export async function compareMirrored(
  context: ProbeContext,
  { ports, startedAt, messages }: SentMirror,
  arrived: (port: MirrorPort) => AgentMirrored | undefined,
): Promise<{ to: MirrorPort; outcome: MirrorObservation['outcome'] }[]> {
  const sent = await messages;
  for (const one of sent) if (one.ok) one.value.close();
  const ms = sinceMs(context, startedAt);
  return ports.map((to, place) => ({ to, outcome: outcomeOf(sent[place], arrived(to), ms) }));
}
