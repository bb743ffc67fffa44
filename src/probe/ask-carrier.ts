import type { DnsAnswer } from '../model/dns.ts';
import { createDnsFramer, frameDnsMessage } from '../wire/dns-stream.ts';
import type { ByteStream, Endpoint, HttpsConnection, Wait } from '../world.ts';
import { type Session } from './ask-session.ts';
import { checkPeer } from './check-peer.ts';
import { leftOf, waitOf } from './context.ts';
import { formatEndpoint } from './endpoint-text.ts';

/** One message, or why the answer to one question will not come. */
export type Arrival = Uint8Array | { id: number; error: unknown };

/** Something that carries DNS messages to one server. Every method may throw NetError. */
export interface Carrier {
  via: DnsAnswer['via'];
  /** UDP loses datagrams: the client repeats its question. */
  repeats: 'client' | 'transport';
  /** Questions under way at once: what arrives together must fit into the buffer of a socket. */
  window: number;
  send(message: Uint8Array, wait: Wait): Promise<void>;
  /** What arrived next; nothing when only strangers spoke. */
  receive(wait: Wait): Promise<Arrival[]>;
  close(): void;
}

const UDP_WINDOW = 64;
const STREAM_WINDOW = 512;
/** SETTINGS_MAX_CONCURRENT_STREAMS that servers commonly give is 100 or more (RFC 9113 section 6.5.2). */
const HTTPS_WINDOW = 64;
const MEDIA_TYPE = 'application/dns-message';

const isFrom = (from: Endpoint, asked: Endpoint): boolean => from.address === asked.address && from.port === asked.port;

export async function openUdpCarrier({ context, resolver }: Session): Promise<Carrier> {
  const { endpoint } = resolver;
  const socket = await context.world.net.openUdp(endpoint);
  return {
    via: 'udp',
    repeats: 'client',
    window: UDP_WINDOW,
    send: (message) => socket.send(endpoint, message),
    async receive(wait) {
      const { bytes, from } = await socket.receive(wait);
      // RFC 5452 section 9.1: an answer from another source is forged or misrouted; the question stays open.
      return isFrom(from, endpoint) ? [bytes] : [];
    },
    close: () => socket.close(),
  };
}

function carryOver(stream: ByteStream, via: 'tcp' | 'tls'): Carrier {
  const framer = createDnsFramer({ messages: 2 * STREAM_WINDOW });
  return {
    via,
    repeats: 'transport',
    window: STREAM_WINDOW,
    send: (message, wait) => stream.send(frameDnsMessage(message), wait),
    receive: async (wait) => framer.push(await stream.receive(wait)),
    close: () => stream.close(),
  };
}

/** RFC 7766: one connection, questions on it side by side. */
export async function openTcpCarrier({ context, resolver }: Session, wait: Wait): Promise<Carrier> {
  return carryOver(await context.world.net.connect(resolver.endpoint, wait), 'tcp');
}

/** RFC 7858; without a name to verify the connection is private against listeners only (section 4.1). */
export async function openTlsCarrier(session: Session, wait: Wait): Promise<Carrier> {
  const { context, resolver } = session;
  const { net } = context.world;
  const verifyName = resolver.over?.kind === 'tls' ? resolver.over.verifyName : undefined;
  const from = context.world.now();
  const tcp = await net.connect(resolver.endpoint, wait);
  const left = waitOf(leftOf(context, from));
  const stream = await net.startTls(tcp, { serverName: verifyName, alpn: ['dot'] }, left);
  try {
    const doubt =
      verifyName === undefined ? 'no name was given to verify it' : await checkPeer(context, stream.facts, verifyName);
    if (doubt !== undefined && verifyName !== undefined) throw peerError(resolver.endpoint, doubt);
    if (doubt !== undefined) session.unverified = doubt;
    return carryOver(stream, 'tls');
  } catch (error) {
    stream.close();
    throw error;
  }
}

/** The user named who must answer, and somebody else did: no question goes there. */
function peerError(endpoint: Endpoint, doubt: string): Error {
  const error = new Error(`${formatEndpoint(endpoint)}: the certificate does not hold: ${doubt}`);
  return Object.assign(error, { name: 'NetError', code: 'tls-failed' });
}

async function addressOf({ context, resolver }: Session, wait: Wait): Promise<Endpoint> {
  const { address, port } = resolver.endpoint;
  if (/^[\d.]+$/.test(address) || address.includes(':')) return resolver.endpoint;
  const [found] = await context.world.net.systemLookup(address, wait);
  if (found !== undefined) return { address: found, port };
  const error = new Error(`${address}: this machine finds no address for the host of the DNS server`);
  throw Object.assign(error, { name: 'NetError', code: 'other' });
}

interface HttpsInbox {
  arrivals: Arrival[];
  bell: () => void;
}

export const idOf = (message: Uint8Array): number => ((message[0] ?? 0) << 8) | (message[1] ?? 0);

async function postInto(inbox: HttpsInbox, id: number, ask: () => Promise<Uint8Array>): Promise<void> {
  try {
    const answer = await ask();
    // Nothing else will come in answer to this request.
    if (idOf(answer) !== id) throw Object.assign(new Error('an answer to another question'), { name: 'WireError' });
    inbox.arrivals.push(answer);
  } catch (error) {
    inbox.arrivals.push({ id, error });
  }
  inbox.bell();
}

/** Waits for the next result, or for the end of the wait's signal; requests end by their own limits. */
function nextResult(inbox: HttpsInbox, { signal }: Wait): Promise<void> {
  if (inbox.arrivals.length > 0 || signal?.aborted === true) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      signal?.removeEventListener('abort', done);
      resolve();
    };
    inbox.bell = done;
    signal?.addEventListener('abort', done);
  });
}

async function postQuestion(
  connection: HttpsConnection,
  path: string,
  { body, wait }: { body: Uint8Array; wait: Wait },
) {
  const answer = await connection.post({ path, contentType: MEDIA_TYPE, accept: MEDIA_TYPE, body }, wait);
  if (answer.status === 200 && answer.contentType === MEDIA_TYPE) return answer.body;
  const what = answer.status === 200 ? `an answer of type '${answer.contentType}'` : `HTTP status ${answer.status}`;
  const error = new Error(`the DNS server gives ${what} for ${path}`);
  throw Object.assign(error, { name: 'NetError', code: 'other' });
}

/** RFC 8484. The ids stay random where it would have 0: they are no secret here, and a POST is not cached by its octets. */
export async function openHttpsCarrier(session: Session, wait: Wait): Promise<Carrier> {
  const { context, resolver } = session;
  const host = resolver.endpoint.address;
  const path = resolver.over?.kind === 'https' ? resolver.over.path : '/dns-query';
  const from = context.world.now();
  const address = await addressOf(session, wait);
  const connection = await context.world.net.openHttps(address, host, waitOf(leftOf(context, from)));
  const doubt = await checkPeer(context, connection.facts, host);
  if (doubt !== undefined) session.unverified = doubt;
  const inbox: HttpsInbox = { arrivals: [], bell: () => undefined };
  return {
    via: 'https',
    repeats: 'transport',
    window: HTTPS_WINDOW,
    send(body, limits) {
      void postInto(inbox, idOf(body), () => postQuestion(connection, path, { body, wait: limits }));
      return Promise.resolve();
    },
    async receive(limits) {
      await nextResult(inbox, limits);
      return inbox.arrivals.splice(0);
    },
    close: () => connection.close(),
  };
}
