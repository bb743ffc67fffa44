import type { Failure } from '../model.ts';
import type { MirrorObservation } from '../model/far-side.ts';
import {
  AGENT_VERSION,
  PORT_WAIT,
  proofOf,
  type AgentAccepted,
  type AgentAnswer,
  type AgentAsk,
  type AgentHello,
  type AgentMirrored,
  type AgentRefusal,
  type AgentResult,
  type MirrorPort,
} from '../wire/agent-protocol.ts';
import type { Endpoint } from '../world.ts';
import type { AgentChannel } from './agent-channel.ts';
import { compareMirrored, startMirror, type SentMirror } from './agent-mirror.ts';
import { failureOf, sinceMs, type ProbeContext } from './context.ts';
import { wantToken, type OpenPort } from './open-ports.ts';

/** How much sooner than the step the wait for a port ends, so that word of it is heard in time: milliseconds, and part of the step. */
const SLACK_MS = 700;
const SLACK_PART = 0.25;
/** Lines that an agent may send: one for each port and message, and a few more. */
const MAX_ANSWERS = 64;

/** A port with what is to arrive on it. */
export interface PlannedPort {
  port: OpenPort;
  /** 'tcp 7100'. */
  key: string;
  nonce: string;
  arrived?: { from: Endpoint; ms: number };
}

/** What came of one conversation. */
export interface Heard {
  accepted?: AgentAccepted;
  results: Map<string, AgentResult>;
  mirrored: { to: MirrorPort; outcome: MirrorObservation['outcome'] }[];
  /** Why it ended early. */
  failure?: Failure;
  ms: number;
}

const keyOf = ({ transport, port }: { transport: string; port: number }): string => `${transport} ${port}`;

/** Ports of each use in turn: an agent that takes few is asked about some of every use. */
function inTurn(ports: readonly OpenPort[]): OpenPort[] {
  const places = new Map<OpenPort, number>();
  const counts = new Map<string, number>();
  for (const port of ports) {
    const place = counts.get(port.use) ?? 0;
    counts.set(port.use, place + 1);
    places.set(port, place);
  }
  return ports.toSorted((a, b) => (places.get(a) ?? 0) - (places.get(b) ?? 0));
}

/** As many ports as the agent takes, each with a nonce of its own; the others are left. */
export function planPorts(
  context: ProbeContext,
  ports: readonly OpenPort[],
  most: number,
): { planned: PlannedPort[]; left: OpenPort[] } {
  const chosen = new Set(inTurn(ports).slice(0, most));
  const planned = ports
    .filter((port) => chosen.has(port))
    .map((port) => ({
      port,
      key: keyOf({ transport: port.transport, port: port.local.port }),
      nonce: context.world.randomHex(`agent/nonce/${port.transport}/${port.local.port}`, 16),
    }));
  return { planned, left: ports.filter((port) => !chosen.has(port)) };
}

export interface Talk {
  channel: AgentChannel;
  hello: AgentHello;
  planned: PlannedPort[];
  mirror: 'asked' | 'left-out';
  token: (() => string) | undefined;
  /** Of the agent: where messages for the mirror go. */
  agent: Endpoint;
}

/** How long an agent is to try one port. */
function portWaitOf({ timeoutMs }: ProbeContext): number {
  const wanted = timeoutMs - Math.min(SLACK_MS, SLACK_PART * timeoutMs);
  return Math.round(Math.min(PORT_WAIT.longest, Math.max(PORT_WAIT.shortest, wanted)));
}

function askOf(context: ProbeContext, { hello, planned, mirror, token }: Talk): AgentAsk {
  const ask: AgentAsk = {
    type: 'ask',
    version: AGENT_VERSION,
    waitMs: portWaitOf(context),
    ports: planned.map(({ port, nonce }) => ({ transport: port.transport, port: port.local.port, nonce })),
    mirror,
  };
  return token === undefined || hello.token === 'none'
    ? ask
    : { ...ask, proof: proofOf(token(), hello.challenge, ask) };
}

/** Waits on every port at once, until the conversation is over. */
function watchPorts(context: ProbeContext, planned: PlannedPort[], wait: { timeoutMs: number; signal: AbortSignal }) {
  const from = context.world.now();
  return Promise.all(
    planned.map(async (one) => {
      try {
        const { from: source } = await one.port.expect(wantToken(Buffer.from(one.nonce, 'hex')), wait);
        one.arrived = { from: source, ms: sinceMs(context, from) };
      } catch (error) {
        // Nothing came: what that means is for the agent to say.
        failureOf(error);
      }
    }),
  );
}

function refusedBy({ code, detail }: AgentRefusal): Failure {
  const reason = code === 'token' || code === 'rate' || code === 'busy' || code === 'policy' ? 'denied' : 'other';
  return { ok: false, reason, detail: `it says: ${detail}`, ms: 0 };
}

/** What has been said so far. */
interface Transcript {
  accepted?: AgentAccepted;
  results: Map<string, AgentResult>;
  mirrored: Map<string, AgentMirrored>;
  isDone: boolean;
  failure?: Failure;
}

function note(transcript: Transcript, answer: AgentAnswer): void {
  if (answer.type === 'accepted') transcript.accepted = answer;
  // The first word about a port counts.
  else if (answer.type === 'result' && !transcript.results.has(keyOf(answer)))
    transcript.results.set(keyOf(answer), answer);
  else if (answer.type === 'mirrored' && !transcript.mirrored.has(keyOf(answer)))
    transcript.mirrored.set(keyOf(answer), answer);
  else if (answer.type === 'done') transcript.isDone = true;
  else if (answer.type === 'error') transcript.failure = refusedBy(answer);
}

const isOver = ({ isDone, failure, mirrored }: Transcript, sent: SentMirror | undefined): boolean =>
  failure !== undefined || (isDone && (sent === undefined || sent.ports.every((port) => mirrored.has(keyOf(port)))));

async function listen(context: ProbeContext, talk: Talk, { until, signal }: { until: number; signal: AbortSignal }) {
  const transcript: Transcript = { results: new Map(), mirrored: new Map(), isDone: false };
  let sent: SentMirror | undefined;
  try {
    await talk.channel.say(askOf(context, talk), until);
    for (let count = 0; count < MAX_ANSWERS && !isOver(transcript, sent); count += 1) {
      note(transcript, await talk.channel.next(until));
      if (sent === undefined && transcript.accepted !== undefined && talk.mirror === 'asked')
        sent = startMirror(context, { address: talk.agent.address, accepted: transcript.accepted, signal });
    }
  } catch (error) {
    const failure = failureOf(error);
    // Messages that were swallowed are waited for in vain: the ports have their results all the same.
    if (!transcript.isDone) transcript.failure = { ok: false, ...failure, ms: 0 };
  }
  return { transcript, sent };
}

/** Asks, and listens until every port has its result and every message its mirror image, or until the time is over. */
export async function converse(context: ProbeContext, talk: Talk): Promise<Heard> {
  const from = context.world.now();
  const patienceMs = Math.min(context.timeoutMs, PORT_WAIT.longest + SLACK_MS);
  const over = new AbortController();
  const signal = context.signal === undefined ? over.signal : AbortSignal.any([over.signal, context.signal]);
  const watched = watchPorts(context, talk.planned, { timeoutMs: patienceMs, signal });
  const { transcript, sent } = await listen(context, talk, { until: from + patienceMs, signal });
  over.abort();
  await watched;
  const { accepted, results, mirrored, failure } = transcript;
  const arrived = (port: MirrorPort): AgentMirrored | undefined => mirrored.get(keyOf(port));
  return {
    ...(accepted === undefined ? {} : { accepted }),
    ...(failure === undefined ? {} : { failure }),
    results,
    mirrored: sent === undefined ? [] : await compareMirrored(context, sent, arrived),
    ms: sinceMs(context, from),
  };
}
