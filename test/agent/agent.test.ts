import { describe, expect, test } from 'vitest';
import { createRealNet } from '../../src/net/real-net.ts';
import { createRealWorld } from '../../src/net/real-world.ts';
import type { Endpoint, World } from '../../src/world.ts';
import { formatLine, MAX_ASK_OCTETS, proofOf } from '../../src/wire/agent-protocol.ts';
import { agentOf, askAgent, askFor, call, codeOf, loopbackAgent, NONCE, portOf, tcp, TOKEN } from './loopback-agent.ts';

/** The real network, which remembers whom the agent has turned to. */
function watchedWorld(): { world: World; to: Endpoint[] } {
  const net = createRealNet();
  const to: Endpoint[] = [];
  const note = (one: Endpoint): Endpoint => {
    to.push(one);
    return one;
  };
  const watched = {
    ...net,
    connect: (one: Endpoint, wait: Parameters<typeof net.connect>[1]) => net.connect(note(one), wait),
    openUdp: (one: Endpoint) => net.openUdp(note(one)),
  };
  return { world: createRealWorld({ net: watched }), to };
}

describe('an agent with a token', () => {
  test('greets with a challenge that no other connection gets', async () => {
    const agent = await agentOf();
    const hellos = await Promise.all([call(agent), call(agent)].map(async (one) => (await one).next()));
    expect(hellos).toMatchObject([
      { type: 'hello', versions: [1], token: 'required', ports: 16 },
      { type: 'hello', versions: [1], token: 'required', ports: 16 },
    ]);
    expect(JSON.stringify(hellos[0])).not.toBe(JSON.stringify(hellos[1]));
  });

  test('tries the ports of whoever proves to know it, and says what came of each', async () => {
    const agent = await agentOf();
    const [open, silent] = [await portOf('127.0.0.1', 'echoes'), await portOf('127.0.0.1', 'silent')];
    const closed = await portOf('127.0.0.1', 'silent');
    await closed.stop();
    const answers = await askAgent(agent, {
      waitMs: 200,
      ports: [tcp(open.port), tcp(silent.port), tcp(closed.port), tcp(80)],
    });
    expect(answers[0]).toMatchObject({ type: 'accepted', software: 'sipdiag/test', address: '127.0.0.1', mirror: [] });
    expect(answers.at(-1)).toEqual({ type: 'done' });
    const results = new Map(answers.map((one) => (one.type === 'result' ? [one.port, one.result] : [0, ''])));
    expect([open.port, silent.port, closed.port, 80].map((port) => results.get(port))).toEqual([
      'open-and-echoed',
      'open-no-echo',
      'refused',
      'refused-by-policy',
    ]);
  });

  test('comes from another port than the one it is asked at', async () => {
    const agent = await agentOf();
    const open = await portOf('127.0.0.1', 'echoes');
    await askAgent(agent, { ports: [tcp(open.port)] });
    expect(open.callers).toHaveLength(1);
    expect(open.callers[0]?.port).not.toBe(agent.local.port);
  });

  test('turns to nobody but the one who asks', async () => {
    const { world, to } = watchedWorld();
    const agent = await agentOf({ world });
    const [mine, other] = [await portOf('127.0.0.2', 'echoes'), await portOf('127.0.0.3', 'echoes')];
    const udp = { transport: 'udp' as const, port: mine.port, nonce: NONCE };
    await askAgent(agent, { waitMs: 100, ports: [tcp(mine.port), tcp(other.port), udp] }, { from: '127.0.0.2' });
    expect(new Set(to.map(({ address }) => address))).toEqual(new Set(['127.0.0.2']));
    expect(to).toHaveLength(3);
    expect(mine.callers).toHaveLength(1);
    expect(other.callers).toEqual([]);
  });

  test.each([
    ['another token', { token: 'not the token at all' }],
    ['the empty token', { token: '' }],
  ])('does nothing for %s', async (_name, how) => {
    const { world, to } = watchedWorld();
    const agent = await agentOf({ world });
    expect(codeOf(await askAgent(agent, { ports: [tcp(7100)] }, how))).toBe('token');
    expect(to).toEqual([]);
    expect(agent.log).toMatchObject([{ event: 'refused', reason: 'token' }]);
  });

  test('does nothing for an ask without a proof', async () => {
    const agent = await agentOf();
    const caller = await call(agent);
    await caller.next();
    caller.socket.write(formatLine(askFor()));
    expect(codeOf(await caller.rest())).toBe('token');
  });

  test('does nothing for an ask that was overheard and is sent again', async () => {
    const { world, to } = watchedWorld();
    const agent = await agentOf({ world });
    const first = await call(agent);
    const hello = await first.next();
    const challenge = hello !== 'ended' && hello.type === 'hello' ? hello.challenge : '';
    const ask = askFor({ waitMs: 100, ports: [tcp(7100)] });
    const overheard = formatLine({ ...ask, proof: proofOf(TOKEN, challenge, ask) });
    first.socket.write(overheard);
    expect(codeOf(await first.rest())).toBeUndefined();
    const again = await call(agent);
    await again.next();
    again.socket.write(overheard);
    expect(codeOf(await again.rest())).toBe('token');
    expect(to).toHaveLength(1);
  });

  test('never says the token, nor logs it or a payload', async () => {
    const agent = await agentOf();
    const open = await portOf('127.0.0.1', 'echoes');
    const answers = await askAgent(agent, { ports: [tcp(open.port)] });
    const said = JSON.stringify([answers, agent.log]);
    expect(said).not.toContain(TOKEN);
    expect(said).not.toContain(NONCE);
    expect(agent.log).toEqual([
      expect.objectContaining({
        event: 'served',
        from: expect.stringMatching(/^127\.0\.0\.1:\d+$/) as string,
        token: 'proven',
        results: [{ transport: 'tcp', port: open.port, result: 'open-and-echoed' }],
      }),
    ]);
  });

  test('takes 16 ports in one ask', async () => {
    const agent = await agentOf();
    const ports = Array.from({ length: 16 }, (_, at) => tcp(1 + at));
    expect(codeOf(await askAgent(agent, { ports }))).toBeUndefined();
  });
});

describe('an agent without a token', () => {
  const open = { token: undefined };

  test('says so, and serves anybody 4 ports', async () => {
    const agent = await agentOf(open);
    const caller = await call(agent);
    expect(await caller.next()).toMatchObject({ type: 'hello', token: 'none', ports: 4 });
    caller.socket.write(formatLine(askFor({ ports: [tcp(1), tcp(2), tcp(3), tcp(4)] })));
    expect(codeOf(await caller.rest())).toBeUndefined();
    expect(agent.log).toMatchObject([{ event: 'served', token: 'none' }]);
  });

  test('refuses a fifth port', async () => {
    const agent = await agentOf(open);
    const ports = [1, 2, 3, 4, 5].map(tcp);
    expect(codeOf(await askAgent(agent, { ports }))).toBe('policy');
  });
});

describe('what is not an ask', () => {
  test.each([
    ['an unknown version', '{"type":"ask","version":2}\n', 'version'],
    ['another protocol', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n', 'malformed'],
    ['a TLS handshake with a line end in it', Buffer.from('16030102000100000a', 'hex'), 'malformed'],
    ['a field for an address', `${JSON.stringify({ ...askFor(), address: '192.0.2.1' })}\n`, 'malformed'],
    ['a line that is too long', `${'x'.repeat(MAX_ASK_OCTETS)}\n`, 'too-long'],
    ['a line without an end', 'x'.repeat(MAX_ASK_OCTETS + 1), 'too-long'],
  ])('%s is refused with a word', async (_name, text, code) => {
    const { world, to } = watchedWorld();
    const agent = await agentOf({ world });
    const caller = await call(agent);
    caller.socket.write(text);
    const answers = await caller.rest();
    expect(codeOf(answers)).toBe(code);
    expect(answers.at(-1)).toMatchObject({ type: 'error', versions: [1] });
    expect(to).toEqual([]);
    expect(agent.log).toMatchObject([{ event: 'refused', reason: code }]);
  });

  test('a second ask on the same connection is not looked at', async () => {
    const { world, to } = watchedWorld();
    const agent = await agentOf({ world, token: undefined });
    const caller = await call(agent);
    const [first, second] = [askFor({ ports: [tcp(80)] }), askFor({ ports: [tcp(7100)] })];
    caller.socket.write(Buffer.concat([formatLine(first), formatLine(second)]));
    const answers = await caller.rest();
    expect(answers.filter(({ type }) => type === 'result')).toMatchObject([{ port: 80 }]);
    expect(to).toEqual([]);
  });
});

describe('whom it does not connect to', () => {
  test('loopback, when it listens elsewhere too', async () => {
    const { world, to } = watchedWorld();
    const agent = await agentOf({ world, listen: { address: '0.0.0.0', port: 0 } });
    const local = { address: '127.0.0.1', port: agent.local.port };
    const answers = await askAgent({ local }, { ports: [tcp(7100)] });
    expect(codeOf(answers)).toBe('policy');
    expect(to).toEqual([]);
  });

  test('ports that its owner has not allowed', async () => {
    const { world, to } = watchedWorld();
    const agent = await agentOf({ world, ports: [{ first: 7100, last: 7103 }] });
    const answers = await askAgent(agent, { ports: [tcp(5060)] });
    expect(answers).toContainEqual(expect.objectContaining({ type: 'result', result: 'refused-by-policy' }));
    expect(to).toEqual([]);
  });

  test('anybody any more, once whoever asked has gone', async () => {
    const agent = await agentOf({ token: undefined });
    const silent = await portOf('127.0.0.1', 'silent');
    const caller = await call(agent);
    caller.socket.write(formatLine(askFor({ waitMs: 8000, ports: [tcp(silent.port)] })));
    await expect.poll(() => silent.callers).toHaveLength(1);
    caller.socket.destroy();
    await expect.poll(() => agent.log).toMatchObject([{ event: 'served', results: [{ port: silent.port }] }]);
  });
});

test('stops at once, whoever is connected', async () => {
  const agent = await loopbackAgent();
  const silent = await portOf('127.0.0.1', 'silent');
  const waiting = await call(agent);
  await waiting.next();
  const served = askAgent(agent, { waitMs: 8000, ports: [tcp(silent.port)] });
  await expect.poll(() => silent.callers).toHaveLength(1);
  await agent.stop();
  await agent.stop();
  expect(await waiting.rest()).toEqual([]);
  expect((await served).filter(({ type }) => type === 'result')).toEqual([]);
  await expect(call(agent)).rejects.toThrow('ECONNREFUSED');
});
