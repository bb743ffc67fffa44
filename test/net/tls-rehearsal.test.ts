import { expect, test } from 'vitest';
import { createRealNet } from '../../src/net/real-net.ts';
import { rehearseTls } from '../../src/net/tls-rehearsal.ts';

test('a rehearsal comes to its end by itself, as often as one likes', async () => {
  await expect(Promise.all([rehearseTls(), rehearseTls()])).resolves.toEqual([undefined, undefined]);
});

test('a network rehearses once', () => {
  const net = createRealNet();
  expect(net.prepareTls?.()).toBe(net.prepareTls?.());
  expect(createRealNet().prepareTls?.()).not.toBe(net.prepareTls?.());
});
