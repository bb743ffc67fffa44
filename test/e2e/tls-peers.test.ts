import { beforeAll, describe, expect, test } from 'vitest';
import type { Report } from '../../src/model.ts';
import { stopAfterAll, temporaryFolder } from './real/clean-up.ts';
import { runForReport, type ReportedRun } from './real/doctor-run.ts';
import { startGnutlsServer } from './real/gnutls-server.ts';
import { createNetwork, type TestNetwork } from './real/namespaces.ts';
import { loopbackAddress } from './real/ports.ts';
import { describeWith } from './real/requirements.ts';
import { startStunnel } from './real/stunnel.ts';
import { startClearSip } from './sip-servers.ts';
import { createPki, HOST, PRESENTED, type Flaw, type Pki } from './tls-certificates.ts';

type Expected = [status: string, findingId: string | null, code: number];

const verdictOf = ({ report, code }: ReportedRun) => [report.verdict.status, report.verdict.findingId, code];
const opensslOf = ({ observations }: Report): string | undefined =>
  observations.flatMap((one) => (one.kind === 'tls' && one.outcome.ok ? [one.outcome.value.openssl?.verdict] : []))[0];

describeWith(['namespaces', 'gnutls', 'openssl'], 'sipdiag tls against gnutls-serv', () => {
  const keep = stopAfterAll();
  let network: TestNetwork;
  let pki: Pki;
  let port = 5061;

  beforeAll(async () => {
    network = keep(await createNetwork());
    pki = await createPki(keep(temporaryFolder('tls-gnutls')).path);
  });

  async function look(flaw: Flaw, args: readonly string[], more: readonly string[] = []): Promise<ReportedRun> {
    const presented = await PRESENTED[flaw](pki);
    // A port of its own for each server: the one before may still be closing its connections.
    port += 1;
    keep(await startGnutlsServer({ namespace: network.server, port, ...presented, args }));
    const pin = ['--resolve', `${HOST}:${port}:${network.serverAddresses[0] ?? ''}`];
    return runForReport(['tls', `${HOST}:${port}`, ...pin, '--ca', pki.root.rootFile, ...more], network.client);
  }

  test.each<[Flaw, ...Expected]>([
    ['good', 'healthy', null, 0],
    ['wrong name', 'broken', 'cert-name.mismatch', 1],
    ['expired', 'broken', 'cert-dates.expired', 1],
    ['untrusted root', 'broken', 'cert-chain.untrusted-root', 1],
    ['self-signed', 'broken', 'cert-chain.self-signed', 1],
    ['missing intermediate', 'broken', 'cert-chain.intermediate-missing', 1],
    ['whole chain', 'healthy', null, 0],
    ['EKU client only', 'broken', 'cert-eku.server-auth-missing', 1],
  ])('%s: %s, %s', async (flaw, ...expected) => {
    const seen = await look(flaw, ['--disable-client-cert']);
    expect(verdictOf(seen)).toEqual(expected);
  });

  test('a server that speaks TLS 1.0 only', async () => {
    const old = 'NORMAL:-VERS-ALL:+VERS-TLS1.0:+SIGN-RSA-SHA1:%VERIFY_ALLOW_SIGN_WITH_SHA1';
    const seen = await look('RSA 2048', ['--disable-client-cert', '--priority', old]);
    expect(verdictOf(seen)).toEqual(['broken', 'tls-version.legacy-only', 1]);
  });

  test('the versions are tried one by one', async () => {
    const priority = ['--priority', 'NORMAL:-VERS-ALL:+VERS-TLS1.2'];
    const { report } = await look('good', ['--disable-client-cert', ...priority], ['--versions']);
    const tried = report.observations.flatMap((one) =>
      one.kind === 'variant' && one.about.way === 'version' ? [[one.about.offered.join(), one.outcome.ok]] : [],
    );
    expect(Object.fromEntries(tried)).toEqual({ TLSv1: false, 'TLSv1.1': false, 'TLSv1.2': true, 'TLSv1.3': false });
    expect(report.verdict.status).toBe('healthy');
  });

  describe.each(['TLS1.2', 'TLS1.3'])('mutual TLS with %s', (version) => {
    const demanding = (...args: string[]) => {
      const priority = ['--priority', `NORMAL:-VERS-ALL:+VERS-${version}`];
      const client = ['--require-client-cert', '--verify-client-cert', '--x509cafile', pki.clients.certFile];
      return look('good', [...priority, ...client], args);
    };

    test('demanded and missing', async () => {
      expect(verdictOf(await demanding())).toEqual(['broken', 'client-cert.required', 1]);
    });

    test('given and taken', async () => {
      const { certFile, keyFile } = pki.clientFor;
      expect(verdictOf(await demanding('--client-cert', certFile, '--client-key', keyFile))).toEqual([
        'healthy',
        null,
        0,
      ]);
    });

    test('given and refused', async () => {
      const { certFile, keyFile } = pki.strangerFor;
      const seen = await demanding('--client-cert', certFile, '--client-key', keyFile);
      expect(verdictOf(seen)).toEqual(['broken', 'client-cert.rejected', 1]);
    });
  });
});

describeWith(['stunnel', 'openssl'], 'sipdiag doctor against SIP behind stunnel', () => {
  const ADDRESS = loopbackAddress(6);
  const keep = stopAfterAll();
  let behind: string;
  let pki: Pki;

  beforeAll(async () => {
    behind = `${ADDRESS}:${keep(await startClearSip(ADDRESS)).port}`;
    pki = await createPki(keep(temporaryFolder('tls-stunnel')).path);
  });

  async function diagnose(flaw: Flaw, lines: readonly string[], args: readonly string[] = []): Promise<ReportedRun> {
    const presented = await PRESENTED[flaw](pki);
    const { port } = keep(await startStunnel({ address: ADDRESS, behind, ...presented, lines }));
    const target = [`sip:toml@${HOST}:${port};transport=tls`, '--resolve', `${HOST}:${port}:${ADDRESS}`];
    return runForReport(['doctor', ...target, '--ca', pki.root.rootFile, ...args]);
  }

  const sipOf = ({ report }: ReportedRun) => report.rungs.find(({ rung }) => rung === 'sip')?.status;

  test.each<[Flaw, string, ...Expected]>([
    ['P-256 with URI SAN', 'ok', 'healthy', null, 0],
    ['wrong name', 'ok', 'broken', 'cert-name.mismatch', 1],
    ['not yet valid', 'CERT_NOT_YET_VALID', 'broken', 'cert-dates.not-yet-valid', 1],
    ['untrusted root', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'broken', 'cert-chain.untrusted-root', 1],
    ['whole chain', 'ok', 'healthy', null, 0],
    ['missing intermediate', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'broken', 'cert-chain.intermediate-missing', 1],
    ['wrong order', 'ok', 'degraded', 'cert-chain.order', 0],
    ['EKU client only', 'INVALID_PURPOSE', 'broken', 'cert-eku.server-auth-missing', 1],
  ])('%s: OpenSSL says %s; %s, %s', async (flaw, openssl, ...expected) => {
    const seen = await diagnose(flaw, []);
    expect(verdictOf(seen)).toEqual(expected);
    expect(sipOf(seen)).toBe('passed');
    expect(opensslOf(seen.report)).toBe(openssl);
    expect(seen.report.findings.map(({ id }) => id)).not.toContain('cert-chain.openssl-differs');
  });

  test('TLS 1.0 only', async () => {
    const seen = await diagnose('RSA 2048', ['sslVersion = TLSv1', 'ciphers = ALL:@SECLEVEL=0', 'securityLevel = 0']);
    expect(verdictOf(seen)).toEqual(['broken', 'tls-version.legacy-only', 1]);
    expect(sipOf(seen)).toBe('not-tested');
  });

  test('nothing behind it: TLS holds, and SIP is what does not answer', async () => {
    const presented = await PRESENTED.good(pki);
    const { port } = keep(await startStunnel({ address: ADDRESS, behind: `${ADDRESS}:1`, ...presented }));
    const target = [`sip:toml@${HOST}:${port};transport=tls`, '--resolve', `${HOST}:${port}:${ADDRESS}`];
    const { report, code } = await runForReport(['doctor', ...target, '--ca', pki.root.rootFile]);
    expect([report.verdict.status, report.verdict.rung, code]).toEqual(['broken', 'sip', 1]);
  });

  describe.each(['TLSv1.2', 'TLSv1.3'])('mutual TLS with %s', (version) => {
    const demanding = (...args: string[]) =>
      diagnose('good', [`sslVersion = ${version}`, 'verifyChain = yes', `CAfile = ${pki.clients.certFile}`], args);

    test('demanded and missing', async () => {
      expect(verdictOf(await demanding())).toEqual(['broken', 'client-cert.required', 1]);
    });

    test('given and taken: SIP is spoken', async () => {
      const { certFile, keyFile } = pki.clientFor;
      const seen = await demanding('--client-cert', certFile, '--client-key', keyFile);
      expect(verdictOf(seen)).toEqual(['healthy', null, 0]);
      expect(sipOf(seen)).toBe('passed');
    });

    test('given and refused', async () => {
      const { certFile, keyFile } = pki.strangerFor;
      const seen = await demanding('--client-cert', certFile, '--client-key', keyFile);
      expect(verdictOf(seen)).toEqual(['broken', 'client-cert.rejected', 1]);
    });
  });
});
