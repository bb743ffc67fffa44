import { createPublicKey, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Report } from '../../src/model.ts';
import { altNames, authority, der, makeDer, makeKey, oid, type TestKey } from '../pki/make-certificate.ts';
import { assertValidReport } from '../report/valid-report.ts';
import { silent, startHostile } from './hostile-server.ts';
import { startMeasured } from './measured-command.ts';

const MOST_MEMORY = 200 * 1024 * 1024;
const HOST = 'fuzzybunny.local';
const AT = '2026-06-01T00:00:00Z';
const leafKey = makeKey('ec');

const pem = (bytes: Buffer): string =>
  `-----BEGIN CERTIFICATE-----\n${bytes.toString('base64')}\n-----END CERTIFICATE-----\n`;

/** Handshakes with a server that shows these certificates, all the way to the end; the report of the built command. */
async function lookAt(chain: readonly Buffer[]): Promise<Report> {
  const keyPem = leafKey.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  const { endpoint } = await startHostile(silent, { chainPem: chain.map(pem).join(''), keyPem });
  const target = `${endpoint.address}:${endpoint.port}`;
  const { ended } = startMeasured(['tls', target, '--verify-name', HOST, '--at', AT, '--json']);
  const { stdout, stderr, code, peakBytes } = await ended;
  expect(stderr).toBe('');
  expect(code).toBe(1);
  expect(peakBytes).toBeLessThan(MOST_MEMORY);
  const report: Report = JSON.parse(stdout);
  assertValidReport(report);
  return report;
}

test('authorities that all certify one another are no path to a root, and no work without end', async () => {
  const ring = Array.from({ length: 6 }, (_, at) => ({ subject: `CA${at}`, key: makeKey('ec') }));
  const mesh = ring.flatMap((issuer) =>
    ring
      .filter(({ subject }) => subject !== issuer.subject)
      .map(({ subject, key }) =>
        makeDer({ subject, key, issuer: issuer.subject, signer: issuer.key, extensions: [authority()] }),
      ),
  );
  const [first = { subject: '', key: leafKey }] = ring;
  const names = altNames(['dns', HOST]);
  const leaf = makeDer({ subject: HOST, key: leafKey, issuer: first.subject, signer: first.key, extensions: [names] });
  const { verdict } = await lookAt([leaf, ...mesh]);
  expect(verdict).toMatchObject({ status: 'broken', rung: 'certificate' });
  expect(verdict.findingId).toBe('cert-chain.invalid');
  expect(verdict.summary).toContain('the certificates sign one another in a circle');
});

/** The largest modulus that OpenSSL takes. */
const MODULUS_OCTETS = 16_384 / 8;

test('an authority with a key of 16,384 bits is asked once, and its signature does not hold', async () => {
  const modulus = randomBytes(MODULUS_OCTETS);
  modulus[0] = 0x7f | 0x80;
  modulus[MODULUS_OCTETS - 1] = 0x01;
  const rsa = der(0x30, der(0x02, [0], modulus), der(0x02, [1, 0, 1]));
  const spki = der(0x30, der(0x30, oid('1.2.840.113549.1.1.1'), der(0x05)), der(0x03, [0], rsa));
  const publicKey = createPublicKey({ key: spki, format: 'der', type: 'spki' });
  const large: TestKey = { ...makeKey('rsa'), publicKey };
  const subject = 'An authority with a large key';
  const signature = randomBytes(MODULUS_OCTETS);
  signature[0] = 0x01;
  const names = altNames(['dns', HOST]);
  const leaf = makeDer({ subject: HOST, key: leafKey, issuer: subject, signer: large, signature, extensions: [names] });
  const root = makeKey('ec');
  const intermediate = makeDer({ subject, key: large, issuer: 'Root', signer: root, extensions: [authority()] });
  const own = makeDer({ subject: 'Root', key: root, extensions: [authority()] });
  const { verdict } = await lookAt([leaf, intermediate, own]);
  expect(verdict).toMatchObject({ status: 'broken', rung: 'certificate' });
  expect(verdict.findingId).toMatch(/^cert-chain\./);
});
