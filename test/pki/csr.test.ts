import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { buildRequest, type RequestFields, type RequestKey } from '../../src/pki/csr.ts';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' });
const rsaKey: RequestKey = {
  spki: rsa.publicKey.export({ type: 'spki', format: 'der' }),
  algorithm: 'sha256WithRSAEncryption',
  sign: (octets) => sign('sha256', octets, rsa.privateKey),
};
const ecKey: RequestKey = {
  spki: p384.publicKey.export({ type: 'spki', format: 'der' }),
  algorithm: 'ecdsa-with-SHA384',
  sign: (octets) => sign('sha384', octets, p384.privateKey),
};
const fields: RequestFields = {
  commonName: 'pool.example.com',
  altNames: [
    { type: 'dns', value: 'pool.example.com' },
    { type: 'uri', value: 'sip:example.com' },
    { type: 'ip', octets: Uint8Array.of(192, 0, 2, 1) },
  ],
  usages: ['serverAuth', 'clientAuth'],
};

/** What OpenSSL reads in the request; throws when the signature is not good. */
function openssl(request: Uint8Array): string {
  const args = ['req', '-inform', 'DER', '-verify', '-noout', '-text'];
  return execFileSync('openssl', args, { input: request, stdio: ['pipe', 'pipe', 'ignore'] }).toString();
}

describe('buildRequest', () => {
  test.each([
    ['RSA', rsaKey, 'sha256WithRSAEncryption', 'Digital Signature, Key Encipherment'],
    ['EC', ecKey, 'ecdsa-with-SHA384', 'Digital Signature'],
  ])('%s: OpenSSL verifies it and reads what was asked for', (...[, key, algorithm, usage]) => {
    const told = openssl(buildRequest(fields, key));
    expect(told).toContain('Subject: CN = pool.example.com');
    expect(told).toContain('DNS:pool.example.com, URI:sip:example.com, IP Address:192.0.2.1');
    expect(told).toContain('TLS Web Server Authentication, TLS Web Client Authentication');
    expect(told).toContain(`Signature Algorithm: ${algorithm}`);
    expect(told).toMatch(new RegExp(`Key Usage: critical\\s+${usage}\n`));
  });

  test('without names and usages asks for a key usage alone', () => {
    const told = openssl(buildRequest({ ...fields, altNames: [], usages: [] }, ecKey));
    expect(told).not.toContain('Alternative');
    expect(told).not.toContain('Extended');
  });

  test('holds hundreds of names', () => {
    const altNames = Array.from({ length: 500 }, (_, at) => ({ type: 'dns' as const, value: `host${at}.example.com` }));
    expect(openssl(buildRequest({ ...fields, altNames }, ecKey))).toContain('DNS:host499.example.com');
  });
});
