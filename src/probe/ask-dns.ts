import type { DnsAnswer, DnsObservation, Failure, Outcome, Reason, RecordType } from '../model.ts';
import { readAnswer, type AnswerReading } from '../wire/dns-answer.ts';
import { encodeQuery } from '../wire/dns-message.ts';
import { createDnsFramer, frameDnsMessage } from '../wire/dns-stream.ts';
import type { DatagramSocket, Endpoint } from '../world.ts';
import { failureOf, offsetMs, sinceMs, type ProbeContext } from './context.ts';

export interface Resolver {
  /** How the user called it, else its address. */
  label: string;
  endpoint: Endpoint;
}

export interface Question {
  name: string;
  type: RecordType;
}

export interface DnsPlan {
  questions: readonly Question[];
  /** What an answer leads to: asked at once, without waiting for the other answers. Pure. */
  followUps: (observation: DnsObservation) => Question[];
}

/** First retransmission; doubles each time (RFC 1035 section 4.2.1 leaves it to the client, most stubs wait far longer). */
const FIRST_RESEND_MS = 500;
/** Largest UDP answer that crosses common paths without fragments (DNS flag day 2020). */
const EDNS_SIZE = 1232;
/** Questions to one resolver in one run: the profiles need about thirty; more can only come from hostile answers. */
const MAX_QUESTIONS = 512;

interface Pending {
  question: Question;
  id: number;
  at: number;
  sentAt: number;
  deadline: number;
  resendAt: number;
  resendMs: number;
  tries: number;
}

const keyOf = (question: Question): string => `${question.type} ${question.name.toLowerCase()}`;
const formatEndpoint = ({ address, port }: Endpoint): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;

interface Session {
  context: ProbeContext;
  resolver: Resolver;
  plan: DnsPlan;
  pending: Map<number, Pending>;
  done: Map<string, DnsObservation>;
  asked: Set<string>;
  queue: Question[];
  overTcp: Set<Promise<void>>;
  /** Ends the current wait for a datagram when a question was added from elsewhere. */
  wake: AbortController;
}

function newId(session: Session, question: Question): number {
  const { context, resolver } = session;
  for (;;) {
    const hex = context.world.randomHex(`dns/${formatEndpoint(resolver.endpoint)}/${keyOf(question)}`, 2);
    const id = Number.parseInt(hex, 16);
    if (!session.pending.has(id)) return id;
  }
}

function conclude(session: Session, pending: Pending, outcome: Outcome<DnsAnswer>): void {
  const { question } = pending;
  const observation: DnsObservation = {
    kind: 'dns',
    subject: `${question.name} ${question.type}`,
    at: pending.at,
    about: {
      name: question.name,
      type: question.type,
      resolver: formatEndpoint(session.resolver.endpoint),
      resolverLabel: session.resolver.label,
    },
    outcome,
  };
  session.pending.delete(pending.id);
  session.done.set(keyOf(question), observation);
  enqueue(session, session.plan.followUps(observation));
}

function enqueue(session: Session, questions: readonly Question[]): void {
  for (const question of questions) {
    if (session.asked.has(keyOf(question)) || session.asked.size >= MAX_QUESTIONS) continue;
    session.asked.add(keyOf(question));
    session.queue.push(question);
  }
}

const fail = (session: Session, pending: Pending, why: Omit<Failure, 'ok' | 'ms'>): void =>
  conclude(session, pending, { ok: false, ...why, ms: sinceMs(session.context, pending.sentAt) });

const REASONS: Record<'servfail' | 'refused' | 'rcode' | 'malformed', Reason> = {
  servfail: 'servfail',
  refused: 'refused-query',
  rcode: 'rcode',
  malformed: 'malformed',
};

function settle(session: Session, pending: Pending, reading: AnswerReading & { via: 'udp' | 'tcp' }): void {
  const ms = sinceMs(session.context, pending.sentAt);
  switch (reading.kind) {
    case 'use':
    case 'no-data':
    case 'no-such-name': {
      const status = { use: 'answer', 'no-data': 'nodata', 'no-such-name': 'nxdomain' } as const;
      const value = { status: status[reading.kind], records: reading.records, via: reading.via, tries: pending.tries };
      return conclude(session, pending, { ok: true, value, ms });
    }
    case 'servfail':
    case 'refused':
    case 'rcode':
    case 'malformed':
      return conclude(session, pending, { ok: false, reason: REASONS[reading.kind], detail: reading.detail, ms });
    case 'drop':
      return;
    case 'retry-tcp': {
      session.pending.delete(pending.id);
      const task = askOverTcp(session, pending).finally(() => {
        session.overTcp.delete(task);
        session.wake.abort();
      });
      session.overTcp.add(task);
    }
  }
}

/** The whole answer of a truncated one. RFC 7766 section 5. */
async function askOverTcp(session: Session, pending: Pending): Promise<void> {
  const { context, resolver } = session;
  const { question, id } = pending;
  const remaining = () => ({ timeoutMs: Math.max(1, pending.deadline - context.world.now()), signal: context.signal });
  try {
    const stream = await context.world.net.connect(resolver.endpoint, remaining());
    try {
      await stream.send(frameDnsMessage(encodeQuery({ id, ...question, recursion: 'desired', ednsSize: EDNS_SIZE })));
      const framer = createDnsFramer();
      for (;;) {
        for (const bytes of framer.push(await stream.receive(remaining()))) {
          const reading = readAnswer({ query: { id, ...question }, bytes, transport: 'tcp' });
          if (reading.kind !== 'drop') return settle(session, pending, { ...reading, via: 'tcp' });
        }
      }
    } finally {
      stream.close();
    }
  } catch (error) {
    const { detail } = failureOf(error);
    fail(session, pending, {
      reason: 'truncated',
      detail: `the answer over UDP was truncated, and over TCP: ${detail}`,
    });
  }
}

async function sendQueued(session: Session, socket: DatagramSocket): Promise<void> {
  const { context } = session;
  for (let question = session.queue.shift(); question !== undefined; question = session.queue.shift()) {
    const now = context.world.now();
    const id = newId(session, question);
    const pending: Pending = {
      question,
      id,
      at: offsetMs(context),
      sentAt: now,
      deadline: now + context.timeoutMs,
      resendAt: now + FIRST_RESEND_MS,
      resendMs: FIRST_RESEND_MS,
      tries: 1,
    };
    session.pending.set(id, pending);
    await socket.send(
      session.resolver.endpoint,
      encodeQuery({ id, ...question, recursion: 'desired', ednsSize: EDNS_SIZE }),
    );
  }
}

async function resendOrGiveUp(session: Session, socket: DatagramSocket): Promise<void> {
  const now = session.context.world.now();
  for (const pending of session.pending.values()) {
    if (now >= pending.deadline) {
      fail(session, pending, {
        reason: 'timeout',
        detail: `no answer to ${pending.tries} tries in ${session.context.timeoutMs} ms`,
      });
    } else if (now >= pending.resendAt) {
      pending.tries += 1;
      pending.resendMs *= 2;
      pending.resendAt = now + pending.resendMs;
      const { id, question } = pending;
      await socket.send(
        session.resolver.endpoint,
        encodeQuery({ id, ...question, recursion: 'desired', ednsSize: EDNS_SIZE }),
      );
    }
  }
}

const isFrom = (from: Endpoint, asked: Endpoint): boolean => from.address === asked.address && from.port === asked.port;

function readDatagram(session: Session, bytes: Uint8Array): void {
  const id = ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0);
  const pending = session.pending.get(id);
  if (pending === undefined || bytes.length < 2) return;
  const reading = readAnswer({ query: { id, ...pending.question }, bytes, transport: 'udp' });
  settle(session, pending, { ...reading, via: 'udp' });
}

async function listenOnce(session: Session, socket: DatagramSocket): Promise<void> {
  const { context, resolver } = session;
  const next = Math.min(...[...session.pending.values()].map((one) => Math.min(one.resendAt, one.deadline)));
  session.wake = new AbortController();
  const signal =
    context.signal === undefined ? session.wake.signal : AbortSignal.any([session.wake.signal, context.signal]);
  try {
    const { bytes, from } = await socket.receive({ timeoutMs: Math.max(1, next - context.world.now()), signal });
    // RFC 5452 section 9.1: an answer from another source is forged or misrouted; the question stays open.
    if (isFrom(from, resolver.endpoint)) readDatagram(session, bytes);
  } catch (error) {
    const why = failureOf(error);
    const wokenUp = why.reason === 'cancelled' && context.signal?.aborted !== true;
    if (why.reason !== 'timeout' && !wokenUp)
      for (const pending of session.pending.values()) fail(session, pending, why);
  }
}

async function exchange(session: Session): Promise<void> {
  const socket = await session.context.world.net.openUdp(session.resolver.endpoint);
  try {
    for (;;) {
      await sendQueued(session, socket);
      if (session.pending.size > 0) {
        await listenOnce(session, socket);
        await resendOrGiveUp(session, socket);
      } else if (session.overTcp.size > 0) {
        await Promise.race(session.overTcp);
      } else if (session.queue.length === 0) {
        return;
      }
    }
  } finally {
    socket.close();
    await Promise.all(session.overTcp);
  }
}

/** Answers come in any order; the report has them as they were planned, each followed by what it led to. */
function inPlanOrder(session: Session): DnsObservation[] {
  const ordered = new Map<string, DnsObservation>();
  const visit = (question: Question): void => {
    const observation = session.done.get(keyOf(question));
    if (observation === undefined || ordered.has(keyOf(question))) return;
    ordered.set(keyOf(question), observation);
    for (const next of session.plan.followUps(observation)) visit(next);
  };
  for (const question of session.plan.questions) visit(question);
  return [...ordered.values()];
}

/**
 * Asks one resolver every question at once over one UDP socket, and what the answers lead to as soon as they are there.
 * Retransmits with back-off inside the step's limit; a truncated answer is asked again over TCP.
 */
export async function askResolver(context: ProbeContext, resolver: Resolver, plan: DnsPlan): Promise<DnsObservation[]> {
  const session: Session = {
    context,
    resolver,
    plan,
    pending: new Map(),
    done: new Map(),
    asked: new Set(),
    queue: [],
    overTcp: new Set(),
    wake: new AbortController(),
  };
  enqueue(session, plan.questions);
  try {
    await exchange(session);
  } catch (error) {
    const why = failureOf(error);
    const left = [...session.pending.values(), ...session.queue.map((question) => unsent(session, question))];
    session.queue = [];
    for (const pending of left) fail(session, pending, why);
  }
  return inPlanOrder(session);
}

const unsent = (session: Session, question: Question): Pending => {
  const now = session.context.world.now();
  const at = offsetMs(session.context);
  return { question, id: -1, at, sentAt: now, deadline: now, resendAt: now, resendMs: 0, tries: 0 };
};
