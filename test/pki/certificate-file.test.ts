import { createHash, createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { readCertificate } from '../../src/pki/certificate.ts';
import { readCertificateFile } from '../../src/pki/certificate-file.ts';
import { belongsTo, readPrivateKey } from '../../src/pki/key-match.ts';
import { readPkcs12 } from '../../src/pki/pkcs12.ts';
import { der, makeDer, makeKey, oid, text } from './make-certificate.ts';
import { EC_KEY, LEAF_FINGERPRINT, PKCS12_FILES, PKCS7_FILE } from './pkcs12-files.ts';

const bytes = (base64: string): Buffer => Buffer.from(base64, 'base64');
const fingerprint = (certificate: Uint8Array | undefined): string =>
  createHash('sha256')
    .update(certificate ?? '')
    .digest('hex');
const pem = (label: string, content: Uint8Array): string =>
  `-----BEGIN ${label}-----\n${Buffer.from(content).toString('base64').replaceAll(/.{64}/g, '$&\n')}\n-----END ${label}-----\n`;
const coded = (code: string) => expect.objectContaining({ code });

const one = makeDer({ subject: 'one', key: makeKey('ec') });
const two = makeDer({ subject: 'two', key: makeKey('ec') });

describe('PKCS#12', () => {
  test.each<[keyof typeof PKCS12_FILES, string, number]>([
    ['modern', 'gehéim', 2],
    ['legacy', 'secret', 1],
    ['tripledes', 'secret', 1],
    ['plaincerts', 'secret', 1],
    ['nopassword', '', 1],
    ['nomac', 'secret', 1],
  ])('%s gives the certificates and the key', (name, password, count) => {
    const { certificates, keys } = readPkcs12(bytes(PKCS12_FILES[name]), password);
    expect(certificates).toHaveLength(count);
    expect(fingerprint(certificates[0])).toBe(LEAF_FINGERPRINT);
    const [key] = keys.map((pkcs8) => createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' }));
    expect(key?.equals(createPrivateKey({ key: bytes(EC_KEY), format: 'der', type: 'sec1' }))).toBe(true);
  });

  test.each<[keyof typeof PKCS12_FILES, string]>([
    ['modern', 'geheim'],
    ['modern', ''],
    ['legacy', 'Secret'],
    ['tripledes', 'x'],
    ['nopassword', 'x'],
    ['nomac', 'x'],
  ])('%s does not open with another password (%j)', (name, password) => {
    expect(() => readPkcs12(bytes(PKCS12_FILES[name]), password)).toThrow(coded('password'));
  });

  test('in BER with indefinite lengths and a string in pieces is read alike', () => {
    const whole = bytes(PKCS12_FILES.tripledes);
    // PFX ::= SEQUENCE { version, authSafe { oid, [0] { OCTET STRING } }, macData }: the outer layers are written anew.
    const safeStart = whole.indexOf(oid('1.2.840.113549.1.7.1'));
    const header = 4;
    const octets = whole.subarray(safeStart + 11 + header);
    const length = octets.readUInt16BE(2);
    const content = octets.subarray(header, header + length);
    const mac = octets.subarray(header + length);
    const open = (tag: number, ...parts: Uint8Array[]): Buffer =>
      Buffer.concat([Buffer.of(tag, 0x80), ...parts, Buffer.of(0, 0)]);
    const pieces = open(0x24, der(0x04, content.subarray(0, 100)), der(0x04, content.subarray(100)));
    const rewritten = open(0x30, der(0x02, [3]), open(0x30, oid('1.2.840.113549.1.7.1'), open(0xa0, pieces)), mac);
    expect(fingerprint(readCertificateFile(rewritten, 'secret').certificates[0])).toBe(LEAF_FINGERPRINT);
  });

  test('that asks for endless key derivation is refused', () => {
    const endless = der(
      0x30,
      der(0x02, [3]),
      der(0x30, oid('1.2.840.113549.1.7.1'), der(0xa0, der(0x04, der(0x30)))),
      der(
        0x30,
        der(0x30, der(0x30, oid('1.3.14.3.2.26')), der(0x04, Buffer.alloc(20))),
        der(0x04, [1]),
        der(0x02, [0x7f, 0xff, 0xff, 0xff]),
      ),
    );
    expect(() => readPkcs12(endless, 'secret')).toThrow(coded('iterations'));
  });

  test('cut at any place throws nothing but WireError', () => {
    const whole = bytes(PKCS12_FILES.nopassword);
    for (let end = 0; end < whole.length; end += 7)
      expect(() => readPkcs12(whole.subarray(0, end), '')).toThrow(expect.objectContaining({ name: 'WireError' }));
  });
});

describe('readCertificateFile', () => {
  const pkcs8 = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' });

  test.each<[string, Uint8Array, string, number]>([
    ['PEM of two certificates', Buffer.from(pem('CERTIFICATE', one) + pem('CERTIFICATE', two)), 'PEM', 2],
    [
      'PEM with a key and text around',
      Buffer.from(`hello\n${pkcs8.toString()}${pem('CERTIFICATE', one)}bye`),
      'PEM',
      1,
    ],
    ['PEM as Windows writes it', Buffer.from(`\uFEFF${pem('CERTIFICATE', one)}`, 'utf16le'), 'PEM', 1],
    ['DER', one, 'DER', 1],
    ['PKCS#7', bytes(PKCS7_FILE), 'PKCS#7', 2],
    ['PKCS#7 in PEM', Buffer.from(pem('PKCS7', bytes(PKCS7_FILE))), 'PKCS#7', 2],
    ['PKCS#12', bytes(PKCS12_FILES.nopassword), 'PKCS#12', 1],
  ])('%s', (...[, file, format, count]) => {
    const read = readCertificateFile(file, '');
    expect(read.format).toBe(format);
    expect(read.certificates).toHaveLength(count);
  });

  test.each<[string, Uint8Array, string]>([
    ['nothing', Buffer.of(), 'it is empty'],
    ['a text', Buffer.from('hello'), 'neither PEM nor DER'],
    ['a private key', Buffer.from(pkcs8), 'a private key and no certificate'],
    ['a private key in DER', bytes(EC_KEY), 'it is a private key'],
    ['a request', Buffer.from(pem('CERTIFICATE REQUEST', one)), 'a certificate request'],
    ['a public key', makeKey('ec').publicKey.export({ type: 'spki', format: 'der' }), 'a public key'],
    ['a Java key store', Buffer.from('feedfeed00000002', 'hex'), 'a Java key store'],
    ['a CRL', Buffer.from(pem('X509 CRL', one)), 'a revocation list'],
    ['a SET', der(0x31, text(0x0c, 'x')), 'neither PEM nor DER'],
  ])('says what %s is', (_, file, words) => {
    expect(() => readCertificateFile(file, '')).toThrow(words);
  });

  test('PEM cut at any place throws nothing but WireError', () => {
    const whole = Buffer.from(pem('CERTIFICATE', one));
    for (let end = 0; end < whole.length - 2; end += 3)
      expect(() => readCertificateFile(whole.subarray(0, end), '')).toThrow(
        expect.objectContaining({ name: 'WireError' }),
      );
  });
});

describe('a private key', () => {
  const key = makeKey('rsa');
  const certificate = readCertificate(makeDer({ subject: 'x', key }));
  const sealed = { cipher: 'aes-256-cbc', passphrase: 'secret' };

  test.each<[string, string | Buffer, string]>([
    ['PKCS#8', key.privateKey.export({ type: 'pkcs8', format: 'pem' }), ''],
    ['PKCS#1', key.privateKey.export({ type: 'pkcs1', format: 'pem' }), ''],
    ['PKCS#8 in DER', key.privateKey.export({ type: 'pkcs8', format: 'der' }), ''],
    ['PKCS#1 in DER', key.privateKey.export({ type: 'pkcs1', format: 'der' }), ''],
    ['encrypted PKCS#8', key.privateKey.export({ type: 'pkcs8', format: 'pem', ...sealed }), 'secret'],
  ])('in %s belongs to its certificate', (_, file, password) => {
    expect(belongsTo(readPrivateKey(Buffer.from(file), password), certificate)).toBe(true);
  });

  test('of another pair does not belong', () => {
    expect(belongsTo(makeKey('rsa').privateKey, certificate)).toBe(false);
    expect(belongsTo(makeKey('ec').privateKey, certificate)).toBe(false);
  });

  test.each([
    ['with a wrong password', key.privateKey.export({ type: 'pkcs8', format: 'pem', ...sealed }), 'x', 'password'],
    ['without its password', key.privateKey.export({ type: 'pkcs8', format: 'pem', ...sealed }), '', 'password'],
    ['that is none', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n', '', 'key'],
    ['that is a text', 'hello', '', 'key'],
  ])('%s is refused', (...[, file, password, code]) => {
    expect(() => readPrivateKey(Buffer.from(file), password)).toThrow(coded(code));
  });
});
