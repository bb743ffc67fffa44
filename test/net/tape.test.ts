import { afterEach, describe, expect, test } from 'vitest';
import { createRealWorld } from '../../src/net/real-world.ts';
import { recordWorld } from '../../src/net/record.ts';
import { replayWorld } from '../../src/net/replay.ts';
import type { Endpoint, World } from '../../src/world.ts';
import { createOpened, serveTcp, unusedPort } from './loopback-servers.ts';

const opened = createOpened();
const wait = { timeoutMs: 5_000 };
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

afterEach(() => opened.closeAll());

/** A peer that answers each message in capitals, later the shorter it is. */
async function servePeer(): Promise<Endpoint> {
  return serveTcp(opened, (socket) => {
    socket.on('data', (bytes) => setTimeout(() => socket.write(bytes.toString().toUpperCase()), bytes.length % 7));
  });
}

/** One exchange, told as lines with the times that the program saw. */
async function exchange(world: World, at: Endpoint, body: string): Promise<string[]> {
  const lines: string[] = [];
  const say = (what: string): void => void lines.push(`${world.now()} ${what}`);
  const stream = await world.net.connect(at, wait);
  say(`from ${stream.local.port}`);
  await stream.send(Buffer.from(`${body} ${world.randomHex(`test/${body}`, 4)}`), wait);
  say(text(await stream.receive(wait)));
  await stream.receive({ timeoutMs: 5 }).catch((error: unknown) => say(String(error)));
  stream.close();
  return lines;
}

async function recordExchange(body = 'hello'): Promise<{ tape: string; at: Endpoint }> {
  const at = await servePeer();
  const recording = recordWorld(createRealWorld({ seed: '00'.repeat(32) }));
  await exchange(recording.world, at, body);
  return { tape: recording.tape(), at };
}

/** One line of a tape changed. */
function alter(tape: string, line: number, change: (event: string) => string): string {
  return tape
    .split('\n')
    .map((event, index) => (index === line ? change(event) : event))
    .join('\n');
}

describe('a replay', () => {
  test('gives a program with ten exchanges side by side the same values, times and order', async () => {
    const at = await servePeer();
    const closed = { address: '127.0.0.1', port: await unusedPort() };
    const program = async (world: World): Promise<string[]> => {
      const told: string[] = [String(world.now())];
      const tell = (lines: string[]): void => void told.push(...lines);
      const exchanges = Array.from({ length: 10 }, (_, index) => exchange(world, at, 'x'.repeat(index + 1)).then(tell));
      const refused = world.net
        .connect(closed, wait)
        .catch((error: unknown) => tell([`${world.now()} ${String(error)}`]));
      const found = world.net.systemLookup('localhost', wait).then(tell);
      const resolvers = world.net.systemResolvers().then((list) => tell(list.map((resolver) => resolver.address)));
      await Promise.all([...exchanges, refused, found, resolvers]);
      return told;
    };
    const recording = recordWorld(createRealWorld());
    const live = await program(recording.world);
    const replay = replayWorld(recording.tape());
    expect(await program(replay)).toEqual(live);
    expect(live.length).toBeGreaterThan(30);
    replay.finish();
  });

  test('gives TLS facts, datagrams and errors with their particulars', async () => {
    const at = await serveTcp(opened, (socket) => void socket.once('data', () => socket.end('SIP/2.0 400 Bad\r\n')));
    const program = async (world: World): Promise<unknown[]> => {
      const udp = await world.net.openUdp(at);
      await udp.send(at, Buffer.from([0, 1, 2]));
      const icmp: unknown = await udp.receive(wait).catch((error: unknown) => error);
      udp.close();
      const stream = await world.net.connect(at, wait);
      const tls: unknown = await world.net
        .startTls(stream, { serverName: 'a.example' }, wait)
        .catch((error: unknown) => error);
      return [icmp, tls, udp.local];
    };
    const recording = recordWorld(createRealWorld());
    const live = await program(recording.world);
    expect(live).toMatchObject([{ code: 'refused' }, { code: 'not-tls', received: expect.any(Uint8Array) }, {}]);
    const replay = replayWorld(recording.tape());
    const [icmp, tls, local] = await program(replay);
    replay.finish();
    expect(icmp).toMatchObject({ name: 'NetError', code: 'refused' });
    expect(tls).toMatchObject({ code: 'not-tls', received: new Uint8Array(Buffer.from('SIP/2.0 400 Bad\r\n')) });
    expect(local).toEqual(live[2]);
  });

  test('refuses other octets and says where they differ', async () => {
    const { tape, at } = await recordExchange('hello');
    await expect(exchange(replayWorld(tape), at, 'help!')).rejects.toThrow(
      /send on channel 1 of 14 octets, the program sends 14; they differ at octet 3: the tape has "lo [\da-f]{8}", the program "p! /,
    );
  });

  test('refuses another endpoint and names the one that it holds', async () => {
    const { tape, at } = await recordExchange();
    const other = { ...at, address: '127.0.0.2' };
    await expect(exchange(replayWorld(tape), other, 'hello')).rejects.toThrow(
      `the tape holds no further connect "127.0.0.2:${at.port}"; it still holds connect "127.0.0.1:${at.port}"`,
    );
  });

  test('refuses what comes after the recording, and then everything', async () => {
    const { tape, at } = await recordExchange();
    const replay = replayWorld(tape);
    await exchange(replay, at, 'hello');
    replay.finish();
    await expect(replay.net.connect(at, wait)).rejects.toMatchObject({ name: 'TapeError' });
    await expect(replay.net.systemResolvers()).rejects.toThrow('the tape holds no further connect');
    expect(() => replay.finish()).toThrow('the tape holds no further connect');
  });

  test('says at its end what was left aside', async () => {
    const { tape, at } = await recordExchange();
    const replay = replayWorld(tape);
    const stream = await replay.net.connect(at, wait);
    stream.close();
    expect(() => replay.finish()).toThrow('the program left 4 events of the tape aside, first send on channel 1');
  });

  test('does not hang when the program waits for what does not come next', async () => {
    const { tape, at } = await recordExchange();
    const replay = replayWorld(tape, { stallMs: 20 });
    const stream = await replay.net.connect(at, wait);
    await expect(stream.receive(wait)).rejects.toThrow(
      'the replay stands still: the tape goes on with send on channel 1, the program waits for receive on channel 1',
    );
  });

  test('takes a close that the tape does not hold as a fault, without throwing there', async () => {
    const { tape, at } = await recordExchange();
    const replay = replayWorld(
      tape
        .split('\n')
        .filter((line) => !line.includes('"close"'))
        .join('\n'),
    );
    await exchange(replay, at, 'hello');
    expect(() => replay.finish()).toThrow('no further close on channel 1');
  });
});

describe('a tape', () => {
  test('can be read by a person', async () => {
    const { tape, at } = await recordExchange();
    const [header, connect, send, receive, late, close] = tape
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    expect(header).toEqual({ tape: 'sipdiag.tape/1', seed: expect.any(String), startedAt: expect.any(Number) });
    expect(connect).toMatchObject({
      ch: 1,
      op: 'connect',
      args: `127.0.0.1:${at.port}`,
      ok: { remote: `127.0.0.1:${at.port}` },
    });
    expect(send).toMatchObject({ ch: 1, op: 'send', args: { text: expect.stringMatching(/^hello [\da-f]{8}$/) } });
    expect(receive).toMatchObject({ op: 'receive', ok: { text: expect.stringMatching(/^HELLO /) } });
    expect(late).toMatchObject({ op: 'receive', error: { code: 'timeout' } });
    expect(close).toMatchObject({ op: 'close' });
  });

  test('holds no private key', async () => {
    const at = await serveTcp(opened, (socket) => void socket.once('data', () => socket.destroy()));
    const recording = recordWorld(createRealWorld());
    const stream = await recording.world.net.connect(at, wait);
    const settings = { clientCert: 'certificate', clientKey: 'very private' };
    await expect(recording.world.net.startTls(stream, settings, wait)).rejects.toMatchObject({ name: 'NetError' });
    expect(recording.tape()).toContain('"clientKey":"withheld"');
    expect(recording.tape()).not.toContain('very private');
  });

  test.each([
    ['an empty text', (): string => '', 'this is no tape: its first line is no header'],
    ['another file', (): string => '{"log":{}}\n', 'this is no tape of format sipdiag.tape/1'],
    ['a later format', (tape: string) => tape.replace('tape/1', 'tape/2'), 'its header says "sipdiag.tape/2"'],
    ['a broken seed', (tape: string) => tape.replace(/"seed":"../, '"seed":"xy'), 'tape line 1: no usable seed'],
    ['a broken line', (tape: string) => alter(tape, 2, (line) => line.slice(0, -3)), 'tape line 3: not a JSON object'],
    [
      'an unknown operation',
      (tape: string) => alter(tape, 2, (line) => line.replace('send', 'sing')),
      'tape line 3: unknown operation "sing"',
    ],
    [
      'a time that runs backwards',
      (tape: string) => alter(tape, 1, (line) => line.replace(/"at":\d+/, '"at":99999999')),
      'tape line 3: goes back in time',
    ],
    [
      'octets that are none',
      (tape: string) => alter(tape, 3, (line) => line.replace('"text"', '"test"')),
      'tape line 4: no octets where some belong',
    ],
    [
      'an endpoint that is none',
      (tape: string) => alter(tape, 1, (line) => line.replace(/:\d+"\}/, '"}')),
      'tape line 2: no endpoint where one belongs',
    ],
    [
      'an error that is none',
      (tape: string) => alter(tape, 4, (line) => line.replace('"timeout"', '"tired"')),
      'tape line 5: no network error where one belongs',
    ],
  ])('of %s is refused in one line', async (_what, damage, message) => {
    const { tape } = await recordExchange();
    const replay = (): unknown => replayWorld(damage(tape));
    expect(replay).toThrow(message);
    expect(replay).toThrow(/^[^\n]{1,200}$/);
  });
});
