import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createRealWorld } from '../../src/net/real-world.ts';
import { askStun, linkOfStream } from '../../src/probe/stun-link.ts';
import type { Endpoint } from '../../src/world.ts';

const world = createRealWorld();
/** More than the buffers of both ends hold. */
const TOO_MUCH = new Uint8Array(64 * 1024 * 1024);

/** Takes connections, and reads nothing from them. */
async function deafPeer(): Promise<Endpoint> {
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    socket.on('error', () => undefined);
    onTestFinished(() => void socket.destroy());
  });
  onTestFinished(() => void server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  return { address: '127.0.0.1', port: typeof bound === 'object' && bound !== null ? bound.port : 0 };
}

async function askDeaf(limits: { timeoutMs: number; signal?: AbortSignal }) {
  const to = await deafPeer();
  const link = linkOfStream(await world.net.connect(to, { timeoutMs: 5000 }));
  onTestFinished(() => link.close());
  const ask = { to, transactionId: '00'.repeat(12), bytes: TOO_MUCH };
  return askStun({ world, startedAt: world.now(), ...limits }, link, ask);
}

test('a request that the peer does not read is given up when the step is over', async () => {
  const outcome = await askDeaf({ timeoutMs: 300 });
  // A limit that is not the one of the step is longer.
  expect(outcome).toMatchObject({ ok: false, reason: 'timeout', detail: expect.stringMatching(/ within \d{1,3} ms$/) });
});

test('a request that the peer does not read is given up when the run is cancelled', async () => {
  const signal = AbortSignal.timeout(300);
  expect(await askDeaf({ timeoutMs: 60_000, signal })).toMatchObject({ ok: false, reason: 'cancelled' });
});
