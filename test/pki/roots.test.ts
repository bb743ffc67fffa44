import { rootCertificates } from 'node:tls';
import { expect, test } from 'vitest';
import { indexRoots, relevantRoots } from '../../src/pki/roots.ts';
import { makeCertificate, makeDer, makeKey } from './make-certificate.ts';

const key = makeKey('ed25519');
const a = makeDer({ subject: 'A', key });
const b = makeDer({ subject: 'B', key });
const leaf = makeDer({ subject: 'leaf', issuer: 'A', key });
const broken = Buffer.from('3005', 'hex');

test('relevantRoots gives the roots that the chain names, and passes over what cannot be read', () => {
  expect(relevantRoots([leaf, broken], [broken, b, a])).toEqual([a]);
});

test('relevantRoots gives a root that the chain itself contains', () => {
  expect(relevantRoots([leaf, b], [a, b])).toEqual([a, b]);
});

test('indexRoots finds a root by its subject, from DER and from PEM', () => {
  const pem = `-----BEGIN CERTIFICATE-----\n${b.toString('base64')}\n-----END CERTIFICATE-----`;
  const store = indexRoots([a, pem, broken]);
  expect(store.size).toBe(3);
  expect(
    store.bySubject(makeCertificate({ subject: 'B', key }).subject.der).map(({ commonName }) => commonName),
  ).toEqual(['B']);
  expect(store.bySubject(makeCertificate({ subject: 'C', key }).subject.der)).toEqual([]);
});

test('indexRoots reads a root once', () => {
  const store = indexRoots([a]);
  const { der } = makeCertificate({ subject: 'A', key }).subject;
  expect(store.bySubject(der)[0]).toBe(store.bySubject(der)[0]);
});

test('indexRoots indexes all public roots in short time', () => {
  const start = performance.now();
  expect(indexRoots(rootCertificates).size).toBe(rootCertificates.length);
  expect(performance.now() - start).toBeLessThan(500);
});
