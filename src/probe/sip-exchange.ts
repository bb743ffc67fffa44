import type { Outcome } from '../model.ts';
import type { SipSeen } from '../model/sip.ts';
import { maskText } from '../wire/mask.ts';
import { parseSipDate } from '../wire/sip-diagnostics.ts';
import { headerValue, type SipHeader, type SipMessage, type SipResponse } from '../wire/sip-message.ts';
import { responseMatches } from '../wire/sip-request.ts';
import type { Wait } from '../world.ts';
import { answerRequest } from './answer-request.ts';
import { failureOf, sinceMs, type ProbeContext } from './context.ts';
import type { Arrival, SipChannel } from './sip-channel.ts';

/** One request on its way: its bytes, and how its answer is known. */
export interface SipAsk {
  /** Unique among the requests of one exchange. */
  branch: string;
  message: SipMessage;
  bytes: Uint8Array;
}

/** What came of one request; the response in full where there was one. */
export interface SipResult {
  outcome: Outcome<SipSeen>;
  response?: SipResponse;
}

/** RFC 3261 section 17.1.1.1. */
const T1_MS = 500;
const T2_MS = 4000;
/** A header block of 64 KiB is shown to nobody: the report keeps what a reader can use. */
const MAX_HEADERS_KEPT = 64;
const MAX_VALUE_KEPT = 512;
/** Some registrars write all bindings into one line. */
const MAX_CONTACT_KEPT = 8192;
/** Nothing that follows from a password is kept, not even where a server gives back what it was sent. */
const MASKED: ReadonlySet<string> = new Set([
  'authorization',
  'proxy-authorization',
  'authentication-info',
  'proxy-authentication-info',
]);
/** Requests of the other side that are answered during one exchange: a registrar sends one or two. */
const MAX_REQUESTS_ANSWERED = 16;

function keptValue({ name, value }: SipHeader): string {
  const shown = MASKED.has(name) ? maskText(`${name}: ${value}`).slice(name.length + 2) : value;
  return shown.slice(0, name === 'contact' ? MAX_CONTACT_KEPT : MAX_VALUE_KEPT);
}

function seenOf(response: SipResponse): Pick<SipSeen, 'status' | 'reason' | 'headers'> {
  const headers: Record<string, string[]> = {};
  for (const header of response.headers.slice(0, MAX_HEADERS_KEPT)) {
    const { name } = header;
    const list = Object.hasOwn(headers, name) ? headers[name] : undefined;
    if (list === undefined) Object.defineProperty(headers, name, { value: [keptValue(header)], enumerable: true });
    else list.push(keptValue(header));
  }
  return { status: response.status, reason: response.reason.slice(0, MAX_VALUE_KEPT), headers };
}

/** One client transaction. Each has timers of its own: what one server element answers says nothing about the other requests. */
interface Transaction {
  ask: SipAsk;
  tries: number;
  /** To the next sending; Infinity on a transport that loses nothing. */
  interval: number;
  resendAt: number;
}

interface Exchange {
  channel: SipChannel;
  transactions: readonly Transaction[];
  results: Map<string, SipResult>;
  sentAt: number;
  /** Requests of the other side. */
  answered: number;
}

function clockOf(context: ProbeContext, response: SipResponse): { aheadMs?: number } {
  const date = parseSipDate(headerValue(response, 'date')?.slice(0, MAX_VALUE_KEPT) ?? '');
  return date === undefined ? {} : { aheadMs: Math.round(date - context.world.now()) };
}

function takeResponse(context: ProbeContext, exchange: Exchange, { response, from }: Taken): void {
  const transaction = exchange.transactions.find(({ ask }) => responseMatches(ask.message, response));
  if (transaction === undefined || exchange.results.has(transaction.ask.branch)) return;
  if (response.status < 200) {
    // The request has arrived: it is repeated rarely, and only in case the final answer gets lost (RFC 3261 section 17.1.2.2).
    transaction.interval = T2_MS;
    transaction.resendAt = Math.max(transaction.resendAt, context.world.now() + T2_MS);
    return;
  }
  const { channel } = exchange;
  const { ask, tries } = transaction;
  const value: SipSeen = { ...seenOf(response), from, local: channel.local, tries, ...clockOf(context, response) };
  exchange.results.set(ask.branch, {
    outcome: { ok: true, value, ms: sinceMs(context, exchange.sentAt) },
    response,
  });
}

interface Taken {
  response: SipResponse;
  from: string;
}

/** An echo service: answering its request would make our own answer come back as that of a server. Throws WireError. */
function refuseEcho({ transactions }: Exchange, request: SipMessage): void {
  const via = headerValue(request, 'via');
  if (!transactions.some(({ ask }) => headerValue(ask.message, 'via') === via)) return;
  throw Object.assign(new Error('it sends the request back, as an echo service does'), { name: 'WireError' });
}

async function take(context: ProbeContext, exchange: Exchange, arrival: Arrival): Promise<void> {
  const { message, from } = arrival;
  if (message.kind === 'response') {
    takeResponse(context, exchange, { response: message, from });
    return;
  }
  refuseEcho(exchange, message);
  if (exchange.answered >= MAX_REQUESTS_ANSWERED) return;
  exchange.answered += 1;
  const answer = answerRequest(message, context.world.randomHex('sip/answer/tag', 8));
  if (answer !== undefined) await arrival.reply(answer);
}

const open = ({ transactions, results }: Exchange): Transaction[] =>
  transactions.filter(({ ask }) => !results.has(ask.branch));

/** What is left of the step. */
const restOf = (context: ProbeContext, { sentAt }: Exchange): Wait => ({
  timeoutMs: Math.max(1, sentAt + context.timeoutMs - context.world.now()),
  signal: context.signal,
});

async function sendDue(context: ProbeContext, exchange: Exchange): Promise<void> {
  const now = context.world.now();
  for (const transaction of open(exchange).filter(({ resendAt }) => now >= resendAt)) {
    transaction.tries += 1;
    transaction.interval = Math.min(transaction.interval * 2, T2_MS);
    transaction.resendAt = now + transaction.interval;
    await exchange.channel.send(transaction.ask.bytes, restOf(context, exchange));
  }
}

async function untilAnswered(context: ProbeContext, exchange: Exchange): Promise<void> {
  const deadline = exchange.sentAt + context.timeoutMs;
  while (open(exchange).length > 0) {
    const next = Math.min(deadline, ...open(exchange).map(({ resendAt }) => resendAt));
    const wait = Math.max(1, next - context.world.now());
    try {
      const arrived = await exchange.channel.receive({ timeoutMs: wait, signal: context.signal });
      for (const one of arrived) await take(context, exchange, one);
    } catch (error) {
      if (failureOf(error).reason !== 'timeout') throw error;
    }
    // A peer that keeps sending what is no final answer must not hold the step open.
    if (context.world.now() >= deadline) return;
    await sendDue(context, exchange);
  }
}

/**
 * Sends all requests at once and waits for their final answers inside the step's limit. Over UDP a request is repeated (T1, T2
 * of RFC 3261 section 17.1.2.2). Provisional answers and strays are passed over; requests that arrive meanwhile are
 * answered. Results are in the order of the requests.
 */
export async function exchangeSip(
  context: ProbeContext,
  channel: SipChannel,
  asks: readonly SipAsk[],
): Promise<SipResult[]> {
  const sentAt = context.world.now();
  const resendAt = channel.repeats === 'client' ? sentAt + T1_MS : Infinity;
  const exchange: Exchange = {
    channel,
    transactions: asks.map((ask) => ({ ask, tries: 1, interval: T1_MS, resendAt })),
    results: new Map(),
    sentAt,
    answered: 0,
  };
  let failure: ReturnType<typeof failureOf> = { reason: 'timeout', detail: 'no answer' };
  try {
    for (const { bytes } of asks) await channel.send(bytes, restOf(context, exchange));
    await untilAnswered(context, exchange);
  } catch (error) {
    failure = failureOf(error);
  }
  const ms = sinceMs(context, sentAt);
  return asks.map(({ branch }) => exchange.results.get(branch) ?? { outcome: { ok: false, ...failure, ms } });
}
