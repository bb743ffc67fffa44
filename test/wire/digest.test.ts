import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { answerChallenge, chooseChallenges, isAnswerable, readDigestChallenge } from '../../src/wire/digest.ts';
import { digestHash } from '../../src/wire/digest-hash.ts';
import { authParam, parseChallenge, type SipChallenge } from '../../src/wire/sip-challenge.ts';
import { quote } from '../../src/wire/sip-text.ts';

interface Vector {
  id: string;
  username: string;
  realm: string;
  password: string;
  nonce: string;
  uri: string;
  method: string;
  qop?: string;
  nc?: string;
  cnonce?: string;
  opaque?: string;
  algorithm?: string | null;
  body?: string;
  response: string;
  published_response?: string;
  userhash?: string;
  published_userhash?: string;
}
interface Vectors {
  empty_body_hash: Record<'MD5' | 'SHA-256' | 'SHA-512-256', string>;
  vectors: Vector[];
}
const { vectors, empty_body_hash: emptyHashes }: Vectors = JSON.parse(
  readFileSync(new URL('../../fixtures/conformance/digest.json', import.meta.url), 'utf8'),
);
const printed = vectors.filter((one) => one.published_response !== undefined);

function challengeOf(vector: Vector, more = ''): SipChallenge {
  const algorithm = typeof vector.algorithm === 'string' ? `, algorithm=${vector.algorithm}` : '';
  const qop = vector.qop === undefined ? '' : `, qop="${vector.qop}"`;
  const opaque = vector.opaque === undefined ? '' : `, opaque="${vector.opaque}"`;
  return parseChallenge(
    `Digest realm=${quote(vector.realm)}, nonce="${vector.nonce}"${algorithm}${qop}${opaque}${more}`,
  );
}

const inputOf = (vector: Vector, challenge = challengeOf(vector)) => ({
  challenge,
  credentials: { user: 'not used', authUser: vector.username, password: vector.password },
  method: vector.method,
  uri: vector.uri,
  cnonce: vector.cnonce ?? '0a4f113b',
  nc: Number.parseInt(vector.nc ?? '1', 16),
  ...(vector.body === undefined ? {} : { body: new TextEncoder().encode(vector.body) }),
});

const paramOf = (header: string, name: string) => authParam(parseChallenge(header), name);

describe('the vectors of RFC 2617, RFC 7616, RFC 8760 and the SIP examples', () => {
  test('are all there', () => {
    expect(vectors.length).toBeGreaterThanOrEqual(19);
    expect(printed).toHaveLength(1);
  });

  test.each(vectors)('$id gives the response', (vector) => {
    const header = answerChallenge(inputOf(vector));
    expect(paramOf(header, 'response')).toBe(vector.response);
    expect(paramOf(header, 'nc')).toBe(vector.qop === undefined ? undefined : vector.nc);
    expect(paramOf(header, 'opaque')).toBe(vector.opaque);
    expect(paramOf(header, 'algorithm')).toBe(vector.algorithm ?? undefined);
    expect(paramOf(header, 'username')).toBe(vector.username);
  });

  test.each(printed)('$id gives what the RFC printed when SHA-512 is truncated', (vector) => {
    const challenge = challengeOf(vector, ', userhash=true, charset=UTF-8');
    const header = answerChallenge({ ...inputOf(vector, challenge), sha512: 'truncated' });
    expect(paramOf(header, 'response')).toBe(vector.published_response);
    expect(paramOf(header, 'username')).toBe(vector.published_userhash);
  });

  test.each(printed)('$id hides the user name as the erratum has it', (vector) => {
    const header = answerChallenge(inputOf(vector, challengeOf(vector, ', userhash=true, charset=UTF-8')));
    expect(paramOf(header, 'username')).toBe(vector.userhash);
    expect(paramOf(header, 'userhash')).toBe('true');
    expect(paramOf(header, 'response')).toBe(vector.response);
  });

  test.each(['MD5', 'SHA-256', 'SHA-512-256'] as const)('%s of an empty body', (hash) => {
    expect(digestHash({ hash }, new Uint8Array(0))).toBe(emptyHashes[hash]);
  });
});

const input = {
  credentials: { user: 'bob', password: 'zanzibar' },
  method: 'REGISTER',
  uri: 'sip:biloxi.com',
  cnonce: '0a4f113b',
  nc: 1,
};

describe('the header of an answer', () => {
  test('writes qop, nc, algorithm and userhash without quotes, everything else with', () => {
    const challenge = parseChallenge('Digest realm="a", nonce="n", qop="auth,auth-int", algorithm=SHA-256, opaque="o"');
    expect(answerChallenge({ ...input, challenge, nc: 26 })).toMatch(
      /^Digest username="bob", realm="a", nonce="n", uri="sip:biloxi\.com", response="[0-9a-f]{64}", algorithm=SHA-256, cnonce="0a4f113b", opaque="o", qop=auth, nc=0000001a$/,
    );
  });

  test('has no cnonce, nc and qop where the server knows no qop', () => {
    const header = answerChallenge({ ...input, challenge: parseChallenge('Digest realm="a", nonce="n"') });
    expect(header).toMatch(
      /^Digest username="bob", realm="a", nonce="n", uri="sip:biloxi\.com", response="[0-9a-f]{32}"$/,
    );
  });

  test('carries the cnonce of a -sess algorithm without qop, which the key depends on', () => {
    const challenge = parseChallenge('Digest realm="a", nonce="n", algorithm=MD5-sess');
    expect(answerChallenge({ ...input, challenge })).toContain('cnonce="0a4f113b"');
  });

  test('echoes realm and nonce with the escapes of the server, and quotes what the server did not', () => {
    const challenge = parseChallenge('Digest realm="a\\"b", nonce=abc, algorithm="md5"');
    const header = answerChallenge({ ...input, challenge });
    expect(header).toContain('realm="a\\"b", nonce="abc"');
    expect(header).toContain('algorithm=md5');
  });

  test('takes auth-int only where nothing else is offered', () => {
    const challenge = parseChallenge('Digest realm="a", nonce="n", qop="auth-int"');
    expect(answerChallenge({ ...input, challenge })).toContain('qop=auth-int');
  });

  test('brings names and passwords into normal form C where the server names a charset', () => {
    const answer = (password: string, charset: string) =>
      answerChallenge({
        ...input,
        challenge: parseChallenge(`Digest realm="a", nonce="n"${charset}`),
        credentials: { user: 'bob', password },
      });
    expect(answer('cafe\u0301', ', charset=UTF-8')).toBe(answer('caf\u00e9', ', charset=UTF-8'));
    expect(answer('cafe\u0301', '')).not.toBe(answer('caf\u00e9', ''));
  });

  test.each([
    ['another scheme', { challenge: parseChallenge('NTLM realm="a"') }, 'digest'],
    ['no nonce', { challenge: parseChallenge('Digest realm="a"') }, 'digest'],
    ['no realm', { challenge: parseChallenge('Digest nonce="a"') }, 'digest'],
    [
      'an unknown algorithm',
      { challenge: parseChallenge('Digest realm="a", nonce="n", algorithm=SHA3') },
      'digest-unsupported',
    ],
    ['an unknown qop', { challenge: parseChallenge('Digest realm="a", nonce="n", qop="token"') }, 'digest-unsupported'],
    ['a count of 0', { nc: 0 }, 'digest'],
    ['a count above 32 bits', { nc: 2 ** 32 }, 'digest'],
    ['an empty cnonce', { cnonce: '' }, 'digest'],
    ['a user with a line end', { credentials: { user: 'bob\r\nVia: x', password: 'zanzibar' } }, 'injection'],
    ['a URI with a line end', { uri: 'sip:a\nb' }, 'injection'],
  ])('refuses %s, and the error holds no credential', (_what, change, code) => {
    const challenge = parseChallenge('Digest realm="a", nonce="n"');
    const attempt = () => answerChallenge({ ...input, challenge, ...change });
    expect(attempt).toThrow(expect.objectContaining({ name: 'WireError', code }));
    expect(attempt).toThrow(expect.objectContaining({ message: expect.not.stringMatching(/bob|zanzibar/) }));
  });
});

describe('reading and choosing challenges', () => {
  test('reads what a server asks for', () => {
    const text =
      'Digest realm="a", nonce="n", qop="AUTH, auth-int", stale=TRUE, userhash=true, charset=UTF-8, opaque=""';
    expect(readDigestChallenge(parseChallenge(text))).toEqual({
      realm: 'a',
      nonce: 'n',
      opaque: '',
      qop: ['auth', 'auth-int'],
      nonceState: 'stale',
      username: 'hashed',
      charset: 'UTF-8',
    });
  });

  const digest = (realm: string, algorithm: string) =>
    parseChallenge(`Digest realm="${realm}", nonce="n", algorithm=${algorithm}`);

  test('takes the first that it knows of each realm, in the order of the server', () => {
    const [unknown, sha, md5, proxy] = [
      digest('a', 'SHA3'),
      digest('a', 'SHA-256'),
      digest('a', 'MD5'),
      digest('p', 'MD5'),
    ];
    expect(chooseChallenges([unknown, sha, md5, proxy])).toEqual([sha, proxy]);
    expect(chooseChallenges([md5, sha])).toEqual([md5]);
    expect(chooseChallenges([parseChallenge('NTLM realm="a", version=4'), unknown])).toEqual([]);
  });

  test.each([
    ['Digest realm="a", nonce="n"', true],
    ['digest realm="a", nonce="n", algorithm=sha-512-256-SESS, qop="auth"', true],
    ['Digest realm="a", nonce="n", algorithm=AKAv1-MD5', false],
    ['Digest realm="a"', false],
    ['Kerberos realm="a", targetname="sip/b"', false],
  ])('%s can be answered: %s', (text, answerable) => {
    expect(isAnswerable(parseChallenge(text))).toBe(answerable);
  });
});
