import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Report } from '../../src/model.ts';
import { writePem } from '../../src/pki/pem-text.ts';
import { sipdiag } from '../command-line.ts';
import {
  altNames,
  der,
  extendedKeyUsage,
  keyUsage,
  makeDer,
  makeKey,
  type TestExtension,
  type TestName,
} from '../pki/make-certificate.ts';
import { assertValidReport } from '../report/valid-report.ts';
import { stopAfterAll } from './real/clean-up.ts';
import { startOpensslServer } from './real/openssl-server.ts';
import { loopbackAddress } from './real/ports.ts';
import { describeWith } from './real/requirements.ts';

const ADDRESS = loopbackAddress(8);
const HOST = 'sip.example.org';
const ESCAPES = '\u001B[2J\u001B]0;owned\u0007\u009B31m';
const RTL = '\u202Egro.elpmaxe\u202C\u2066\u200F';
// oxlint-disable-next-line no-control-regex -- these are what must not reach a terminal
const DANGEROUS = /[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u200E\u200F\u202A-\u202E\u2066-\u2069]/;

const key = makeKey('ec');
const uses = [extendedKeyUsage('1.3.6.1.5.5.7.3.1'), keyUsage(0x80)];
const names = (count: number): TestExtension =>
  altNames(...Array.from({ length: count }, (_, at): TestName => ['dns', `host${at}.example.org`]));
const filler = (octets: number): TestExtension => ({ oid: '1.2.3.4', value: der(0x04, randomBytes(octets)) });

/** In the order of what they hold, with the first finding that is an error. */
const CERTIFICATES: [string, { subject?: string; extensions: TestExtension[] }, string][] = [
  [
    'escape sequences and NUL',
    { subject: `${ESCAPES}\0x`, extensions: [altNames(['dns', `${ESCAPES}\0.example.org`]), ...uses] },
    'cert-chain.self-signed',
  ],
  [
    'marks that turn the writing direction',
    { subject: RTL, extensions: [altNames(['dns', RTL], ['uri', `sip:${RTL}`]), ...uses] },
    'cert-chain.self-signed',
  ],
  ['4,000 names', { extensions: [names(4_000), ...uses] }, 'cert-chain.self-signed'],
  ['10,000 names', { extensions: [names(10_000), ...uses] }, 'tls-handshake.too-large'],
  ['an extension of a megabyte', { extensions: [filler(1_048_576), ...uses] }, 'tls-handshake.too-large'],
];

describeWith(['openssl'], 'a server whose certificate holds', () => {
  const keep = stopAfterAll();

  describe.each(CERTIFICATES)('%s', (_, { subject = HOST, extensions }, findingId) => {
    const serve = async (): Promise<string[]> => {
      const certPem = writePem(makeDer({ subject, key, extensions }));
      const keyPem = key.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
      const { port } = keep(await startOpensslServer({ address: ADDRESS, certPem, keyPem }));
      return ['tls', `${HOST}:${port}`, '--resolve', `${HOST}:${port}:${ADDRESS}`];
    };

    test('cannot speak to the terminal, nor flood it', async () => {
      const command = await serve();
      for (const verbosity of ['--quiet', '--no-color', '--verbose']) {
        const { stdout, stderr, code } = await sipdiag([...command, verbosity]);
        expect([stderr, code]).toEqual(['', 1]);
        expect(stdout).not.toMatch(DANGEROUS);
        expect(stdout.length).toBeLessThan(40_000);
      }
    });

    test('gives a bounded report without raw control characters, and its finding', async () => {
      const { stdout } = await sipdiag([...(await serve()), '--json']);
      expect(stdout).not.toMatch(DANGEROUS);
      const report: Report = JSON.parse(stdout);
      assertValidReport(report);
      expect(report.verdict.findingId).toBe(findingId);
      const { observations: _octets, ...judgement } = report;
      expect(JSON.stringify(judgement).length).toBeLessThan(60_000);
      expect(stdout.length).toBeLessThan(1_000_000);
      expect(report.checks.filter(({ status }) => status === 'crashed')).toEqual([]);
    });
  });
});
