import { once } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';
import { agentOf, askAgent, call, codeOf, portOf, tcp } from './loopback-agent.ts';

describe('limits', () => {
  test('whoever says nothing is told so and put out, and whoever goes is noted', async () => {
    const agent = await agentOf({ limits: { askMs: 100 } });
    const silent = await call(agent);
    expect(codeOf(await silent.rest())).toBe('slow');
    const leaving = await call(agent);
    await leaving.next();
    leaving.socket.destroy();
    await once(leaving.socket, 'close');
    await expect.poll(() => agent.log).toMatchObject([{ reason: 'slow' }, { event: 'refused', reason: 'left' }]);
  });

  test('whoever drips octets is put out all the same', async () => {
    const agent = await agentOf({ limits: { askMs: 300 } });
    const caller = await call(agent);
    const drip = setInterval(() => caller.socket.write(' '), 20);
    onTestFinished(() => clearInterval(drip));
    expect(codeOf(await caller.rest())).toBe('slow');
  });

  test('whoever does not go after the last word is put out', async () => {
    const agent = await agentOf({ limits: { leaveMs: 100 } });
    const caller = await call(agent);
    caller.socket.write('garbage\n');
    await caller.rest();
    await expect.poll(() => caller.socket.destroyed).toBe(true);
  });

  test('one source may ask so often, and another is still served', async () => {
    const agent = await agentOf({ limits: { perSourceRate: { burst: 2, perMinute: 1 } } });
    const codes = [];
    for (let count = 0; count < 3; count += 1) codes.push(codeOf(await askAgent(agent, {}, { from: '127.0.0.2' })));
    expect(codes).toEqual([undefined, undefined, 'rate']);
    expect(codeOf(await askAgent(agent, {}, { from: '127.0.0.3' }))).toBeUndefined();
  });

  test('wrong tokens count as asks', async () => {
    const agent = await agentOf({ limits: { perSourceRate: { burst: 2, perMinute: 1 } } });
    const codes = [];
    for (let count = 0; count < 3; count += 1) codes.push(codeOf(await askAgent(agent, {}, { token: 'guess' })));
    expect(codes).toEqual(['token', 'token', 'rate']);
  });

  test('all sources together may ask so often', async () => {
    const agent = await agentOf({ limits: { rate: { burst: 1, perMinute: 1 } } });
    const codes = [];
    for (const from of ['127.0.0.2', '127.0.0.3']) codes.push(codeOf(await askAgent(agent, {}, { from })));
    expect(codes).toEqual([undefined, 'busy']);
  });

  test('so many are served at the same time', async () => {
    const agent = await agentOf({ limits: { served: 1 } });
    const silent = await portOf('127.0.0.1', 'silent');
    const first = askAgent(agent, { waitMs: 2000, ports: [tcp(silent.port)] });
    await expect.poll(() => silent.callers).toHaveLength(1);
    expect(codeOf(await askAgent(agent))).toBe('busy');
    expect(codeOf(await first)).toBeUndefined();
  });

  test('one source may hold so many connections', async () => {
    const agent = await agentOf({ limits: { perSource: 2 } });
    const [one, two] = [await call(agent), await call(agent)];
    await Promise.all([one.next(), two.next()]);
    expect(await (await call(agent)).rest()).toMatchObject([{ type: 'error', code: 'busy' }]);
    expect(codeOf(await askAgent(agent, {}, { from: '127.0.0.9' }))).toBeUndefined();
  });

  test('when every place is taken, whoever came first and has not asked gives way', async () => {
    const agent = await agentOf({ limits: { all: 2 } });
    const first = await call(agent, '127.0.0.2');
    const second = await call(agent, '127.0.0.3');
    await Promise.all([first.next(), second.next()]);
    expect(codeOf(await askAgent(agent, {}, { from: '127.0.0.4' }))).toBeUndefined();
    expect(await first.next()).toBe('ended');
    second.socket.write('x\n');
    expect(codeOf(await second.rest())).toBe('malformed');
  });

  test('a flood of refusals is counted, and does not become a flood of lines', async () => {
    const agent = await agentOf({ limits: { perSourceRate: { burst: 1, perMinute: 1 } } });
    for (let count = 0; count < 40; count += 1) await askAgent(agent, {}, { token: 'guess' });
    await agent.stop();
    const lines = agent.log.filter(({ event }) => event === 'refused').length;
    const counted = agent.log.flatMap((entry) => (entry.event === 'refused-more' ? [entry.counts.rate ?? 0] : []));
    expect(lines).toBeLessThan(40);
    expect(lines + counted.reduce((sum, one) => sum + one, 0)).toBe(40);
  });
});
