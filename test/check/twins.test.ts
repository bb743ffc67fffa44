import { expect, test } from 'vitest';
import { withoutTwins } from '../../src/check/twins.ts';
import { attemptOn, bothSeen, tcpSeen } from './server-seen.ts';
import { credentialed } from './sign-in-seen.ts';

const byName = attemptOn('tcp', { by: 'name' });
const byAddress = attemptOn('tcp', { by: 'address', host: '192.0.2.1' });
const seenOf = (about: typeof byName) => [tcpSeen('open', about), ...bothSeen(['200 OK', '401 Unauthorized'], about)];

test('a row by address is left out beside the row by name to the same port', () => {
  expect(withoutTwins([...seenOf(byAddress), ...seenOf(byName)])).toEqual(seenOf(byName));
});

test('a row by address stays where the name leads elsewhere, or nowhere', () => {
  const other = { ...byAddress, address: '192.0.2.2', host: '192.0.2.2' };
  expect(withoutTwins([...seenOf(other), ...seenOf(byName)])).toEqual([...seenOf(other), ...seenOf(byName)]);
  expect(withoutTwins(seenOf(byAddress))).toEqual(seenOf(byAddress));
});

test('what was said with the password stays, whichever way it went', () => {
  const signIn = credentialed('200 OK', { ...byAddress });
  expect(withoutTwins([signIn, ...seenOf(byName)])).toEqual([signIn, ...seenOf(byName)]);
});

test('a run without a matrix is left as it is', () => {
  const seen = seenOf(attemptOn('tcp'));
  expect(withoutTwins(seen)).toEqual(seen);
});
