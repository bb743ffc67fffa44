import { createServer } from 'node:net';
import type { Endpoint } from '../world.ts';
import { listenTcp, listenUdp, type Listener } from './listener.ts';

/** The servers of one lab. */
export interface Rack {
  /** Waits for a server to start; when it cannot, those before it are stopped. */
  add(starting: Promise<Listener>): Promise<Endpoint>;
  stop(): Promise<void>;
}

/** Starts one server after the other. */
export function createRack(): Rack {
  const running: Listener[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(running.map(async (listener) => listener.stop()));
  };
  return {
    stop,
    async add(starting) {
      try {
        const listener = await starting;
        running.push(listener);
        return listener.endpoint;
      } catch (error) {
        await stop();
        throw error;
      }
    },
  };
}

/** A TCP port where nothing listens: one that was just given back. */
export async function closedPort(at: Endpoint): Promise<Listener> {
  const { endpoint, stop } = await listenTcp(createServer(), at);
  await stop();
  return { endpoint, stop: async () => undefined };
}

/** The same for UDP. */
export async function closedUdpPort(at: Endpoint): Promise<Listener> {
  const { endpoint, stop } = await listenUdp(at, () => undefined);
  await stop();
  return { endpoint, stop: async () => undefined };
}
