import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { issue, type Issued, type LeafSettings } from './real/certificates.ts';
import { stopAfterAll, temporaryFolder } from './real/clean-up.ts';
import { runForReport, type ReportedRun } from './real/doctor-run.ts';
import { startFileServer } from './real/file-server.ts';
import { blockRules, createNetwork, type TestNetwork } from './real/namespaces.ts';
import { makeOcspResponse, startOcspResponder, type Answered } from './real/ocsp-responder.ts';
import { startOpensslServer } from './real/openssl-server.ts';
import { loopbackAddress } from './real/ports.ts';
import { describeWith } from './real/requirements.ts';
import { runOrThrow } from './real/run-command.ts';
import { createPki, HOST, type Pki } from './tls-certificates.ts';

const ADDRESS = loopbackAddress(7);
/** Of every server that shows a certificate which is good but for revocation. */
const USUAL: readonly string[] = ['tls-server.facts', 'tls-by-address.reached', 'cert-name.matrix'];

const verdictOf = ({ report, code }: ReportedRun) => [report.verdict.status, report.verdict.findingId, code];
const idsOf = ({ report }: ReportedRun) => report.findings.map(({ id }) => id).filter((id) => !USUAL.includes(id));

let count = 0;
const leafOf = ({ root }: Pki, change: Partial<LeafSettings> = {}): Promise<Issued> =>
  issue({ name: `revocable-${(count += 1)}`, issuer: root, subject: `/CN=${HOST}`, dns: [HOST], ...change });

describeWith(['openssl'], 'a stapled OCSP response', () => {
  const keep = stopAfterAll();
  let pki: Pki;
  let folder: string;

  beforeAll(async () => {
    folder = keep(temporaryFolder('tls-staple')).path;
    pki = await createPki(folder);
  });

  async function look(shown: Issued, args: readonly string[], more: readonly string[] = []): Promise<ReportedRun> {
    const { port } = keep(await startOpensslServer({ address: ADDRESS, ...shown, args }));
    const pin = ['--resolve', `${HOST}:${port}:${ADDRESS}`];
    return runForReport(['tls', `${HOST}:${port}`, ...pin, '--ca', pki.root.rootFile, ...more]);
  }

  const respond = (issued: Issued, state: Answered['state'], about = issued): Promise<string> =>
    makeOcspResponse(folder, about, { authority: pki.root, answered: [{ issued, state }] });

  describe.each(['-tls1_2', '-tls1_3'])('over %s', (version) => {
    test('that is good says nothing more', async () => {
      const shown = await leafOf(pki);
      const seen = await look(shown, [version, '-status_file', await respond(shown, 'good')]);
      expect([...verdictOf(seen), ...idsOf(seen)]).toEqual(['healthy', null, 0]);
      const check = seen.report.checks.find(({ checkId }) => checkId === 'ocsp-staple');
      expect(check?.status).toBe('passed');
    });

    test('that tells of a revocation breaks the server', async () => {
      const shown = await leafOf(pki);
      const seen = await look(shown, [version, '-status_file', await respond(shown, 'revoked')]);
      expect(verdictOf(seen)).toEqual(['broken', 'ocsp-staple.revoked', 1]);
      expect(seen.report.verdict.summary).toContain('2026-01-01T00:00:00Z');
    });
  });

  test('that was good three days ago is stale', async () => {
    const shown = await leafOf(pki);
    const later = new Date(Date.now() + 3 * 86_400_000).toISOString();
    const args = ['-status_file', await respond(shown, 'good')];
    const seen = await look(shown, args, ['--at', later]);
    expect([...verdictOf(seen), ...idsOf(seen)]).toEqual(['degraded', 'ocsp-staple.stale', 0, 'ocsp-staple.stale']);
  });

  test('for the certificate before is of no use', async () => {
    const [before, shown] = [await leafOf(pki), await leafOf(pki)];
    const seen = await look(shown, ['-status_file', await respond(before, 'good')]);
    expect([...verdictOf(seen), ...idsOf(seen)]).toEqual([
      'degraded',
      'ocsp-staple.unusable',
      0,
      'ocsp-staple.unusable',
    ]);
  });

  test('of a responder that does not know the certificate', async () => {
    const [other, shown] = [await leafOf(pki), await leafOf(pki)];
    const seen = await look(shown, ['-status_file', await respond(other, 'good', shown)]);
    expect(verdictOf(seen)).toEqual(['degraded', 'ocsp-staple.unknown', 0]);
  });

  test('may be signed by whom the authority has certified for it, and by nobody else', async () => {
    const shown = await leafOf(pki);
    const answered = [{ issued: shown, state: 'good' as const }];
    const signers = {
      delegated: await issue({ name: 'responder', issuer: pki.root, eku: ['OCSPSigning'] }),
      server: await leafOf(pki),
      stranger: await issue({ name: 'stranger-responder', issuer: pki.otherRoot, eku: ['OCSPSigning'] }),
    };
    const findings: string[][] = [];
    for (const signer of Object.values(signers)) {
      const file = await makeOcspResponse(folder, shown, { authority: pki.root, answered, signer });
      findings.push(idsOf(await look(shown, ['-status_file', file])));
    }
    expect(findings).toEqual([[], ['ocsp-staple.unusable'], ['ocsp-staple.unusable']]);
  });

  test('that the certificate demands must not be missing', async () => {
    const shown = await leafOf(pki, { extensions: ['tlsfeature = status_request'] });
    expect(verdictOf(await look(shown, []))).toEqual(['degraded', 'ocsp-staple.missing', 0]);
    expect(verdictOf(await look(shown, ['-status_file', await respond(shown, 'good')]))).toEqual(['healthy', null, 0]);
  });
});

describeWith(['namespaces', 'openssl'], 'revocation as the CA tells it over HTTP', () => {
  const OCSP_PORT = 8080;
  const LIST_PORT = 8081;
  const keep = stopAfterAll();
  let network: TestNetwork;
  let pki: Pki;
  let good: Issued;
  let revoked: Issued;

  beforeAll(async () => {
    network = keep(await createNetwork());
    const folder = keep(temporaryFolder('tls-revocation')).path;
    pki = await createPki(folder);
    const [address = ''] = network.serverAddresses;
    const places = [
      `authorityInfoAccess = OCSP;URI:http://${address}:${OCSP_PORT}/`,
      `crlDistributionPoints = URI:http://${address}:${LIST_PORT}/root.crl`,
    ];
    [good, revoked] = [await leafOf(pki, { extensions: places }), await leafOf(pki, { extensions: places })];
    const answered: Answered[] = [
      { issued: good, state: 'good' },
      { issued: revoked, state: 'revoked' },
    ];
    const { server: namespace } = network;
    keep(await startOcspResponder({ namespace, port: OCSP_PORT }, { authority: pki.root, answered }));
    const list = await makeCrl(folder, pki, [revoked]);
    keep(await startFileServer({ namespace, port: LIST_PORT, files: { '/root.crl': list } }));
  });

  async function look(shown: Issued, ...more: string[]): Promise<ReportedRun> {
    const presented = { certPem: shown.certPem, keyPem: shown.keyPem };
    const [address = ''] = network.serverAddresses;
    const server = await startOpensslServer({ address, namespace: network.server, ...presented });
    const target = [`${HOST}:${server.port}`, '--resolve', `${HOST}:${server.port}:${address}`];
    try {
      return await runForReport(['tls', ...target, '--ca', pki.root.rootFile, ...more], network.client);
    } finally {
      await server.stop();
    }
  }

  const statesOf = ({ report }: ReportedRun): string[] =>
    report.observations.flatMap((one) =>
      one.kind === 'revocation'
        ? [`${one.about.method} ${one.outcome.ok ? one.outcome.value.status : one.outcome.reason}`]
        : [],
    );

  test('is not asked for without --revocation', async () => {
    const seen = await look(revoked);
    expect(statesOf(seen)).toEqual([]);
    expect(verdictOf(seen)).toEqual(['healthy', null, 0]);
  });

  test('a good certificate is good by responder and list', async () => {
    const seen = await look(good, '--revocation');
    expect(statesOf(seen)).toEqual(['ocsp good', 'crl good']);
    expect(verdictOf(seen)).toEqual(['healthy', null, 0]);
  });

  test('a revoked one is revoked by both, which breaks the server', async () => {
    const seen = await look(revoked, '--revocation');
    expect(statesOf(seen)).toEqual(['ocsp revoked', 'crl revoked']);
    expect(verdictOf(seen)).toEqual(['broken', 'revocation.revoked', 1]);
  });

  test('places that cannot be reached from here are named', async () => {
    await network.setRules(blockRules('tcp dport 8080-8081'));
    const seen = await look(good, '--revocation', '--timeout', '500');
    await network.setRules('');
    expect(statesOf(seen)).toEqual(['ocsp timeout', 'crl timeout']);
    expect(verdictOf(seen)).toEqual(['degraded', 'revocation.unreachable', 0]);
  });
});

/** A revocation list of the root, DER. */
async function makeCrl(folder: string, { root }: Pki, revoked: readonly Issued[]): Promise<string> {
  const config = join(folder, 'crl.cnf');
  const index = join(folder, 'crl-index.txt');
  writeFileSync(index, '');
  writeFileSync(join(folder, 'crlnumber'), '01\n');
  writeFileSync(
    config,
    `[ca]\ndefault_ca = own\n[own]\ndatabase = ${index}\ncrlnumber = ${join(folder, 'crlnumber')}\ndefault_md = sha256\ndefault_crl_days = 7\n`,
  );
  const ca = ['openssl', 'ca', '-config', config, '-cert', root.certFile, '-keyfile', root.keyFile];
  for (const { certFile } of revoked) await runOrThrow([...ca, '-revoke', certFile]);
  const list = join(folder, 'root.crl');
  await runOrThrow([...ca, '-gencrl', '-out', `${list}.pem`]);
  await runOrThrow(['openssl', 'crl', '-in', `${list}.pem`, '-outform', 'DER', '-out', list]);
  expect(readFileSync(list).length).toBeGreaterThan(0);
  return list;
}
