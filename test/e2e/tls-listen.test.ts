import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Report } from '../../src/model.ts';
import { renderHuman } from '../../src/report/human.ts';
import { plainPaint } from '../../src/report/paint.ts';
import { assertValidReport } from '../report/valid-report.ts';
import { opensslOf } from './openssl-verdict.ts';
import { issue, type Issued } from './real/certificates.ts';
import { stopAfterAll, temporaryFolder } from './real/clean-up.ts';
import { freePort, loopbackAddress } from './real/ports.ts';
import { describeWith } from './real/requirements.ts';
import { run } from './real/run-command.ts';
import { createPki, type Pki } from './tls-certificates.ts';

const BIN = resolve(import.meta.dirname, '../../bin/sipdiag.js');
const ADDRESS = loopbackAddress(5);

interface Listened {
  report: Report;
  code: number | null;
}

/** Runs the waiting command, and `connect` once it says that it waits. */
async function listen(args: readonly string[], connect: (to: string) => Promise<unknown>): Promise<Listened> {
  const port = await freePort(ADDRESS);
  const command = [BIN, 'tls', '--listen', `${ADDRESS}:${port}`, '--json', ...args];
  const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  const ended = new Promise<number | null>((settle) => child.on('close', settle));
  await new Promise<void>((settle) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (text.includes('waiting at')) settle();
    });
    child.on('close', () => settle());
  });
  await connect(`${ADDRESS}:${port}`);
  const code = await ended;
  const report: Report = JSON.parse(stdout);
  assertValidReport(report);
  return { report, code };
}

const connectWith =
  (...args: string[]) =>
  (to: string) =>
    run(['openssl', 's_client', '-connect', to, ...args], { input: '' });

const base64Of = (pem: string): string => pem.replaceAll(/-----[^-]+-----|\s/g, '');
const showing = ({ certFile, keyFile }: Issued): string[] => ['-cert', certFile, '-key', keyFile];
const drawn = (report: Report): string => renderHuman(report, { paint: plainPaint, width: 100, verbosity: 'normal' });
const verdictOf = ({ report, code }: Listened) => [report.verdict.status, report.verdict.findingId, code];

describeWith(['openssl'], 'sipdiag tls --listen', () => {
  const keep = stopAfterAll();
  let pki: Pki;
  let folder: string;
  let ca: string[];
  let serverOnly: Issued;
  let both: Issued;

  beforeAll(async () => {
    folder = keep(temporaryFolder('tls-listen')).path;
    pki = await createPki(folder);
    ca = ['--ca', pki.root.rootFile];
    serverOnly = await issue({ name: 'peer-server-only', issuer: pki.root, eku: ['serverAuth'] });
    both = await issue({ name: 'peer-both', issuer: pki.root, dns: ['sbc.example.org'] });
  });

  describe.each(['-tls1_2', '-tls1_3'])('with a peer that speaks %s', (version) => {
    test('reports what it presents as a client', async () => {
      const args = [version, '-servername', 'sip.example.com', ...showing(both)];
      const seen = await listen([...ca, '--verify-name', 'sbc.example.org'], connectWith(...args));
      expect(verdictOf(seen)).toEqual(['healthy', null, 0]);
      const tls = seen.report.observations.find((one) => one.kind === 'tls');
      expect(tls?.about).toMatchObject({ peer: 'client', sni: 'sip.example.com', shown: 'throw-away' });
    });

    test.each<[string, () => Issued, string]>([
      ['ok', () => both, 'accepts the chain'],
      ['INVALID_PURPOSE', () => serverOnly, 'refuses the chain: INVALID_PURPOSE'],
      ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', () => pki.strangerFor, 'refuses the chain: UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    ])('holds the verdict of OpenSSL beside its own: %s', async (verdict, issued, words) => {
      const { report } = await listen(ca, connectWith(version, ...showing(issued())));
      expect(opensslOf(report)).toBe(verdict);
      expect(report.findings.map(({ id }) => id)).not.toContain('cert-chain.openssl-differs');
      expect(drawn(report)).toContain(`OpenSSL      ${words}`);
    });

    test('says why OpenSSL was not asked', async () => {
      const seen = await listen([...ca, '--at', '2031-01-01T00:00:00Z'], connectWith(version, ...showing(both)));
      expect(opensslOf(seen.report)).toBeUndefined();
      expect(drawn(seen.report)).toContain('OpenSSL      not asked: it judges by the clock');
    });

    test('refuses a certificate without clientAuth', async () => {
      const seen = await listen(ca, connectWith(version, ...showing(serverOnly)));
      expect(verdictOf(seen)).toEqual(['broken', 'cert-eku.client-auth-missing', 1]);
    });

    test('sees its chain exactly as it was sent', async () => {
      const { certFile, keyFile, certPem } = await issue({ name: `peer-below${version}`, issuer: pki.lower });
      const bundle = join(folder, `bundle${version}.pem`);
      writeFileSync(bundle, pki.otherRoot.certPem + pki.upper.certPem + pki.lower.certPem);
      const args = ['-cert', certFile, '-key', keyFile, '-cert_chain', bundle];
      const seen = await listen(ca, connectWith(version, ...args));
      expect(verdictOf(seen)).toEqual(['degraded', 'cert-chain.order', 0]);
      const chain = seen.report.observations.flatMap((one) =>
        one.kind === 'tls' && one.outcome.ok ? one.outcome.value.chain : [],
      );
      const { otherRoot, upper, lower } = pki;
      expect(chain).toEqual([certPem, otherRoot.certPem, upper.certPem, lower.certPem].map(base64Of));
    });

    test('says so when the peer has none', async () => {
      const seen = await listen(ca, connectWith(version));
      expect(verdictOf(seen)).toEqual(['broken', 'tls-peer.no-certificate', 1]);
    });
  });

  test('judges the chain as for any certificate', async () => {
    const seen = await listen(ca, connectWith(...showing(pki.strangerFor)));
    expect(verdictOf(seen)).toEqual(['broken', 'cert-chain.untrusted-root', 1]);
  });

  test('a peer that refuses the throw-away certificate leaves the question open', async () => {
    const seen = await listen(ca, connectWith('-verify_return_error', '-CAfile', pki.root.rootFile));
    expect(verdictOf(seen)).toEqual(['unknown', null, 3]);
    expect(seen.report.findings.map(({ id, severity }) => `${id} ${severity}`)).toContain('tls-peer.refused warning');
  });

  test('shows the certificate that it is given', async () => {
    const own = ['--tls-cert', both.certFile, '--tls-key', both.keyFile];
    const peer = connectWith('-verify_return_error', '-CAfile', pki.root.rootFile, ...showing(both));
    expect(verdictOf(await listen([...ca, ...own], peer))).toEqual(['healthy', null, 0]);
  });

  test('without a peer, nothing is known', async () => {
    const seen = await listen(['--deadline', '300'], () => Promise.resolve());
    expect(verdictOf(seen)).toEqual(['unknown', null, 3]);
  });
});
