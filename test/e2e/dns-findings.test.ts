import { beforeAll, expect, test } from 'vitest';
import { playZone, setDnsStage, type DnsStage } from './dns-stage.ts';
import { startBind } from './real/bind.ts';
import { stopAfterAll } from './real/clean-up.ts';
import { runForReport, type ReportedRun } from './real/doctor-run.ts';
import { loopbackAddress } from './real/ports.ts';
import { describeWith } from './real/requirements.ts';
import { DOMAIN } from './real/stage.ts';
import { scenesOf } from './scenes.ts';
import { CIRCLES } from './scenes/alias-circle.ts';
import { playScenes } from './scenes/play.ts';
import { argsOf } from './scenes/row.ts';
import type { ZoneScene, ZoneWorld } from './scenes/zone-row.ts';

describeWith(['kamailio', 'bind', 'openssl'], 'zones on a real BIND', () => {
  const keep = stopAfterAll();
  let stage: DnsStage;
  beforeAll(async () => {
    stage = await setDnsStage(keep);
  });
  const played = new Map<ZoneWorld, Promise<Map<string, ReportedRun>>>();
  /** One name server for all scenes of a world. */
  const seen = async ({ id, world }: ZoneScene): Promise<ReportedRun> => {
    const ofWorld = scenesOf('zone').filter((scene) => scene.world === world);
    const runs = played.get(world) ?? playZone(ofWorld, stage);
    played.set(world, runs);
    const run = (await runs).get(id);
    if (run === undefined) throw new Error(`${id} was not played`);
    return run;
  };

  playScenes('zone', seen);
});

describeWith(['bind'], 'aliases in a circle behind a BIND that resolves for its clients, and says SERVFAIL', () => {
  const keep = stopAfterAll();
  const [zoneServer, recursive] = [loopbackAddress(0), loopbackAddress(1)];
  beforeAll(async () => {
    keep(await startBind({ address: zoneServer, port: 53, zones: { [DOMAIN]: CIRCLES.join('\n') } }));
    const stub = `zone "${DOMAIN}" { type static-stub; server-addresses { ${zoneServer}; }; };`;
    const options = { recursion: 'yes', 'allow-recursion': '{ any; }' };
    keep(await startBind({ address: recursive, port: 53, zones: {}, options, extraConfig: stub }));
  });

  const seen = playScenes('alias-circle', (scene) => runForReport(argsOf(scene, { recursive })));

  test.each([
    ['service-dns', [`_sips._tcp.${DOMAIN}`]],
    ['domain-dns', [`_sips._tcp.${DOMAIN}`, `one.${DOMAIN}`]],
  ])('are seen as SERVFAIL, and each named once: %s', async (id, subjects) => {
    const { report } = await seen(`alias-circle-${id}`);
    const failed = report.observations.filter((one) => one.kind === 'dns' && !one.outcome.ok);
    expect(failed.map(({ outcome }) => (outcome.ok ? '' : outcome.reason))).toContain('servfail');
    expect(report.findings.map(({ id: finding, subject }) => `${finding} ${subject}`)).toEqual(
      subjects.map((subject) => `cname.loop ${subject}`),
    );
  });
});
