import { X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createLabCertificates, type CertificateFlaw } from '../../src/lab/certificates.ts';

const now = Date.parse('2026-11-23T12:00:00Z');
const domain = 'fuzzybunny.local';

async function made(flaw: CertificateFlaw) {
  const certificates = await createLabCertificates({ domain, now, flaw });
  const blocks = certificates.chainPem.match(/-----BEGIN[^]*?-----END CERTIFICATE-----\n/g) ?? [];
  const [leaf, ...rest] = blocks.map((block) => new X509Certificate(block));
  if (leaf === undefined) throw new Error('no certificate was made');
  return { leaf, rest, root: new X509Certificate(certificates.rootPem), keyPem: certificates.keyPem };
}

describe('the lab certificates', () => {
  test('chain from the server over the intermediate to the root', async () => {
    const { leaf, rest, root } = await made('none');
    const [intermediate] = rest;
    expect(rest).toHaveLength(1);
    expect(intermediate && leaf.checkIssued(intermediate) && leaf.verify(intermediate.publicKey)).toBe(true);
    expect(intermediate?.checkIssued(root) && intermediate.verify(root.publicKey)).toBe(true);
    expect(root.ca && intermediate?.ca).toBe(true);
    expect(leaf.ca).toBe(false);
  });

  test('name the domain and the host, and allow both usages', async () => {
    const { leaf } = await made('none');
    expect(leaf.subject).toBe('CN=sip.fuzzybunny.local');
    expect(leaf.subjectAltName).toBe('DNS:sip.fuzzybunny.local, DNS:fuzzybunny.local, URI:sip:fuzzybunny.local');
    expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']);
  });

  test('come with the key of the first certificate', async () => {
    const { createPrivateKey } = await import('node:crypto');
    const { leaf, keyPem } = await made('none');
    expect(leaf.checkPrivateKey(createPrivateKey(keyPem))).toBe(true);
  });

  test.each<[CertificateFlaw, (leaf: X509Certificate) => boolean]>([
    ['none', (leaf) => Date.parse(leaf.validFrom) < now && now < Date.parse(leaf.validTo)],
    ['expired', (leaf) => Date.parse(leaf.validTo) < now],
    ['not-yet-valid', (leaf) => Date.parse(leaf.validFrom) > now],
    [
      'wrong-name',
      (leaf) => leaf.checkHost(`sip.${domain}`) === undefined && leaf.checkHost('sip.other.example') !== undefined,
    ],
    ['cn-only', (leaf) => leaf.subjectAltName === undefined && leaf.subject === `CN=sip.${domain}`],
    ['wildcard', (leaf) => leaf.subjectAltName === `DNS:*.${domain}`],
    ['server-auth-missing', (leaf) => leaf.keyUsage.join() === '1.3.6.1.5.5.7.3.2'],
    ['self-signed', (leaf) => leaf.issuer === leaf.subject && leaf.verify(leaf.publicKey)],
  ])('with the flaw %s show it', async (flaw, shows) => {
    const { leaf } = await made(flaw);
    expect(shows(leaf)).toBe(true);
  });

  test.each<[CertificateFlaw, number]>([
    ['self-signed', 1],
    ['intermediate-missing', 1],
    ['untrusted-root', 3],
    ['none', 2],
  ])('with the flaw %s make a chain of %i', async (flaw, length) => {
    const { rest } = await made(flaw);
    expect(rest.length + 1).toBe(length);
  });

  test('of an untrusted root end in a self-signed certificate that is not the published root', async () => {
    const { rest, root } = await made('untrusted-root');
    const last = rest.at(-1);
    expect(last?.issuer).toBe(last?.subject);
    expect(last?.fingerprint256).not.toBe(root.fingerprint256);
  });

  test('write dates from 2050 on as GeneralizedTime', async () => {
    const late = await createLabCertificates({ domain, now: Date.parse('2051-06-01T00:00:00Z'), flaw: 'none' });
    expect(new X509Certificate(late.chainPem).validTo).toContain('2051');
  });
});

test('a certificate can carry an address', async () => {
  const { generateKeyPairSync } = await import('node:crypto');
  const { buildCertificate } = await import('../../src/lab/certificate-der.ts');
  const keys = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const der = buildCertificate(
    {
      commonName: 'sip.fuzzybunny.local',
      role: 'end-entity',
      notBefore: now,
      notAfter: now + 1000,
      altNames: [{ type: 'ip', octets: Uint8Array.of(192, 0, 2, 1) }],
      usages: [],
    },
    keys.publicKey,
    { commonName: 'an authority', ...keys },
  );
  const certificate = new X509Certificate(der);
  expect(certificate.subjectAltName).toBe('IP Address:192.0.2.1');
  expect(certificate.keyUsage).toBeUndefined();
});
