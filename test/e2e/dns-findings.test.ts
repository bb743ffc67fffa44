import { beforeAll, expect, test } from 'vitest';
import { playZone, setDnsStage, type DnsStage } from './dns-stage.ts';
import { startBind } from './real/bind.ts';
import { stopAfterAll } from './real/clean-up.ts';
import { runForReport, type ReportedRun } from './real/doctor-run.ts';
import { loopbackAddress } from './real/ports.ts';
import { describeWith } from './real/requirements.ts';
import { DOMAIN } from './real/stage.ts';
import { cname, srv } from './real/zone-records.ts';
import { scenesOf } from './scenes.ts';
import { playScenes } from './scenes/play.ts';
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
  const [zoneServer, resolver] = [loopbackAddress(0), loopbackAddress(1)];
  beforeAll(async () => {
    const records = [
      cname('_sips._tcp', '_moved._tcp'),
      cname('_moved._tcp', '_sips._tcp'),
      srv('_sip._tcp', { target: 'one', port: 5060 }),
      cname('one', 'two'),
      cname('two', 'one'),
    ];
    keep(await startBind({ address: zoneServer, port: 53, zones: { [DOMAIN]: records.join('\n') } }));
    const stub = `zone "${DOMAIN}" { type static-stub; server-addresses { ${zoneServer}; }; };`;
    const options = { recursion: 'yes', 'allow-recursion': '{ any; }' };
    keep(await startBind({ address: resolver, port: 53, zones: {}, options, extraConfig: stub }));
  });

  test.each([
    ['of a service name', `_sips._tcp.${DOMAIN}`, [`_sips._tcp.${DOMAIN}`]],
    ['of a domain whose names all run in one', DOMAIN, [`_sips._tcp.${DOMAIN}`, `one.${DOMAIN}`]],
  ])('are the finding %s', async (_what, target, subjects) => {
    const { report, code } = await runForReport(['dns', target, '--resolver', resolver]);
    const failed = report.observations.filter((one) => one.kind === 'dns' && !one.outcome.ok);
    expect(failed.map(({ outcome }) => (outcome.ok ? '' : outcome.reason))).toContain('servfail');
    expect([report.verdict.rung, report.verdict.findingId, code]).toEqual(['dns', 'cname.loop', 1]);
    expect(report.findings.map(({ id, subject }) => `${id} ${subject}`)).toEqual(
      subjects.map((subject) => `cname.loop ${subject}`),
    );
  });
});
