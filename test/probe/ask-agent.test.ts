import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createLabCertificates } from '../../src/lab/certificates.ts';
import type { Observation } from '../../src/model.ts';
import { NetError } from '../../src/net/net-error.ts';
import { createRealWorld } from '../../src/net/real-world.ts';
import { probeAgent, type AgentQuestion } from '../../src/probe/ask-agent.ts';
import type { ProbeContext } from '../../src/probe/context.ts';
import { openRange, type OpenPort } from '../../src/probe/open-ports.ts';
import { formatLine, type AgentAnswer } from '../../src/wire/agent-protocol.ts';
import type { Endpoint } from '../../src/world.ts';
import { agentOf, NONCE, TOKEN } from '../agent/loopback-agent.ts';
import { freePort } from '../e2e/real/ports.ts';

const world = createRealWorld();
const LOOPBACK = '127.0.0.1';
const context: ProbeContext = { world, startedAt: world.now(), timeoutMs: 1000 };

const question = (server: Endpoint, change: Partial<AgentQuestion> = {}): AgentQuestion => ({
  server,
  host: server.address,
  tls: 'tcp',
  token: () => TOKEN,
  ports: [],
  mirror: 'left-out',
  ...change,
});

async function openPort(transport: 'tcp' | 'udp'): Promise<OpenPort> {
  const port = await freePort(LOOPBACK);
  const use = transport === 'tcp' ? 'sip' : 'media';
  const range = { use, transport, address: LOOPBACK, first: port, last: port, needed: 1, source: 'option' } as const;
  const { ports, close } = await openRange(context, range);
  onTestFinished(() => close());
  const [first] = ports;
  if (first === undefined) throw new Error(`port ${port} cannot be opened`);
  return first;
}

/** A port on which nothing ever arrives: a firewall stands before it. */
function blockedPort(port: number, change: Partial<OpenPort> = {}): OpenPort {
  const never: OpenPort['expect'] = (_wanted, { signal }) =>
    new Promise((_resolve, reject) => {
      signal?.addEventListener('abort', () => reject(new NetError('cancelled', 'over')));
    });
  return { use: 'sip', transport: 'tcp', local: { address: LOOPBACK, port }, expect: never, ...change };
}

/** Something that says these lines to whoever comes, and hears what is said to it. */
async function scripted(lines: readonly (AgentAnswer | string)[], how: 'ends' | 'stays' = 'ends') {
  const heard: string[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => undefined).on('data', (bytes) => heard.push(bytes.toString()));
    for (const line of lines) socket.write(typeof line === 'string' ? line : formatLine(line));
    if (how === 'ends') socket.end();
    else onTestFinished(() => void socket.destroy());
  });
  server.listen(0, LOOPBACK);
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const bound = server.address();
  return { server: { address: LOOPBACK, port: typeof bound === 'object' && bound !== null ? bound.port : 0 }, heard };
}

const HELLO: AgentAnswer = { type: 'hello', versions: [1], challenge: NONCE, token: 'none', ports: 4 };
const ACCEPTED: AgentAnswer = {
  type: 'accepted',
  software: 'x',
  address: '192.0.2.7',
  port: 5,
  session: NONCE,
  mirror: [],
};
const resultOf = (port: number, result: 'timeout' | 'open-and-echoed' | 'open-no-echo'): AgentAnswer => ({
  type: 'result',
  transport: 'tcp',
  port,
  result,
  detail: 'as it says',
});

const kindsOf = (observations: readonly Observation[]): string[] => observations.map(({ kind }) => kind);
const reachOf = (observations: readonly Observation[]) =>
  observations.flatMap((one) => (one.kind === 'reach' && one.outcome.ok ? [one.outcome.value.result] : []));
const witnessOf = (observations: readonly Observation[]) =>
  observations.find(({ kind }) => kind === 'witness')?.outcome;

describe('a real agent', () => {
  test('reaches the ports that are open, TCP and UDP, and tells where this machine seems to be', async () => {
    const agent = await agentOf();
    const ports = [await openPort('tcp'), await openPort('udp')];
    const seen = await probeAgent(context, question(agent.local, { ports }));
    expect(kindsOf(seen)).toEqual(['witness', 'mapped', 'reach', 'reach']);
    expect(reachOf(seen)).toEqual(['reached', 'reached']);
    const mapped = seen.find((one) => one.kind === 'mapped');
    expect(mapped?.outcome).toMatchObject({ ok: true });
    expect(mapped?.outcome.ok === true && mapped.outcome.value.seen === mapped.outcome.value.local).toBe(true);
    expect(witnessOf(seen)).toMatchObject({ ok: true, value: { software: 'sipdiag/test' } });
    expect(JSON.stringify(seen)).not.toContain(TOKEN);
  });

  test('tells a port that refuses, and one that its policy leaves out', async () => {
    const agent = await agentOf();
    const closed = await freePort(LOOPBACK);
    const seen = await probeAgent(context, question(agent.local, { ports: [blockedPort(closed), blockedPort(80)] }));
    expect(reachOf(seen)).toEqual(['refused', 'not-tried']);
  });

  test.each([
    ['another token', () => 'wrong wrong wrong wrong', 'know its token'],
    ['no token', undefined, 'wants a token'],
  ])('that is asked with %s is a witness that cannot be asked', async (_name, token, words) => {
    const agent = await agentOf();
    const seen = await probeAgent(context, question(agent.local, { token, ports: [await openPort('tcp')] }));
    expect(kindsOf(seen)).toEqual(['witness']);
    expect(witnessOf(seen)).toMatchObject({
      ok: false,
      reason: 'denied',
      detail: expect.stringContaining(words) as string,
    });
  });

  test('mirrors SIP messages, which arrive as they were sent', async () => {
    const agent = await agentOf({ mirrorPorts: [0] });
    const seen = await probeAgent(context, question(agent.local, { mirror: 'asked' }));
    const mirrored = seen.filter((one) => one.kind === 'mirror');
    expect(
      mirrored.map(({ about, outcome }) => [about.transport, about.way, outcome.ok && outcome.value.changes]),
    ).toEqual([
      ['udp', 'control-port', []],
      ['tcp', 'control-port', []],
    ]);
  });
});

describe('over TLS', () => {
  const made = createLabCertificates({ domain: 'agent.example', now: Date.now(), flaw: 'self-signed' });
  const tlsOf = async () => ({ certificate: (await made).chainPem, key: (await made).keyPem });

  test('the doubt about a certificate that proves nothing is named', async () => {
    const agent = await agentOf({ tls: await tlsOf() });
    const trust = { added: [], builtIn: () => Promise.resolve([]) };
    const ask = question(agent.local, { tls: 'tls', host: 'agent.example', ports: [await openPort('tcp')] });
    const seen = await probeAgent({ ...context, trust }, ask);
    expect(reachOf(seen)).toEqual(['reached']);
    const witness = witnessOf(seen);
    expect(JSON.stringify(witness)).toContain('does not prove that it is agent.example');
  });

  test('an agent of plain TCP is a failed handshake', async () => {
    const agent = await agentOf();
    const seen = await probeAgent(context, question(agent.local, { tls: 'tls' }));
    expect(kindsOf(seen)).toEqual(['witness']);
    expect(witnessOf(seen)).toMatchObject({ ok: false });
  });
});

describe('any number of blocked ports costs one wait', () => {
  test('all are asked for in one ask, and watched before any has its result', async () => {
    const { server, heard } = await scripted([HELLO], 'stays');
    const watched: number[] = [];
    const ports = [7100, 7101, 7102, 7103].map((port) => {
      const blocked = blockedPort(port);
      return {
        ...blocked,
        expect: (...args: Parameters<OpenPort['expect']>) => (watched.push(port), blocked.expect(...args)),
      };
    });
    const seen = await probeAgent({ ...context, timeoutMs: 100 }, question(server, { ports }));
    expect(watched).toEqual([7100, 7101, 7102, 7103]);
    expect(heard.join('').match(/"port":\d+/g)).toEqual(['"port":7100', '"port":7101', '"port":7102', '"port":7103']);
    expect(heard.join('').match(/"type":"ask"/g)).toHaveLength(1);
    expect(witnessOf(seen)).toMatchObject({ ok: false, reason: 'timeout' });
  });
});

describe('the word of an agent against what arrived here', () => {
  test.each([
    ['open-and-echoed', 'no-echo'],
    ['open-no-echo', 'no-echo'],
    ['timeout', 'timeout'],
  ] as const)('%s without an arrival is %s', async (said, result) => {
    const { server } = await scripted([HELLO, ACCEPTED, resultOf(7100, said), { type: 'done' }]);
    const seen = await probeAgent(context, question(server, { ports: [blockedPort(7100)] }));
    expect(reachOf(seen)).toEqual([result]);
  });

  test('what arrived has arrived, whatever the agent says', async () => {
    const { server } = await scripted([HELLO, ACCEPTED, resultOf(7100, 'timeout'), { type: 'done' }]);
    const from = { address: '192.0.2.44', port: 40_112 };
    const arrived = blockedPort(7100, { expect: () => Promise.resolve({ from, bytes: new Uint8Array(16) }) });
    const seen = await probeAgent(context, question(server, { ports: [arrived] }));
    const reach = seen.find((one) => one.kind === 'reach');
    expect(reach?.outcome).toMatchObject({ ok: true, value: { result: 'reached', from: '192.0.2.44:40112' } });
  });

  test('ports that the agent says nothing about are failures, and no result', async () => {
    const { server } = await scripted([HELLO, ACCEPTED, resultOf(7100, 'timeout')]);
    const seen = await probeAgent(context, question(server, { ports: [blockedPort(7100), blockedPort(7101)] }));
    const reach = seen.filter((one) => one.kind === 'reach').map(({ outcome }) => outcome.ok || outcome.reason);
    expect(reach).toEqual([true, 'closed']);
  });

  test('ports beyond what it takes are not tried, of every use some', async () => {
    const { server, heard } = await scripted([{ ...HELLO, ports: 2 }, ACCEPTED, { type: 'done' }]);
    const ports = [blockedPort(7100), blockedPort(7101), blockedPort(5350, { use: 'media', transport: 'udp' })];
    const seen = await probeAgent(context, question(server, { ports }));
    await expect.poll(() => heard.join('').match(/"port":\d+/g)).toEqual(['"port":7100', '"port":5350']);
    expect(reachOf(seen)).toEqual(['not-tried']);
  });
});

describe('what is no agent, or a bad one', () => {
  test.each<[string, (AgentAnswer | string)[], string]>([
    ['another service', ['SSH-2.0-OpenSSH_9.2p1\n'], 'malformed'],
    ['a service that never ends its line', ['x'.repeat(100_000)], 'malformed'],
    ['an answer out of turn', [{ type: 'done' }], 'malformed'],
    ['an agent of another version', [{ ...HELLO, versions: [2] }], 'other'],
    ['an agent that is busy', [{ type: 'error', code: 'busy', detail: 'later', versions: [1] }], 'denied'],
    [
      'an agent that refuses the ask',
      [HELLO, { type: 'error', code: 'rate', detail: 'later', versions: [1] }],
      'denied',
    ],
    ['an agent that goes away', [HELLO], 'closed'],
    ['an agent that says garbage', [HELLO, 'garbage\n'], 'malformed'],
  ])('%s is a witness that cannot be asked', async (_name, lines, reason) => {
    const { server } = await scripted(lines);
    const seen = await probeAgent(context, question(server, { ports: [blockedPort(7100)] }));
    expect(kindsOf(seen)).toEqual(['witness']);
    expect(witnessOf(seen)).toMatchObject({ ok: false, reason });
  });

  test('a port that nobody listens on is a witness that cannot be asked', async () => {
    const server = { address: LOOPBACK, port: await freePort(LOOPBACK) };
    const seen = await probeAgent(context, question(server));
    expect(witnessOf(seen)).toMatchObject({ ok: false, reason: 'refused' });
  });

  test('one that talks without end is not listened to without end', async () => {
    const chatter = Array.from({ length: 200 }, () => resultOf(7100, 'timeout'));
    const { server } = await scripted([HELLO, ACCEPTED, ...chatter], 'stays');
    const seen = await probeAgent(context, question(server, { ports: [blockedPort(7100)] }));
    expect(reachOf(seen)).toEqual(['timeout']);
  });

  test('messages for its mirror go to its own address, to 8 ports at most', async () => {
    const mirror = Array.from({ length: 12 }, (_, at) => ({
      transport: 'udp' as const,
      port: 40_000 + at,
      way: 'control-port' as const,
    }));
    const { server } = await scripted([HELLO, { ...ACCEPTED, mirror }, { type: 'done' }], 'stays');
    const to: Endpoint[] = [];
    const net = { ...world.net, openUdp: (one: Endpoint) => (to.push(one), world.net.openUdp(one)) };
    const seen = await probeAgent(
      { ...context, timeoutMs: 100, world: { ...world, net } },
      question(server, { mirror: 'asked' }),
    );
    expect(new Set(to.map(({ address }) => address))).toEqual(new Set([LOOPBACK]));
    expect(to).toHaveLength(8);
    expect(seen.filter(({ kind, outcome }) => kind === 'mirror' && !outcome.ok)).toHaveLength(8);
  });
});
