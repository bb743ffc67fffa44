import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { isIPv4, type Server, type Socket } from 'node:net';
import { explainBindError } from '../net/bind-error.ts';
import { NetError } from '../net/net-error.ts';
import type { Endpoint } from '../world.ts';

/** More clients than one diagnosis needs; further ones are turned away, so that memory stays bounded. */
const MAX_CONNECTIONS = 128;

/** A connection on which nothing happens is given up, after much longer than any client waits. */
const IDLE_MS = 60_000;

/** Closing takes no time: what has not closed by then keeps nobody waiting, nor this process alive. */
const STOP_MS = 2_000;

/** Settles with `closed`, or after the limit. */
async function closedInTime(closed: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, STOP_MS);
  });
  await Promise.race([closed, late]);
  clearTimeout(timer);
}

/** A server that was bound. */
export interface Listener {
  endpoint: Endpoint;
  /** Closes the port and every open connection; safe to call twice. */
  stop(): Promise<void>;
}

/** Only these: the lab shows its flaws to nobody but this machine. */
function refuseForeignAddress(address: string): void {
  if (address !== '::1' && !(isIPv4(address) && address.startsWith('127.'))) {
    throw new NetError('address', `the lab binds to loopback addresses only, not to ${address}`);
  }
}

/**
 * Binds a TCP or TLS server (port 0: a free one) and remembers its connections, to end them on stop. Throws NetError.
 */
export async function listenTcp(server: Server, at: Endpoint): Promise<Listener> {
  refuseForeignAddress(at.address);
  const open = new Set<Socket>();
  let state: 'open' | 'stopped' = 'open';
  server.maxConnections = MAX_CONNECTIONS;
  // A TLS server announces the raw socket here too, before the handshake: silent and failed handshakes are closed as well.
  server.on('connection', (socket) => {
    // A server is closed once its last connection is: one that comes after the end would keep it open.
    if (state === 'stopped') return void socket.destroy();
    open.add(socket);
    // What a client breaks off is its own affair; without a listener the error would end the process.
    socket.on('error', () => socket.destroy());
    socket.once('close', () => open.delete(socket));
    socket.setTimeout(IDLE_MS, () => socket.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(explainBindError(cause, at)));
    server.listen({ host: at.address, port: at.port, exclusive: true }, resolve);
  });
  // Failing to accept (no descriptors left) is the client's disappointment, not the end of this process.
  server.on('error', () => undefined);
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw explainBindError('the server has no port', at);
  const closed = new Promise<void>((resolve) => server.once('close', resolve));
  return {
    endpoint: { address: at.address, port: bound.port },
    async stop() {
      state = 'stopped';
      server.close();
      server.unref();
      for (const socket of open) socket.destroy().unref();
      await closedInTime(closed);
    },
  };
}

/** Writes, and reads no further request until the client has taken what it was sent: so nothing piles up in memory. */
export function sendInTurn(socket: Socket, bytes: Uint8Array): void {
  if (!socket.writable || socket.write(bytes) || socket.isPaused()) return;
  socket.pause();
  socket.once('drain', () => socket.resume());
}

/** Answers nothing, or sends what it is given to the address and port named. */
export type DatagramHandler = (
  bytes: Uint8Array,
  from: Endpoint,
  send: (bytes: Uint8Array, to: Endpoint) => void,
) => void;

/** A UDP port that was bound. */
export interface UdpListener extends Listener {
  send(bytes: Uint8Array, to: Endpoint): void;
}

/** Binds a UDP socket (port 0: a free one) and hands every datagram over. Throws NetError. */
export async function listenUdp(at: Endpoint, onDatagram: DatagramHandler): Promise<UdpListener> {
  refuseForeignAddress(at.address);
  const socket: UdpSocket = createSocket(at.address.includes(':') ? 'udp6' : 'udp4');
  let state: 'open' | 'stopped' = 'open';
  const closed = new Promise<void>((resolve) => socket.once('close', resolve));
  const send = (bytes: Uint8Array, to: Endpoint): void => {
    // A delayed answer may come after the end, a client may have gone, and a client's Via may name port 0.
    if (state === 'open' && to.port > 0) socket.send(bytes, to.port, to.address, () => undefined);
  };
  socket.on('message', (bytes, from) => onDatagram(bytes, { address: from.address, port: from.port }, send));
  await new Promise<void>((resolve, reject) => {
    socket.once('error', (cause) => {
      socket.close();
      reject(explainBindError(cause, at));
    });
    socket.bind({ address: at.address, port: at.port, exclusive: true }, resolve);
  });
  socket.on('error', () => undefined);
  return {
    endpoint: { address: at.address, port: socket.address().port },
    send,
    async stop() {
      if (state === 'open') socket.close();
      state = 'stopped';
      await closedInTime(closed);
    },
  };
}
