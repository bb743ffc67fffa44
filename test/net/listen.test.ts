import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { createRealNet } from '../../src/net/real-net.ts';
import type { Listener } from '../../src/world.ts';

const net = createRealNet();
const WAIT = { timeoutMs: 2_000 };
const opened: Listener[] = [];

async function listen(port = 0): Promise<Listener> {
  const listener = await net.listen({ address: '127.0.0.1', port });
  opened.push(listener);
  return listener;
}

afterEach(() => {
  for (const listener of opened.splice(0)) listener.close();
});

describe('a port that listens', () => {
  test('takes a connection and carries octets both ways', async () => {
    const listener = await listen();
    const client = connect(listener.local.port, '127.0.0.1');
    const stream = await listener.accept(WAIT);
    client.write('question');
    expect(Buffer.from(await stream.receive(WAIT)).toString()).toBe('question');
    await stream.send(Buffer.from('answer'), WAIT);
    const [answer] = await once(client, 'data');
    expect(String(answer)).toBe('answer');
    expect(stream.remote.address).toBe('127.0.0.1');
    stream.close();
    client.destroy();
  });

  test('waits no longer than it was told', async () => {
    const listener = await listen();
    await expect(listener.accept({ timeoutMs: 20 })).rejects.toMatchObject({ name: 'NetError', code: 'timeout' });
  });

  test('is named when another program has it', async () => {
    const { local } = await listen();
    await expect(listen(local.port)).rejects.toMatchObject({ name: 'NetError', code: 'in-use' });
  });

  test('takes nobody once it is closed', async () => {
    const listener = await listen();
    const waiting = listener.accept(WAIT);
    listener.close();
    listener.close();
    await expect(waiting).rejects.toMatchObject({ name: 'NetError', code: 'closed' });
  });

  test('names what is no TLS', async () => {
    const listener = await listen();
    const client = connect(listener.local.port, '127.0.0.1', () =>
      client.end('OPTIONS sip:example.com SIP/2.0\r\n\r\n'),
    );
    client.on('error', () => undefined);
    const stream = await listener.accept(WAIT);
    const settings = { certificate: '', key: '' };
    await expect(net.answerTls(stream, settings, WAIT)).rejects.toMatchObject({ name: 'NetError' });
    client.destroy();
  });
});
