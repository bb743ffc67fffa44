import { expect, test } from 'vitest';
import { createRates } from '../../src/agent/rates.ts';

const RATE = { burst: 3, perMinute: 6 };

test('a burst is allowed, then one more for each part of the minute', () => {
  const rates = createRates(RATE, 10);
  expect([0, 0, 0, 0].map((now) => rates.take('a', now))).toEqual([true, true, true, false]);
  expect(rates.take('a', 9_999)).toBe(false);
  expect(rates.take('a', 10_000)).toBe(true);
  expect(rates.take('a', 10_001)).toBe(false);
});

test('what is refused does not put the next one off', () => {
  const rates = createRates(RATE, 10);
  for (let now = 0; now < 10_000; now += 10) rates.take('a', now);
  expect(rates.take('a', 10_000)).toBe(true);
});

test('one source takes nothing from another', () => {
  const rates = createRates(RATE, 10);
  for (let count = 0; count < 9; count += 1) rates.take('a', 0);
  expect(rates.take('b', 0)).toBe(true);
});

test('a quiet source regains its burst, and no more than that', () => {
  const rates = createRates(RATE, 10);
  for (let count = 0; count < 4; count += 1) rates.take('a', 0);
  const later = [1, 2, 3, 4].map(() => rates.take('a', 3_600_000));
  expect(later).toEqual([true, true, true, false]);
});

test('a hundred thousand sources are remembered no longer than there is room', () => {
  const rates = createRates(RATE, 100);
  for (let source = 0; source < 100_000; source += 1) rates.take(`source ${source}`, source / 1000);
  expect(rates.size()).toBeLessThanOrEqual(100);
});

test('sources whose bucket is full again are forgotten, and those who go on asking are not', () => {
  const rates = createRates(RATE, 1000);
  for (let source = 0; source < 50; source += 1) rates.take(`source ${source}`, 0);
  for (let count = 0; count < 60; count += 1) rates.take('busy', 60_000 + count);
  expect(rates.size()).toBeLessThanOrEqual(2);
  expect(rates.take('busy', 60_100)).toBe(false);
});
