import { rootCertificates } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { poolRoots } from '../../src/pki/roots.ts';
import { makeDer, makeKey } from './make-certificate.ts';

const key = makeKey('ed25519');
const a = makeDer({ subject: 'A', key });
const b = makeDer({ subject: 'B', key });
/** Issued by A: the name of A stands in it, and it is no root of it. */
const crossed = makeDer({ subject: 'C', issuer: 'A', key });
const leaf = makeDer({ subject: 'leaf', issuer: 'A', key });
const broken = Buffer.from('3005', 'hex');

const pem = (der: Uint8Array): string =>
  `-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString('base64')}\n-----END CERTIFICATE-----\n`;

const namedBy = (chain: Uint8Array[], ...texts: Uint8Array[][]): [Buffer, number][] =>
  poolRoots(texts.map((ders) => ders.map(pem).join('a comment\n')))
    .namedBy(chain)
    .map(({ der, text }) => [Buffer.from(der), text]);

describe('the roots that a chain names', () => {
  test('are those whose subject issued one of its certificates', () => {
    expect(namedBy([leaf], [b, a])).toEqual([[a, 0]]);
  });

  test('are those that the chain itself contains, in the order given', () => {
    expect(namedBy([leaf, b], [a, b])).toEqual([
      [a, 0],
      [b, 0],
    ]);
  });

  test('come with the place of the text that holds them', () => {
    expect(namedBy([leaf], [b], [], [a, b], [a])).toEqual([
      [a, 2],
      [a, 3],
    ]);
  });

  test('are not those that hold the name elsewhere', () => {
    expect(namedBy([leaf], [crossed, a, crossed])).toEqual([[a, 0]]);
  });

  test('are found beside what cannot be read, on both sides', () => {
    expect(namedBy([broken, leaf], [broken, a, broken])).toEqual([[a, 0]]);
  });

  test('are 32 at most', () => {
    expect(
      namedBy(
        [leaf],
        Array.from({ length: 40 }, () => a),
      ),
    ).toHaveLength(32);
  });

  test('are none where none is given, or named', () => {
    expect(namedBy([leaf])).toEqual([]);
    expect(namedBy([], [a, b])).toEqual([]);
  });

  test('of all public ones, each is found by itself', () => {
    const pool = poolRoots(rootCertificates);
    for (const [place, text] of rootCertificates.entries()) {
      const [, der = ''] = /-+BEGIN CERTIFICATE-+([^-]+)/.exec(text) ?? [];
      expect(pool.namedBy([Buffer.from(der, 'base64')]).map((one) => one.text)).toContain(place);
    }
  });
});
