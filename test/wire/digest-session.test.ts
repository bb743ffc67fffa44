import { describe, expect, test } from 'vitest';
import {
  answerInSession,
  checkRspauth,
  readAuthenticationInfo,
  readRechallenge,
  startDigestSession,
  takeAuthenticationInfo,
} from '../../src/wire/digest-session.ts';
import { digestHash } from '../../src/wire/digest-hash.ts';
import { authParam, parseChallenge } from '../../src/wire/sip-challenge.ts';

const answer = {
  credentials: { user: 'Mufasa', password: 'Circle Of Life' },
  method: 'GET',
  uri: '/dir/index.html',
  cnonce: '0a4f113b',
};
const challenge = (more = '') =>
  parseChallenge(`Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", qop="auth"${more}`);
const paramOf = (header: string, name: string) => authParam(parseChallenge(header), name);

describe('a session', () => {
  test('counts the nonce up with every answer', () => {
    const one = answerInSession(startDigestSession(challenge()), answer);
    const two = answerInSession(one.session, { ...answer, cnonce: 'other' });
    expect([paramOf(one.header, 'nc'), paramOf(two.header, 'nc')]).toEqual(['00000001', '00000002']);
    expect(paramOf(one.header, 'response')).toBe('6629fae49393a05397450978507c4ef1');
  });

  test('takes the next nonce of the server and begins to count anew', () => {
    const one = answerInSession(startDigestSession(challenge()), answer);
    const session = takeAuthenticationInfo(one.session, readAuthenticationInfo('nextnonce="47364c23\\"x", qop=auth'));
    const two = answerInSession(session, answer);
    expect(two.header).toContain('nonce="47364c23\\"x"');
    expect(paramOf(two.header, 'nc')).toBe('00000001');
    expect(takeAuthenticationInfo(session, {})).toBe(session);
  });

  test('keeps the key of a -sess algorithm over a next nonce', () => {
    const one = answerInSession(startDigestSession(challenge(', algorithm=MD5-sess')), answer);
    const session = takeAuthenticationInfo(one.session, { nextnonce: 'later' });
    const two = answerInSession(session, { ...answer, cnonce: 'second' });
    const md5 = (text: string) => digestHash({ hash: 'MD5' }, text);
    const secret = md5('Mufasa:testrealm@host.com:Circle Of Life');
    const key = md5(`${secret}:dcd98b7102dd2f0e8b11d0f600bfb0c093:0a4f113b`);
    const expected = md5(`${key}:later:00000001:second:auth:${md5('GET:/dir/index.html')}`);
    expect(paramOf(two.header, 'response')).toBe(expected);
  });

  test('does not begin with another scheme', () => {
    expect(() => startDigestSession(parseChallenge('NTLM realm="a"'))).toThrow(
      expect.objectContaining({ code: 'digest' }),
    );
  });
});

describe("the server's proof", () => {
  const { input } = answerInSession(startDigestSession(challenge()), answer);
  const md5 = (text: string) => digestHash({ hash: 'MD5' }, text);
  const right = md5(
    `939e7578ed9e3c518a452acee763bce9:dcd98b7102dd2f0e8b11d0f600bfb0c093:00000001:0a4f113b:auth:${md5(':/dir/index.html')}`,
  );

  test.each([
    ['right', `rspauth="${right}", qop=auth, cnonce="0a4f113b", nc=00000001`],
    ['right', `rspauth="${right.toUpperCase()}"`],
    ['wrong', `rspauth="${right.replaceAll(/./g, '0')}"`],
    ['absent', 'nextnonce="x"'],
    ['absent', `rspauth="${right}", cnonce="of another request"`],
  ])('is %s in %s', (verdict, value) => {
    expect(checkRspauth(readAuthenticationInfo(value), input)).toBe(verdict);
  });

  test('covers the body of the response where auth-int was used', () => {
    const session = startDigestSession(parseChallenge('Digest realm="r", nonce="n", qop="auth-int"'));
    const given = answerInSession(session, answer).input;
    const body = new TextEncoder().encode('v=0');
    const key = md5('Mufasa:r:Circle Of Life');
    const proof = md5(`${key}:n:00000001:0a4f113b:auth-int:${md5(`:/dir/index.html:${md5('v=0')}`)}`);
    expect(checkRspauth({ rspauth: proof }, given, body)).toBe('right');
    expect(checkRspauth({ rspauth: proof }, given)).toBe('wrong');
  });
});

describe('a further challenge', () => {
  const [before] = [challenge()];
  test.each([
    ['stale', [challenge(', stale=true')]],
    ['same-nonce', [challenge()]],
    ['new-nonce', [parseChallenge('Digest realm="testrealm@host.com", nonce="new"')]],
    ['other-realm', [parseChallenge('Digest realm="proxy", nonce="new"')]],
    ['other-realm', [parseChallenge('NTLM realm="testrealm@host.com"')]],
    ['other-realm', []],
  ])('is read as %s', (verdict, challenges) => {
    expect(readRechallenge(before, challenges)).toBe(verdict);
  });
});
