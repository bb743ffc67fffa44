import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { stopAfterAll } from './real/clean-up.ts';
import { runForReport } from './real/doctor-run.ts';
import { startOpensslServer } from './real/openssl-server.ts';
import { loopbackAddress } from './real/ports.ts';
import { describeWith } from './real/requirements.ts';
import type { TlsWorld } from './scenes/certificates.ts';
import { playScenes } from './scenes/play.ts';
import { argsOf } from './scenes/row.ts';
import { playTls, setTlsStage, type TlsStageSet } from './scenes/tls-stage.ts';
import { NOT_TLS_SERVERS } from './sip-servers.ts';
import { HOST, PRESENTED, type Presented } from './tls-certificates.ts';
import { versionsTried } from './tls-observed.ts';

const ADDRESS = loopbackAddress(3);

/** OpenSSL refuses the oldest versions above level 0. */
const VERSIONS = {
  '1.0': ['-tls1', '-cipher', 'DEFAULT:@SECLEVEL=0'],
  '1.2': ['-tls1_2'],
  '1.3': ['-tls1_3'],
  all: ['-cipher', 'ALL:@SECLEVEL=0'],
} as const;

describeWith(['openssl'], 'sipdiag tls against openssl s_server', () => {
  const keep = stopAfterAll();
  let stage: TlsStageSet;

  beforeAll(async () => {
    stage = await setTlsStage(keep, 'tls');
  });

  /** What makes it choose its certificate by the name of the host. */
  function choosing(named: Presented): string[] {
    const file = (name: string, text: string): string => {
      const path = join(stage.folder, name);
      writeFileSync(path, text);
      return path;
    };
    return ['-servername', HOST, '-cert2', file('sni.pem', named.certPem), '-key2', file('sni.key', named.keyPem)];
  }

  const settingsOf = ({ flaw, version, clients }: TlsWorld): string[] => [
    ...(version === undefined ? [] : VERSIONS[version]),
    ...(flaw === '1024 bits and SHA-1' ? ['-cipher', 'DEFAULT:@SECLEVEL=0'] : []),
    ...(clients === undefined ? [] : ['-Verify', '1', '-verify_return_error', '-CAfile', stage.pki.clients.certFile]),
  ];

  const seen = playScenes('openssl', (scene) =>
    playTls(scene, stage, async (presented) => {
      const { unnamed } = scene.world;
      const shown = unnamed === undefined ? presented : await PRESENTED[unnamed](stage.pki);
      const args = [...settingsOf(scene.world), ...(unnamed === undefined ? [] : choosing(presented))];
      const { port } = keep(await startOpensslServer({ address: ADDRESS, ...shown, args }));
      return { address: ADDRESS, port };
    }),
  );

  test('the versions are tried one by one', async () => {
    const { report } = await seen('openssl-every-version-of-tls-tried-one-by-one');
    expect(versionsTried(report)).toEqual({ TLSv1: true, 'TLSv1.1': true, 'TLSv1.2': true, 'TLSv1.3': true });
  });

  test.each(['1-2', '1-3'])('a refused client certificate is told with the alert, over TLS %s', async (version) => {
    const { report } = await seen(`openssl-mutual-tls-${version}-given-and-refused`);
    expect(report.verdict.summary).toMatch(/alert (48|46|42|43|40) /);
  });
});

describe('sipdiag tls against what is no TLS', () => {
  const keep = stopAfterAll();

  playScenes('not-tls', async (scene) => {
    const { port } = keep(await NOT_TLS_SERVERS[scene.world.port](ADDRESS));
    return runForReport(argsOf(scene, { address: ADDRESS, port: `${port}` }));
  });
});
