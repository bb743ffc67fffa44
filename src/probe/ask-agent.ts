import type { Failure, Observation, Outcome } from '../model.ts';
import type { MirrorObservation, ReachObservation, ReachSeen, WitnessObservation } from '../model/far-side.ts';
import type { AgentAccepted, AgentHello, AgentResult, PortResult } from '../wire/agent-protocol.ts';
import { AGENT_VERSION } from '../wire/agent-protocol.ts';
import { openChannel, type AgentChannel, type AgentServer } from './agent-channel.ts';
import { converse, planPorts, type Heard, type PlannedPort } from './agent-talk.ts';
import { attempt, offsetMs, type ProbeContext } from './context.ts';
import { formatEndpoint } from './endpoint-text.ts';
import type { OpenPort } from './open-ports.ts';

/** What is asked of an agent, and how it is reached. */
export interface AgentQuestion extends AgentServer {
  /** Absent: none is known. It never leaves this machine. */
  token?: (() => string) | undefined;
  ports: readonly OpenPort[];
  /** Whether SIP messages are sent to it, to see what arrives of them. */
  mirror: 'asked' | 'left-out';
}

/** What an agent's word is worth. */
const PROVES = 'that a machine on its side reaches the port, and from which address this machine seems to come';
const CANNOT = 'say whether the SIP server reaches it: its address and its firewall may be others';

const serverText = ({ host, server }: AgentServer): string => formatEndpoint({ address: host, port: server.port });

const denied = (detail: string): Omit<Failure, 'ms'> => ({ ok: false, reason: 'denied', detail });

/** Why nothing can be asked of this agent; undefined: it can. */
function objectionTo(hello: AgentHello, { token }: AgentQuestion): Omit<Failure, 'ms'> | undefined {
  if (!hello.versions.includes(AGENT_VERSION)) {
    const detail = `it speaks version ${hello.versions.join(', ')} of its protocol, and this sipdiag version ${AGENT_VERSION}`;
    return { ok: false, reason: 'other', detail };
  }
  if (hello.token === 'required' && token === undefined) return denied('it wants a token, and none was given');
  return undefined;
}

interface Greeted {
  channel: AgentChannel;
  hello: AgentHello;
}

async function greet(context: ProbeContext, question: AgentQuestion): Promise<Greeted | Omit<Failure, 'ms'>> {
  const until = context.world.now() + context.timeoutMs;
  const channel = await openChannel(context, question);
  try {
    const first = await channel.next(until);
    if (first.type === 'hello') return { channel, hello: first };
    channel.close();
    if (first.type === 'error') return denied(`it says: ${first.detail}`);
    return { ok: false, reason: 'malformed', detail: 'what answers there is no agent' };
  } catch (error) {
    channel.close();
    if (error instanceof Error && error.name === 'WireError')
      return { ok: false, reason: 'malformed', detail: `what answers there is no agent: ${error.message}` };
    throw error;
  }
}

function observeWitness(question: AgentQuestion, at: number) {
  return (outcome: WitnessObservation['outcome']): WitnessObservation => ({
    kind: 'witness',
    subject: `the agent at ${serverText(question)}`,
    at,
    about: { witness: 'agent', server: serverText(question), transport: question.tls },
    outcome,
  });
}

function seenOf(channel: AgentChannel, accepted: AgentAccepted | undefined) {
  const { doubt } = channel;
  const cannot = doubt === undefined ? CANNOT : `${CANNOT}; nor is it proven that it is the agent, for ${doubt}`;
  return { proves: PROVES, cannot, ...(accepted === undefined ? {} : { software: accepted.software }) };
}

const RESULTS: Readonly<Record<PortResult, ReachSeen['result']>> = {
  // What it reached was not this machine: otherwise it would have arrived here.
  'open-and-echoed': 'no-echo',
  'open-no-echo': 'no-echo',
  refused: 'refused',
  timeout: 'timeout',
  unreachable: 'unreachable',
  'refused-by-policy': 'not-tried',
};

/** The agent's word and what arrived here, in one: what arrived has arrived, whatever the agent has heard of it. */
function reachOf(
  { port, arrived }: PlannedPort,
  result: AgentResult | undefined,
  heard: Heard,
): ReachObservation['outcome'] {
  if (arrived !== undefined) {
    const echoed = result?.result === 'open-and-echoed';
    const detail = echoed
      ? 'the nonce arrived here and came back'
      : 'the nonce arrived here; the answer did not come back';
    return { ok: true, ms: arrived.ms, value: { result: 'reached', detail, from: formatEndpoint(arrived.from) } };
  }
  if (result !== undefined)
    return { ok: true, ms: heard.ms, value: { result: RESULTS[result.result], detail: result.detail } };
  const { ok: _ok, ...failure } = heard.failure ?? {
    ok: false as const,
    reason: 'closed' as const,
    detail: `the agent said nothing about port ${port.local.port}`,
    ms: heard.ms,
  };
  return { ok: false, ...failure };
}

function observeReach(context: ProbeContext, question: AgentQuestion) {
  return (port: OpenPort, outcome: ReachObservation['outcome']): ReachObservation => ({
    kind: 'reach',
    subject: `${port.transport.toUpperCase()} port ${port.local.port} from the agent at ${serverText(question)}`,
    at: offsetMs(context),
    about: {
      witness: 'agent',
      server: serverText(question),
      use: port.use,
      transport: port.transport,
      address: port.local.address,
      port: port.local.port,
    },
    outcome,
  });
}

function mirrorsOf(context: ProbeContext, question: AgentQuestion, heard: Heard): MirrorObservation[] {
  return heard.mirrored.map(({ to, outcome }) => ({
    kind: 'mirror',
    subject: `a SIP message over ${to.transport.toUpperCase()} to port ${to.port} of ${question.host}`,
    at: offsetMs(context),
    about: { witness: 'agent', server: serverText(question), transport: to.transport, port: to.port, way: to.way },
    outcome,
  }));
}

async function question(
  context: ProbeContext,
  asked: AgentQuestion,
  { channel, hello }: Greeted,
): Promise<{ heard: Heard; planned: PlannedPort[]; left: OpenPort[] }> {
  const { planned, left } = planPorts(context, asked.ports, hello.ports);
  const heard = await converse(context, {
    channel,
    hello,
    planned,
    mirror: asked.mirror,
    token: asked.token,
    agent: asked.server,
  });
  return { heard, planned, left };
}

function observeAll(
  context: ProbeContext,
  asked: AgentQuestion,
  { channel, heard, planned, left }: { channel: AgentChannel; heard: Heard; planned: PlannedPort[]; left: OpenPort[] },
): Observation[] {
  const { accepted } = heard;
  if (accepted === undefined) return [];
  const reach = observeReach(context, asked);
  const seen = formatEndpoint({ address: accepted.address, port: accepted.port });
  const about = { witness: 'agent' as const, server: serverText(asked), transport: asked.tls };
  const why = `the agent takes at most ${planned.length} ports at once`;
  return [
    {
      kind: 'mapped',
      subject: `the address of this machine as the agent at ${serverText(asked)} sees it`,
      at: offsetMs(context),
      about,
      outcome: { ok: true, ms: 0, value: { local: formatEndpoint(channel.local), seen } },
    },
    ...planned.map((one) => reach(one.port, reachOf(one, heard.results.get(one.key), heard))),
    ...left.map((port) => reach(port, { ok: true, ms: 0, value: { result: 'not-tried', detail: why } })),
    ...mirrorsOf(context, asked, heard),
  ];
}

const refusedBy = ({ failure, ms }: Heard): Failure => ({
  ...(failure ?? { ok: false, reason: 'closed', detail: 'it went away without an answer' }),
  ms,
});

/**
 * Asks an agent (docs/agent-protocol.md) to reach all ports at once, and watches them: any number of blocked ports costs one
 * time-out. With the mirror, it also tells what became of SIP messages on the way to it. An agent that cannot be asked is a
 * `witness` observation that failed, and nothing else.
 */
export async function probeAgent(context: ProbeContext, asked: AgentQuestion): Promise<Observation[]> {
  const witness = observeWitness(asked, offsetMs(context));
  const greeted: Outcome<Greeted | Omit<Failure, 'ms'>> = await attempt(context, () => greet(context, asked));
  if (!greeted.ok) return [witness(greeted)];
  const { ms } = greeted;
  if (!('channel' in greeted.value)) return [witness({ ...greeted.value, ms })];
  const { channel, hello } = greeted.value;
  try {
    const objection = objectionTo(hello, asked);
    if (objection !== undefined) return [witness({ ...objection, ms })];
    const askedAt = offsetMs(context);
    const talk = await question(context, asked, greeted.value);
    if (talk.heard.accepted === undefined) return [observeWitness(asked, askedAt)(refusedBy(talk.heard))];
    return [
      witness({ ok: true, ms, value: seenOf(channel, talk.heard.accepted) }),
      ...observeAll(context, asked, { channel, ...talk }),
    ];
  } finally {
    channel.close();
  }
}
