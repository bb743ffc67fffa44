import { expect, test } from 'vitest';
import { readCrl } from '../../src/pki/crl.ts';
import { decodePem } from '../../src/pki/pem.ts';
import { WireError } from '../../src/wire/wire-error.ts';
import { readLimbo } from './limbo-harness.ts';

const limbo = readLimbo().find(({ id }) => id === 'crl::revoked-certificate-with-crl');
const [bytes = new Uint8Array()] = decodePem(limbo?.crls[0] ?? '', ['X509 CRL']);

test('reads issuer, times, serial numbers and extensions', () => {
  const crl = readCrl(bytes);
  expect(crl).toMatchObject({
    issuer: { text: 'CN=x509-limbo-root' },
    thisUpdate: '1970-01-01T00:00:01Z',
    unknownCriticalEntry: false,
  });
  expect(crl.revoked.size).toBe(1);
  expect(crl.extensions.map(({ oid }) => oid)).toContain('2.5.29.20');
});

test('refuses a list that is cut off anywhere', () => {
  const outcomes = Array.from(bytes, (_, end) => {
    try {
      return readCrl(bytes.subarray(0, end));
    } catch (error) {
      return error;
    }
  });
  expect(outcomes.length).toBeGreaterThan(100);
  expect(outcomes.filter((outcome) => !(outcome instanceof WireError))).toEqual([]);
});
