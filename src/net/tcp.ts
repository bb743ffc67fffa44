import { Socket } from 'node:net';
import type { ByteStream, Endpoint, Wait } from '../world.ts';
import { familyOf, showEndpoint } from './endpoint.ts';
import { createInbox } from './inbox.ts';
import { limited } from './limit.ts';
import { NetError } from './net-error.ts';
import { explainSystemError, type Origin } from './system-error.ts';

/** How long octets that were sent before `close` may take to leave. */
const LINGER_MS = 1_000;
/**
 * A connect call that fails at once is reported within a few ticks, and all ticks run before the process looks at the network
 * again: what comes after this many has come from outside.
 */
const LOCAL_TICKS = 32;

/** What makes a byte stream of a socket that is open. */
export interface OpenSocket {
  socket: Socket;
  local: Endpoint;
  remote: Endpoint;
  /** Names an error of this socket. */
  explain(error: unknown): NetError;
}

/** Opens a TCP connection; the socket is gone when this throws. Throws NetError. */
export async function connectTcp(to: Endpoint, wait: Wait): Promise<ByteStream> {
  familyOf(to);
  const what = `connect to ${showEndpoint(to)}`;
  const socket = new Socket();
  // As an option of connect() it is not heard: a second request would then wait for the ACK of the first, a round trip.
  socket.setNoDelay(true);
  // Without a listener an error of a socket ends the process; those who wait listen for themselves.
  socket.on('error', () => undefined);
  try {
    await limited<void>(wait, what, (settle) => {
      const origin = watchOrigin();
      const onConnect = (): void => settle.resolve();
      const onError = (error: Error): void => settle.reject(explainSystemError(error, what, origin()));
      socket.once('connect', onConnect);
      socket.once('error', onError);
      socket.connect({ host: to.address, port: to.port });
      return () => socket.off('connect', onConnect).off('error', onError);
    });
  } catch (error) {
    socket.destroy();
    throw explainSystemError(error, what, 'here');
  }
  const local = { address: socket.localAddress ?? '', port: socket.localPort ?? 0 };
  const explain = (error: unknown): NetError => explainSystemError(error, showEndpoint(to));
  return streamOf({ socket, local, remote: { ...to }, explain });
}

function watchOrigin(): () => Origin {
  let ticks = LOCAL_TICKS;
  const count = (): void => {
    ticks -= 1;
    if (ticks > 0) process.nextTick(count);
  };
  process.nextTick(count);
  return () => (ticks > 0 ? 'here' : 'remote');
}

/** A byte stream over an open socket (TLS sockets too), which it owns from now on. */
export function streamOf(open: OpenSocket): ByteStream {
  const { socket, local, remote, explain } = open;
  const peer = showEndpoint(remote);
  const inbox = createInbox<Uint8Array>(`receive from ${peer}`, () => socket.resume());
  const closed = (): void => inbox.end(new NetError('closed', `${peer} ended the connection`));
  const dropped = (): NetError => new NetError('closed', `the connection to ${peer} ended before all was sent`);
  socket.on('data', (chunk: Buffer) => {
    const bytes = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length);
    inbox.put(bytes, bytes.length);
    if (inbox.isFull()) socket.pause();
  });
  socket.on('end', closed);
  socket.on('error', (error) => {
    inbox.end(explain(error));
    // A TLS socket stays open after the alert of its peer, and never finishes a write.
    socket.destroy();
  });
  // A socket that is destroyed need not report the writes that were under way: any number may be.
  const sending = new Set<() => void>();
  socket.on('close', () => {
    closed();
    for (const drop of sending) drop();
  });
  const send = (bytes: Uint8Array, wait: Wait): Promise<void> =>
    limited<void>(wait, `send to ${peer}`, (settle) => {
      const fail = (error: unknown): void => settle.reject(inbox.ended() ?? explain(error));
      const drop = (): void => fail(dropped());
      sending.add(drop);
      if (!socket.writable && inbox.ended() !== undefined) fail(undefined);
      // Node reports a write that a destroyed socket has dropped as done.
      else socket.write(bytes, (error) => (error || socket.destroyed ? fail(error ?? dropped()) : settle.resolve()));
      return () => sending.delete(drop);
    });
  const close = (): void => {
    inbox.end(new NetError('closed', `the connection to ${peer} was closed on this side`));
    if (socket.destroyed) return;
    socket.resume();
    socket.destroySoon();
    setTimeout(() => socket.destroy(), LINGER_MS).unref();
  };
  return { local, remote, send, receive: (wait) => inbox.take(wait), close };
}
