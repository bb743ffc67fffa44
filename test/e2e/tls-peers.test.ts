import { beforeAll, expect, test } from 'vitest';
import type { Report } from '../../src/model.ts';
import { opensslOf, versionsTried } from './tls-observed.ts';
import { stopAfterAll } from './real/clean-up.ts';
import { startGnutlsServer } from './real/gnutls-server.ts';
import { createNetwork, type TestNetwork } from './real/namespaces.ts';
import { loopbackAddress } from './real/ports.ts';
import { describeWith } from './real/requirements.ts';
import { startStunnel } from './real/stunnel.ts';
import type { SceneOf } from './scenes.ts';
import type { TlsWorld } from './scenes/certificates.ts';
import { playScenes } from './scenes/play.ts';
import { playTls, setTlsStage, type TlsStageSet } from './scenes/tls-stage.ts';
import { startClearSip } from './sip-servers.ts';
import type { Flaw } from './tls-certificates.ts';

/** What Node's OpenSSL says of the same chain. */
const OPENSSL: Partial<Record<Flaw, string>> = {
  'not yet valid': 'CERT_NOT_YET_VALID',
  'untrusted root': 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'missing intermediate': 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'EKU client only': 'INVALID_PURPOSE',
};

/** Where the handshake ends well, OpenSSL has seen the whole chain. */
function expectOpenssl({ world, expected }: SceneOf<'stunnel'>, report: Report): void {
  if (expected.rungs?.sip === 'passed') expect(opensslOf(report)).toBe(OPENSSL[world.flaw] ?? 'ok');
  expect(report.findings.map(({ id }) => id)).not.toContain('cert-chain.openssl-differs');
}

describeWith(['namespaces', 'gnutls', 'openssl'], 'sipdiag tls against gnutls-serv', () => {
  const keep = stopAfterAll();
  let network: TestNetwork;
  let stage: TlsStageSet;
  let port = 5061;

  beforeAll(async () => {
    network = keep(await createNetwork());
    stage = await setTlsStage(keep, 'tls-gnutls');
  });

  const OLD = 'NORMAL:-VERS-ALL:+VERS-TLS1.0:+SIGN-RSA-SHA1:%VERIFY_ALLOW_SIGN_WITH_SHA1';
  const settingsOf = ({ version, clients }: TlsWorld): string[] => [
    ...(version === undefined ? [] : ['--priority', version === '1.0' ? OLD : `NORMAL:-VERS-ALL:+VERS-TLS${version}`]),
    ...(clients === undefined
      ? ['--disable-client-cert']
      : ['--require-client-cert', '--verify-client-cert', '--x509cafile', stage.pki.clients.certFile]),
  ];

  const seen = playScenes('gnutls', (scene) =>
    playTls(scene, stage, async (presented) => {
      // A port of its own for each server: the one before may still be closing its connections.
      port += 1;
      const args = settingsOf(scene.world);
      keep(await startGnutlsServer({ namespace: network.server, port, ...presented, args }));
      return { address: network.serverAddresses[0] ?? '', port, namespace: network.client };
    }),
  );

  test('the versions are tried one by one', async () => {
    const { report } = await seen('gnutls-tls-1-2-alone-and-the-versions-tried-one-by-one');
    expect(versionsTried(report)).toEqual({ TLSv1: false, 'TLSv1.1': false, 'TLSv1.2': true, 'TLSv1.3': false });
  });
});

describeWith(['stunnel', 'openssl'], 'sipdiag doctor against SIP behind stunnel', () => {
  const ADDRESS = loopbackAddress(6);
  const keep = stopAfterAll();
  let behind: string;
  let stage: TlsStageSet;

  beforeAll(async () => {
    behind = `${ADDRESS}:${keep(await startClearSip(ADDRESS)).port}`;
    stage = await setTlsStage(keep, 'tls-stunnel');
  });

  const settingsOf = ({ version, clients }: TlsWorld): string[] => [
    ...(version === undefined ? [] : [`sslVersion = TLSv${version === '1.0' ? '1' : version}`]),
    ...(version === '1.0' ? ['ciphers = ALL:@SECLEVEL=0', 'securityLevel = 0'] : []),
    ...(clients === undefined ? [] : ['verifyChain = yes', `CAfile = ${stage.pki.clients.certFile}`]),
  ];

  playScenes(
    'stunnel',
    (scene) =>
      playTls(scene, stage, async (presented) => {
        const lines = settingsOf(scene.world);
        const to = scene.world.behind === 'nothing' ? `${ADDRESS}:1` : behind;
        const { port } = keep(await startStunnel({ address: ADDRESS, behind: to, ...presented, lines }));
        return { address: ADDRESS, port };
      }),
    (scene, { report }) => expectOpenssl(scene, report),
  );
});
