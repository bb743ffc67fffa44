import { expect, test } from 'vitest';
import { EXIT_UNKNOWN, EXIT_USAGE, exitCodeOf } from '../../src/cli/exit-code.ts';
import type { Verdict } from '../../src/model.ts';

const verdict = (status: Verdict['status']): { verdict: Verdict } => ({
  verdict: { status, rung: null, findingId: null, summary: '', nextStep: '' },
});

test.each([
  ['healthy', 'error', 0],
  ['healthy', 'warning', 0],
  ['degraded', 'error', 0],
  ['degraded', 'warning', 1],
  ['broken', 'error', 1],
  ['broken', 'warning', 1],
  ['unknown', 'error', 3],
  ['unknown', 'warning', 3],
] as const)('%s with --fail-on %s is %d', (status, failOn, code) => {
  expect(exitCodeOf(verdict(status), failOn)).toBe(code);
});

test('wrong usage is told from what could not be decided', () => {
  expect([EXIT_USAGE, EXIT_UNKNOWN]).toEqual([2, 3]);
});
