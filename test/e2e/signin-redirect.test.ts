/** Registrations that are sent elsewhere with 3xx: what becomes of them there, and of the password. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { startScripted } from './sip-servers.ts';
import { createAuthority, issue } from './real/certificates.ts';
import { stopAfterAll, temporaryFolder } from './real/clean-up.ts';
import { runForReport, runSipdiag, signInAnswersOf } from './real/doctor-run.ts';
import { startKamailio, type Binding, type Kamailio } from './real/kamailio.ts';
import { freePort, loopbackAddress } from './real/ports.ts';
import { describeWith } from './real/requirements.ts';
import { startSipp } from './real/sipp.ts';
import { DOMAIN } from './real/stage.ts';
import { playScenes, type PlayedRun } from './scenes/play.ts';
import type { Places, RedirectScene, SippRedirectScene } from './scenes/redirects.ts';
import { argsOf } from './scenes/row.ts';

const ALICE = { user: 'alice', password: 'tangerine' };
const [FIRST, SECOND, HOME] = [loopbackAddress(0), loopbackAddress(1), loopbackAddress(2)];

const isSigned = (request: string): boolean => /^authorization/im.test(request);

type RedirectedRun = PlayedRun & { args: string[]; left: Binding[] };

function expectAnswers({ expected }: RedirectScene | SippRedirectScene, { report, left }: RedirectedRun): void {
  expect(signInAnswersOf(report)).toEqual(expected.answers);
  expect(left).toEqual([]);
}

describeWith(['kamailio', 'openssl', 'sipp'], 'sipdiag signin where the registration is sent elsewhere', () => {
  const keep = stopAfterAll();
  let home: Kamailio;
  let others: Omit<Places, 'first' | 'second'>;
  let files: Record<string, string>;

  beforeAll(async () => {
    const folder = keep(temporaryFolder('redirect')).path;
    const root = await createAuthority(folder, { name: 'root' });
    const { certFile, keyFile } = await issue({ issuer: root, name: 'leaf', dns: [DOMAIN] });
    const settings = { domain: DOMAIN, users: [ALICE], transports: ['udp' as const, 'tcp' as const, 'tls' as const] };
    home = keep(await startKamailio({ address: HOME, ...settings, tls: { certFile, keyFile } }));
    const password = join(folder, 'password');
    writeFileSync(password, ALICE.password, { mode: 0o600 });
    // Nobody listens at port 1: no question of a test leaves this machine.
    files = { root: root.certFile, password, nobody: `${FIRST}:1` };
    others = {
      dead: `${SECOND}:${await freePort(SECOND)}`,
      home: `${HOME}:${home.tcpPort}`,
      'home.address': HOME,
      'home.tls': `${home.tlsPort}`,
    };
  });

  async function runAt(
    scene: RedirectScene | SippRedirectScene,
    places: Omit<Places, 'second'>,
  ): Promise<RedirectedRun> {
    const args = argsOf(scene, { ...places, ...files });
    return { ...(await runForReport(args)), values: { ...places }, args, left: await home.bindings(`alice@${DOMAIN}`) };
  }

  playScenes(
    'redirect-sipp',
    async (scene) => {
      const { port } = keep(await startSipp(FIRST, scene.world.script(others.home)));
      return runAt(scene, { ...others, first: `${FIRST}:${port}` });
    },
    expectAnswers,
  );

  const seen = playScenes(
    'redirect',
    async (scene) => {
      const first = keep(await startScripted(FIRST, (request) => scene.world.first(places)(request)));
      const second = keep(await startScripted(SECOND, (request) => scene.world.second(places)(request)));
      const places: Places = { ...others, first: `${FIRST}:${first.port}`, second: `${SECOND}:${second.port}` };
      return { ...(await runAt(scene, places)), asked: { first: first.requests, second: second.requests } };
    },
    expectAnswers,
  );

  test('the password goes to the home server alone when the Contact leads to TLS', async () => {
    const { asked } = await seen('redirect-tls');
    expect(asked.first.filter(isSigned)).toEqual([]);
  });

  test('a target that refuses is asked once for the domain', async () => {
    const { asked } = await seen('redirect-refused');
    expect(asked.second.filter((one) => one.startsWith(`REGISTER sip:${DOMAIN} `))).toHaveLength(1);
  });

  test('servers that send to and fro are not followed without end', async () => {
    const { asked } = await seen('redirect-loop');
    expect(asked.second).toHaveLength(1);
  });

  test('people are shown that the proxy of a 305 was asked', async () => {
    const { args } = await seen('redirect-proxy');
    expect((await runSipdiag(args)).stdout).toContain('305 -> 401');
  });
});
