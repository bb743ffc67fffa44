import { getEventListeners } from 'node:events';
import { Socket } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createRealNet } from '../../src/net/real-net.ts';
import { NetError } from '../../src/net/net-error.ts';
import { streamOf } from '../../src/net/tcp.ts';
import { createOpened, serveTcp, unusedPort } from './loopback-servers.ts';

const net = createRealNet();
const opened = createOpened();
const wait = { timeoutMs: 5_000 };
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

afterEach(() => opened.closeAll());

describe('connect', () => {
  test('gives the addresses of both ends', async () => {
    const at = await serveTcp(opened, () => undefined);
    const stream = await net.connect(at, wait);
    expect(stream.remote).toEqual(at);
    expect(stream.local).toEqual({ address: '127.0.0.1', port: expect.any(Number) });
    stream.close();
  });

  test('has each request sent at once, without waiting for the acknowledgement of the one before', async () => {
    const at = await serveTcp(opened, () => undefined);
    const setNoDelay = vi.spyOn(Socket.prototype, 'setNoDelay');
    const stream = await net.connect(at, wait);
    expect(setNoDelay.mock.calls).toEqual([[true]]);
    setNoDelay.mockRestore();
    stream.close();
  });

  test('reports a port on which nothing listens as refused', async () => {
    const at = { address: '127.0.0.1', port: await unusedPort() };
    await expect(net.connect(at, wait)).rejects.toMatchObject({ name: 'NetError', code: 'refused' });
  });

  test.each([
    ['a host name', { address: 'sip.example.com', port: 5060 }],
    ['a link-local address without a zone', { address: 'fe80::1', port: 5060 }],
    ['port 0', { address: '127.0.0.1', port: 0 }],
    ['port 65536', { address: '127.0.0.1', port: 65_536 }],
  ])('refuses %s as address', async (_what, at) => {
    await expect(net.connect(at, wait)).rejects.toMatchObject({ code: 'address' });
  });

  test('does not begin under a signal that has fired', async () => {
    const at = await serveTcp(opened, () => undefined);
    const signal = AbortSignal.abort();
    await expect(net.connect(at, { timeoutMs: 1_000, signal })).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('a byte stream', () => {
  test('sends and receives', async () => {
    const at = await serveTcp(opened, (socket) => socket.pipe(socket));
    const stream = await net.connect(at, wait);
    await stream.send(Buffer.from('OPTIONS'), wait);
    expect(text(await stream.receive(wait))).toBe('OPTIONS');
    stream.close();
  });

  test('gives what arrived before the end, then says closed each time', async () => {
    const at = await serveTcp(opened, (socket) => socket.end('half a mess'));
    const stream = await net.connect(at, wait);
    expect(text(await stream.receive(wait))).toBe('half a mess');
    await expect(stream.receive(wait)).rejects.toMatchObject({ code: 'closed' });
    await expect(stream.receive(wait)).rejects.toMatchObject({ code: 'closed' });
  });

  test('reports a reset', async () => {
    const at = await serveTcp(opened, (socket) => void socket.once('data', () => socket.resetAndDestroy()));
    const stream = await net.connect(at, wait);
    await stream.send(Buffer.from('x'), wait);
    await expect(stream.receive(wait)).rejects.toMatchObject({ code: 'reset' });
    await expect(stream.send(Buffer.from('y'), wait)).rejects.toMatchObject({ code: 'reset' });
  });

  test('stays usable after a wait that ran out', async () => {
    const at = await serveTcp(opened, (socket) => void socket.once('data', () => socket.write('late')));
    const stream = await net.connect(at, wait);
    await expect(stream.receive({ timeoutMs: 20 })).rejects.toMatchObject({ code: 'timeout' });
    await stream.send(Buffer.from('go'), wait);
    expect(text(await stream.receive(wait))).toBe('late');
    stream.close();
  });

  test('ends a wait when the signal fires, and lets go of the signal', async () => {
    const at = await serveTcp(opened, () => undefined);
    const stream = await net.connect(at, wait);
    const controller = new AbortController();
    const waiting = stream.receive({ timeoutMs: 5_000, signal: controller.signal });
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
    stream.close();
  });

  test('ends its own waits when it is closed, twice if need be', async () => {
    const at = await serveTcp(opened, () => undefined);
    const stream = await net.connect(at, wait);
    const waiting = stream.receive(wait);
    stream.close();
    stream.close();
    await expect(waiting).rejects.toMatchObject({ code: 'closed' });
    await expect(stream.send(Buffer.from('x'), wait)).rejects.toMatchObject({ code: 'closed' });
  });

  test('lets what was sent before the close leave', async () => {
    let heard: (bytes: string) => void = () => undefined;
    const whole = new Promise<string>((resolve) => (heard = resolve));
    const at = await serveTcp(opened, (socket) => {
      const parts: Buffer[] = [];
      socket.on('data', (part: Buffer) => parts.push(part)).on('end', () => heard(Buffer.concat(parts).toString()));
    });
    const stream = await net.connect(at, wait);
    void stream.send(Buffer.from('BYE'), wait);
    stream.close();
    expect(await whole).toBe('BYE');
  });

  test('does not take for sent what a peer that never reads has left behind', async () => {
    const at = await serveTcp(opened, (socket) => void socket.pause());
    const stream = await net.connect(at, wait);
    const sending = stream.send(new Uint8Array(64 * 1024 * 1024), { timeoutMs: 60_000 });
    stream.close();
    await expect(sending).rejects.toMatchObject({ code: 'closed' });
  });

  test('loses nothing of a flood', async () => {
    const flood = Buffer.alloc(4 * 1024 * 1024, 'SIP/2.0 ');
    const at = await serveTcp(opened, (socket) => socket.end(flood));
    const stream = await net.connect(at, wait);
    let received = 0;
    while (received < flood.length) received += (await stream.receive(wait)).length;
    expect(received).toBe(flood.length);
    await expect(stream.receive(wait)).rejects.toMatchObject({ code: 'closed' });
  });

  test('keeps the socket from reading while 256 KiB wait for a reader', async () => {
    const end = { address: '127.0.0.1', port: 5060 };
    const socket = new Socket();
    const explain = (): NetError => new NetError('other', 'test');
    const stream = streamOf({ socket, local: end, remote: end, explain });
    socket.emit('data', Buffer.alloc(200 * 1024));
    expect(socket.isPaused()).toBe(false);
    socket.emit('data', Buffer.alloc(100 * 1024));
    expect(socket.isPaused()).toBe(true);
    await stream.receive(wait);
    expect(socket.isPaused()).toBe(false);
    socket.destroy();
  });
});
