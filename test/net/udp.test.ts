import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import { createRealNet } from '../../src/net/real-net.ts';
import type { DatagramSocket, Endpoint } from '../../src/world.ts';
import { createOpened } from './loopback-servers.ts';

const net = createRealNet();
const opened = createOpened();
const wait = { timeoutMs: 5_000 };
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

afterEach(() => opened.closeAll());

/** A UDP peer on loopback that answers each datagram with its text in capitals. */
async function servePeer(address = '127.0.0.1'): Promise<Endpoint> {
  const peer = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  peer.on('message', (message, from) => peer.send(message.toString().toUpperCase(), from.port, from.address));
  peer.bind(0, address);
  await once(peer, 'listening');
  opened.keep(() => peer.close());
  return { address, port: peer.address().port };
}

async function open(towards: Endpoint): Promise<DatagramSocket> {
  const socket = await net.openUdp(towards);
  opened.keep(() => socket.close());
  return socket;
}

async function unusedUdpPort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}

describe('a UDP socket', () => {
  test.each(['127.0.0.1', '::1'])('asks a peer on %s, hears the answer, and knows its own address', async (address) => {
    const peer = await servePeer(address);
    const socket = await open(peer);
    expect(socket.local).toEqual({ address, port: expect.any(Number) });
    await socket.send(peer, Buffer.from('ping'));
    const { bytes, from } = await socket.receive(wait);
    expect([text(bytes), from]).toEqual(['PING', peer]);
  });

  test('hears an answer that comes from another address than was asked', async () => {
    const socket = await open(await servePeer());
    const other = await servePeer();
    await socket.send(other, Buffer.from('hello'));
    const { bytes, from } = await socket.receive(wait);
    expect([text(bytes), from]).toEqual(['HELLO', other]);
  });

  test('tells a closed port from a silent one', async () => {
    const socket = await open({ address: '127.0.0.1', port: await unusedUdpPort() });
    await expect(socket.receive({ timeoutMs: 30 })).rejects.toMatchObject({ code: 'timeout' });
  });

  test('reports a closed port as refused, and works on', async () => {
    const closed = { address: '127.0.0.1', port: await unusedUdpPort() };
    const socket = await open(closed);
    await socket.send(closed, Buffer.from('anyone?'));
    await expect(socket.receive(wait)).rejects.toMatchObject({ code: 'refused' });
    await socket.send(await servePeer(), Buffer.from('still here'));
    expect(text((await socket.receive(wait)).bytes)).toBe('STILL HERE');
  });

  test('sends again at once what an earlier ICMP error kept back', async () => {
    const closed = { address: '127.0.0.1', port: await unusedUdpPort() };
    const socket = await open(closed);
    await Promise.all(['1', '2', '3'].map((body) => socket.send(closed, Buffer.from(body))));
    await expect(socket.receive(wait)).rejects.toMatchObject({ code: 'refused' });
  });

  test('shares no port with another socket of the same network', async () => {
    const peer = await servePeer();
    const sockets = await Promise.all(Array.from({ length: 400 }, () => open(peer)));
    expect(new Set(sockets.map((socket) => socket.local.port)).size).toBe(400);
  });

  test('ends its waits when it is closed, twice if need be', async () => {
    const peer = await servePeer();
    const socket = await open(peer);
    const waiting = socket.receive(wait);
    socket.close();
    socket.close();
    await expect(waiting).rejects.toMatchObject({ code: 'closed' });
    await expect(socket.send(peer, Buffer.from('x'))).rejects.toMatchObject({ code: 'closed' });
  });

  test('is cancelled by a signal', async () => {
    const socket = await open(await servePeer());
    await expect(socket.receive({ timeoutMs: 100, signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'cancelled',
    });
  });

  test('refuses to send to what is no address', async () => {
    const socket = await open(await servePeer());
    await expect(socket.send({ address: 'example.com', port: 5060 }, Buffer.from('x'))).rejects.toMatchObject({
      code: 'address',
    });
    await expect(net.openUdp({ address: '127.0.0.1', port: 0 })).rejects.toMatchObject({ code: 'address' });
  });

  test('reports a datagram that is too large', async () => {
    const peer = await servePeer();
    const socket = await open(peer);
    await expect(socket.send(peer, Buffer.alloc(70_000))).rejects.toMatchObject({
      name: 'NetError',
      code: 'too-large',
    });
  });
});
