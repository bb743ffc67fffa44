import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Report } from '../../src/model.ts';
import { sipdiag } from '../command-line.ts';
import { assertValidReport } from '../report/valid-report.ts';
import { stopAfterAll, temporaryFolder } from './real/clean-up.ts';
import { startOpensslServer, type OpensslOptions } from './real/openssl-server.ts';
import { loopbackAddress } from './real/ports.ts';
import { describeWith } from './real/requirements.ts';
import { startClearSip, startClosing, startSilent, type SmallServer } from './sip-servers.ts';
import { createPki, HOST, PRESENTED, type Flaw, type Pki } from './tls-certificates.ts';

const ADDRESS = loopbackAddress(3);

/** Findings that matter: information about every server is left out. */
const ALWAYS: readonly string[] = ['tls-server.facts', 'tls-by-address.reached', 'cert-name.matrix'];

interface Judged {
  report: Report;
  code: number | null;
  ids: string[];
}

async function look(port: number, args: readonly string[]): Promise<Judged> {
  const pin = ['--resolve', `${HOST}:${port}:${ADDRESS}`];
  const { stdout, stderr, code } = await sipdiag(['tls', `${HOST}:${port}`, ...pin, '--json', ...args]);
  expect(stderr).toBe('');
  const report: Report = JSON.parse(stdout);
  assertValidReport(report);
  const ids = report.findings.map(({ id }) => id).filter((id) => !ALWAYS.includes(id));
  return { report, code, ids };
}

const verdictOf = ({ report, code }: Judged) => [report.verdict.status, report.verdict.findingId, code];

describeWith(['openssl'], 'sipdiag tls against openssl s_server', () => {
  const keep = stopAfterAll();
  let pki: Pki;
  let ca: string[];
  let folder: string;

  beforeAll(async () => {
    folder = keep(temporaryFolder('tls')).path;
    pki = await createPki(folder);
    ca = ['--ca', pki.root.rootFile];
  });

  async function serve(flaw: Flaw, args: readonly string[] = []): Promise<number> {
    const presented = await PRESENTED[flaw](pki);
    const options: OpensslOptions = { address: ADDRESS, ...presented, args };
    return keep(await startOpensslServer(options)).port;
  }

  test.each<[Flaw, string, string | null, number]>([
    ['good', 'healthy', null, 0],
    ['wrong name', 'broken', 'cert-name.mismatch', 1],
    ['CN only', 'degraded', 'cert-name.cn-only', 0],
    ['wildcard', 'degraded', 'cert-name.wildcard', 0],
    ['expired', 'broken', 'cert-dates.expired', 1],
    ['not yet valid', 'broken', 'cert-dates.not-yet-valid', 1],
    ['untrusted root', 'broken', 'cert-chain.untrusted-root', 1],
    ['self-signed', 'broken', 'cert-chain.self-signed', 1],
    ['missing intermediate', 'broken', 'cert-chain.intermediate-missing', 1],
    ['whole chain', 'healthy', null, 0],
    ['wrong order', 'degraded', 'cert-chain.order', 0],
    ['EKU server only', 'healthy', null, 0],
    ['EKU client only', 'broken', 'cert-eku.server-auth-missing', 1],
    ['no EKU', 'healthy', null, 0],
    ['EKU both', 'healthy', null, 0],
    ['RSA 2048', 'healthy', null, 0],
    ['P-256 with URI SAN', 'healthy', null, 0],
  ])('%s: %s, %s', async (flaw, ...expected) => {
    expect(verdictOf(await look(await serve(flaw), ca))).toEqual(expected);
  });

  test('a certificate for servers only is information for clients, and says what mutual TLS would meet', async () => {
    const { ids } = await look(await serve('EKU server only'), ca);
    expect(ids).toEqual(['cert-eku.client-auth-missing']);
  });

  test('1024 bits and SHA-1 are both named', async () => {
    const seen = await look(await serve('1024 bits and SHA-1', ['-cipher', 'DEFAULT:@SECLEVEL=0']), ca);
    expect(seen.report.verdict.status).toBe('broken');
    expect(seen.ids).toEqual(expect.arrayContaining(['cert-key.small', 'cert-signature.weak']));
  });

  test('a server that speaks TLS 1.0 only is named as such', async () => {
    const seen = await look(await serve('RSA 2048', ['-tls1', '-cipher', 'DEFAULT:@SECLEVEL=0']), ca);
    expect(verdictOf(seen)).toEqual(['broken', 'tls-version.legacy-only', 1]);
    expect(seen.ids).toEqual(['tls-version.legacy-only']);
    expect(seen.report.verdict.summary).toContain('speaks TLS 1.0 only');
  });

  test('the versions are tried one by one, and outdated ones told of', async () => {
    const port = await serve('RSA 2048', ['-cipher', 'ALL:@SECLEVEL=0']);
    const { report, ids } = await look(port, [...ca, '--versions']);
    const tried = report.observations.flatMap((one) =>
      one.kind === 'variant' && one.about.way === 'version' ? [[one.about.offered.join(), one.outcome.ok]] : [],
    );
    expect(Object.fromEntries(tried)).toEqual({ TLSv1: true, 'TLSv1.1': true, 'TLSv1.2': true, 'TLSv1.3': true });
    expect(ids).toContain('tls-version.outdated');
    expect(report.verdict.status).toBe('healthy');
  });

  test('the handshake by the address proves that TLS is reached, and is never the verdict', async () => {
    const { report } = await look(await serve('good'), ca);
    const reached = report.findings.find(({ id }) => id === 'tls-by-address.reached');
    expect(reached?.severity).toBe('info');
    expect(report.verdict.status).toBe('healthy');
  });

  test('a server that chooses its certificate by the server name is noticed', async () => {
    const named = await PRESENTED.good(pki);
    const other = await PRESENTED['wrong name'](pki);
    const file = (name: string, text: string): string => {
      const path = join(folder, name);
      writeFileSync(path, text);
      return path;
    };
    const cert2 = ['-cert2', file('sni.pem', named.certPem), '-key2', file('sni.key', named.keyPem)];
    const args = ['-servername', HOST, ...cert2];
    const server = keep(await startOpensslServer({ address: ADDRESS, ...other, args }));
    const { ids, report } = await look(server.port, ca);
    expect(ids).toContain('tls-by-address.other-certificate');
    expect(report.verdict.status).toBe('healthy');
  });

  describe.each(['-tls1_2', '-tls1_3'])('mutual TLS with %s', (version) => {
    const demanding = () =>
      serve('good', [version, '-Verify', '1', '-verify_return_error', '-CAfile', pki.clients.certFile]);

    test('a certificate that is demanded and missing is named, with the authorities that count', async () => {
      const seen = await look(await demanding(), ca);
      expect(verdictOf(seen)).toEqual(['broken', 'client-cert.required', 1]);
      expect(seen.report.verdict.summary).toContain('Example client CA');
    });

    test('one that fits is taken', async () => {
      const args = ['--client-cert', pki.clientFor.certFile, '--client-key', pki.clientFor.keyFile];
      const seen = await look(await demanding(), [...ca, ...args]);
      expect(verdictOf(seen)).toEqual(['healthy', null, 0]);
      expect(seen.ids).toContain('client-cert.requested');
    });

    test('one of another CA is refused, and the alert is named', async () => {
      const args = ['--client-cert', pki.strangerFor.certFile, '--client-key', pki.strangerFor.keyFile];
      const seen = await look(await demanding(), [...ca, ...args]);
      expect(verdictOf(seen)).toEqual(['broken', 'client-cert.rejected', 1]);
      expect(seen.ids).toEqual(expect.arrayContaining(['client-cert.not-listed', 'client-cert.rejected']));
      expect(seen.report.verdict.summary).toMatch(/alert (48|46|42|43|40) /);
    });
  });

  test('a certificate without clientAuth is judged before any server has seen it', async () => {
    const { root } = pki;
    const { issue } = await import('./real/certificates.ts');
    const serverOnly = await issue({ name: 'server-only', issuer: root, eku: ['serverAuth'] });
    const args = ['--client-cert', serverOnly.certFile, '--client-key', serverOnly.keyFile];
    const { ids } = await look(await serve('good'), [...ca, ...args]);
    expect(ids).toEqual(expect.arrayContaining(['client-cert.client-auth-missing', 'client-cert.not-requested']));
  });
});

describe('sipdiag tls against what is no TLS', () => {
  const keep = stopAfterAll();

  test.each<[string, (address: string) => Promise<SmallServer>, string]>([
    ['SIP in clear', startClearSip, 'tls-service.plaintext'],
    ['a handshake that never answers', startSilent, 'tls-handshake.timeout'],
    ['a connection closed after the first octets', startClosing, 'tls-handshake.closed'],
  ])('%s', async (_name, start, findingId) => {
    const { port } = keep(await start(ADDRESS));
    const seen = await look(port, ['--timeout', '500']);
    expect(verdictOf(seen)).toEqual(['broken', findingId, 1]);
    expect(seen.ids).toEqual([findingId]);
  });
});
