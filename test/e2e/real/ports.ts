/** Addresses and ports for real servers: loopback only, and never shared with a test file that runs at the same time. */
import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

const ADDRESSES_PER_PROCESS = 16;
const ATTEMPTS = 20;
/**
 * Below what the system hands out by itself: a connection of a test beside would get a port that was free a moment ago, and
 * keep it from a server for a minute after its end.
 */
const LOWEST = 10_000;
const HIGHEST = 20_000;

/**
 * A loopback address (RFC 1122 section 3.2.1.3 gives a host all of 127.0.0.0/8) that belongs to this process alone, so that
 * even fixed ports, such as 53 or 5060, do not clash with those of a test file that runs beside. Linux answers on all of
 * them without further ado. `index` runs from 0 to 14; throws RangeError beyond.
 */
export function loopbackAddress(index: number): string {
  if (!Number.isInteger(index) || index < 0 || index >= ADDRESSES_PER_PROCESS - 1) {
    throw new RangeError(`a loopback address has the index 0 to ${ADDRESSES_PER_PROCESS - 2}, not ${index}`);
  }
  const host = (process.pid % 2 ** 20) * ADDRESSES_PER_PROCESS + index;
  return `127.${(host >> 16) & 255}.${(host >> 8) & 255}.${host & 255}`;
}

interface HeldPort {
  port: number;
  release(): Promise<void>;
}

/** Holds a port that is free for TCP and for UDP; undefined when the one that was drawn is not. */
async function holdPort(address: string): Promise<HeldPort | undefined> {
  const port = randomInt(LOWEST, HIGHEST);
  const server = createServer();
  const closeServer = () => new Promise<void>((resolve) => server.close(() => resolve()));
  try {
    server.listen(port, address);
    await once(server, 'listening');
  } catch {
    return undefined;
  }
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  try {
    const listening = once(socket, 'listening');
    socket.bind(port, address);
    await listening;
  } catch {
    socket.close();
    await closeServer();
    return undefined;
  }
  return {
    port,
    release: async () => {
      const closed = once(socket, 'close');
      socket.close();
      await Promise.all([closed, closeServer()]);
    },
  };
}

/** `count` different ports on `address`, each free for UDP and for TCP at the moment of asking. */
export async function freePorts(address: string, count: number): Promise<number[]> {
  const held: HeldPort[] = [];
  try {
    for (let attempt = 0; held.length < count && attempt < count + ATTEMPTS; attempt += 1) {
      const port = await holdPort(address);
      if (port !== undefined) held.push(port);
    }
    if (held.length < count) throw new Error(`${address} has no ${count} ports that are free for both UDP and TCP`);
    return held.map(({ port }) => port);
  } finally {
    await Promise.all(held.map((port) => port.release()));
  }
}

/** One port on `address` that is free for UDP and for TCP at the moment of asking. */
export async function freePort(address: string): Promise<number> {
  const [port] = await freePorts(address, 1);
  if (port === undefined) throw new Error(`no free port on ${address}`);
  return port;
}
