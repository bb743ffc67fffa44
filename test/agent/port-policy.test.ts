import { describe, expect, test } from 'vitest';
import { describePorts, mayConnectTo } from '../../src/agent/port-policy.ts';

describe('without a list', () => {
  test.each([443, 1024, 5060, 5061, 7100, 65_535])('port %i may be tried', (port) => {
    expect(mayConnectTo(port, undefined)).toBe(true);
  });

  test.each([1, 22, 25, 53, 80, 442, 444, 1023])('port %i may not', (port) => {
    expect(mayConnectTo(port, undefined)).toBe(false);
  });
});

test('with a list, what it names may be tried and nothing else', () => {
  const list = [
    { first: 25, last: 25 },
    { first: 7100, last: 7103 },
  ];
  const tried = [25, 7100, 7103, 24, 7104, 5060, 443].map((port) => mayConnectTo(port, list));
  expect(tried).toEqual([true, true, true, false, false, false, false]);
  expect(describePorts(list)).toBe('ports 25, 7100-7103');
  expect(describePorts(undefined)).toBe('ports 443 and 1024-65535');
});
