import { createServer, type Server, type Socket } from 'node:net';
import { createSecureContext, createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { formatSip, parseSip, type SipMessage, type SipRequest } from '../wire/sip-message.ts';
import { createSipFramer } from '../wire/sip-stream.ts';
import { WireError } from '../wire/wire-error.ts';
import type { Endpoint } from '../world.ts';
import { HTTP_ANSWER } from './canned-ports.ts';
import type { LabCertificates } from './certificates.ts';
import { seenFrom, writtenBy, type Habit } from './habits.ts';
import { listenTcp, listenUdp, sendInTurn, type Listener } from './listener.ts';
import type { PassOn } from './pass-on.ts';
import type { Registrar } from './registrar.ts';
import { replyAddress, replyTo } from './sip-reply.ts';

/**
 * What happens to a request: the registrar answers; nothing; an HTTP answer; 503; the connection is closed (over UDP:
 * nothing); or OPTIONS is no method that the server knows.
 */
export type SipBehaviour = 'healthy' | 'silent' | 'not-sip' | 'server-error' | 'closes' | 'no-options';

export interface SipService {
  registrar: Registrar;
  behaviour: SipBehaviour;
  habit: Habit;
  passOn: PassOn;
  /** After how many milliseconds without a word a connection is ended; absent: not before it is in the way. */
  silenceMs?: number;
}

const text = new TextEncoder();
/** To octets that hold no request whose headers could be copied, such as a TLS handshake on a port for clear text. */
const BAD_REQUEST = text.encode('SIP/2.0 400 Bad Request\r\nServer: sipdiag-lab\r\nContent-Length: 0\r\n\r\n');
/** RFC 5626 section 3.5.1: a single line end answers a pair of them. */
const PONG = text.encode('\r\n');

/** The octets that are sent for a request; 'close' ends the connection without any. */
function answerTo(request: SipRequest, from: Endpoint, service: SipService): Uint8Array | 'close' | undefined {
  switch (service.behaviour) {
    case 'silent':
      return undefined;
    case 'closes':
      return 'close';
    case 'not-sip':
      return HTTP_ANSWER;
    case 'server-error':
      return formatSip(replyTo(request, from, { status: 503, reason: 'Service Unavailable' }));
    default: {
      if (service.behaviour === 'no-options' && request.method === 'OPTIONS')
        return formatSip(replyTo(request, from, { status: 405, reason: 'Method Not Allowed' }));
      const response = service.registrar.answer(request, seenFrom(service.habit, from));
      return response && formatSip(writtenBy(service.habit, response));
    }
  }
}

function takeMessage(socket: Socket, message: SipMessage | 'keep-alive', service: SipService): void {
  // One piece may hold several requests, of which the first has ended the connection.
  if (!socket.writable) return;
  if (message === 'keep-alive') {
    if (service.behaviour !== 'silent') sendInTurn(socket, PONG);
    return;
  }
  if (message.kind === 'response') return service.passOn.take(message);
  const from = { address: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 };
  if (message.method === 'REGISTER') service.passOn.note(message, socket);
  const bindings = service.behaviour === 'healthy' ? service.registrar.clientsOf(message) : [];
  if (bindings.length > 0) {
    void service.passOn.toClients(message, from, bindings).then((response) => sendInTurn(socket, formatSip(response)));
    return;
  }
  const answer = answerTo(message, from, service);
  if (answer === 'close') socket.end();
  else if (answer === HTTP_ANSWER) socket.end(answer);
  else if (answer) sendInTurn(socket, answer);
}

function serveStream(socket: Socket, service: SipService): void {
  const framer = createSipFramer();
  socket.on('error', () => socket.destroy());
  if (service.silenceMs !== undefined) socket.setTimeout(service.silenceMs, () => socket.destroy());
  socket.on('data', (bytes) => {
    // What arrives after the lab has ended its side is read, so that the end is orderly, and not looked at.
    if (!socket.writable) return;
    try {
      for (const message of framer.push(bytes)) takeMessage(socket, message, service);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      if (service.behaviour === 'silent') return;
      socket.end(service.behaviour === 'not-sip' ? HTTP_ANSWER : BAD_REQUEST);
    }
  });
}

/** SIP over TCP, in the clear. Throws NetError. */
export async function startSipTcp(at: Endpoint, service: SipService): Promise<Listener> {
  return listenTcp(
    createServer((socket) => serveStream(socket, service)),
    at,
  );
}

/** How a TLS server differs from one that simply works. */
export interface TlsTraits {
  identity: Pick<LabCertificates, 'chainPem' | 'keyPem' | 'rootPem'>;
  /** Shown to a client that sends no server name; absent: the same certificate. */
  nameless?: Pick<LabCertificates, 'chainPem' | 'keyPem'> | 'refused';
  /** An OCSP response that comes with the handshake. */
  staple?: Uint8Array | undefined;
  versions: 'today' | 'legacy-only' | 'legacy-too' | 'weak-only';
  clients: 'anybody' | 'asked' | 'certified';
  /** What client certificates are judged by, PEM; absent: the root of its own. */
  clientRoot?: string | undefined;
}

const VERSIONS: Readonly<Record<TlsTraits['versions'], TlsOptions>> = {
  today: {},
  'legacy-only': { minVersion: 'TLSv1', maxVersion: 'TLSv1.1' },
  'legacy-too': { minVersion: 'TLSv1', maxVersion: 'TLSv1.3' },
  // In no list of today, of any Node, and in OpenSSL still.
  'weak-only': { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-CAMELLIA128-SHA256:@SECLEVEL=0' },
};

/** Small keys and old hashes included: what a client makes of them is what the lab is for. */
const ANY_CIPHER = 'DEFAULT:@SECLEVEL=0';

/** SIP over TLS. Throws NetError. */
export async function startSipTls(at: Endpoint, service: SipService, traits: TlsTraits): Promise<Listener> {
  const { identity, nameless = identity, versions, clients, staple } = traits;
  const named = createSecureContext({ cert: identity.chainPem, key: identity.keyPem, ciphers: ANY_CIPHER });
  const server: Server = createTlsServer(
    {
      // Without a certificate of its own it has nothing to show to a client that sends no name.
      ...(nameless === 'refused' ? {} : { cert: nameless.chainPem, key: nameless.keyPem }),
      ciphers: ANY_CIPHER,
      ...VERSIONS[versions],
      // Not called for a client that sends no name.
      ...(traits.nameless === undefined ? {} : { SNICallback: (_name, done) => done(null, named) }),
      ...(clients === 'anybody'
        ? {}
        : {
            requestCert: true,
            rejectUnauthorized: clients === 'certified',
            ca: [traits.clientRoot ?? identity.rootPem],
          }),
    },
    (socket) => serveStream(socket, service),
  );
  if (staple !== undefined) {
    server.on('OCSPRequest', (_certificate: Buffer, _issuer: Buffer, done: (error: null, response: Buffer) => void) =>
      done(null, Buffer.from(staple)),
    );
  }
  return listenTcp(server, at);
}

function answerDatagram(bytes: Uint8Array, from: Endpoint, service: SipService) {
  const request = parseSip(bytes);
  if (request.kind === 'response') return undefined;
  const answer = answerTo(request, from, service);
  return answer instanceof Uint8Array ? { answer, to: replyAddress(request, from) } : undefined;
}

/** Of what a client sends, only every so manieth gets lost: what it repeats arrives. */
const LOST = 4;

/** Whether the next datagram of that client gets lost on the way. */
function lossyWay(): (from: Endpoint) => boolean {
  const counts = new Map<number, number>();
  return ({ port }) => {
    const count = (counts.get(port) ?? 0) + 1;
    counts.set(port, count);
    return count % LOST === 0;
  };
}

/** SIP over UDP. Datagrams that are no requests are dropped. Throws NetError. */
export async function startSipUdp(
  at: Endpoint,
  service: SipService,
  manner: 'served' | 'other-port' | 'lossy' = 'served',
): Promise<Listener> {
  const other = manner === 'other-port' ? await listenUdp({ ...at, port: 0 }, () => undefined) : undefined;
  const isLost = manner === 'lossy' ? lossyWay() : () => false;
  const listener = await listenUdp(at, (bytes, from, send) => {
    if (isLost(from)) return;
    try {
      const reply = answerDatagram(bytes, from, service);
      if (reply) (other?.send ?? send)(reply.answer, reply.to);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
    }
  }).catch(async (error: unknown) => {
    await other?.stop();
    throw error;
  });
  return { endpoint: listener.endpoint, stop: async () => void (await Promise.all([listener.stop(), other?.stop()])) };
}
