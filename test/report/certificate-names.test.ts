import { expect, test } from 'vitest';
import { describeNameMatrix } from '../../src/report/certificate-names.ts';

const row = (rule: string, result: string, decides: boolean) => ({
  rule,
  wanted: ['a.example'],
  result,
  matched: result === 'match' ? '*.example' : null,
  why: 'a reason',
  decides,
});

test('the rules stand below one another, those that decide marked', () => {
  const lines = describeNameMatrix([row('rfc5922', 'mismatch', true), row('teams', 'match', false)]);
  expect(lines).toEqual(['* rfc5922  a.example: no, a reason', '- teams    a.example: ok, by *.example']);
});

test('a rule that needs a name that is not known says so', () => {
  expect(describeNameMatrix([{ ...row('x', 'not-applicable', false), wanted: [] }])).toEqual(['- x  -, a reason']);
});

test.each([[[]], [['text']], ['text'], [null], [[{ rule: 'x' }]]])('%j is no such table', (value) => {
  expect(describeNameMatrix(value)).toBeUndefined();
});
