import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { startBind } from './real/bind.ts';
import { stopAfterAll, type Stoppable } from './real/clean-up.ts';
import { judgementOf, runForReport, runSipdiag } from './real/doctor-run.ts';
import { loopbackAddress } from './real/ports.ts';
import { processesNaming } from './real/processes.ts';
import { ask, authorizationLine, rawRequest, statusOf } from './real/raw-sip.ts';
import { describeWith } from './real/requirements.ts';
import { startSilentResolver } from './real/silent-resolver.ts';
import { DOMAIN, HOST, setStage, USER, type Stage } from './real/stage.ts';
import { scenesOf } from './scenes.ts';
import { SILENT_RESOLVER_SCENE } from './scenes/ladder-faulty.ts';
import { PLAIN_SCENE } from './scenes/ladder-healthy.ts';
import { publish, type LadderScene } from './scenes/ladder-row.ts';
import { playScenes } from './scenes/play.ts';
import { argsOf, titleOf } from './scenes/row.ts';

const AOR = `${USER.user}@${DOMAIN}`;

type Resolver = Stoppable & { endpoint: { address: string; port: number } };

async function startResolver({ world: { dns, records } }: LadderScene, stage: Stage): Promise<Resolver> {
  const address = loopbackAddress(0);
  if (dns === 'silent') return startSilentResolver(address);
  const lines = records?.(stage) ?? publish(stage.good);
  return startBind({ address, port: 53, zones: { [DOMAIN]: lines.join('\n') }, ...dns });
}

/** Hands over the arguments of a scene while its name server runs. */
async function play<T>(scene: LadderScene, stage: Stage, act: (args: string[]) => Promise<T>): Promise<T> {
  const resolver = await startResolver(scene, stage);
  try {
    const { address, port } = resolver.endpoint;
    return await act(
      argsOf(scene, {
        dns: `${address}:${port}`,
        root: stage.rootFile,
        good: stage.good.address,
        'expired.udp': `${stage.expired.udpPort}`,
        'ipv6.tcp': `${stage.ipv6.tcpPort}`,
        'ipv6.tls': `${stage.ipv6.tlsPort}`,
      }),
    );
  } finally {
    await resolver.stop();
  }
}

const byName = (scene: LadderScene): [string, LadderScene] => [titleOf(scene), scene];
const ALL = scenesOf('ladder');
const FAULTY = ALL.filter(({ expected }) => expected.status !== 'healthy');
const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ');

/** Signs the user in as a phone would, so that there is a binding that could be lost. */
async function signIn({ address, tcpPort }: Stage['good']): Promise<string> {
  const to = { transport: 'tcp' as const, address, port: tcpPort };
  const uri = `sip:${DOMAIN}`;
  const parts = { method: 'REGISTER', uri, aor: `sip:${AOR}`, transport: to.transport };
  const headers = ['Contact: <sip:toml@192.0.2.1:5070;transport=tcp>', 'Expires: 600'];
  const challenge = await ask(to, rawRequest({ ...parts, headers }));
  const signed = [...headers, authorizationLine(challenge, uri, USER)];
  return statusOf(await ask(to, rawRequest({ ...parts, headers: signed })));
}

describeWith(['kamailio', 'bind', 'openssl'], 'doctor on real servers', () => {
  const keep = stopAfterAll();
  let stage: Stage;
  beforeAll(async () => {
    stage = keep(await setStage());
  });
  const seen = playScenes('ladder', async (scene) => {
    const file = join(stage.folder, `${scene.id}.json`);
    return { ...(await play(scene, stage, (args) => runForReport([...args, '--save', file]))), file };
  });

  test.each(FAULTY.map(byName))('tells people what is wrong and what to do: %s', async (_name, scene) => {
    const { report, file } = await seen(scene.id);
    const { stdout, stderr } = await runSipdiag(['judge', file]);
    const text = oneLine(stdout);
    expect(text).toContain(`${report.verdict.status.toUpperCase()} ${report.target.input}: `);
    expect(text).toContain(oneLine(report.verdict.summary));
    expect(text).toContain(`Next: ${oneLine(report.verdict.nextStep)} ${report.verdict.findingId}`);
    expect(stderr).toBe('');
  });

  test.each(ALL.map(byName))('judges the saved run alike: %s', async (_name, scene) => {
    const { report, file } = await seen(scene.id);
    const later = await runForReport(['judge', file]);
    expect(judgementOf(later.report)).toEqual(judgementOf(report));
  });

  test('tells people where SIP answers and which rungs were not tested', async () => {
    const { stdout, stderr, code } = await play(PLAIN_SCENE, stage, (args) => runSipdiag(args));
    expect(stdout).toMatch(/^HEALTHY {2}sip:toml@fuzzybunny\.local: /);
    const text = oneLine(stdout);
    expect(text).toContain(`SIP answers at ${HOST} (tls 5061, tcp 5060, udp 5060).`);
    expect(text).toContain('Not tested: auth, callback, media.');
    expect(stdout).not.toMatch(/FAIL|warn/);
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
  });

  test('names every server and address that it used', async () => {
    const { report } = await seen(PLAIN_SCENE.id);
    const of = (rung: string) => report.rungs.find((one) => one.rung === rung)?.summary;
    const { address } = stage.good;
    expect(of('dns')).toContain(`_sips._tcp -> ${HOST}:5061 (tls)`);
    expect(of('connect')).toBe(`TCP accepted by ${address}:5061, ${address}:5060`);
    expect(of('tls')).toBe(`TLSv1.3 with ${address}:5061`);
    expect(of('sip')).toContain('REGISTER 401 Unauthorized (tls, tcp, udp)');
  });

  test('gives up a silent name server within --timeout and a second', async () => {
    const { report } = await seen(SILENT_RESOLVER_SCENE.id);
    expect(report.ms).toBeGreaterThanOrEqual(1500);
    expect(report.ms).toBeLessThanOrEqual(2500);
  });

  test('leaves the bindings of the user as they are', async () => {
    expect(await signIn(stage.good)).toBe('200');
    const contactsOf = async () => (await stage.good.bindings(AOR)).map(({ contact, callId }) => ({ contact, callId }));
    const before = await contactsOf();
    expect(before).toMatchObject([{ contact: 'sip:toml@192.0.2.1:5070;transport=tcp' }]);
    const registersSeen = () => [...stage.good.log().matchAll(/request \w+ REGISTER /g)].length;
    const registersBefore = registersSeen();
    await play(PLAIN_SCENE, stage, (args) => runForReport(args));
    await expect.poll(registersSeen).toBe(registersBefore + 3);
    expect(await contactsOf()).toEqual(before);
    expect([...(await stage.good.rpc(['ul.dump'])).matchAll(/AoR: \S+/g)].map(String)).toEqual([`AoR: ${AOR}`]);
  });

  test('leaves no process of its own behind', async () => {
    await play(PLAIN_SCENE, stage, (args) => runForReport(args));
    expect(processesNaming(stage.rootFile)).toEqual([]);
  });
});
