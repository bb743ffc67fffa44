import { describe, expect, test } from 'vitest';
import type { Certificate } from '../../src/pki/certificate.ts';
import { validatePath } from '../../src/pki/path.ts';
import type { PathRequest } from '../../src/pki/path-types.ts';
import {
  altNames,
  authority,
  der,
  extendedKeyUsage,
  keyUsage,
  makeCertificate,
  makeKey,
  nameConstraints,
  type TestExtension,
} from './make-certificate.ts';
import { cpuMs } from '../cpu-ms.ts';

const keys = { root: makeKey('ec'), outer: makeKey('ec'), inner: makeKey('ec'), leaf: makeKey('ec') };
const serverAuth = '1.3.6.1.5.5.7.3.1';
const clientAuth = '1.3.6.1.5.5.7.3.2';

const root = makeCertificate({ subject: 'Root', key: keys.root, extensions: [authority()] });
const outerOf = (...extensions: TestExtension[]): Certificate =>
  makeCertificate({ subject: 'Outer', issuer: 'Root', key: keys.outer, signer: keys.root, extensions });
const innerOf = (...extensions: TestExtension[]): Certificate =>
  makeCertificate({ subject: 'Inner', issuer: 'Outer', key: keys.inner, signer: keys.outer, extensions });
const leafOf = (...extensions: TestExtension[]): Certificate =>
  makeCertificate({ subject: 'leaf', issuer: 'Inner', key: keys.leaf, signer: keys.inner, extensions });

const outer = outerOf(authority());
const inner = innerOf(authority());
const leaf = leafOf(altNames(['dns', 'sip.example.com']));

const verdictOf = (change: Partial<PathRequest>): ReturnType<typeof validatePath> =>
  validatePath({
    leaf,
    intermediates: [inner, outer],
    roots: [root],
    at: '2026-06-01T00:00:00Z',
    purpose: 'server',
    rules: 'basic',
    ...change,
  });

describe('validatePath', () => {
  test('finds the path from the leaf to the root', () => {
    expect(verdictOf({})).toMatchObject({ ok: true, path: [leaf, inner, outer, root], order: 'direct', unused: [] });
  });

  test('says when the certificates were sent in another order', () => {
    expect(verdictOf({ intermediates: [outer, inner] })).toMatchObject({ ok: true, order: 'wrong' });
  });

  test('says when certificates were sent that the path does not use', () => {
    const stray = makeCertificate({ subject: 'Stray', key: makeKey('ec') });
    expect(verdictOf({ intermediates: [stray, inner, outer] })).toMatchObject({
      ok: true,
      order: 'gaps',
      unused: [stray],
    });
  });

  test.each([
    ['a self-signed leaf', { leaf: root, roots: [] }, 'self-signed', 0],
    ['a root that is not trusted', { intermediates: [inner, outer, root], roots: [] }, 'untrusted-root', 3],
    ['a missing intermediate', { intermediates: [inner] }, 'no-issuer-found', 1],
    ['a leaf sent alone', { intermediates: [] }, 'no-issuer-found', 0],
    ['a time after the end', { at: '2027-01-01T00:00:01Z' }, 'expired', 0],
    ['a time before the begin', { at: new Date('2025-12-31T23:59:59.999Z') }, 'not-yet-valid', 0],
    [
      'an issuer with another key',
      { intermediates: [makeCertificate({ subject: 'Inner', issuer: 'Outer', key: keys.leaf, signer: keys.outer })] },
      'signature',
      0,
    ],
    ['an issuer without basic constraints', { intermediates: [innerOf(), outer] }, 'not-a-ca', 1],
    ['an issuer that may not sign', { intermediates: [innerOf(authority(), keyUsage(0x80)), outer] }, 'key-usage', 1],
    ['a path that is longer than allowed', { intermediates: [inner, outerOf(authority(0))] }, 'path-length', 2],
    ['more intermediates than asked for', { maxIntermediates: 1 }, 'path-length', 3],
    ['a name that the leaf lacks', { name: { rule: 'rfc9525', target: { host: 'other.example' } } }, 'name', 0],
    [
      'a name outside the constraints',
      { intermediates: [innerOf(authority(), nameConstraints([['dns', 'example.net']])), outer] },
      'name-constraint',
      0,
    ],
    [
      'a critical extension that is unknown',
      { leaf: leafOf({ oid: '1.2.3.4', critical: true, value: new Uint8Array() }) },
      'unknown-critical',
      0,
    ],
    ['a key that may not be used for TLS', { leaf: leafOf(keyUsage(0x40)) }, 'key-usage', 0],
  ] as const)('refuses %s', (...[, change, rule, index]) => {
    expect(verdictOf(change)).toMatchObject({ ok: false, rule, index });
  });

  test('refuses a leaf that was signed with SHA-1', () => {
    const signer = { ...keys.inner, algorithm: makeKey('ec', 'sha1').algorithm, hash: 'sha1' };
    const weak = makeCertificate({ subject: 'leaf', issuer: 'Inner', key: keys.leaf, signer });
    expect(verdictOf({ leaf: weak })).toMatchObject({ ok: false, rule: 'weak-signature', index: 0 });
  });

  test('takes a self-signed leaf that is trusted itself', () => {
    expect(verdictOf({ leaf: root, intermediates: [] })).toMatchObject({ ok: true, path: [root] });
  });

  test('takes the last second of the validity and the milliseconds after it', () => {
    expect(verdictOf({ at: '2027-01-01T00:00:00.999Z' }).ok).toBe(true);
  });

  test('goes back and takes another path when the first one is refused', () => {
    const expired = makeCertificate({
      subject: 'Inner',
      issuer: 'Outer',
      key: keys.inner,
      signer: keys.outer,
      notAfter: '2026-02-01T00:00:00Z',
      extensions: [authority()],
    });
    expect(verdictOf({ intermediates: [expired, inner, outer] })).toMatchObject({
      ok: true,
      path: [leaf, inner, outer, root],
    });
  });

  test('lists all that is wrong with the path, and the other paths', () => {
    const verdict = verdictOf({
      leaf: leafOf(extendedKeyUsage(clientAuth)),
      at: '2028-01-01T00:00:00Z',
      intermediates: [inner],
    });
    expect(verdict).toMatchObject({ ok: false, rule: 'no-issuer-found', rejected: [{ end: 'open' }] });
    expect('failures' in verdict && verdict.failures.map(({ rule, index }) => [rule, index])).toEqual([
      ['no-issuer-found', 1],
      ['expired', 0],
      ['eku', 0],
      ['expired', 1],
    ]);
  });

  test('refuses a time that is none', () => {
    expect(() => verdictOf({ at: 'yesterday' })).toThrow(RangeError);
  });
});

describe('extended key usage', () => {
  test.each([
    ['server', [serverAuth], undefined, true],
    ['server', undefined, undefined, true],
    ['server', [clientAuth], undefined, false],
    ['client', [serverAuth], undefined, false],
    ['client', [serverAuth, clientAuth], undefined, true],
    ['server', ['2.5.29.37.0'], undefined, true],
    ['server', ['1.3.6.1.5.5.7.3.20'], undefined, false],
    ['client', [serverAuth, clientAuth], [serverAuth], false],
    ['server', [serverAuth, clientAuth], [serverAuth], true],
    ['server', [serverAuth], ['2.5.29.37.0'], true],
  ] as const)('as %s with leaf %j below %j gives %s', (...[purpose, own, above, ok]) => {
    const verdict = verdictOf({
      purpose,
      leaf: leafOf(...(own === undefined ? [] : [extendedKeyUsage(...own)])),
      intermediates: [innerOf(authority(), ...(above === undefined ? [] : [extendedKeyUsage(...above)])), outer],
    });
    expect(verdict.ok).toBe(ok);
    expect('rule' in verdict ? verdict.rule : 'eku').toBe('eku');
  });
});

describe('bounded work', () => {
  test('many authorities that all certify one another end in time', () => {
    const ring = Array.from({ length: 9 }, (_, i) => ({ subject: `CA${i}`, key: makeKey('ed25519') }));
    const mesh = ring.flatMap((issuer) =>
      ring.flatMap(({ subject, key }) =>
        subject === issuer.subject
          ? []
          : [makeCertificate({ subject, key, issuer: issuer.subject, signer: issuer.key, extensions: [authority()] })],
      ),
    );
    const [first = { subject: '', key: keys.leaf }] = ring;
    const end = makeCertificate({ subject: 'end', issuer: first.subject, key: keys.leaf, signer: first.key });
    const start = cpuMs();
    expect(verdictOf({ leaf: end, intermediates: mesh })).toMatchObject({ ok: false });
    expect(cpuMs() - start).toBeLessThan(1000);
  });

  test('the issuer that the key identifiers point to is tried first', () => {
    const keyId = (octet: number): TestExtension => ({ oid: '2.5.29.14', value: der(0x04, [octet]) });
    const decoys = Array.from({ length: 150 }, (_, i) =>
      makeCertificate({
        subject: 'Inner',
        issuer: 'Outer',
        key: keys.leaf,
        signer: keys.outer,
        serial: [1, i],
        extensions: [keyId(1)],
      }),
    );
    const pointing = leafOf({ oid: '2.5.29.35', value: der(0x30, der(0x80, [2])) });
    const intermediates = [...decoys, innerOf(authority(), keyId(2)), outer];
    expect(verdictOf({ leaf: pointing, intermediates }).ok).toBe(true);
    expect(verdictOf({ intermediates })).toMatchObject({ ok: false, rule: 'search-limit' });
  });
});
