import { connect, createServer } from 'node:net';
import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import { createRealWorld } from '../../src/net/real-world.ts';
import type { ProbeContext } from '../../src/probe/context.ts';
import { openRange, portsToOpen, wantToken, type OpenRange, type RangePlan } from '../../src/probe/open-ports.ts';
import { freePorts } from '../e2e/real/ports.ts';

const LOOPBACK = '127.0.0.1';
const WAIT = { timeoutMs: 2000 };
const world = createRealWorld();
const context: ProbeContext = { world, startedAt: world.now(), timeoutMs: 2000 };
const closers: (() => void)[] = [];

afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function open(change: Partial<RangePlan>): Promise<OpenRange> {
  const plan: RangePlan = {
    use: 'sip',
    transport: 'tcp',
    address: LOOPBACK,
    first: 7100,
    last: 7100,
    needed: 1,
    source: 'option',
    ...change,
  };
  const range = await openRange(context, plan);
  closers.push(range.close);
  return range;
}

async function openFree(transport: 'tcp' | 'udp') {
  const [port = 0] = await freePorts(LOOPBACK, 1);
  const range = await open({ transport, first: port, last: port });
  const [only] = range.ports;
  if (only === undefined) throw new Error('the free port could not be opened');
  return { range, port: only };
}

/** Sends over TCP and gives what comes back until the other side ends. */
async function say(port: number, ...pieces: string[]): Promise<string> {
  const socket = connect(port, LOOPBACK);
  closers.push(() => socket.destroy());
  await once(socket, 'connect');
  for (const piece of pieces) {
    socket.write(piece);
    await new Promise(setImmediate);
  }
  const heard: Buffer[] = [];
  for await (const chunk of socket) heard.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(heard).toString();
}

describe('a range of ports', () => {
  test.each([
    ['one port', { first: 7100, last: 7100 }, 1],
    ['the customary four', { first: 7100, last: 7103 }, 4],
    ['as many as are opened whole', { first: 50_000, last: 50_063 }, 64],
    ['every port there is', { first: 1024, last: 65_535 }, 16],
  ])('of %s opens its ends and what lies between', (_name, { first, last }, count) => {
    const ports = portsToOpen({ first, last });
    expect([ports[0], ports.at(-1), ports.length]).toEqual([first, last, count]);
    expect(new Set(ports).size).toBe(count);
  });

  test('tells which ports it listens on and which another program has', async () => {
    const taken = createServer().listen(0, LOOPBACK);
    await once(taken, 'listening');
    closers.push(() => taken.close());
    const { port } = taken.address() as { port: number }; // a TCP port that listens
    const { observation, ports } = await open({ first: port, last: port });
    expect(observation.outcome).toMatchObject({ ok: true, value: { ports: [{ port, state: 'in-use' }] } });
    expect(ports).toEqual([]);
  });

  test('on an address that this machine does not have is unusable', async () => {
    const { observation } = await open({ address: '192.0.2.1' });
    expect(observation.outcome).toMatchObject({ value: { ports: [{ state: 'unusable' }] } });
  });
});

describe('an open TCP port', () => {
  test('hands a token over to who waits for it, sends it back, and ends the connection', async () => {
    const { port } = await openFree('tcp');
    const arrived = port.expect(wantToken(Buffer.from('token-1')), WAIT);
    expect(await say(port.local.port, 'tok', 'en-1')).toBe('token-1');
    expect(Buffer.from((await arrived).bytes).toString()).toBe('token-1');
    expect((await arrived).from.address).toBe(LOOPBACK);
  });

  test('keeps the witnesses apart that wait on it at the same time', async () => {
    const { port } = await openFree('tcp');
    const [one, two] = ['token-1', 'token-2'].map((text) => port.expect(wantToken(Buffer.from(text)), WAIT));
    expect(await Promise.all([say(port.local.port, 'token-2'), say(port.local.port, 'token-1')])).toEqual([
      'token-2',
      'token-1',
    ]);
    expect(Buffer.from((await one)?.bytes ?? []).toString()).toBe('token-1');
    expect(Buffer.from((await two)?.bytes ?? []).toString()).toBe('token-2');
  });

  test('gives what came before anybody waited for it', async () => {
    const { port } = await openFree('tcp');
    const echo = say(port.local.port, 'early');
    await expect(port.expect(wantToken(Buffer.from('never')), { timeoutMs: 50 })).rejects.toMatchObject({
      name: 'NetError',
      code: 'timeout',
    });
    await port.expect(wantToken(Buffer.from('early')), WAIT);
    expect(await echo).toBe('early');
  });

  test('takes a bare connection for who wants no more than that', async () => {
    const { port } = await openFree('tcp');
    const arrived = port.expect({ matches: () => true, answer: () => undefined }, WAIT);
    expect(await say(port.local.port)).toBe('');
    expect((await arrived).bytes).toHaveLength(0);
  });

  test('ends the oldest of many connections that say nothing, and a stranger who says too much', async () => {
    const { port } = await openFree('tcp');
    const idle = Array.from({ length: 17 }, () => say(port.local.port));
    await Promise.race(idle);
    expect(await say(port.local.port, 'x'.repeat(20_000)).catch(() => 'reset')).not.toContain('x');
  });

  test('lets go when the run is cancelled, and no longer listens once it is closed', async () => {
    const { range, port } = await openFree('tcp');
    const interrupt = new AbortController();
    const waiting = port.expect(wantToken(Buffer.from('x')), { ...WAIT, signal: interrupt.signal });
    interrupt.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'NetError', code: 'cancelled' });
    range.close();
    range.close();
    await expect(say(port.local.port)).rejects.toThrow(/ECONNREFUSED/);
  });
});

test('a port that is closed lets go of the connections that nobody has asked for', async () => {
  const { range, port } = await openFree('tcp');
  const early = say(port.local.port, 'a stranger who stays');
  await expect(port.expect(wantToken(Buffer.from('x')), { timeoutMs: 50 })).rejects.toMatchObject({ code: 'timeout' });
  range.close();
  expect(await early).toBe('');
});

test('an open UDP port hands a datagram over and answers it', async () => {
  const { port } = await openFree('udp');
  const there = await world.net.openUdp(port.local);
  closers.push(() => there.close());
  const arrived = port.expect(wantToken(Buffer.from('ping')), WAIT);
  await there.send(port.local, Buffer.from('stranger'));
  await there.send(port.local, Buffer.from('ping'));
  expect(Buffer.from((await there.receive(WAIT)).bytes).toString()).toBe('ping');
  expect((await arrived).from).toEqual(there.local);
});
