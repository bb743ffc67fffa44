import { expect, test } from 'vitest';
import { createRandomOctets } from '../../src/net/random-octets.ts';

test.each([0, 1, 16, 511, 512, 513, 5000])('gives %i octets', (count) => {
  expect(createRandomOctets()(count)).toHaveLength(count);
});

test('gives none twice, across supplies and sources', () => {
  const [one, other] = [createRandomOctets(), createRandomOctets()];
  const drawn = Array.from({ length: 500 }, () => [one(12).toString('hex'), other(12).toString('hex')]).flat();
  expect(new Set(drawn).size).toBe(drawn.length);
});

test('every value of an octet comes up', () => {
  expect(new Set(createRandomOctets()(20_000)).size).toBe(256);
});
