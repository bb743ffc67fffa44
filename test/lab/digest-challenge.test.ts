import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createDigestGate } from '../../src/lab/digest-challenge.ts';

const account = { realm: 'fuzzybunny.local', user: 'alice', password: 'carrot, "raw"' };
const requestUri = 'sip:fuzzybunny.local';
const challengePattern =
  /^Digest realm="fuzzybunny.local", nonce="([0-9a-f]{48})", algorithm=(SHA-256|MD5), qop="auth"$/;

function nonceOf(challenges: string[]): string {
  return /nonce="([^"]+)"/.exec(challenges[0] ?? '')?.[1] ?? 'no nonce';
}

interface Choice {
  nonce: string;
  algorithm?: 'MD5' | 'SHA-256';
  qop?: 'auth' | 'none';
  password?: string;
  uri?: string;
  user?: string;
}

function credentials(choice: Choice): string {
  const {
    nonce,
    algorithm = 'MD5',
    qop = 'auth',
    password = account.password,
    uri = requestUri,
    user = 'alice',
  } = choice;
  const h = (text: string) =>
    createHash(algorithm === 'MD5' ? 'md5' : 'sha256')
      .update(text)
      .digest('hex');
  const middle = qop === 'auth' ? `${nonce}:00000001:abc:auth` : nonce;
  const response = h(`${h(`${user}:${account.realm}:${password}`)}:${middle}:${h(`REGISTER:${uri}`)}`);
  const tail = qop === 'auth' ? ', qop=auth, nc=00000001, cnonce="abc"' : '';
  return `Digest username="${user}", realm="${account.realm}", nonce="${nonce}", uri="${uri}", algorithm=${algorithm}, response="${response}"${tail}`;
}

describe('the digest gate', () => {
  test('offers SHA-256 before MD5 with one nonce', () => {
    const challenges = createDigestGate(account).challenges('absent');
    expect(challenges.map((text) => challengePattern.exec(text)?.[2])).toEqual(['SHA-256', 'MD5']);
    expect(new Set(challenges.map((text) => challengePattern.exec(text)?.[1])).size).toBe(1);
  });

  test.each<[string, Partial<Choice>, string]>([
    ['the MD5 response', {}, 'right'],
    ['the SHA-256 response', { algorithm: 'SHA-256' }, 'right'],
    ['the form without qop', { qop: 'none' }, 'right'],
    ['another password', { password: 'wrong' }, 'wrong'],
    ['another user', { user: 'bob' }, 'wrong'],
    ['a uri that is not the request URI', { uri: 'sip:elsewhere.example' }, 'wrong'],
    ['a nonce that another gate made', { nonce: nonceOf(createDigestGate(account).challenges('absent')) }, 'stale'],
    ['a nonce that nobody made', { nonce: 'x' }, 'stale'],
  ])('judges %s', (_title, choice, verdict) => {
    const gate = createDigestGate(account);
    const nonce = nonceOf(gate.challenges('absent'));
    const request = { method: 'REGISTER', requestUri, credentials: credentials({ nonce, ...choice }) };
    expect(gate.judge(request)).toBe(verdict);
  });

  test.each([
    ['absent', undefined],
    ['wrong', 'Basic YTpi'],
    ['wrong', 'Digest '],
    ['wrong', 'Digest username="alice'],
    ['wrong', 'Digest username="alice", realm="fuzzybunny.local", algorithm=SHA-512-256, response=""'],
  ])('calls %s the credentials %j', (verdict, text) => {
    expect(createDigestGate(account).judge({ method: 'REGISTER', requestUri, credentials: text })).toBe(verdict);
  });

  test('says that a stale nonce is stale', () => {
    const challenges = createDigestGate(account).challenges('stale');
    expect(challenges.every((text) => text.endsWith(', stale=true'))).toBe(true);
  });
});
