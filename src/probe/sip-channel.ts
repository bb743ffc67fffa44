import type { Transport } from '../model.ts';
import { findHeadEnd, startHeadSearch } from '../wire/sip-head.ts';
import { parseSip, type SipMessage } from '../wire/sip-message.ts';
import { createSipFramer, type SipFramer } from '../wire/sip-stream.ts';
import type { TracedMessage } from '../wire/traced-message.ts';
import type { ByteStream, DatagramSocket, Endpoint, Wait } from '../world.ts';
import { failureOf, offsetMs, type ProbeContext } from './context.ts';
import { formatEndpoint } from './endpoint-text.ts';

/** A message that arrived, and the way back to where it came from. */
export interface Arrival {
  message: SipMessage;
  /** 'address:port'. */
  from: string;
  /** Answers a request: over a stream on it, over UDP to where the request came from. */
  reply(bytes: Uint8Array): Promise<void>;
}

/** Something that carries SIP messages. */
export interface SipChannel {
  local: string;
  /** The server that was asked, 'address:port'. */
  remote: string;
  /** UDP loses datagrams: the client repeats its request (RFC 3261 section 17.1.1.2). */
  repeats: 'client' | 'transport';
  send(bytes: Uint8Array, wait: Wait): Promise<void>;
  /** The messages that arrived next; empty when only keep-alives or strangers' datagrams did. */
  receive(wait: Wait): Promise<Arrival[]>;
}

type Note = (direction: TracedMessage['direction'], bytes: Uint8Array, remote: string) => void;

/** Tells the trace of the run, where one is kept. */
function noteFor(context: ProbeContext, transport: Transport, local: string): Note | undefined {
  const { trace } = context;
  if (trace === undefined) return undefined;
  return (direction, bytes, remote) => trace({ at: offsetMs(context), direction, transport, local, remote, bytes });
}

const isLineEnd = (octet: number | undefined): boolean => octet === 13 || octet === 10;

/** The octets of the messages that a framer has given, cut out of all that came: the framer itself keeps none. */
function createCutter(): (bytes: Uint8Array, messages: readonly SipMessage[], pending: number) => Uint8Array[] {
  let held = new Uint8Array(0);
  return (bytes, messages, pending) => {
    const all = Buffer.concat([held, bytes]);
    let at = 0;
    const cut = messages.map(({ body }) => {
      while (isLineEnd(all[at])) at += 1;
      const from = at;
      at += (findHeadEnd(all.subarray(at), startHeadSearch()) ?? 0) + body.length;
      return new Uint8Array(all.subarray(from, at));
    });
    held = new Uint8Array(all.subarray(all.length - pending));
    return cut;
  };
}

/** What is no SIP is worth a line in the trace above all. */
function cutInto(framer: SipFramer, bytes: Uint8Array, noteForeign: () => void): SipMessage[] {
  try {
    return framer.push(bytes).filter((one) => one !== 'keep-alive');
  } catch (error) {
    noteForeign();
    throw error;
  }
}

/** SIP over a connection. RFC 3261 section 18.3. */
export function streamChannel(context: ProbeContext, transport: 'tcp' | 'tls', stream: ByteStream): SipChannel {
  const framer = createSipFramer();
  const [local, remote] = [formatEndpoint(stream.local), formatEndpoint(stream.remote)];
  const note = noteFor(context, transport, local);
  const cutter = note && createCutter();
  const send = async (bytes: Uint8Array, wait: Wait): Promise<void> => {
    note?.('sent', bytes, remote);
    await stream.send(bytes, wait);
  };
  return {
    local,
    remote,
    repeats: 'transport',
    send,
    async receive(wait) {
      const bytes = await stream.receive(wait);
      const messages = cutInto(framer, bytes, () => note?.('received', bytes, remote));
      for (const one of cutter?.(bytes, messages, framer.pending()) ?? []) note?.('received', one, remote);
      return messages.map((message) => ({
        message,
        from: remote,
        reply: (answer) => send(answer, { timeoutMs: context.timeoutMs }),
      }));
    },
  };
}

/** A datagram of line ends or NULs only keeps a NAT binding open (RFC 5626 section 3.5.1, and what servers send by custom). */
const isKeepAlive = (bytes: Uint8Array): boolean => bytes.every((octet) => octet === 13 || octet === 10 || octet === 0);

/** What a stranger sends may be no SIP at all: that says nothing about the server that was asked. */
function readDatagram(bytes: Uint8Array, sender: 'server' | 'stranger'): SipMessage[] {
  try {
    return isKeepAlive(bytes) ? [] : [parseSip(bytes)];
  } catch (error) {
    if (sender === 'stranger' && failureOf(error).reason === 'malformed') return [];
    throw error;
  }
}

/** SIP over UDP towards one server. RFC 3261 section 18.1. */
export function datagramChannel(context: ProbeContext, socket: DatagramSocket, to: Endpoint): SipChannel {
  const [local, remote] = [formatEndpoint(socket.local), formatEndpoint(to)];
  const note = noteFor(context, 'udp', local);
  const sendTo = async (end: Endpoint, bytes: Uint8Array): Promise<void> => {
    note?.('sent', bytes, formatEndpoint(end));
    await socket.send(end, bytes);
  };
  return {
    local,
    remote,
    repeats: 'client',
    send: (bytes) => sendTo(to, bytes),
    async receive(wait) {
      const datagram = await socket.receive(wait);
      const from = formatEndpoint(datagram.from);
      if (!isKeepAlive(datagram.bytes)) note?.('received', datagram.bytes, from);
      const messages = readDatagram(datagram.bytes, from === remote ? 'server' : 'stranger');
      return messages.map((message) => ({ message, from, reply: (bytes) => sendTo(datagram.from, bytes) }));
    },
  };
}
