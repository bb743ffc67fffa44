import { describe, expect, test } from 'vitest';
import { answerStunChallenge, readStunChallenge } from '../../src/wire/stun-challenge.ts';
import { longTermKey } from '../../src/wire/stun-integrity.ts';
import { buildStun, parseStun, type StunAttribute, type StunMessage } from '../../src/wire/stun-message.ts';
import { STUN_ATTRIBUTE as A } from '../../src/wire/stun-registry.ts';
import { textAttribute } from '../../src/wire/stun-values.ts';

const code = (expected: string): unknown => expect.objectContaining({ name: 'WireError', code: expected });
const challenge = (attributes: readonly StunAttribute[]): StunMessage =>
  parseStun(buildStun({ class: 'error', method: 3, transactionId: '0'.repeat(24), attributes }));

const realm = textAttribute(A.REALM, 'example.org');
const NONCE = 'obMatJos2AAAB/499k954d6OL34oL9FSTvy64sA';
const nonce = (text = NONCE): StunAttribute => textAttribute(A.NONCE, text);
const offer = (...octets: number[]): StunAttribute => ({ type: A.PASSWORD_ALGORITHMS, value: Uint8Array.from(octets) });
const MD5 = [0, 1, 0, 0];
const SHA256 = [0, 2, 0, 0];

describe('a challenge', () => {
  test.each([
    ['no offer', [], 'MD5'],
    ['an offer of MD5', [offer(...MD5)], 'MD5'],
    ['an offer of both', [offer(...MD5, ...SHA256)], 'SHA-256'],
    ['an unknown one before, with parameters', [offer(0, 9, 0, 1, 7, 0, 0, 0, ...SHA256)], 'SHA-256'],
    ['a cut offer', [offer(...MD5, 0, 2)], 'MD5'],
  ])('with %s is answered by %s', (_what, more, algorithm) => {
    expect(readStunChallenge(challenge([realm, nonce(), ...more])).algorithm).toBe(algorithm);
  });

  test('whose nonce is not of RFC 8489 offers nothing', () => {
    const read = readStunChallenge(challenge([realm, nonce('f//499k954d6OL34oL9FSTvy64sA'), offer(...SHA256)]));
    expect(read).toMatchObject({ algorithm: 'MD5' });
    expect(read.offered).toBeUndefined();
  });

  test.each([
    ['without realm', [nonce()], 'challenge'],
    ['without nonce', [realm], 'challenge'],
    ['with an offer that is not known', [realm, nonce(), offer(0, 9, 0, 0)], 'algorithm'],
    ['with a realm of a thousand octets', [textAttribute(A.REALM, 'x'.repeat(1000)), nonce()], 'text-too-long'],
  ])('%s is refused', (_what, attributes, expected) => {
    expect(() => readStunChallenge(challenge(attributes))).toThrow(code(expected));
  });
});

describe('the answer to a challenge', () => {
  const user = { user: 'alice', password: 'secret' };

  test('of RFC 5389 has user, realm and nonce, and is signed with SHA-1', async () => {
    const login = await answerStunChallenge(readStunChallenge(challenge([realm, nonce('abc')])), user);
    expect(login.attributes.map(({ type }) => type)).toEqual([A.USERNAME, A.REALM, A.NONCE]);
    expect(login.key).toEqual(await longTermKey({ ...user, realm: 'example.org', algorithm: 'MD5' }, 'sha1'));
  });

  test('of RFC 8489 gives the offer back unchanged, and is signed with SHA-256', async () => {
    const offered = offer(...MD5, ...SHA256);
    const login = await answerStunChallenge(readStunChallenge(challenge([realm, nonce(), offered])), user);
    expect(login.attributes.slice(3)).toEqual([
      offered,
      { type: A.PASSWORD_ALGORITHM, value: Uint8Array.from(SHA256) },
    ]);
    expect(login.key.hash).toBe('sha256');
  });
});
