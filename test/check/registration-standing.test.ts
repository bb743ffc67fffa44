import { expect, test } from 'vitest';
import { othersTake } from '../../src/check/registration-standing.ts';
import type { Attempt } from '../../src/model.ts';
import { attemptOn, discovered, serverOn, sipSeen } from './server-seen.ts';

const first = attemptOn('tcp');
const second = attemptOn('tcp', { address: '192.0.2.2' });
const refusing = [sipSeen('REGISTER', '403 Forbidden', first)];
const takenBy = (about: Attempt) => [sipSeen('REGISTER', '200 OK', about)];
const unknown = { discovery: [] };

test('a server stands in for another one of its set', () => {
  expect(othersTake(refusing, takenBy(second), unknown)).toBe('some');
});

test('a server that has answered both ways does not stand in for itself', () => {
  expect(othersTake(refusing, takenBy(first), unknown)).toBe('none');
});

test('a server of another set stands in for nobody', () => {
  expect(othersTake(refusing, takenBy({ ...second, set: 'other.example' }), unknown)).toBe('none');
});

test.each([
  [10, 'some'],
  [20, 'none'],
] as const)('beside a refusal of priority 10, one of priority %s stands in for %s', (priority, expected) => {
  const discovery = [discovered([serverOn(first, 10), serverOn(second, priority)])];
  expect(othersTake(refusing, takenBy(second), { discovery })).toBe(expected);
});
