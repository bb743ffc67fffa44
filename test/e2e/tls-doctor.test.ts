import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll } from 'vitest';
import { stopAfterAll } from './real/clean-up.ts';
import { runForReport } from './real/doctor-run.ts';
import type { KamailioTls } from './real/kamailio-config.ts';
import { startKamailio } from './real/kamailio.ts';
import { loopbackAddress } from './real/ports.ts';
import { describeWith } from './real/requirements.ts';
import type { TlsWorld } from './scenes/certificates.ts';
import { playScenes } from './scenes/play.ts';
import { argsOf } from './scenes/row.ts';
import { playTls, setTlsStage, type TlsStageSet } from './scenes/tls-stage.ts';
import { NOT_TLS_SERVERS, startTlsSip } from './sip-servers.ts';
import { HOST } from './tls-certificates.ts';

const ADDRESS = loopbackAddress(4);

describeWith(['openssl', 'kamailio'], 'sipdiag doctor against Kamailio over TLS', () => {
  const keep = stopAfterAll();
  let stage: TlsStageSet;
  let served = 0;

  beforeAll(async () => {
    stage = await setTlsStage(keep, 'tls-doctor');
  });

  const settingsOf = ({ version, clients }: TlsWorld): Partial<KamailioTls> => ({
    ...(version === undefined ? {} : { method: version === '1.0' ? 'TLSv1' : `TLSv${version}` }),
    ...(version === '1.0' ? { ciphers: 'DEFAULT@SECLEVEL=0' } : {}),
    ...(clients === undefined ? {} : { clientCert: 'required', caFile: stage.pki.clients.certFile }),
  });

  playScenes('kamailio-tls', (scene) =>
    playTls(scene, stage, async ({ certPem, keyPem, sentAlong }) => {
      const name = join(stage.folder, `kamailio-${(served += 1)}`);
      const [certFile, keyFile] = [`${name}.pem`, `${name}.key`];
      writeFileSync(certFile, [certPem, ...sentAlong].join(''));
      writeFileSync(keyFile, keyPem);
      const kamailio = await startKamailio({
        address: ADDRESS,
        domain: HOST,
        users: [],
        transports: ['tls'],
        unknownUser: 'challenge',
        tls: { certFile, keyFile, ...settingsOf(scene.world) },
      });
      return { address: ADDRESS, port: keep(kamailio).tlsPort };
    }),
  );
});

describeWith(['openssl'], 'sipdiag doctor against small servers', () => {
  const keep = stopAfterAll();
  let stage: TlsStageSet;

  beforeAll(async () => {
    stage = await setTlsStage(keep, 'tls-small');
  });

  playScenes('node-tls', (scene) =>
    playTls(scene, stage, async ({ certPem, keyPem, sentAlong }) => {
      const cert = [certPem, ...sentAlong].join('');
      // OpenSSL refuses to load the weakest certificate above level 0, and Kamailio sets the level too late.
      const server = await startTlsSip(ADDRESS, { cert, key: keyPem, ciphers: 'DEFAULT:@SECLEVEL=0' });
      return { address: ADDRESS, port: keep(server).port };
    }),
  );

  playScenes('not-tls-doctor', async (scene) => {
    const { port } = keep(await NOT_TLS_SERVERS[scene.world.port](ADDRESS));
    return runForReport(argsOf(scene, { address: ADDRESS, port: `${port}` }));
  });
});
