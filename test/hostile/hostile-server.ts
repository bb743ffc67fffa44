import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { onTestFinished, type TestContext } from 'vitest';
import type { Endpoint } from '../../src/world.ts';

/** What a server does with one connection, and with TLS also with the TCP below it; what the client sends is read and dropped. */
export type StreamBehaviour = (socket: Socket, under: Socket) => void;

export interface HostileServer {
  endpoint: Endpoint;
  connections(): number;
  /** Octets that clients and the buffers of the system took, of all that the server wanted to send. */
  sent(): number;
  /** Resolves when every connection has been closed by its client; a client that leaves one open lets the test run out of time. */
  abandoned(): Promise<void>;
}

/** PEM of what a TLS server shows. */
export interface Identity {
  chainPem: string;
  keyPem: string;
  /** What it speaks inside TLS, best first. */
  alpn?: string[];
}

function watch(server: Server, behaviour: StreamBehaviour, event: 'connection' | 'secureConnection') {
  const sockets: Socket[] = [];
  // Of a TLS server too, the connections below are what must be closed.
  server.on('connection', (socket: Socket) => {
    socket.on('error', () => undefined);
    sockets.push(socket);
  });
  server.on(event, (socket: Socket) => {
    socket.on('error', () => undefined);
    socket.resume();
    behaviour(socket, sockets.find(({ remotePort }) => remotePort === socket.remotePort) ?? socket);
  });
  return {
    connections: () => sockets.length,
    sent: () => sockets.reduce((sum, { bytesWritten, writableLength }) => sum + bytesWritten - writableLength, 0),
    async abandoned() {
      const closing = sockets.filter((socket) => !socket.closed);
      await Promise.all(closing.map((socket) => new Promise((settle) => socket.once('close', settle))));
    },
    stop() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Takes what is to be done at the end of the test; one that runs beside others has its own. */
export type AtEnd = TestContext['onTestFinished'];

/** A server on loopback that does the same with every connection; with an identity, inside TLS. It stops with the test. */
export async function startHostile(
  behaviour: StreamBehaviour,
  identity?: Identity,
  atEnd: AtEnd = onTestFinished,
): Promise<HostileServer> {
  const { chainPem: cert, keyPem: key, alpn: ALPNProtocols } = identity ?? {};
  const server = identity === undefined ? createServer() : createTlsServer({ cert, key, ALPNProtocols });
  const watched = watch(server, behaviour, identity === undefined ? 'connection' : 'secureConnection');
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('the server has no port');
  atEnd(watched.stop);
  return { endpoint: { address: '127.0.0.1', port: bound.port }, ...watched };
}

/** What a server sends back for one datagram. */
export type DatagramBehaviour = (datagram: Buffer, send: (bytes: Uint8Array) => void, from: Endpoint) => void;

/** The same over UDP. Throws when the port is taken; 0 is a free one. */
export async function startHostileUdp(
  behaviour: DatagramBehaviour,
  { port: wanted = 0, atEnd = onTestFinished }: { port?: number; atEnd?: AtEnd } = {},
): Promise<Endpoint> {
  const socket = createSocket('udp4');
  let stopped = false;
  socket.on('message', (datagram, { address, port }) => {
    const send = (bytes: Uint8Array): void => {
      if (!stopped) socket.send(bytes, port, address);
    };
    behaviour(datagram, send, { address, port });
  });
  socket.bind(wanted, '127.0.0.1');
  await once(socket, 'listening');
  socket.on('error', () => undefined);
  atEnd(() => {
    stopped = true;
    socket.close();
  });
  return { address: '127.0.0.1', port: socket.address().port };
}

/** Much faster than the limit of a step, so that a limit on each octet alone would never be reached. */
const DRIP_MS = 40;

/** Sends the octets one at a time, over and over. */
export function drip(bytes: Uint8Array): StreamBehaviour {
  return (socket) => {
    let at = 0;
    const timer = setInterval(() => {
      socket.write(bytes.subarray(at % bytes.length, (at % bytes.length) + 1));
      at += 1;
    }, DRIP_MS);
    socket.once('close', () => clearInterval(timer));
  };
}

const GIB = 1024 ** 3;

/** Sends `head`, and then `piece` again and again, as fast as the client takes it, up to 1 GiB. */
export function flood(head: Uint8Array, piece: Uint8Array): StreamBehaviour {
  const chunk = Buffer.concat(Array.from({ length: Math.max(1, Math.floor(65_536 / piece.length)) }, () => piece));
  return (socket) => {
    let left = GIB;
    const pump = (): void => {
      while (left > 0 && !socket.destroyed) {
        left -= chunk.length;
        if (!socket.write(chunk)) return void socket.once('drain', pump);
      }
    };
    socket.write(head);
    pump();
  };
}

/** Does something with the first octets that come. */
export function onFirst(act: (socket: Socket, bytes: Buffer, under: Socket) => void): StreamBehaviour {
  return (socket, under) => void socket.once('data', (bytes: Buffer) => act(socket, bytes, under));
}

/** Speaks at once, whatever the client sends, and leaves the connection open. */
export const says =
  (bytes: Uint8Array | string): StreamBehaviour =>
  (socket) =>
    void socket.write(bytes);

export const silent: StreamBehaviour = () => undefined;
export const closesAtOnce: StreamBehaviour = (socket) => void socket.end();
export const resets: StreamBehaviour = (_socket, under) => void under.resetAndDestroy();

/** More octets than every buffer between two programs holds, and far less than what the server would like to send. */
export const MOST_TAKEN = 24 * 1024 * 1024;

export const text = (value: string): Buffer => Buffer.from(value, 'latin1');
export const httpHead = (status: string, ...lines: string[]): string =>
  `HTTP/1.1 ${[status, ...lines].join('\r\n')}\r\n\r\n`;
