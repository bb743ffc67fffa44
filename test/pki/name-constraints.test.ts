import { expect, test } from 'vitest';
import { testConstraints } from '../../src/pki/name-constraints.ts';
import { altNames, makeCertificate, makeKey, nameConstraints, type TestName } from './make-certificate.ts';

const key = makeKey('ed25519');

function resultOf(permitted: TestName[], excluded: TestName[], name: TestName): string {
  const { nameConstraints: constraints } = makeCertificate({
    subject: 'CA',
    key,
    extensions: [nameConstraints(permitted, excluded)],
  });
  const certificate = makeCertificate({ subject: 'x', key, extensions: [altNames(name)] });
  const work = { comparisons: 0 };
  return testConstraints(constraints ?? { permitted: [], excluded: [] }, certificate, { syntax: 'lenient', work })
    .result;
}

test.each<[TestName, TestName, string]>([
  [['dns', 'example.com'], ['dns', 'sip.example.com'], 'inside'],
  [['dns', 'example.com'], ['dns', 'EXAMPLE.com'], 'inside'],
  [['dns', 'example.com'], ['dns', 'badexample.com'], 'outside'],
  [['dns', '.example.com'], ['dns', 'sip.example.com'], 'inside'],
  [['dns', '.example.com'], ['dns', 'example.com'], 'outside'],
  [['dns', ''], ['dns', 'sip.example.com'], 'inside'],
  [['uri', 'example.com'], ['uri', 'sip:example.com'], 'inside'],
  [['uri', 'example.com'], ['uri', 'sip:alice@example.com:5061;transport=tls'], 'inside'],
  [['uri', 'example.com'], ['uri', 'sip:sip.example.com'], 'outside'],
  [['uri', '.example.com'], ['uri', 'https://sip.example.com/path'], 'inside'],
  [['uri', '.example.com'], ['uri', 'sip:192.0.2.1'], 'malformed'],
  [['email', '.example.com'], ['email', 'a@mail.example.com'], 'inside'],
  [['email', 'Bob@example.com'], ['email', 'bob@example.com'], 'outside'],
  [['ip', [192, 0, 2, 0, 255, 255, 255, 0]], ['ip', [192, 0, 2, 9]], 'inside'],
  [['ip', [192, 0, 2, 0, 255, 255, 255, 0]], ['ip', [192, 0, 3, 9]], 'outside'],
  [['ip', [192, 0, 2, 0, 255, 0, 255, 0]], ['ip', [192, 0, 2, 9]], 'malformed'],
  [['ip', [192, 0, 2, 0, 255, 255, 255, 0]], ['dns', 'sip.example.com'], 'inside'],
])('permitted %j with %j is %s', (base, name, result) => {
  expect(resultOf([base], [], name)).toBe(result);
});

test.each<[TestName, TestName, string]>([
  [['dns', 'bad.example.com'], ['dns', '*.example.com'], 'outside'],
  [['dns', 'a.bad.example.com'], ['dns', '*.example.com'], 'inside'],
  [['dns', 'example.com'], ['dns', 'sip.example.com'], 'outside'],
  [['dns', 'example.net'], ['dns', 'sip.example.com'], 'inside'],
])('excluded %j with %j is %s', (base, name, result) => {
  expect(resultOf([], [base], name)).toBe(result);
});

test('a name that is permitted and excluded is outside', () => {
  expect(resultOf([['dns', 'example.com']], [['dns', 'sip.example.com']], ['dns', 'sip.example.com'])).toBe('outside');
});
