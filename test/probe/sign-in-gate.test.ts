import { describe, expect, test } from 'vitest';
import { createSignInGate } from '../../src/probe/sign-in-gate.ts';

/** What a way learns, or 'waits' as long as it has learnt nothing. */
async function settled(promise: Promise<string>): Promise<string> {
  const later = new Promise<string>((resolve) => setImmediate(() => resolve('waits')));
  return Promise.race([promise, later]);
}

describe('the gate before the password', () => {
  test('lets the preferred way go first, whoever comes first', async () => {
    const gate = createSignInGate(['tls', 'tcp', 'udp']);
    const [udp, tls] = [gate.enter('udp'), gate.enter('tls')];
    expect([await settled(tls), await settled(udp)]).toEqual(['first', 'waits']);
  });

  test.each(['accepted', 'refused', 'unanswered'] as const)('tells the others that it was %s', async (verdict) => {
    const gate = createSignInGate(['tls', 'tcp', 'udp']);
    const [tls, tcp] = [gate.enter('tls'), gate.enter('tcp')];
    expect(await settled(tls)).toBe('first');
    gate.settle(verdict);
    expect([await settled(tcp), await settled(gate.enter('udp'))]).toEqual([verdict, verdict]);
  });

  test('lets the next one try when those before it have left without trying', async () => {
    const gate = createSignInGate(['tls', 'tcp', 'udp']);
    const udp = gate.enter('udp');
    gate.leave('tls');
    expect(await settled(udp)).toBe('waits');
    gate.leave('tcp');
    gate.leave('tcp');
    expect(await settled(udp)).toBe('first');
  });

  test('lets the next one try when the first was let through and left without a verdict', async () => {
    const gate = createSignInGate(['tls', 'tcp']);
    const [tls, tcp] = [gate.enter('tls'), gate.enter('tcp')];
    expect(await settled(tls)).toBe('first');
    gate.leave('tls');
    expect(await settled(tcp)).toBe('first');
  });

  test('keeps the first verdict', async () => {
    const gate = createSignInGate(['tls', 'tcp']);
    await gate.enter('tls');
    gate.settle('refused');
    gate.settle('accepted');
    expect(await gate.enter('tcp')).toBe('refused');
  });

  test('lets nobody wait, and nobody try, once the run has ended', async () => {
    const run = new AbortController();
    const gate = createSignInGate(['tls', 'tcp', 'udp'], run.signal);
    const tcp = gate.enter('tcp');
    run.abort();
    expect([await settled(tcp), await settled(gate.enter('tls'))]).toEqual(['unanswered', 'unanswered']);
  });
});
