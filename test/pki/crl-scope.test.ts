import { describe, expect, test } from 'vitest';
import { readCertificate } from '../../src/pki/certificate.ts';
import type { Crl } from '../../src/pki/crl.ts';
import { understandScope } from '../../src/pki/crl-scope.ts';
import { authority, der, makeDer, makeKey, text } from './make-certificate.ts';

const URL_OF_LIST = 'http://ca.example/7.crl';
const user = readCertificate(makeDer({ subject: 'user', key: makeKey('ec') }));
const ca = readCertificate(makeDer({ subject: 'ca', key: makeKey('ec'), extensions: [authority()] }));

const point = (url: string): Buffer => der(0xa0, der(0xa0, text(0x86, url)));
const onlyUsers = der(0x81, [0xff]);
const onlyAuthorities = der(0x82, [0xff]);
const someReasons = der(0x83, [1, 0x06]);

/** A list of which nothing but the issuing distribution point matters here. */
function listWith(...fields: Buffer[]): Crl {
  return {
    issuer: user.issuer,
    thisUpdate: '2026-01-01T00:00:00Z',
    extensions: [{ oid: '2.5.29.28', critical: true, value: der(0x30, ...fields) }],
    revoked: new Set(),
    unknownCriticalEntry: false,
    signatureAlgorithm: user.signatureAlgorithm,
    signature: new Uint8Array(),
    tbs: new Uint8Array(),
  };
}

describe('understandScope', () => {
  test.each([
    ['a part of the list, fetched from its address', user, [point(URL_OF_LIST), onlyUsers], false],
    ['a list of users for a user', user, [onlyUsers], false],
    ['a list of authorities for an authority', ca, [onlyAuthorities], false],
    ['a part of the list under another address', user, [point('http://ca.example/8.crl')], true],
    ['a list of users for an authority', ca, [onlyUsers], true],
    ['a list of authorities for a user', user, [onlyAuthorities], true],
    ['a list for some reasons alone', user, [someReasons], true],
  ])('%s', (...[, certificate, fields, critical]) => {
    const [extension] = understandScope(listWith(...fields), { certificate, url: URL_OF_LIST }).extensions;
    expect(extension?.critical).toBe(critical);
  });

  test('leaves a list without that extension as it is', () => {
    const plain = { ...listWith(), extensions: [] };
    expect(understandScope(plain, { certificate: user, url: URL_OF_LIST })).toBe(plain);
  });

  test('refuses an extension that is no DER', () => {
    const broken = { ...listWith(), extensions: [{ oid: '2.5.29.28', critical: true, value: Buffer.of(0x30, 5) }] };
    expect(() => understandScope(broken, { certificate: user, url: URL_OF_LIST })).toThrow(
      expect.objectContaining({ name: 'WireError' }),
    );
  });
});
