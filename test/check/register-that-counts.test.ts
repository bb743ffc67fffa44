import { describe, expect, test } from 'vitest';
import { registration } from '../../src/check/registration.ts';
import { bothSeen, idsOf, judged } from './server-seen.ts';
import { challenged, CONTACT, credentialed, DIGEST } from './sign-in-seen.ts';

const WANTED = '400 Missing Contact Header';
const LISTED = { headers: { contact: [`<${CONTACT}>;expires=60`] } };

describe('a registrar that answers a REGISTER without a Contact with 400', () => {
  const asked = bothSeen(['200 OK', WANTED]);

  test('and says that it wants one is no fault', () => {
    const { findings } = judged(registration, asked);
    expect(idsOf(findings)).toEqual(['registration.refused info']);
    expect(findings[0]?.text).toContain('to a REGISTER of sip:alice@example.org that names no Contact');
    expect(findings[0]?.remedy).toContain('--password-file');
  });

  test('and does not say why is a warning, for it decides nothing', () => {
    expect(idsOf(judged(registration, bothSeen(['200 OK', '400 Bad Request'])).findings)).toEqual([
      'registration.refused warning',
    ]);
  });

  test('and takes the sign-in with one has nothing to be told', () => {
    const signedIn = credentialed('200 OK', {}, { ...LISTED, answered: ['MD5'] });
    expect(judged(registration, [...asked, signedIn]).findings).toEqual([]);
  });

  test('and refuses the password that was sent then is told of that alone', () => {
    const refused = credentialed('401 Unauthorized', {}, { answered: ['MD5'], refusal: 'same-nonce' });
    expect(idsOf(judged(registration, [...asked, refused]).findings)).toEqual([
      'registration.credentials-rejected error',
    ]);
  });

  test.each<[`${number} ${string}`, string]>([
    ['400 Bad Request', 'registration.refused error'],
    ['403 Forbidden', 'registration.forbidden error'],
    ['404 Not Found', 'registration.domain-not-served error'],
  ])('and the one with a Contact with %s has refused it before a password was sent', (answer, id) => {
    const { findings } = judged(registration, [...asked, credentialed(answer)]);
    expect(idsOf(findings)).toEqual([id]);
    expect(findings[0]?.text).not.toContain('once the password');
    expect(findings[0]?.text).not.toContain('names no Contact');
  });
});

test('a refusal after a challenge that was answered stays one of the sign-in', () => {
  const { findings } = judged(registration, [
    ...challenged([DIGEST]),
    credentialed('400 Bad Request', {}, { answered: ['MD5'] }),
  ]);
  expect(idsOf(findings)).toEqual(['registration.sign-in-refused error']);
});
