import { createServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { NetError } from '../net/net-error.ts';
import type { DnsRecord } from '../model/dns.ts';
import { decodeMessage } from '../wire/dns-message.ts';
import { createDnsFramer, frameDnsMessage } from '../wire/dns-stream.ts';
import { CLASS_IN, type DnsMessage } from '../wire/dns-types.ts';
import { writeMessage, type MessageContent } from '../wire/dns-writer.ts';
import { WireError } from '../wire/wire-error.ts';
import type { Endpoint } from '../world.ts';
import type { LabCertificates } from './certificates.ts';
import { listenTcp, listenUdp, sendInTurn, type Listener } from './listener.ts';
import { lookUp } from './zone.ts';

/** RFC 1035 section 4.2.1: what every client takes over UDP. */
const PLAIN_UDP_OCTETS = 512;
/** Fits into one packet of nearly every path (DNS flag day 2020). */
const EDNS_OCTETS = 1232;
/** Answers that wait for their delay; what comes on top is dropped, as a busy server would. */
const MAX_WAITING = 256;
/** A free TCP port whose number is taken for UDP is given back, and another one tried. */
const MAX_PORT_TRIES = 8;

const RCODE = { noError: 0, formErr: 1, servFail: 2, nxDomain: 3, notImp: 4, refused: 5 } as const;

/**
 * How the server treats every question. 'truncated' sends TC over UDP and the answer over TCP; 'truncated-no-tcp' the same
 * with a closed TCP port. 'closed' is no server at all, 'slow' one that takes its time.
 */
export type DnsBehaviour =
  'healthy' | 'silent' | 'closed' | 'slow' | 'servfail' | 'refused' | 'truncated' | 'truncated-no-tcp';

export interface DnsServerOptions {
  zone: readonly DnsRecord[];
  /** Port 0: a free one, the same for UDP and TCP. */
  at: Endpoint;
  behaviour: DnsBehaviour;
  /** A name whose zone gives no answers; absent: there is none. */
  lost?: string | undefined;
  /** Milliseconds before each answer; absent: at once. */
  delayMs?: number;
}

type Content = Pick<MessageContent, 'rcode' | 'sections'> & { questions?: MessageContent['questions'] };

function bare(rcode: number): Content {
  return { rcode, sections: { answers: [], authority: [], additional: [] } };
}

/**
 * The server stands for the whole DNS: a name outside its zone does not exist, rather than being refused, so that a client
 * may use it as its only resolver.
 */
function contentFor(query: DnsMessage, { zone, behaviour, lost }: DnsServerOptions): Content {
  const [question] = query.questions;
  if (query.opcode !== 0) return { ...bare(RCODE.notImp), questions: [] };
  if (question === undefined || query.questions.length > 1) return { ...bare(RCODE.formErr), questions: [] };
  if (question.class !== CLASS_IN) return { ...bare(RCODE.refused), questions: [] };
  if (behaviour === 'servfail' || question.name.toLowerCase() === lost) return bare(RCODE.servFail);
  if (behaviour === 'refused') return bare(RCODE.refused);
  const { status, answers, authority } = lookUp(zone, question);
  const rcode = status === 'nxdomain' ? RCODE.nxDomain : RCODE.noError;
  return { rcode, sections: { answers, authority, additional: [] } };
}

/** The octets of the answer to a query, or undefined when none is due. Authoritative and recursive at once, as home routers are. */
function answer(bytes: Uint8Array, options: DnsServerOptions, via: 'udp' | 'tcp'): Uint8Array | undefined {
  const query = decodeMessage(bytes);
  if (query.qr || options.behaviour === 'silent') return undefined;
  const content = {
    id: query.id,
    questions: query.questions,
    ...contentFor(query, options),
    ...(query.edns ? { ednsSize: EDNS_OCTETS } : {}),
  };
  const flags: MessageContent['flags'] = query.rd ? ['qr', 'aa', 'rd', 'ra'] : ['qr', 'aa', 'ra'];
  const whole = writeMessage({ ...content, flags });
  if (via === 'tcp') return whole;
  const room = Math.max(PLAIN_UDP_OCTETS, Math.min(query.edns?.udpSize ?? 0, EDNS_OCTETS));
  const truncating = options.behaviour === 'truncated' || options.behaviour === 'truncated-no-tcp';
  if (!truncating && whole.length <= room) return whole;
  return writeMessage({ ...content, ...bare(content.rcode), questions: content.questions, flags: ['tc', ...flags] });
}

/** What cannot be read is not answered: its sender is no client that the lab serves. */
function answerOrNothing(bytes: Uint8Array, options: DnsServerOptions, via: 'udp' | 'tcp'): Uint8Array | undefined {
  try {
    return answer(bytes, options, via);
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

interface Delay {
  run(action: () => void): void;
  stop(): void;
}

function createDelay(delayMs: number): Delay {
  const waiting = new Set<NodeJS.Timeout>();
  return {
    run(action) {
      if (delayMs === 0) return action();
      if (waiting.size >= MAX_WAITING) return;
      const timer = setTimeout(() => {
        waiting.delete(timer);
        action();
      }, delayMs);
      waiting.add(timer);
    },
    stop() {
      for (const timer of waiting) clearTimeout(timer);
      waiting.clear();
    },
  };
}

function serveStream(socket: Socket, options: DnsServerOptions, delay: Delay): void {
  const framer = createDnsFramer();
  socket.on('data', (bytes) => {
    try {
      for (const message of framer.push(bytes)) {
        const reply = answerOrNothing(message, options, 'tcp');
        if (reply) delay.run(() => sendInTurn(socket, frameDnsMessage(reply)));
      }
    } catch (error) {
      socket.destroy();
      if (!(error instanceof WireError)) throw error;
    }
  });
}

async function listenBoth(options: DnsServerOptions, delay: Delay): Promise<Listener[]> {
  const { at, behaviour } = options;
  const openUdp = async (port: number): Promise<Listener> =>
    listenUdp({ ...at, port }, (bytes, from, send) => {
      const reply = answerOrNothing(bytes, options, 'udp');
      if (reply) delay.run(() => send(reply, from));
    });
  if (behaviour === 'truncated-no-tcp') return [await openUdp(at.port)];
  for (let tries = 1; ; tries += 1) {
    const tcp = await listenTcp(
      createServer((socket) => serveStream(socket, options, delay)),
      at,
    );
    try {
      return [await openUdp(tcp.endpoint.port), tcp];
    } catch (error) {
      await tcp.stop();
      if (!(error instanceof NetError) || at.port !== 0 || tries === MAX_PORT_TRIES) throw error;
    }
  }
}

/** The same over TLS, on a port of its own. RFC 7858. Throws NetError. */
export async function startDnsOverTls(
  options: DnsServerOptions,
  { chainPem, keyPem }: Pick<LabCertificates, 'chainPem' | 'keyPem'>,
): Promise<Listener> {
  const delay = createDelay(options.delayMs ?? 0);
  const server = createTlsServer({ cert: chainPem, key: keyPem }, (socket) => serveStream(socket, options, delay));
  const { endpoint, stop } = await listenTcp(server, options.at);
  return {
    endpoint,
    async stop() {
      delay.stop();
      await stop();
    },
  };
}

/** A DNS server on loopback, over UDP and TCP, that knows one zone. Throws NetError when the port is taken. */
export async function startDnsServer(options: DnsServerOptions): Promise<Listener> {
  const delay = createDelay(options.delayMs ?? 0);
  const listeners = await listenBoth(options, delay);
  return {
    endpoint: listeners[0]?.endpoint ?? options.at,
    async stop() {
      delay.stop();
      await Promise.all(listeners.map(async (listener) => listener.stop()));
    },
  };
}
