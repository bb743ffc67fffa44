import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Datagram, DatagramSocket, Endpoint } from '../world.ts';
import { explainBindError } from './bind-error.ts';
import { familyOf, showEndpoint } from './endpoint.ts';
import { createInbox } from './inbox.ts';
import { NetError } from './net-error.ts';
import { explainSystemError } from './system-error.ts';

/** IPv4 peers of a socket on '::' come with mapped addresses (RFC 4291 section 2.5.5.2). */
const plainAddress = (address: string): string => address.replace(/^::ffff:(?=[\d.]+$)/i, '');

async function bind(socket: Socket, on: Endpoint): Promise<void> {
  try {
    socket.bind({ address: on.address, port: on.port, exclusive: true });
    await once(socket, 'listening');
  } catch (error) {
    socket.close();
    throw explainBindError(error, on);
  }
}

function send(socket: Socket, to: Endpoint, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.send(bytes, to.port, to.address, (error) =>
      error ? reject(explainSystemError(error, `send to ${showEndpoint(to)}`)) : resolve(),
    );
  });
}

/** See `Net.bindUdp`. */
export async function bindUdpOn(on: Endpoint): Promise<DatagramSocket> {
  // Port 0, which nobody can send to, lets the system choose.
  const family = familyOf(on.port === 0 ? { ...on, port: 1 } : on);
  const socket = createSocket(family === 4 ? 'udp4' : 'udp6');
  const what = `UDP port ${on.port}`;
  const inbox = createInbox<Datagram>(`receive on ${what}`, () => undefined);
  // An ICMP error for a datagram sent to one peer says nothing about the others.
  socket.on('error', () => undefined);
  socket.on('message', (message, { address, port }) => {
    if (inbox.isFull()) return;
    inbox.put({ bytes: new Uint8Array(message), from: { address: plainAddress(address), port } }, message.length);
  });
  await bind(socket, on);
  const { address, port } = socket.address();
  return {
    local: { address, port },
    async send(to, bytes) {
      const gone = inbox.ended();
      if (gone !== undefined) throw gone;
      await send(socket, to, bytes);
    },
    receive: (wait) => inbox.take(wait),
    close() {
      if (inbox.ended() !== undefined) return;
      inbox.end(new NetError('closed', `${what} was closed on this side`));
      socket.close();
    },
  };
}
