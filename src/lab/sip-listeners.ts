import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { formatSip, parseSip, type SipMessage, type SipRequest } from '../wire/sip-message.ts';
import { createSipFramer } from '../wire/sip-stream.ts';
import { WireError } from '../wire/wire-error.ts';
import type { Endpoint } from '../world.ts';
import { listenTcp, listenUdp, sendInTurn, type Listener } from './listener.ts';
import type { Registrar } from './registrar.ts';
import { replyAddress, replyTo } from './sip-reply.ts';

/**
 * What happens to a request: the registrar answers; nothing; an HTTP answer; 503; or the connection is closed (over UDP:
 * nothing).
 */
export type SipBehaviour = 'healthy' | 'silent' | 'not-sip' | 'server-error' | 'closes';

export interface SipService {
  registrar: Registrar;
  behaviour: SipBehaviour;
}

const text = new TextEncoder();
const HTTP_ANSWER = text.encode(
  'HTTP/1.1 400 Bad Request\r\nServer: sipdiag-lab\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
);
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
      const response = service.registrar.answer(request, from);
      return response && formatSip(response);
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
  if (message.kind === 'response') return;
  const from = { address: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 };
  const answer = answerTo(message, from, service);
  if (answer === 'close') socket.end();
  else if (answer === HTTP_ANSWER) socket.end(answer);
  else if (answer) sendInTurn(socket, answer);
}

function serveStream(socket: Socket, service: SipService): void {
  const framer = createSipFramer();
  socket.on('error', () => socket.destroy());
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

/** SIP over TCP, in the clear. Throws NetError 'address'. */
export async function startSipTcp(at: Endpoint, service: SipService): Promise<Listener> {
  return listenTcp(
    createServer((socket) => serveStream(socket, service)),
    at,
  );
}

/** SIP over TLS with a chain and key in PEM. Throws NetError 'address'. */
export async function startSipTls(
  at: Endpoint,
  service: SipService,
  identity: { chainPem: string; keyPem: string },
): Promise<Listener> {
  const server: Server = createTlsServer({ cert: identity.chainPem, key: identity.keyPem }, (socket) =>
    serveStream(socket, service),
  );
  return listenTcp(server, at);
}

/** A TCP port that takes connections and what is sent, and never speaks, or that ends them at the first octets. */
export async function startMutePort(at: Endpoint, behaviour: 'silent' | 'closes'): Promise<Listener> {
  const server = createServer((socket) => {
    // Read before the end: closing with unread octets would send a reset instead.
    socket.on('data', () => {
      if (behaviour === 'closes') socket.end();
    });
  });
  return listenTcp(server, at);
}

function answerDatagram(bytes: Uint8Array, from: Endpoint, service: SipService) {
  const request = parseSip(bytes);
  if (request.kind === 'response') return undefined;
  const answer = answerTo(request, from, service);
  return answer instanceof Uint8Array ? { answer, to: replyAddress(request, from) } : undefined;
}

/** SIP over UDP. Datagrams that are no requests are dropped. Throws NetError 'address'. */
export async function startSipUdp(at: Endpoint, service: SipService): Promise<Listener> {
  return listenUdp(at, (bytes, from, send) => {
    try {
      const reply = answerDatagram(bytes, from, service);
      if (reply) send(reply.answer, reply.to);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
    }
  });
}
