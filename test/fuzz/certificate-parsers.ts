import { normalizeBer } from '../../src/pki/ber.ts';
import { readCertificate, type Certificate } from '../../src/pki/certificate.ts';
import { readCertificateFile } from '../../src/pki/certificate-file.ts';
import { readCrl, readCrls } from '../../src/pki/crl.ts';
import { understandScope } from '../../src/pki/crl-scope.ts';
import { readPrivateKey } from '../../src/pki/key-match.ts';
import type { NameRule } from '../../src/pki/name-verdict.ts';
import { matchNames } from '../../src/pki/names.ts';
import { readOcspResponse } from '../../src/pki/ocsp.ts';
import { validatePath } from '../../src/pki/path.ts';
import { decodePem, readCertificates } from '../../src/pki/pem.ts';
import { readPkcs12 } from '../../src/pki/pkcs12.ts';
import { readPkcs7 } from '../../src/pki/pkcs7.ts';
import { poolRoots } from '../../src/pki/roots.ts';
import { readLimbo } from '../pki/limbo-harness.ts';
import { EC_KEY, PKCS12_FILES, PKCS7_FILE } from '../pki/pkcs12-files.ts';
import { orRefused, type FuzzedParser } from './fuzzed-parser.ts';
import { OCSP_ANSWER, OCSP_ISSUER, OCSP_SUBJECT } from './ocsp-seed.ts';

const fromBase64 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));
const AT = '2026-12-01T00:00:00Z';
const RULES: Record<NameRule, true> = {
  rfc5922: true,
  rfc9525: true,
  'microsoft-strict': true,
  'microsoft-relaxed': true,
  'microsoft-sip-name': true,
  'microsoft-common-name': true,
  'teams-direct-routing': true,
};
const NAME_RULES = Object.keys(RULES).filter((rule): rule is NameRule => rule in RULES);

/** Every fortieth certificate of the conformance cases: extensions of all kinds, well and badly made. */
function conformanceCertificates(): Uint8Array[] {
  const texts = readLimbo().flatMap(({ peer_certificate: peer, trusted_certs: trusted }) => [peer, ...trusted]);
  return texts.filter((_, place) => place % 40 === 0).flatMap((text) => orRefused(() => decodePem(text)) ?? []);
}

const issuer = readCertificate(fromBase64(OCSP_ISSUER));
const subject = readCertificate(fromBase64(OCSP_SUBJECT));

function judge(certificate: Certificate): void {
  const target = { domain: 'example.com', host: 'sip.example.com', address: '192.0.2.1' };
  for (const rule of NAME_RULES) matchNames(rule, certificate, target);
  const name = { rule: 'rfc9525', target } as const;
  const limits = { at: AT, purpose: 'server', rules: 'webpki', name } as const;
  validatePath({ leaf: certificate, intermediates: [issuer], roots: [certificate, issuer], ...limits });
  validatePath({ leaf: subject, intermediates: [certificate, certificate], roots: [issuer], ...limits });
}

/** DER of a certificate, its names, and the paths that it is a member of. */
export const certificateParser: FuzzedParser = {
  seeds: () => [...conformanceCertificates(), fromBase64(OCSP_ISSUER), fromBase64(OCSP_SUBJECT)],
  tokens: [
    '\x30\x80',
    '\x30\x82',
    '\x30\x84\xff\xff\xff\xff',
    '\x02\x01',
    '\x06\x03\x55\x1d\x11',
    '\x04\x00',
    '\x01\x01\xff',
    '\0',
  ],
  read(bytes) {
    const certificate = orRefused(() => readCertificate(bytes));
    if (certificate !== undefined) judge(certificate);
    poolRoots([pem('CERTIFICATE', bytes)]).namedBy([bytes]);
  },
};

const pem = (label: string, der: Uint8Array): string =>
  `-----BEGIN ${label}-----\n${Buffer.from(der).toString('base64').replaceAll(/.{64}/g, '$&\n')}\n-----END ${label}-----\n`;

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

export const pemParser: FuzzedParser = {
  seeds: () =>
    [
      pem('CERTIFICATE', fromBase64(OCSP_SUBJECT)) + pem('CERTIFICATE', fromBase64(OCSP_ISSUER)),
      `subject=CN=x\n${pem('EC PRIVATE KEY', fromBase64(EC_KEY))}${pem('CERTIFICATE', fromBase64(OCSP_SUBJECT))}`,
      pem('PKCS7', fromBase64(PKCS7_FILE)),
    ].map((text) => Buffer.from(text)),
  tokens: [
    '-----BEGIN CERTIFICATE-----',
    '-----END CERTIFICATE-----',
    '-----BEGIN ',
    '-----',
    '\r\n',
    '\n',
    '=',
    '\0',
    '\xff',
  ],
  read(bytes) {
    const text = latin1(bytes);
    orRefused(() => readCertificates(text));
    poolRoots([text]).namedBy([]);
    orRefused(() => readCertificateFile(bytes, ''));
    orRefused(() => readPrivateKey(bytes, ''));
  },
};

const DER_TOKENS = [
  '\x30\x80',
  '\x00\x00',
  '\x24\x80',
  '\xa0\x80',
  '\x30\x82\xff\xff',
  '\x02\x04\x7f\xff\xff\xff',
  '\x04\x00',
  '\x06\x09',
];

export const pkcs12Parser: FuzzedParser = {
  seeds: () => Object.values(PKCS12_FILES).map(fromBase64),
  tokens: DER_TOKENS,
  // A file of the user's own names its work factor, of 4,000,000 rounds at most.
  limitMs: 5000,
  read(bytes) {
    orRefused(() => readPkcs12(bytes, 'secret'));
    orRefused(() => readCertificateFile(bytes, 'secret'));
  },
};

export const pkcs7Parser: FuzzedParser = {
  seeds: () => [fromBase64(PKCS7_FILE)],
  tokens: DER_TOKENS,
  read(bytes) {
    orRefused(() => normalizeBer(bytes));
    const inside = orRefused(() => readPkcs7(bytes)) ?? [];
    for (const one of inside.slice(0, 4)) orRefused(() => readCertificate(one));
    orRefused(() => readCertificateFile(bytes, ''));
  },
};

export const crlParser: FuzzedParser = {
  seeds: () =>
    readLimbo()
      .flatMap(({ crls }) => crls)
      .flatMap((text) => decodePem(text, ['X509 CRL'])),
  tokens: DER_TOKENS,
  read(bytes) {
    const crl = orRefused(() => readCrl(bytes));
    if (crl !== undefined)
      orRefused(() => understandScope(crl, { certificate: subject, url: 'http://example.com/a.crl' }));
    orRefused(() => readCrls(latin1(bytes)));
  },
};

export const ocspParser: FuzzedParser = {
  seeds: () => [fromBase64(OCSP_ANSWER)],
  tokens: [...DER_TOKENS, '\x0a\x01\x00', '\x80\x00', '\x82\x00'],
  read(bytes) {
    orRefused(() => readOcspResponse(bytes, { certificate: subject, issuer }, AT));
  },
};
