import { beforeAll, describe, expect, test } from 'vitest';
import type { Report } from '../../src/model.ts';
import { sipdiag } from '../command-line.ts';
import { assertValidReport } from '../report/valid-report.ts';
import { stopAfterAll, temporaryFolder } from './real/clean-up.ts';
import type { KamailioTls } from './real/kamailio-config.ts';
import { startKamailio } from './real/kamailio.ts';
import { freePort, loopbackAddress } from './real/ports.ts';
import { describeWith } from './real/requirements.ts';
import { startClearSip, startClosing, startSilent, startTlsSip, type SmallServer } from './sip-servers.ts';
import { createPki, HOST, PRESENTED, type Flaw, type Pki } from './tls-certificates.ts';

const ADDRESS = loopbackAddress(4);

async function diagnose(
  port: number,
  args: readonly string[],
): Promise<[string, string | null, number | null, Report]> {
  const pin = ['--resolve', `${HOST}:${port}:${ADDRESS}`];
  const target = [`sip:toml@${HOST}:${port};transport=tls`, ...pin, '--json'];
  const { stdout, stderr, code } = await sipdiag(['doctor', ...target, ...args]);
  expect(stderr).toBe('');
  const report: Report = JSON.parse(stdout);
  assertValidReport(report);
  return [report.verdict.status, report.verdict.findingId, code, report];
}

const statusOf = (report: Report, rung: string) => report.rungs.find((one) => one.rung === rung)?.status;

describeWith(['openssl', 'kamailio'], 'sipdiag doctor against Kamailio over TLS', () => {
  const keep = stopAfterAll();
  let pki: Pki;
  let folder: string;
  let ca: string[];

  beforeAll(async () => {
    folder = keep(temporaryFolder('tls-doctor')).path;
    pki = await createPki(folder);
    ca = ['--ca', pki.root.rootFile];
  });

  async function serve(flaw: Flaw, tls: Partial<KamailioTls> = {}): Promise<number> {
    const { writeFileSync } = await import('node:fs');
    const { certPem, keyPem, sentAlong } = await PRESENTED[flaw](pki);
    const name = `${folder}/kamailio-${flaw.replaceAll(/\W/g, '-')}-${await freePort(ADDRESS)}`;
    writeFileSync(`${name}.pem`, [certPem, ...sentAlong].join(''));
    writeFileSync(`${name}.key`, keyPem);
    const kamailio = await startKamailio({
      address: ADDRESS,
      domain: HOST,
      users: [],
      transports: ['tls'],
      unknownUser: 'challenge',
      tls: { certFile: `${name}.pem`, keyFile: `${name}.key`, ...tls },
    });
    keep(kamailio);
    return kamailio.tlsPort;
  }

  test.each<[Flaw, string, string | null, number]>([
    ['P-256 with URI SAN', 'healthy', null, 0],
    ['wrong name', 'broken', 'cert-name.mismatch', 1],
    ['CN only', 'degraded', 'cert-name.cn-only', 0],
    ['wildcard', 'degraded', 'cert-name.wildcard', 0],
    ['expired', 'broken', 'cert-dates.expired', 1],
    ['not yet valid', 'broken', 'cert-dates.not-yet-valid', 1],
    ['untrusted root', 'broken', 'cert-chain.untrusted-root', 1],
    ['self-signed', 'broken', 'cert-chain.self-signed', 1],
    ['EKU server only', 'healthy', null, 0],
    ['EKU client only', 'broken', 'cert-eku.server-auth-missing', 1],
    ['no EKU', 'healthy', null, 0],
    ['EKU both', 'healthy', null, 0],
  ])('%s: %s, %s', async (flaw, ...expected) => {
    const [status, findingId, code, report] = await diagnose(await serve(flaw), ca);
    expect([status, findingId, code]).toEqual(expected);
    expect(statusOf(report, 'sip')).toBe('passed');
  });

  test('TLS 1.0 only', async () => {
    const port = await serve('RSA 2048', { method: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' });
    const [status, id, code, report] = await diagnose(port, ca);
    expect([status, id, code]).toEqual(['broken', 'tls-version.legacy-only', 1]);
    expect(statusOf(report, 'sip')).toBe('not-tested');
  });

  describe.each(['TLSv1.2', 'TLSv1.2+'])('mutual TLS with %s', (method) => {
    const demanding = () => serve('good', { method, clientCert: 'required', caFile: pki.clients.certFile });

    test('demanded and missing', async () => {
      const [status, id, code, report] = await diagnose(await demanding(), ca);
      expect([status, id, code]).toEqual(['broken', 'client-cert.required', 1]);
      expect(statusOf(report, 'sip')).toBe('not-tested');
    });

    test('given and taken: SIP is spoken', async () => {
      const args = ['--client-cert', pki.clientFor.certFile, '--client-key', pki.clientFor.keyFile];
      const [status, id, code, report] = await diagnose(await demanding(), [...ca, ...args]);
      expect([status, id, code]).toEqual(['healthy', null, 0]);
      expect(statusOf(report, 'sip')).toBe('passed');
    });

    test('given and refused', async () => {
      const args = ['--client-cert', pki.strangerFor.certFile, '--client-key', pki.strangerFor.keyFile];
      const [status, id, code] = await diagnose(await demanding(), [...ca, ...args]);
      expect([status, id, code]).toEqual(['broken', 'client-cert.rejected', 1]);
    });
  });
});

describeWith(['openssl'], 'sipdiag doctor against small servers', () => {
  const keep = stopAfterAll();
  let pki: Pki;

  beforeAll(async () => {
    pki = await createPki(keep(temporaryFolder('tls-small')).path);
  });

  test.each<[Flaw, string, string | null]>([
    // Kamailio would send what is missing, and sort what is not in order.
    ['whole chain', 'healthy', null],
    ['missing intermediate', 'broken', 'cert-chain.intermediate-missing'],
    ['wrong order', 'degraded', 'cert-chain.order'],
  ])('%s: %s, %s', async (flaw, status, findingId) => {
    const { certPem, keyPem, sentAlong } = await PRESENTED[flaw](pki);
    const server = keep(await startTlsSip(ADDRESS, { cert: [certPem, ...sentAlong].join(''), key: keyPem }));
    const [seen, id, , report] = await diagnose(server.port, ['--ca', pki.root.rootFile]);
    expect([seen, id]).toEqual([status, findingId]);
    expect(statusOf(report, 'sip')).toBe('passed');
  });

  test('1024 bits and SHA-1 break it', async () => {
    const { certPem, keyPem } = await PRESENTED['1024 bits and SHA-1'](pki);
    // OpenSSL refuses to load such a certificate above level 0, and Kamailio sets the level too late.
    const server = await startTlsSip(ADDRESS, { cert: certPem, key: keyPem, ciphers: 'DEFAULT:@SECLEVEL=0' });
    const [status, id, code] = await diagnose(keep(server).port, ['--ca', pki.root.rootFile]);
    expect([status, id, code]).toEqual(['broken', 'cert-key.small', 1]);
  });

  test.each<[string, (address: string) => Promise<SmallServer>, string]>([
    ['SIP in clear', startClearSip, 'tls-service.plaintext'],
    ['a handshake that never answers', startSilent, 'tls-handshake.timeout'],
    ['a connection closed after the first octets', startClosing, 'tls-handshake.closed'],
  ])('%s', async (_name, start, findingId) => {
    const { port } = keep(await start(ADDRESS));
    const [status, id, code, report] = await diagnose(port, ['--timeout', '500']);
    expect([status, id, code]).toEqual(['broken', findingId, 1]);
    expect(statusOf(report, 'certificate')).toBe('not-tested');
  });
});
