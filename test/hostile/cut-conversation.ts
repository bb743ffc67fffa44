import { connect } from 'node:net';
import type { Endpoint } from '../../src/world.ts';
import type { StreamBehaviour } from './hostile-server.ts';

/** Passes connections on to a good server, and ends each when so many octets have come back on it; counts those that came. */
export function cutting(good: Endpoint, octets: number): { behaviour: StreamBehaviour; returned: () => number } {
  let returned = 0;
  const behaviour: StreamBehaviour = (socket) => {
    const behind = connect(good.port, good.address);
    let left = octets;
    behind.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => void behind.write(bytes));
    behind.on('data', (bytes: Buffer) => {
      returned += bytes.length;
      if (left > 0) socket.write(bytes.subarray(0, left));
      left -= bytes.length;
      if (left <= 0) socket.end();
    });
    socket.on('close', () => behind.end());
    if (octets === 0) socket.end();
  };
  return { behaviour, returned: () => returned };
}
