import { afterEach, describe, expect, test } from 'vitest';
import { createRealNet } from '../../src/net/real-net.ts';
import type { DatagramSocket } from '../../src/world.ts';

const net = createRealNet();
const WAIT = { timeoutMs: 2_000 };
const LOOPBACK = '127.0.0.1';
const opened: DatagramSocket[] = [];

async function bind(address = LOOPBACK, port = 0): Promise<DatagramSocket> {
  const socket = await net.bindUdp({ address, port });
  opened.push(socket);
  return socket;
}

afterEach(() => {
  for (const socket of opened.splice(0)) socket.close();
});

describe('a UDP port that anybody may reach', () => {
  test('hands over what comes, with its source, and answers it', async () => {
    const [here, there] = [await bind(), await bind()];
    await there.send(here.local, Buffer.from('question'));
    const { bytes, from } = await here.receive(WAIT);
    expect({ text: Buffer.from(bytes).toString(), from }).toEqual({ text: 'question', from: there.local });
    await here.send(from, Buffer.from('answer'));
    expect(Buffer.from((await there.receive(WAIT)).bytes).toString()).toBe('answer');
  });

  test('on all addresses names an IPv4 peer by its IPv4 address', async () => {
    const [all, four] = [await bind('::'), await bind()];
    await four.send({ address: LOOPBACK, port: all.local.port }, Buffer.from('x'));
    expect((await all.receive(WAIT)).from).toEqual(four.local);
  });

  test('is named when another program has it', async () => {
    const { local } = await bind();
    await expect(bind(local.address, local.port)).rejects.toMatchObject({ name: 'NetError', code: 'in-use' });
  });

  test('is named when this machine has no such address', async () => {
    await expect(bind('192.0.2.1')).rejects.toMatchObject({ name: 'NetError', code: 'address' });
  });

  test('waits no longer than it was told, and not at all once it is closed', async () => {
    const socket = await bind();
    await expect(socket.receive({ timeoutMs: 20 })).rejects.toMatchObject({ code: 'timeout' });
    socket.close();
    socket.close();
    await expect(socket.receive(WAIT)).rejects.toMatchObject({ code: 'closed' });
    await expect(socket.send({ address: LOOPBACK, port: 9 }, Buffer.from('x'))).rejects.toMatchObject({
      code: 'closed',
    });
  });
});

test('the ports that the system hands out are a range, where it tells', async () => {
  const range = await net.ephemeralPorts();
  const { first, last } = range ?? { first: 1, last: 2 };
  expect(first).toBeLessThan(last);
});
