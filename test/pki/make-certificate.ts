import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { type Certificate, readCertificate } from '../../src/pki/certificate.ts';

/** Writes DER for the tests, among it what no authority would sign. */

export function der(tag: number, ...content: (Uint8Array | number[])[]): Buffer {
  const body = Buffer.concat(content.map((part) => Buffer.from(part)));
  if (body.length < 0x80) return Buffer.concat([Buffer.from([tag, body.length]), body]);
  const length = Buffer.from(
    body.length.toString(16).padStart(body.length > 0xff_ff ? 6 : body.length > 0xff ? 4 : 2, '0'),
    'hex',
  );
  return Buffer.concat([Buffer.from([tag, 0x80 + length.length]), length, body]);
}

export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const octets = [first * 40 + second, ...rest].flatMap((arc) => {
    const groups = [arc & 0x7f];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128))
      groups.unshift((left & 0x7f) | 0x80);
    return groups;
  });
  return der(0x06, octets);
}

export const text = (tag: number, value: string): Buffer => der(tag, Buffer.from(value, 'utf8'));
const boolean = (value: boolean): Buffer => der(0x01, [value ? 0xff : 0]);

/** A Name of one CN, or the empty name. */
function name(commonName: string): Buffer {
  if (commonName === '') return der(0x30);
  return der(0x30, der(0x31, der(0x30, oid('2.5.4.3'), text(0x0c, commonName))));
}

export interface TestExtension {
  oid: string;
  critical?: boolean;
  value: Uint8Array;
}

export interface TestKey {
  publicKey: KeyObject;
  privateKey: KeyObject;
  algorithm: Buffer;
  hash: string | null;
}

const algorithm = (dotted: string, ...params: Buffer[]): Buffer => der(0x30, oid(dotted), ...params);

export function makeKey(type: 'rsa' | 'ec' | 'ed25519', hash: 'sha1' | 'sha256' = 'sha256'): TestKey {
  if (type === 'ed25519') return { ...generateKeyPairSync('ed25519'), algorithm: algorithm('1.3.101.112'), hash: null };
  if (type === 'ec') {
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    return { ...pair, algorithm: algorithm(hash === 'sha1' ? '1.2.840.10045.4.1' : '1.2.840.10045.4.3.2'), hash };
  }
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...pair, algorithm: algorithm(`1.2.840.113549.1.1.${hash === 'sha1' ? 5 : 11}`, der(0x05)), hash };
}

export interface TestCertificate {
  subject: string;
  issuer?: string;
  key: TestKey;
  signer?: TestKey;
  notBefore?: string;
  notAfter?: string;
  extensions?: TestExtension[];
  serial?: number[];
  /** Instead of what the signer would sign. */
  signature?: Uint8Array;
}

const utcTime = (iso: string): Buffer => text(0x17, `${iso.replaceAll(/[-:T]/g, '').slice(2, 14)}Z`);

export const signWith = ({ hash, privateKey }: TestKey, bytes: Buffer): Buffer => sign(hash, bytes, privateKey);

/** The DER of a certificate; self-signed unless it has a signer. */
export function makeDer(wanted: TestCertificate): Buffer {
  const { subject, issuer = subject, key, signer = key, extensions = [] } = wanted;
  const entries = extensions.map(({ oid: dotted, critical, value }) =>
    der(0x30, oid(dotted), ...(critical === true ? [boolean(true)] : []), der(0x04, value)),
  );
  const tbs = der(
    0x30,
    der(0xa0, der(0x02, [2])),
    der(0x02, wanted.serial ?? [0x11]),
    signer.algorithm,
    name(issuer),
    der(0x30, utcTime(wanted.notBefore ?? '2026-01-01T00:00:00Z'), utcTime(wanted.notAfter ?? '2027-01-01T00:00:00Z')),
    name(subject),
    key.publicKey.export({ format: 'der', type: 'spki' }),
    ...(entries.length === 0 ? [] : [der(0xa3, der(0x30, ...entries))]),
  );
  return der(0x30, tbs, signer.algorithm, der(0x03, [0], wanted.signature ?? signWith(signer, tbs)));
}

export const makeCertificate = (wanted: TestCertificate): Certificate => readCertificate(makeDer(wanted));

const sanTags = { email: 0x81, dns: 0x82, uri: 0x86, ip: 0x87 } as const;
export type TestName = [keyof typeof sanTags, string | number[]];

const generalName = ([type, value]: TestName): Buffer =>
  typeof value === 'string' ? text(sanTags[type], value) : der(sanTags[type], value);

export const altNames = (...names: TestName[]): TestExtension => ({
  oid: '2.5.29.17',
  value: der(0x30, ...names.map(generalName)),
});

export const extendedKeyUsage = (...uses: string[]): TestExtension => ({
  oid: '2.5.29.37',
  value: der(0x30, ...uses.map(oid)),
});

export const authority = (pathLength?: number): TestExtension => ({
  oid: '2.5.29.19',
  critical: true,
  value: der(0x30, boolean(true), ...(pathLength === undefined ? [] : [der(0x02, [pathLength])])),
});

/** Bits 0 to 7 of KeyUsage in one octet: 0x80 digitalSignature, 0x04 keyCertSign, 0x02 cRLSign. */
export const keyUsage = (bits: number): TestExtension => {
  const unused = Math.clz32(bits & -bits) === 32 ? 0 : 31 - Math.clz32(bits & -bits);
  return { oid: '2.5.29.15', critical: true, value: der(0x03, [unused, bits]) };
};

/** Permitted and excluded subtrees. */
export const nameConstraints = (permitted: TestName[], excluded: TestName[] = []): TestExtension => {
  const subtrees = (tag: number, names: TestName[]): Buffer[] =>
    names.length === 0 ? [] : [der(tag, ...names.map((base) => der(0x30, generalName(base))))];
  return {
    oid: '2.5.29.30',
    critical: true,
    value: der(0x30, ...subtrees(0xa0, permitted), ...subtrees(0xa1, excluded)),
  };
};

const uri = (url: string): Buffer => text(0x86, url);

/** Where a revocation list, and word of the one certificate, are to be had. RFC 5280 sections 4.2.1.13 and 4.2.2.1. */
export const revocationUrls = ({ crl, ocsp }: { crl: string; ocsp: string }): TestExtension[] => [
  { oid: '2.5.29.31', value: der(0x30, der(0x30, der(0xa0, der(0xa0, uri(crl))))) },
  { oid: '1.3.6.1.5.5.7.1.1', value: der(0x30, der(0x30, oid('1.3.6.1.5.5.7.48.1'), uri(ocsp))) },
];
