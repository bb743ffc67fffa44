import { createHash, X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { readCertificate } from '../../src/pki/certificate.ts';
import { readCertificates } from '../../src/pki/pem.ts';
import { checkSignature } from '../../src/pki/signature.ts';
import { WireError } from '../../src/wire/wire-error.ts';
import { readLimbo } from './limbo-harness.ts';
import {
  altNames,
  authority,
  der,
  extendedKeyUsage,
  keyUsage,
  makeCertificate,
  makeDer,
  makeKey,
  nameConstraints,
  oid,
  text,
} from './make-certificate.ts';

const key = makeKey('ed25519');

function errorOf(read: () => unknown): unknown {
  try {
    read();
    return 'read';
  } catch (error) {
    return error;
  }
}

describe('readCertificate', () => {
  test('reads the fields of a certificate', () => {
    const bytes = makeDer({
      subject: 'sip.example.com',
      issuer: 'Example CA',
      key,
      notAfter: '2026-06-30T12:00:00Z',
      serial: [0x00, 0xab, 0xcd],
      extensions: [
        altNames(
          ['dns', 'sip.example.com'],
          ['ip', [192, 0, 2, 1]],
          ['uri', 'sip:example.com'],
          ['email', 'a@example.com'],
        ),
        extendedKeyUsage('1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.20'),
        keyUsage(0xa0),
        authority(3),
        nameConstraints([['dns', 'example.com']], [['ip', [10, 0, 0, 0, 255, 0, 0, 0]]]),
        { oid: '2.5.29.14', value: der(0x04, [1, 2]) },
        { oid: '2.5.29.35', value: der(0x30, der(0x80, [3, 4])) },
        { oid: '2.5.29.31', value: der(0x30, der(0x30, der(0xa0, der(0xa0, text(0x86, 'http://crl.example/1'))))) },
        { oid: '2.5.29.32', value: der(0x30, der(0x30, oid('2.23.140.1.2.1'))) },
        {
          oid: '1.3.6.1.5.5.7.1.1',
          value: der(
            0x30,
            der(0x30, oid('1.3.6.1.5.5.7.48.1'), text(0x86, 'http://ocsp.example')),
            der(0x30, oid('1.3.6.1.5.5.7.48.2'), text(0x86, 'http://ca.example/ca.crt')),
          ),
        },
      ],
    });
    expect(readCertificate(bytes)).toMatchObject({
      version: 3,
      serial: '00abcd',
      issuer: { text: 'CN=Example CA' },
      subject: { text: 'CN=sip.example.com', rdns: [[{ oid: '2.5.4.3', type: 'CN', value: 'sip.example.com' }]] },
      commonName: 'sip.example.com',
      notBefore: '2026-01-01T00:00:00Z',
      notAfter: '2026-06-30T12:00:00Z',
      san: {
        present: true,
        dns: ['sip.example.com'],
        ip: ['192.0.2.1'],
        uri: ['sip:example.com'],
        email: ['a@example.com'],
      },
      publicKey: { type: 'ed25519', bits: 256 },
      signatureAlgorithm: { name: 'ED25519' },
      extendedKeyUsage: ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.20'],
      keyUsage: ['digitalSignature', 'keyEncipherment'],
      basicConstraints: { ca: true, pathLength: 3 },
      nameConstraints: { permitted: [{ type: 'dns', value: 'example.com' }], excluded: [{ type: 'ip' }] },
      subjectKeyId: '0102',
      authorityKeyId: { keyId: '0304' },
      crlUrls: ['http://crl.example/1'],
      policies: ['2.23.140.1.2.1'],
      ocspUrls: ['http://ocsp.example'],
      caIssuersUrls: ['http://ca.example/ca.crt'],
      faults: [],
      selfIssued: false,
      fingerprint256: createHash('sha256').update(bytes).digest('hex'),
    });
  });

  test.each([
    ['rsa', { type: 'rsa', bits: 2048, exponentBits: 17 }],
    ['ec', { type: 'ec', bits: 256, curve: 'P-256' }],
    ['ed25519', { type: 'ed25519', bits: 256 }],
  ] as const)('reads and verifies a certificate with a key of type %s', (type, publicKey) => {
    const own = makeKey(type);
    const certificate = makeCertificate({ subject: 'x', key: own });
    expect(certificate.publicKey).toMatchObject(publicKey);
    expect(checkSignature(certificate, certificate.publicKey)).toBe('good');
    expect(checkSignature(certificate, makeCertificate({ subject: 'x', key: makeKey(type) }).publicKey)).toBe('bad');
  });

  test('refuses a certificate that is cut off anywhere', () => {
    const bytes = makeDer({ subject: 'x', key, extensions: [altNames(['dns', 'a.example'])] });
    const outcomes = Array.from({ length: bytes.length }, (_, end) =>
      errorOf(() => readCertificate(bytes.subarray(0, end))),
    );
    expect(outcomes.filter((outcome) => !(outcome instanceof WireError))).toEqual([]);
    expect(outcomes.length).toBeGreaterThan(200);
  });

  test('survives a flipped octet anywhere, as a WireError or a certificate', () => {
    const bytes = makeDer({ subject: 'x', key, extensions: [altNames(['dns', 'a.example']), authority(1)] });
    const outcomes = Array.from(bytes, (octet, i) => {
      const changed = Buffer.from(bytes);
      changed[i] = octet ^ 0xff;
      return errorOf(() => readCertificate(changed));
    });
    expect(outcomes.filter((outcome) => outcome !== 'read' && !(outcome instanceof WireError))).toEqual([]);
  });

  test.each([
    ['octets after the end', (bytes: Buffer) => Buffer.concat([bytes, Buffer.from([0])]), 'trailing'],
    ['an indefinite length', () => Buffer.from([0x30, 0x80, 0, 0]), 'indefinite-length'],
    ['a length that is too long', () => Buffer.from([0x30, 0x81, 0x01, 0]), 'length'],
    ['an empty input', () => Buffer.alloc(0), 'truncated'],
    ['more than a mebibyte', () => Buffer.alloc(1_048_577), 'too-large'],
  ])('refuses %s', (_, change, code) => {
    expect(errorOf(() => readCertificate(change(makeDer({ subject: 'x', key }))))).toMatchObject({ code });
  });

  test('agrees with OpenSSL on every certificate of the conformance suite that both read', () => {
    const pems = readLimbo().flatMap(({ peer_certificate: peer, trusted_certs: roots }) => [
      peer,
      ...roots.slice(0, 1),
    ]);
    const differences = pems.flatMap((pem) => {
      try {
        const theirs = new X509Certificate(pem);
        const [ours] = readCertificates(pem);
        const same =
          ours?.fingerprint256.toUpperCase() === theirs.fingerprint256.replaceAll(':', '') &&
          Date.parse(ours.notAfter) === Date.parse(theirs.validTo) &&
          (theirs.serialNumber.startsWith('-') || BigInt(`0x${ours.serial}`) === BigInt(`0x${theirs.serialNumber}`));
        return same ? [] : [pem];
      } catch {
        // One of the two refuses it; the conformance test judges that.
        return [];
      }
    });
    expect(pems.length).toBeGreaterThan(400);
    expect(differences).toEqual([]);
  });
});

describe('hostile certificates', () => {
  test('keep control characters for the reporter to escape', () => {
    const subject = 'a\u001B[31m\r\n\0b';
    const certificate = makeCertificate({ subject, key, extensions: [altNames(['dns', 'x\u001B]0;.example'])] });
    expect(certificate.commonName).toBe(subject);
    expect(certificate.san.dns).toEqual(['x\u001B]0;.example']);
    expect(certificate.subject.text).toBe(`CN=${subject}`);
  });

  test('escape what RFC 4514 reserves', () => {
    expect(makeCertificate({ subject: ' a,b+c"d\\e<f>g;h ', key }).subject.text).toBe(
      String.raw`CN=\ a\,b\+c\"d\\e\<f\>g\;h\ `,
    );
  });

  test('with 10,000 alternative names give the first 4,096 and say so', () => {
    const names = Array.from({ length: 10_000 }, (_, i) => ['dns', `host${i}.example`] as const);
    const certificate = makeCertificate({
      subject: 'x',
      key,
      extensions: [altNames(...names.map(([t, v]): [typeof t, string] => [t, v]))],
    });
    expect(certificate.san.dns).toHaveLength(4096);
    expect(certificate.faults).toMatchObject([{ code: 'too-many-names', oid: '2.5.29.17' }]);
  });

  test('with an extension of nearly a mebibyte are read in short time', () => {
    const bytes = makeDer({
      subject: 'x',
      key,
      extensions: [{ oid: '1.2.3.4', value: Buffer.alloc(1_000_000, 0x30) }],
    });
    const start = performance.now();
    expect(readCertificate(bytes).extensions[0]?.value).toHaveLength(1_000_000);
    expect(performance.now() - start).toBeLessThan(500);
  });

  test('with a mebibyte of empty values in a list end in a fault', () => {
    const list = der(0x30, Buffer.alloc(1_000_000, Buffer.from([0x05, 0x00])));
    const certificate = makeCertificate({ subject: 'x', key, extensions: [{ oid: '2.5.29.37', value: list }] });
    expect(certificate.faults).toMatchObject([{ code: 'malformed-extension', oid: '2.5.29.37' }]);
  });

  test('with the same extension twice keep the first and say so', () => {
    const certificate = makeCertificate({
      subject: 'x',
      key,
      extensions: [altNames(['dns', 'a.example']), altNames(['dns', 'b.example'])],
    });
    expect(certificate.san.dns).toEqual(['a.example']);
    expect(certificate.faults).toMatchObject([{ code: 'duplicate-extension' }]);
  });
});

describe('readCertificates', () => {
  const pemOf = (bytes: Buffer): string =>
    `-----BEGIN CERTIFICATE-----\n${bytes.toString('base64')}\n-----END CERTIFICATE-----\n`;

  test('reads a bundle and passes over text and other blocks', () => {
    const other = '-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n';
    const bundle = `subject=a\n${pemOf(makeDer({ subject: 'a', key }))}\r\n${other}${pemOf(makeDer({ subject: 'b', key }))}the end`;
    expect(readCertificates(bundle).map(({ commonName }) => commonName)).toEqual(['a', 'b']);
  });

  test.each([
    ['a block without end', '-----BEGIN CERTIFICATE-----\nAAAA\n'],
    ['a block that is not base64', '-----BEGIN CERTIFICATE-----\n???\n-----END CERTIFICATE-----\n'],
  ])('refuses %s', (_, pem) => {
    expect(errorOf(() => readCertificates(pem))).toMatchObject({ code: 'pem' });
  });

  test('finds nothing in a text without certificates', () => {
    expect(readCertificates('no certificate here')).toEqual([]);
  });
});
