import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { issue, type Issued, type LeafSettings } from './real/certificates.ts';
import { stopAfterAll } from './real/clean-up.ts';
import { runForReport, type ReportedRun } from './real/doctor-run.ts';
import { startFileServer } from './real/file-server.ts';
import { createNetwork, type TestNetwork } from './real/namespaces.ts';
import { makeOcspResponse, startOcspResponder, type Answered } from './real/ocsp-responder.ts';
import { startOpensslServer } from './real/openssl-server.ts';
import { loopbackAddress } from './real/ports.ts';
import { describeWith } from './real/requirements.ts';
import { runOrThrow } from './real/run-command.ts';
import { playScenes } from './scenes/play.ts';
import { LIST_PORT, OCSP_PORT, type Response } from './scenes/revocation.ts';
import { argsOf } from './scenes/row.ts';
import { setTlsStage, type TlsStageSet } from './scenes/tls-stage.ts';
import { HOST, type Pki } from './tls-certificates.ts';

const ADDRESS = loopbackAddress(7);

let count = 0;
const leafOf = ({ root }: Pki, change: Partial<LeafSettings> = {}): Promise<Issued> =>
  issue({ name: `revocable-${(count += 1)}`, issuer: root, subject: `/CN=${HOST}`, dns: [HOST], ...change });

describeWith(['openssl'], 'a stapled OCSP response', () => {
  const keep = stopAfterAll();
  let stage: TlsStageSet;
  let signers: Record<NonNullable<Response['signer']>, Issued>;

  beforeAll(async () => {
    stage = await setTlsStage(keep, 'tls-staple');
    const { root, otherRoot } = stage.pki;
    signers = {
      delegated: await issue({ name: 'responder', issuer: root, eku: ['OCSPSigning'] }),
      server: await leafOf(stage.pki),
      stranger: await issue({ name: 'stranger-responder', issuer: otherRoot, eku: ['OCSPSigning'] }),
    };
  });

  async function responseFor(shown: Issued, { state, about, knows, signer }: Response): Promise<string> {
    const { folder, pki } = stage;
    const another = await leafOf(pki);
    return makeOcspResponse(folder, about === undefined ? shown : another, {
      authority: pki.root,
      answered: [{ issued: knows === undefined ? shown : another, state }],
      ...(signer === undefined ? {} : { signer: signers[signer] }),
    });
  }

  const seen = playScenes('staple', async (scene) => {
    const { version, certificate, response } = scene.world;
    const demand = certificate === undefined ? {} : { extensions: ['tlsfeature = status_request'] };
    const shown = await leafOf(stage.pki, demand);
    const args = [
      ...(version === undefined ? [] : [`-tls${version.replace('.', '_')}`]),
      ...(response === undefined ? [] : ['-status_file', await responseFor(shown, response)]),
    ];
    const { port } = keep(await startOpensslServer({ address: ADDRESS, ...shown, args }));
    const values = {
      address: ADDRESS,
      port: `${port}`,
      root: stage.pki.root.rootFile,
      'in-three-days': new Date(Date.now() + 3 * 86_400_000).toISOString(),
    };
    return runForReport(argsOf(scene, values));
  });

  test.each(['1-2', '1-3'])('that is good has been judged, over TLS %s', async (version) => {
    const { report } = await seen(`staple-good-${version}`);
    const check = report.checks.find(({ checkId }) => checkId === 'ocsp-staple');
    expect(check?.status).toBe('passed');
  });
});

describeWith(['namespaces', 'openssl'], 'revocation as the CA tells it over HTTP', () => {
  const keep = stopAfterAll();
  let network: TestNetwork;
  let pki: Pki;
  let certificates: Record<Answered['state'], Issued>;

  beforeAll(async () => {
    network = keep(await createNetwork());
    const stage = await setTlsStage(keep, 'tls-revocation');
    pki = stage.pki;
    const [address = ''] = network.serverAddresses;
    const places = [
      `authorityInfoAccess = OCSP;URI:http://${address}:${OCSP_PORT}/`,
      `crlDistributionPoints = URI:http://${address}:${LIST_PORT}/root.crl`,
    ];
    const [good, revoked] = [await leafOf(pki, { extensions: places }), await leafOf(pki, { extensions: places })];
    certificates = { good, revoked };
    const answered: Answered[] = [
      { issued: good, state: 'good' },
      { issued: revoked, state: 'revoked' },
    ];
    const { server: namespace } = network;
    keep(await startOcspResponder({ namespace, port: OCSP_PORT }, { authority: pki.root, answered }));
    const list = await makeCrl(stage.folder, pki, [revoked]);
    keep(await startFileServer({ namespace, port: LIST_PORT, files: { '/root.crl': list } }));
  });

  const seen = playScenes('revocation', async (scene) => {
    const { certPem, keyPem } = certificates[scene.world.certificate];
    const [address = ''] = network.serverAddresses;
    await network.setRules(scene.world.rules);
    const server = await startOpensslServer({ address, namespace: network.server, certPem, keyPem });
    try {
      const values = { address, port: `${server.port}`, root: pki.root.rootFile };
      return await runForReport(argsOf(scene, values), network.client);
    } finally {
      await server.stop();
    }
  });

  const statesOf = ({ report }: ReportedRun): string[] =>
    report.observations.flatMap((one) =>
      one.kind === 'revocation'
        ? [`${one.about.method} ${one.outcome.ok ? one.outcome.value.status : one.outcome.reason}`]
        : [],
    );

  test.each([
    ['not-asked', []],
    ['good', ['ocsp good', 'crl good']],
    ['revoked', ['ocsp revoked', 'crl revoked']],
    ['unreachable', ['ocsp timeout', 'crl timeout']],
  ])('what responder and list have told: %s', async (id, states) => {
    expect(statesOf(await seen(`revocation-${id}`))).toEqual(states);
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
