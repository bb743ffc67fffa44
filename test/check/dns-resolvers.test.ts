import { expect, test } from 'vitest';
import { resolverText } from '../../src/check/dns-resolvers.ts';

test.each([
  ['192.0.2.53:53', 'internal', 'internal (192.0.2.53:53)'],
  ['192.0.2.53:53', '192.0.2.53', '192.0.2.53:53'],
  ['192.0.2.53:5353', '192.0.2.53:5353', '192.0.2.53:5353'],
  ['192.0.2.53:5353', '192.0.2.53', '192.0.2.53 (192.0.2.53:5353)'],
])('a resolver at %s that is called %s is written as %s', (address, label, text) => {
  expect(resolverText({ address, label })).toBe(text);
});
