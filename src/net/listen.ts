import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import type { ByteStream, Endpoint, Listener } from '../world.ts';
import { showEndpoint } from './endpoint.ts';
import { createInbox } from './inbox.ts';
import { NetError } from './net-error.ts';
import { explainBindError } from './bind-error.ts';
import { explainSystemError } from './system-error.ts';
import { streamOf } from './tcp.ts';

/** Connections that may wait to be accepted; further ones are closed at once. */
const BACKLOG = 16;

async function bind(server: Server, on: Endpoint): Promise<void> {
  const listening = once(server, 'listening');
  server.listen({ host: on.address, port: on.port, backlog: BACKLOG });
  try {
    await listening;
  } catch (error) {
    throw explainBindError(error, on);
  }
}

/** IPv4 clients of a port that listens on '::' come with mapped addresses (RFC 4291 section 2.5.5.2). */
const plainAddress = (address: string | undefined): string => (address ?? '').replace(/^::ffff:(?=[\d.]+$)/i, '');

/** Listens on a TCP port. Throws NetError 'in-use', 'privileged' or 'address'. */
export async function listenTcp(on: Endpoint): Promise<Listener> {
  const server = createServer({ noDelay: true });
  const inbox = createInbox<ByteStream>(`a connection to ${showEndpoint(on)}`, () => undefined);
  const waiting = new Set<ByteStream>();
  server.on('connection', (socket) => {
    socket.on('error', () => undefined);
    // A peer that has reset the connection already has no address any more: nobody is there.
    if (waiting.size >= BACKLOG || socket.remoteAddress === undefined) return void socket.destroy();
    const local = { address: plainAddress(socket.localAddress), port: socket.localPort ?? 0 };
    const remote = { address: plainAddress(socket.remoteAddress), port: socket.remotePort ?? 0 };
    const explain = (error: unknown): NetError => explainSystemError(error, showEndpoint(remote));
    const stream = streamOf({ socket, local, remote, explain });
    waiting.add(stream);
    inbox.put(stream, 1);
  });
  await bind(server, on);
  // No file handle was left for a connection: that one is lost, and those that follow may be taken.
  server.on('error', () => undefined);
  const bound = server.address();
  const local = bound === null || typeof bound === 'string' ? { ...on } : { address: bound.address, port: bound.port };
  return {
    local,
    async accept(wait) {
      const stream = await inbox.take(wait);
      waiting.delete(stream);
      return stream;
    },
    close() {
      inbox.end(new NetError('closed', `${showEndpoint(local)} no longer listens`));
      server.close();
      // Nobody will ask for those that were not accepted, and an open connection keeps the process alive.
      for (const stream of waiting) stream.close();
    },
  };
}
