import { once } from 'node:events';
import { connect, createServer, Server } from 'node:net';
import { expect, test, vi } from 'vitest';
import { listenTcp } from '../../src/net/listen.ts';

vi.mock('node:net', async (original) => {
  const net = await original<typeof import('node:net')>();
  return { ...net, createServer: vi.fn<typeof net.createServer>(net.createServer) };
});

test('a port goes on listening when a connection could not be taken for want of a file handle', async () => {
  const listener = await listenTcp({ address: '127.0.0.1', port: 0 });
  const server: unknown = vi.mocked(createServer).mock.results[0]?.value;
  if (!(server instanceof Server)) throw new Error('the port was not made by createServer');
  server.emit('error', Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' }));
  const client = connect(listener.local.port, '127.0.0.1');
  await once(client, 'connect');
  const stream = await listener.accept({ timeoutMs: 5_000 });
  expect(stream.remote.address).toBe('127.0.0.1');
  stream.close();
  client.destroy();
  listener.close();
});
