import { expect, test } from 'vitest';
import { createRandomHex, createRealWorld } from '../../src/net/real-world.ts';
import { readResolver } from '../../src/net/system.ts';

const SEED = '00'.repeat(32);

test('the clock is near the wall clock and never runs backwards', () => {
  const world = createRealWorld();
  const times = Array.from({ length: 1_000 }, () => world.now());
  expect(Math.abs(world.now() - Date.now())).toBeLessThan(100);
  expect(times).toEqual(times.toSorted((one, other) => one - other));
  expect(times.every((time) => Number.isInteger(time))).toBe(true);
});

test.each([0, 1, 4, 32, 33, 100])('gives %i octets in hex', (count) => {
  expect(createRealWorld().randomHex('x', count)).toMatch(new RegExp(`^[0-9a-f]{${2 * count}}$`));
});

test('labels are independent of the order in which they are asked', () => {
  const one = createRandomHex(SEED);
  const other = createRandomHex(SEED);
  const [a1, b1, a2] = [one('a', 8), one('b', 8), one('a', 8)];
  expect([other('b', 8), other('a', 8), other('a', 8)]).toEqual([b1, a1, a2]);
  expect(new Set([a1, b1, a2]).size).toBe(3);
});

test('two worlds share no value', () => {
  expect(createRealWorld().randomHex('x', 16)).not.toBe(createRealWorld().randomHex('x', 16));
});

test.each([
  ['192.0.2.1', { address: '192.0.2.1', port: 53 }],
  ['192.0.2.1:5353', { address: '192.0.2.1', port: 5353 }],
  ['2001:db8::1', { address: '2001:db8::1', port: 53 }],
  ['[2001:db8::1]:5353', { address: '2001:db8::1', port: 5353 }],
  ['fe80::1%eth0', { address: 'fe80::1%eth0', port: 53 }],
  ['[fe80::1%eth0]:53', { address: 'fe80::1%eth0', port: 53 }],
  ['dns.example.com', undefined],
  ['192.0.2.1:0', undefined],
  ['192.0.2.1:65536', undefined],
  ['', undefined],
])('the resolver %j is read', (text, expected) => {
  expect(readResolver(text)).toEqual(expected);
});

test('the system knows localhost and its resolvers', async () => {
  const { net } = createRealWorld();
  expect(await net.systemLookup('localhost', { timeoutMs: 5_000 })).toContain('127.0.0.1');
  const resolvers = await net.systemResolvers();
  expect(resolvers.every(({ address, port }) => address !== '' && port > 0)).toBe(true);
});
