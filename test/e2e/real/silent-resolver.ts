/** A name server that takes every datagram and answers none, as one behind a firewall or a hung one. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { Stoppable } from './clean-up.ts';

export interface SilentResolver extends Stoppable {
  endpoint: { address: string; port: number };
}

/** Binds a UDP socket on a free port of the address. Throws Error when it cannot. */
export async function startSilentResolver(address: string): Promise<SilentResolver> {
  const socket = createSocket('udp4');
  const listening = once(socket, 'listening');
  socket.bind(0, address);
  await listening;
  let isOpen = true;
  return {
    endpoint: { address, port: socket.address().port },
    stop: async () => {
      if (!isOpen) return;
      isOpen = false;
      const closed = once(socket, 'close');
      socket.close();
      await closed;
    },
  };
}
