import { once } from 'node:events';
import { connect, createServer, Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { listenTcp, listenUdp, sendInTurn } from '../../src/lab/listener.ts';

const at = { address: '127.0.0.1', port: 0 };

async function withConnection(look: (served: Socket, client: Socket) => Promise<void>): Promise<void> {
  const server = createServer();
  const arrived = once(server, 'connection');
  const listener = await listenTcp(server, at);
  const client = connect(listener.endpoint.port, at.address).pause();
  client.on('error', () => undefined);
  // The event's first argument is the socket; `once` does not know its type.
  const [served] = (await arrived) as [Socket];
  await look(served, client);
  client.destroy();
  await listener.stop();
}

describe('a listener', () => {
  test('reads no further from a client that does not take what it is sent', async () => {
    await withConnection(async (served, client) => {
      const more = new Uint8Array(16_000_000);
      sendInTurn(served, more);
      sendInTurn(served, more);
      expect([served.isPaused(), served.listenerCount('drain')]).toEqual([true, 1]);
      const drained = once(served, 'drain');
      client.resume();
      await drained;
      expect(served.isPaused()).toBe(false);
    });
  });

  test('sends nothing on a connection that was ended', async () => {
    await withConnection(async (served) => {
      served.end();
      sendInTurn(served, Uint8Array.of(1));
      expect(served.bytesWritten).toBe(0);
    });
  });

  test.each(['0.0.0.0', '::', '192.0.2.1', '127.0.0.999', 'localhost'])('does not bind to %s', async (address) => {
    const here = { address, port: 0 };
    await expect(listenTcp(createServer(), here)).rejects.toMatchObject({ code: 'address' });
    await expect(listenUdp(here, () => undefined)).rejects.toMatchObject({ code: 'address' });
  });

  test('ends a connection that comes after the end', async () => {
    const server = createServer();
    const listener = await listenTcp(server, at);
    await listener.stop();
    const late = new Socket();
    server.emit('connection', late);
    expect(late.destroyed).toBe(true);
  });

  test('stops although a connection does not close', async () => {
    const server = createServer();
    const arrived = once(server, 'connection');
    const listener = await listenTcp(server, at);
    const client = connect(listener.endpoint.port, at.address);
    // The event's first argument is the socket; `once` does not know its type.
    const [served] = (await arrived) as [Socket];
    const destroy = served.destroy.bind(served);
    served.destroy = () => served;
    await listener.stop();
    destroy();
    client.destroy();
    expect(server.listening).toBe(false);
  });

  test('sends no datagram to port 0', async () => {
    const { createSocket } = await import('node:dgram');
    const failed: unknown[] = [];
    const listener = await listenUdp(at, (bytes, from, send) => {
      try {
        send(bytes, { ...from, port: 0 });
      } catch (error) {
        failed.push(error);
      }
      send(bytes, from);
    });
    const client = createSocket('udp4');
    client.send('hello', listener.endpoint.port, at.address);
    const [echo] = await once(client, 'message');
    client.close();
    await listener.stop();
    expect([String(echo), failed]).toEqual(['hello', []]);
  });
});
