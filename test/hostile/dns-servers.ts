import { createDnsFramer, frameDnsMessage } from '../../src/wire/dns-stream.ts';
import type { Endpoint } from '../../src/world.ts';
import { answerTo, TRUNCATED } from './dns-octets.ts';
import {
  startHostile,
  startHostileUdp,
  type AtEnd,
  type HostileServer,
  type StreamBehaviour,
} from './hostile-server.ts';

/** A port that is free for TCP may be taken for UDP: then another pair is tried. */
const MAX_PORT_TRIES = 10;

/** A DNS server whose every answer has to be fetched over TCP, where it does what it likes. */
export async function startTruncating(behaviour: StreamBehaviour, atEnd: AtEnd): Promise<HostileServer> {
  for (let tries = 1; ; tries += 1) {
    const server = await startHostile(behaviour, undefined, atEnd);
    try {
      const { port } = server.endpoint;
      await startHostileUdp((query, send) => send(answerTo(query, { flags: TRUNCATED })), { port, atEnd });
      return server;
    } catch (error) {
      if (tries === MAX_PORT_TRIES) throw error;
    }
  }
}

/** Answers each message of a stream with these. */
export const answering =
  (make: (query: Uint8Array) => readonly Uint8Array[]): StreamBehaviour =>
  (socket) => {
    const framer = createDnsFramer();
    socket.on('data', (bytes: Buffer) => {
      for (const query of framer.push(bytes)) for (const message of make(query)) socket.write(frameDnsMessage(message));
    });
  };

/** A resolver that is asked over TLS. */
export const overTls = (endpoint: Endpoint) => ({ label: 'hostile', endpoint, over: { kind: 'tls' as const } });
