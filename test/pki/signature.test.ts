import { constants, generateKeyPairSync, sign } from 'node:crypto';
import { expect, test } from 'vitest';
import { readPublicKeyInfo, readSignatureAlgorithm } from '../../src/pki/algorithms.ts';
import { readSingleValue } from '../../src/pki/der.ts';
import { checkSignature } from '../../src/pki/signature.ts';
import { der, oid } from './make-certificate.ts';

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const issuerKey = readPublicKeyInfo(readSingleValue(publicKey.export({ format: 'der', type: 'spki' })));
const tbs = Buffer.from('what is signed');

const pssAlgorithm = readSignatureAlgorithm(
  readSingleValue(
    der(0x30, oid('1.2.840.113549.1.1.10'), der(0x30, der(0xa0, der(0x30, oid('2.16.840.1.101.3.4.2.2'), der(0x05))))),
  ),
);

test('an RSA-PSS algorithm names its hash', () => {
  expect(pssAlgorithm).toMatchObject({ name: 'rsassaPss', scheme: 'rsa-pss', hash: 'sha384' });
});

test('an RSA-PSS algorithm without parameters means SHA-1', () => {
  const algorithm = readSignatureAlgorithm(readSingleValue(der(0x30, oid('1.2.840.113549.1.1.10'), der(0x30))));
  expect(algorithm.hash).toBe('sha1');
});

test.each([20, 48])('an RSA-PSS signature with a salt of %i octets is verified', (saltLength) => {
  const signature = sign('sha384', tbs, { key: privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength });
  expect(checkSignature({ tbs, signature, signatureAlgorithm: pssAlgorithm }, issuerKey)).toBe('good');
  expect(checkSignature({ tbs: Buffer.from('else'), signature, signatureAlgorithm: pssAlgorithm }, issuerKey)).toBe(
    'bad',
  );
});

test('an algorithm that does not fit the key is not supported', () => {
  const ecdsa = readSignatureAlgorithm(readSingleValue(der(0x30, oid('1.2.840.10045.4.3.2'))));
  expect(checkSignature({ tbs, signature: Buffer.alloc(64), signatureAlgorithm: ecdsa }, issuerKey)).toBe(
    'unsupported',
  );
});

test('an algorithm that is not known is not supported', () => {
  const unknown = readSignatureAlgorithm(readSingleValue(der(0x30, oid('1.2.3.4'))));
  expect(unknown).toMatchObject({ name: '1.2.3.4', scheme: 'unknown' });
  expect(checkSignature({ tbs, signature: Buffer.alloc(64), signatureAlgorithm: unknown }, issuerKey)).toBe(
    'unsupported',
  );
});

test.each([
  ['a huge exponent', { exponentBits: 2048 }],
  ['a huge modulus', { bits: 32_768 }],
])('an RSA key with %s is not used', (_, size) => {
  const signatureAlgorithm = readSignatureAlgorithm(
    readSingleValue(der(0x30, oid('1.2.840.113549.1.1.11'), der(0x05))),
  );
  const signed = { tbs, signature: sign('sha256', tbs, privateKey), signatureAlgorithm };
  expect(checkSignature(signed, issuerKey)).toBe('good');
  expect(checkSignature(signed, { ...issuerKey, ...size })).toBe('unsupported');
});
