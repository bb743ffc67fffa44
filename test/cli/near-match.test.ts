import { expect, test } from 'vitest';
import { nearMatches } from '../../src/cli/near-match.ts';

const NAMES = ['cert-dates.expired', 'cert-dates.expiring', 'tcp-reach.refused', 'registration'];

test.each([
  ['cert-date.expired', ['cert-dates.expired']],
  ['cert-dates.expir', ['cert-dates.expired', 'cert-dates.expiring']],
  ['TCP-REACH.REFUSE', ['tcp-reach.refused']],
  ['expired', ['cert-dates.expired']],
  ['registraton', ['registration']],
  ['zzz', []],
  ['', []],
  ['x'.repeat(100_000), []],
])('%j is near to %j', (input, expected) => {
  expect(nearMatches(input, NAMES)).toEqual(expected);
});
