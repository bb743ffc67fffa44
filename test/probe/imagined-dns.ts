import { createRealWorld } from '../../src/net/real-world.ts';
import { NetError } from '../../src/net/net-error.ts';
import type { ProbeContext } from '../../src/probe/context.ts';
import { decodeMessage } from '../../src/wire/dns-message.ts';
import type { DnsMessage } from '../../src/wire/dns-types.ts';
import type { Datagram, DatagramSocket, Endpoint, Wait } from '../../src/world.ts';

/** What the server at an address makes of a query; undefined: silence. */
export type ImaginedServer = (query: DnsMessage) => Uint8Array | undefined;

export interface ImaginedDns {
  context: ProbeContext;
  /** '192.0.2.1 example.org SOA' in the order of asking. */
  heard: string[];
}

function openSocket(towards: Endpoint, answer: (bytes: Uint8Array) => Uint8Array | undefined): DatagramSocket {
  const arrived: Datagram[] = [];
  let ring = (): void => undefined;
  return {
    local: { address: '198.51.100.1', port: 40_000 },
    send(_to, bytes) {
      const reply = answer(bytes);
      if (reply !== undefined) arrived.push({ bytes: reply, from: towards });
      ring();
      return Promise.resolve();
    },
    receive: ({ timeoutMs, signal }: Wait) =>
      new Promise((resolve, reject) => {
        const take = (): boolean => {
          const first = arrived.shift();
          if (first !== undefined) resolve(first);
          return first !== undefined;
        };
        if (take()) return;
        ring = () => void take();
        setTimeout(() => reject(new NetError('timeout', 'nothing came')), timeoutMs);
        signal?.addEventListener('abort', () => reject(new NetError('cancelled', 'cancelled')));
      }),
    close: () => undefined,
  };
}

/** A network that exists in memory alone: the servers by address, all on port 53. Any other address has no route. */
export function imagineDns(servers: Record<string, ImaginedServer>): ImaginedDns {
  const heard: string[] = [];
  const world = createRealWorld();
  const openUdp = (towards: Endpoint): Promise<DatagramSocket> => {
    const server = servers[towards.address];
    if (server === undefined || towards.port !== 53)
      return Promise.reject(new NetError('no-network', `${towards.address}: no route`));
    const answer = (bytes: Uint8Array): Uint8Array | undefined => {
      const query = decodeMessage(bytes);
      const [question] = query.questions;
      heard.push(`${towards.address} ${question?.name} ${question?.type}${query.rd ? '' : ' norecurse'}`);
      return server(query);
    };
    return Promise.resolve(openSocket(towards, answer));
  };
  const context: ProbeContext = {
    world: { ...world, net: { ...world.net, openUdp } },
    startedAt: world.now(),
    timeoutMs: 1000,
  };
  return { context, heard };
}
