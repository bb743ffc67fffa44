import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { afterEach } from 'vitest';
import { createRealWorld } from '../../src/net/real-world.ts';
import type { ProbeContext } from '../../src/probe/context.ts';
import { addIntegrity, type StunKey } from '../../src/wire/stun-integrity.ts';
import { buildStun, parseStun, type StunContent, type StunMessage } from '../../src/wire/stun-message.ts';
import { createStunFramer, isChannelData } from '../../src/wire/stun-stream.ts';
import type { Endpoint } from '../../src/world.ts';

/** What a scripted server sends for a request: messages with the transaction id filled in, or octets as they are. */
export type StunReply = Uint8Array | (Partial<StunContent> & { key?: StunKey });
export type StunScript = (request: StunMessage, about: { nth: number; from: Endpoint }) => readonly StunReply[];

export interface ScriptedStun {
  server: Endpoint;
  heard: StunMessage[];
}

const octetsOf = (reply: StunReply, { method, transactionId }: StunMessage): Uint8Array => {
  if (reply instanceof Uint8Array) return reply;
  const { key, ...content } = reply;
  const bytes = buildStun({ class: 'success', method, transactionId, attributes: [], ...content });
  return key === undefined ? bytes : addIntegrity(bytes, key);
};

/** Servers on loopback, each stopped after its test. */
export function servingStun(): {
  udp: (script: StunScript) => Promise<ScriptedStun>;
  tcp: (script: StunScript) => Promise<ScriptedStun>;
} {
  const stops: (() => void)[] = [];
  afterEach(() => {
    for (const stop of stops.splice(0)) stop();
  });
  return {
    async udp(script) {
      const heard: StunMessage[] = [];
      const socket = createSocket('udp4');
      stops.push(() => socket.close());
      socket.on('message', (bytes, { address, port }) => {
        const request = parseStun(bytes);
        heard.push(request);
        for (const reply of script(request, { nth: heard.length, from: { address, port } }))
          socket.send(octetsOf(reply, request), port, address);
      });
      socket.bind(0, '127.0.0.1');
      await once(socket, 'listening');
      return { server: { address: '127.0.0.1', port: socket.address().port }, heard };
    },
    async tcp(script) {
      const heard: StunMessage[] = [];
      const sockets: Socket[] = [];
      const server = createServer((socket) => {
        const framer = createStunFramer();
        const from = { address: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 };
        sockets.push(socket);
        socket.on('error', () => undefined);
        socket.on('data', (bytes) => {
          framer.push(bytes);
          for (let frame = framer.next(); frame !== undefined; frame = framer.next()) {
            if (isChannelData(frame)) continue;
            heard.push(frame);
            for (const reply of script(frame, { nth: heard.length, from })) socket.write(octetsOf(reply, frame));
          }
        });
      });
      stops.push(() => {
        server.close();
        for (const socket of sockets) socket.destroy();
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const bound = server.address();
      if (bound === null || typeof bound === 'string') throw new Error('no port');
      return { server: { address: '127.0.0.1', port: bound.port }, heard };
    },
  };
}

export function stunContext(timeoutMs: number): ProbeContext {
  const world = createRealWorld();
  return { world, startedAt: world.now(), timeoutMs };
}
