import { expect, test } from 'vitest';
import { createRandomHex } from '../../src/net/real-world.ts';
import { recordWorld } from '../../src/net/record.ts';
import { replayWorld } from '../../src/net/replay.ts';
import type { ByteStream, Endpoint, World } from '../../src/world.ts';

const server = { address: '192.0.2.1', port: 5060 };

/** A world of scripted streams, in which the second connection to a server opens before the first; its clock counts the looks. */
function createScriptedWorld(): World {
  let looks = 0;
  let connects = 0;
  let openFirst: () => void = () => undefined;
  const stream = (number: number): ByteStream => ({
    local: { address: '192.0.2.9', port: 40_000 + number },
    remote: server,
    send: () => Promise.resolve(),
    receive: () => Promise.resolve(Buffer.from(`answer ${number}`)),
    close: () => undefined,
  });
  const connect = async (): Promise<ByteStream> => {
    connects += 1;
    if (connects === 1) {
      await new Promise<void>((resolve) => (openFirst = resolve));
      return stream(1);
    }
    setImmediate(() => setImmediate(openFirst));
    return stream(2);
  };
  const unused = (): never => {
    throw new Error('not in this script');
  };
  return {
    net: {
      connect,
      startTls: unused,
      openHttps: unused,
      listen: unused,
      answerTls: unused,
      openUdp: unused,
      bindUdp: unused,
      ephemeralPorts: unused,
      systemLookup: unused,
      systemResolvers: unused,
    },
    now: () => 1_000 + 10 * looks++,
    randomHex: createRandomHex('11'.repeat(32)),
  };
}

async function ask(world: World, question: string, to: Endpoint): Promise<string> {
  const stream = await world.net.connect(to, { timeoutMs: 1_000 });
  const opened = world.now();
  await stream.send(Buffer.from(question), { timeoutMs: 1_000 });
  const answer = Buffer.from(await stream.receive({ timeoutMs: 1_000 })).toString();
  stream.close();
  return `${question}: ${answer}, ${stream.local.port}, ${opened} to ${world.now()}`;
}

const askBoth = (world: World): Promise<string[]> =>
  Promise.all([ask(world, 'one', server), ask(world, 'two', server)]);

test('two connections to one server keep their streams, though the later opens first', async () => {
  const recording = recordWorld(createScriptedWorld());
  const live = await askBoth(recording.world);
  expect(live).toEqual([
    expect.stringContaining('one: answer 1, 40001'),
    expect.stringContaining('two: answer 2, 40002'),
  ]);
  const replay = replayWorld(recording.tape());
  expect(await askBoth(replay)).toEqual(live);
  replay.finish();
});

test('the clock of a recording stands at the end that came last', async () => {
  const recording = recordWorld(createScriptedWorld());
  expect([recording.world.now(), recording.world.now()]).toEqual([1_000, 1_000]);
  const live = await askBoth(recording.world);
  expect(live[1]).toMatch(/1010 to 10[2-9]0$/);
  const times = recording
    .tape()
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line): unknown => JSON.parse(line));
  expect(times[0]).toMatchObject({ at: 10, ch: 2, op: 'connect' });
  expect(recording.world.now()).toBe(1_060);
});

test('random values of a recording come from the tape, not from its world', () => {
  const world = createScriptedWorld();
  const recording = recordWorld(world);
  const value = recording.world.randomHex('x', 8);
  expect(replayWorld(recording.tape()).randomHex('x', 8)).toBe(value);
  expect(world.randomHex('x', 8)).not.toBe(value);
});
