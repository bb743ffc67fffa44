import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { certKey } from '../../src/check/cert-key.ts';
import { certLifetime } from '../../src/check/cert-lifetime.ts';
import { certSignature } from '../../src/check/cert-signature.ts';
import { certVersion } from '../../src/check/cert-version.ts';
import { der, makeKey, oid, type TestKey, text } from '../pki/make-certificate.ts';
import { askCheck, failed, idsOf, observed, seen, standIn, type Wish } from './tls-observation.ts';

const profile = (value: string): Wish => ({ about: { profile: value } });
const name = (commonName: string): Buffer => der(0x30, der(0x31, der(0x30, oid('2.5.4.3'), text(0x0c, commonName))));
const ecAlgorithm = der(0x30, oid('1.2.840.10045.4.3.2'));
const rsa1024: TestKey = { ...makeKey('rsa'), ...generateKeyPairSync('rsa', { modulusLength: 1024 }) };
const p224: TestKey = { ...makeKey('ec'), ...generateKeyPairSync('ec', { namedCurve: 'secp224r1' }) };

describe('cert-key', () => {
  test.each<[string, Wish, string[]]>([
    ['P-256', {}, []],
    ['RSA 2048', { leaf: { key: makeKey('rsa') } }, []],
    ['RSA 1024', { leaf: { key: rsa1024 } }, ['cert-key.small error']],
    ['P-224', { leaf: { key: p224 } }, ['cert-key.small error']],
    ['RSA 1024 among clients of 2003', { leaf: { key: rsa1024 }, ...profile('lcs2003') }, ['cert-key.small info']],
  ])('%s', (_, wish, expected) => {
    expect(idsOf(askCheck(certKey, [seen(wish)]).findings)).toEqual(expected);
  });

  test('names the key and what would do', () => {
    const { findings } = askCheck(certKey, [seen({ leaf: { key: rsa1024 } })]);
    expect(findings[0]?.text).toContain('has a key of RSA 1024; the TLS libraries of today ask for at least RSA 2048');
  });

  test('says that the private key of a file is another one', () => {
    const file = { name: 'server.pem', format: 'PEM' as const, order: 'leaf-first' as const, key: 'other' as const };
    expect(idsOf(askCheck(certKey, [seen({ about: { file } })]).findings)).toEqual(['cert-key.mismatch error']);
  });

  test('says nothing about the private key that belongs', () => {
    const file = { name: 'server.pem', format: 'PEM' as const, order: 'leaf-first' as const, key: 'belongs' as const };
    expect(askCheck(certKey, [seen({ about: { file } })])).toEqual({ findings: [], status: 'passed' });
  });

  test('another server of the set with a good key makes it a warning', () => {
    const { findings } = askCheck(certKey, [seen({ leaf: { key: rsa1024 } }), standIn()]);
    expect(idsOf(findings)).toEqual(['cert-key.small warning']);
  });
});

describe('cert-signature', () => {
  const signedWith = (hash: 'sha1' | 'sha256'): Wish => ({
    leaf: { signer: makeKey('ec', hash), issuer: 'Nobody' },
  });

  test('SHA-256 passes', () => {
    expect(askCheck(certSignature, [seen()])).toEqual({ findings: [], status: 'passed' });
  });

  test('SHA-1 below the root is refused', () => {
    const { findings } = askCheck(certSignature, [seen(signedWith('sha1'))]);
    expect(idsOf(findings)).toEqual(['cert-signature.weak error']);
    expect(findings[0]?.text).toContain('is signed with ecdsa-with-SHA1');
  });

  test('SHA-1 among clients of 2003 is worth knowing', () => {
    const { findings } = askCheck(certSignature, [seen({ ...signedWith('sha1'), ...profile('lcs2003') })]);
    expect(idsOf(findings)).toEqual(['cert-signature.weak info']);
  });
});

/** A certificate of version 1: no version field, no extensions. */
function versionOne(key: { publicKey: KeyObject; privateKey: KeyObject }): Buffer {
  const time = (value: string): Buffer => text(0x17, value);
  const tbs = der(
    0x30,
    der(0x02, [0x11]),
    ecAlgorithm,
    name('Test root'),
    der(0x30, time('260101000000Z'), time('270101000000Z')),
    name('sip.example.com'),
    key.publicKey.export({ format: 'der', type: 'spki' }),
  );
  return der(0x30, tbs, ecAlgorithm, der(0x03, [0], sign('sha256', tbs, key.privateKey)));
}

describe('cert-version', () => {
  const old = versionOne(makeKey('ec'));

  test('version 3 passes', () => {
    expect(askCheck(certVersion, [seen()])).toEqual({ findings: [], status: 'passed' });
  });

  test.each([
    ['rfc3263', 'warning'],
    ['lcs2003', 'error'],
    ['lync', 'error'],
  ])('version 1 in the profile %s is %s', (value, severity) => {
    const { findings } = askCheck(certVersion, [observed([old], profile(value))]);
    expect(idsOf(findings)).toEqual([`cert-version.not-v3 ${severity}`]);
  });
});

describe('cert-lifetime', () => {
  const issued = (notBefore: string, notAfter: string, root: 'public' | 'private' = 'public') =>
    askCheck(certLifetime, [seen({ root, leaf: { notBefore, notAfter }, about: { judgeAt: notBefore } })]);

  test.each([
    ['398 days in 2021', '2021-03-01T00:00:00Z', '2022-04-02T23:59:59Z', []],
    ['399 days in 2021', '2021-03-01T00:00:00Z', '2022-04-03T00:00:00Z', ['cert-lifetime.too-long info']],
    ['825 days in 2019', '2019-01-01T00:00:00Z', '2021-04-04T23:59:59Z', []],
    ['200 days after March 2026', '2026-04-01T00:00:00Z', '2026-10-17T23:59:59Z', []],
    ['a year after March 2026', '2026-04-01T00:00:00Z', '2027-04-01T00:00:00Z', ['cert-lifetime.too-long info']],
    ['100 days after March 2029', '2029-04-01T00:00:00Z', '2029-07-09T23:59:59Z', ['cert-lifetime.too-long info']],
    ['47 days after March 2029', '2029-04-01T00:00:00Z', '2029-05-17T23:59:59Z', []],
    ['ten years before there was a limit', '2012-01-01T00:00:00Z', '2022-01-01T00:00:00Z', []],
  ])('%s', (...[, notBefore, notAfter, expected]) => {
    expect(idsOf(issued(notBefore, notAfter).findings)).toEqual(expected);
  });

  test('a private authority is free to give what it likes', () => {
    const given = issued('2026-04-01T00:00:00Z', '2046-04-01T00:00:00Z', 'private');
    expect(given).toEqual({ findings: [], status: 'not-applicable' });
  });
});

test.each([certKey, certSignature, certVersion, certLifetime])('$id says nothing about what was not seen', (check) => {
  expect(askCheck(check, [failed()])).toEqual({ findings: [], status: 'inconclusive' });
});
