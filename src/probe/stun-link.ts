import type { Outcome } from '../model.ts';
import { parseStun, unknownRequired, type StunMessage } from '../wire/stun-message.ts';
import { createStunFramer, isChannelData, type StunFramer } from '../wire/stun-stream.ts';
import type { ByteStream, DatagramSocket, Endpoint, Wait } from '../world.ts';
import { failureOf, sinceMs, type ProbeContext } from './context.ts';
import { formatEndpoint } from './endpoint-text.ts';

/** A STUN message, and where it came from. */
export interface StunArrival {
  message: StunMessage;
  from: Endpoint;
}

/** The answer to one request. */
export interface StunAnswer extends StunArrival {
  /** Requests that were sent until it came. */
  tries: number;
}

/** One request on its way: its bytes, and how its answer is known. */
export interface StunAsk {
  to: Endpoint;
  transactionId: string;
  bytes: Uint8Array;
  /** Absent: any. What it refuses counts as not arrived. */
  accepts?: (arrival: StunArrival) => boolean;
}

interface Waiting {
  ask: StunAsk;
  answer?: StunArrival;
  failure?: unknown;
  /** Ends the wait of the transaction once it has its end. */
  bell: AbortController;
}

/** A socket or a connection on which transactions run side by side: each hears for all. */
export interface StunLink {
  local: Endpoint;
  /** client: requests may get lost and are repeated. RFC 8489 section 6.2. */
  repeats: 'client' | 'transport';
  send(to: Endpoint, bytes: Uint8Array, wait: Wait): Promise<void>;
  /** What has arrived; may be none. Throws NetError, WireError. */
  receive(wait: Wait): Promise<StunArrival[]>;
  /** Whether an error of the socket, which names no peer, belongs to a request to this one. */
  concerns(to: Endpoint): boolean;
  waiting: Set<Waiting>;
  /** What has come and answers nothing: it tells silence from nonsense. */
  strays: Strays;
  close(): void;
}

interface Strays {
  count: number;
  /** Why the last one cannot be read, where it came from the server itself. */
  unreadable?: string;
}

const samePlace = (a: Endpoint, b: Endpoint): boolean => a.port === b.port && a.address === b.address;

/** What is no STUN, on a port that anybody can send to, is nothing that arrived. */
function readDatagram(bytes: Uint8Array): StunMessage | string {
  try {
    return parseStun(bytes);
  } catch (error) {
    return failureOf(error).detail;
  }
}

/** `peer`: whom ICMP errors are about. */
export function linkOfSocket(socket: DatagramSocket, peer: Endpoint): StunLink {
  const strays: Strays = { count: 0 };
  return {
    strays,
    local: socket.local,
    repeats: 'client',
    send: (to, bytes) => socket.send(to, bytes),
    async receive(wait) {
      const { bytes, from } = await socket.receive(wait);
      const message = readDatagram(bytes);
      if (typeof message !== 'string') return [{ message, from }];
      if (samePlace(from, peer)) strays.unreadable = message;
      return [];
    },
    concerns: (to) => samePlace(to, peer),
    waiting: new Set(),
    close: () => socket.close(),
  };
}

/** A fault behind a message is for the next reading: after a ConnectionBind, other octets may follow at once. */
function framesIn(framer: StunFramer): StunMessage[] {
  const messages: StunMessage[] = [];
  try {
    for (let frame = framer.next(); frame !== undefined; frame = framer.next()) {
      if (!isChannelData(frame)) messages.push(frame);
    }
  } catch (error) {
    if (messages.length === 0) throw error;
  }
  return messages;
}

export function linkOfStream(stream: ByteStream): StunLink {
  const framer = createStunFramer({ channels: 'none' });
  return {
    local: stream.local,
    repeats: 'transport',
    send: (_to, bytes, wait) => stream.send(bytes, wait),
    async receive(wait) {
      framer.push(await stream.receive(wait));
      return framesIn(framer).map((message) => ({ message, from: stream.remote }));
    },
    concerns: () => true,
    strays: { count: 0 },
    waiting: new Set(),
    close: () => stream.close(),
  };
}

/** RFC 8489 section 6.2.1. */
const FIRST_WAIT_MS = 500;

function end(one: Waiting, how: Pick<Waiting, 'answer' | 'failure'>): void {
  Object.assign(one, how);
  one.bell.abort();
}

/** Gives each message to the request that it answers; what answers none is a stray. */
function hand({ waiting, strays }: StunLink, arrivals: readonly StunArrival[]): void {
  for (const arrival of arrivals) {
    const { class: kind, transactionId } = arrival.message;
    const isAwaited = [...waiting].some(({ ask }) => ask.transactionId === transactionId);
    if (!isAwaited) strays.count += 1;
    if (kind !== 'success' && kind !== 'error') continue;
    for (const one of waiting) {
      const { ask } = one;
      if (one.answer !== undefined || ask.transactionId !== transactionId) continue;
      if (ask.accepts?.(arrival) ?? true) end(one, { answer: arrival });
    }
  }
}

/** Only one of those who hear gets an error: it is told to all whom it concerns. */
function handError(link: StunLink, error: unknown): void {
  for (const one of link.waiting) if (link.concerns(one.ask.to)) end(one, { failure: error });
}

const isOver = ({ answer, failure }: Waiting): boolean => answer !== undefined || failure !== undefined;

async function listenOnce(context: ProbeContext, link: StunLink, { one, until }: { one: Waiting; until: number }) {
  const { signal, world } = context;
  const wait = {
    timeoutMs: Math.max(1, until - world.now()),
    signal: signal === undefined ? one.bell.signal : AbortSignal.any([signal, one.bell.signal]),
  };
  try {
    hand(link, await link.receive(wait));
  } catch (error) {
    const { reason } = failureOf(error);
    if (reason === 'timeout' || isOver(one)) return;
    if (reason === 'cancelled') end(one, { failure: error });
    else handError(link, error);
  }
}

function unanswered({ strays }: StunLink, tries: number, ms: number): Error {
  const detail = `no answer${tries === 1 ? '' : ` to ${tries} requests`} in ${ms} ms`;
  const { count, unreadable } = strays;
  if (unreadable !== undefined)
    return Object.assign(new Error(`${detail}; what came cannot be read: ${unreadable}`), { name: 'WireError' });
  const others = count === 0 ? '' : `; what came (${count}) answers no request`;
  return Object.assign(new Error(`${detail}${others}`), { name: 'NetError', code: 'timeout' });
}

async function untilOver(context: ProbeContext, link: StunLink, one: Waiting): Promise<number> {
  const { world, timeoutMs, signal } = context;
  const deadline = world.now() + timeoutMs;
  let interval = link.repeats === 'client' ? FIRST_WAIT_MS : Infinity;
  let tries = 0;
  while (!isOver(one)) {
    const left = { timeoutMs: Math.max(1, deadline - world.now()), signal };
    await link.send(one.ask.to, one.ask.bytes, left);
    tries += 1;
    const resendAt = Math.min(deadline, world.now() + interval);
    interval *= 2;
    while (!isOver(one) && world.now() < resendAt) await listenOnce(context, link, { one, until: resendAt });
    if (world.now() >= deadline && !isOver(one)) throw unanswered(link, tries, timeoutMs);
  }
  return tries;
}

function understood(one: Waiting, tries: number): StunAnswer {
  const { answer, failure, ask } = one;
  if (answer === undefined) throw failure;
  const unknown = unknownRequired(answer.message);
  if (unknown.length > 0) {
    const types = unknown.slice(0, 4).map((type) => `0x${type.toString(16).padStart(4, '0')}`);
    const message = `the answer of ${formatEndpoint(ask.to)} has attributes that must be understood and are not: ${types.join(', ')}`;
    throw Object.assign(new Error(message), { name: 'WireError' });
  }
  return { ...answer, tries };
}

/**
 * Sends one request and waits for its answer inside the step's limit, over UDP with retransmission (RFC 8489 section 6.2.1:
 * after 500 ms, then twice as long each time). Any number may run on one link. The answer may be an error response.
 */
export async function askStun(context: ProbeContext, link: StunLink, ask: StunAsk): Promise<Outcome<StunAnswer>> {
  const from = context.world.now();
  const one: Waiting = { ask, bell: new AbortController() };
  link.waiting.add(one);
  try {
    const tries = await untilOver(context, link, one);
    return { ok: true, value: understood(one, tries), ms: sinceMs(context, from) };
  } catch (error) {
    return { ok: false, ...failureOf(error), ms: sinceMs(context, from) };
  } finally {
    link.waiting.delete(one);
  }
}
