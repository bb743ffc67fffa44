import type { Outcome, SipSeen } from '../model.ts';
import { parseSip, type SipMessage, type SipResponse } from '../wire/sip-message.ts';
import { createSipFramer } from '../wire/sip-stream.ts';
import { responseMatches } from '../wire/sip-request.ts';
import type { ByteStream, DatagramSocket, Endpoint, Wait } from '../world.ts';
import { failureOf, sinceMs, type ProbeContext } from './context.ts';

/** Something that carries SIP messages. */
export interface SipChannel {
  local: string;
  /** UDP loses datagrams: the client repeats its request (RFC 3261 section 17.1.1.2). */
  repeats: 'client' | 'transport';
  send(bytes: Uint8Array): Promise<void>;
  /** The messages that arrived next; empty when only keep-alives or strangers' datagrams did. */
  receive(wait: Wait): Promise<{ message: SipMessage; from: string }[]>;
}

export const formatEndpoint = ({ address, port }: Endpoint): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;

export function streamChannel(stream: ByteStream): SipChannel {
  const framer = createSipFramer();
  const from = formatEndpoint(stream.remote);
  return {
    local: formatEndpoint(stream.local),
    repeats: 'transport',
    send: (bytes) => stream.send(bytes),
    async receive(wait) {
      const items = framer.push(await stream.receive(wait));
      return items.flatMap((message) => (message === 'keep-alive' ? [] : [{ message, from }]));
    },
  };
}

export function datagramChannel(socket: DatagramSocket, to: Endpoint): SipChannel {
  return {
    local: formatEndpoint(socket.local),
    repeats: 'client',
    send: (bytes) => socket.send(to, bytes),
    async receive(wait) {
      const { bytes, from } = await socket.receive(wait);
      return [{ message: parseSip(bytes), from: formatEndpoint(from) }];
    },
  };
}

/** One request on its way: its bytes, and how its answer is known. */
export interface SipAsk {
  /** Unique among the requests of one exchange. */
  branch: string;
  message: SipMessage;
  bytes: Uint8Array;
}

/** RFC 3261 section 17.1.1.1. */
const T1_MS = 500;
const T2_MS = 4000;
/** A header block of 64 KiB is shown to nobody: the report keeps what a reader can use. */
const MAX_HEADERS_KEPT = 64;
const MAX_VALUE_KEPT = 512;

function seenOf(response: SipResponse): Pick<SipSeen, 'status' | 'reason' | 'headers'> {
  const headers: Record<string, string[]> = {};
  for (const { name, value } of response.headers.slice(0, MAX_HEADERS_KEPT)) {
    const list = Object.hasOwn(headers, name) ? headers[name] : undefined;
    if (list === undefined)
      Object.defineProperty(headers, name, { value: [value.slice(0, MAX_VALUE_KEPT)], enumerable: true });
    else list.push(value.slice(0, MAX_VALUE_KEPT));
  }
  return { status: response.status, reason: response.reason.slice(0, MAX_VALUE_KEPT), headers };
}

interface Exchange {
  channel: SipChannel;
  asks: readonly SipAsk[];
  results: Map<string, Outcome<SipSeen>>;
  sentAt: number;
  tries: number;
}

function take(
  context: ProbeContext,
  exchange: Exchange,
  { message, from }: { message: SipMessage; from: string },
): void {
  if (message.kind !== 'response' || message.status < 200) return;
  const ask = exchange.asks.find((one) => responseMatches(one.message, message));
  if (ask === undefined || exchange.results.has(ask.branch)) return;
  const value: SipSeen = { ...seenOf(message), from, local: exchange.channel.local, tries: exchange.tries };
  exchange.results.set(ask.branch, { ok: true, value, ms: sinceMs(context, exchange.sentAt) });
}

const open = ({ asks, results }: Exchange): SipAsk[] => asks.filter(({ branch }) => !results.has(branch));

async function sendOpen(exchange: Exchange): Promise<void> {
  for (const { bytes } of open(exchange)) await exchange.channel.send(bytes);
}

async function untilAnswered(context: ProbeContext, exchange: Exchange): Promise<void> {
  const deadline = exchange.sentAt + context.timeoutMs;
  let interval = T1_MS;
  let resendAt = exchange.channel.repeats === 'client' ? exchange.sentAt + interval : Infinity;
  while (open(exchange).length > 0) {
    const wait = Math.max(1, Math.min(resendAt, deadline) - context.world.now());
    try {
      const arrived = await exchange.channel.receive({ timeoutMs: wait, signal: context.signal });
      for (const one of arrived) take(context, exchange, one);
    } catch (error) {
      const now = context.world.now();
      if (failureOf(error).reason !== 'timeout' || now >= deadline) throw error;
    }
    const now = context.world.now();
    if (now >= resendAt && now < deadline) {
      exchange.tries += 1;
      interval = Math.min(interval * 2, T2_MS);
      resendAt = now + interval;
      await sendOpen(exchange);
    }
  }
}

/**
 * Sends all requests at once and waits for their final answers inside the step's limit. Provisional answers and strays are
 * passed over. Results are in the order of the requests.
 */
export async function exchangeSip(
  context: ProbeContext,
  channel: SipChannel,
  asks: readonly SipAsk[],
): Promise<Outcome<SipSeen>[]> {
  const exchange: Exchange = { channel, asks, results: new Map(), sentAt: context.world.now(), tries: 1 };
  let failure: ReturnType<typeof failureOf> = { reason: 'timeout', detail: 'no answer' };
  try {
    await sendOpen(exchange);
    await untilAnswered(context, exchange);
  } catch (error) {
    failure = failureOf(error);
  }
  const ms = sinceMs(context, exchange.sentAt);
  return asks.map(({ branch }) => exchange.results.get(branch) ?? { ok: false, ...failure, ms });
}
