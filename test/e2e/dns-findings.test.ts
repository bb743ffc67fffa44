import { beforeAll, expect, test } from 'vitest';
import { FAULTY_ZONES, HEALTHY_ZONES, NOTED_ZONES, type DnsScene } from './dns-scenes.ts';
import { COMMANDS, dnsFindings, endingOf, playZone, setDnsStage, type DnsStage } from './dns-stage.ts';
import { startBind } from './real/bind.ts';
import { stopAfterAll } from './real/clean-up.ts';
import { ladderOf, runForReport, type ReportedRun } from './real/doctor-run.ts';
import { loopbackAddress } from './real/ports.ts';
import { describeWith } from './real/requirements.ts';
import { DOMAIN } from './real/stage.ts';
import { cname, srv } from './real/zone-records.ts';

type Command = (typeof COMMANDS)[number];

const ALL = [...HEALTHY_ZONES, ...NOTED_ZONES, ...FAULTY_ZONES];
const each = (scenes: readonly DnsScene[]): [Command, string, DnsScene][] =>
  scenes.flatMap((scene) => COMMANDS.map((command): [Command, string, DnsScene] => [command, scene.name, scene]));

/** What the rung has to say when this is the worst that was found. */
const RUNG_STATUS: Record<string, string> = { healthy: 'passed', degraded: 'warning', broken: 'failed' };

describeWith(['kamailio', 'bind', 'openssl'], 'zones on a real BIND', () => {
  const keep = stopAfterAll();
  let stage: DnsStage;
  beforeAll(async () => {
    stage = await setDnsStage(keep);
  });
  const played = new Map<DnsScene, Promise<Record<string, ReportedRun>>>();
  const seen = async (scene: DnsScene, command: Command): Promise<ReportedRun> => {
    const runs = played.get(scene) ?? playZone(scene, stage);
    played.set(scene, runs);
    const run = (await runs)[command];
    if (run === undefined) throw new Error(`${command} was not run`);
    return run;
  };

  test.each(each(ALL))('%s tells the truth about: %s', async (command, _name, scene) => {
    const run = await seen(scene, command);
    expect(endingOf(run)).toEqual((command === 'doctor' ? scene.doctor : undefined) ?? scene.dns);
    expect(dnsFindings(run.report)).toEqual(scene.findings);
    expect(ladderOf(run.report)['dns']).toBe(RUNG_STATUS[scene.dns.status]);
    expect(run.report.checks.filter((check) => check.status === 'crashed')).toEqual([]);
  });

  test.each(each(HEALTHY_ZONES))('%s names the servers of: %s', async (command, _name, scene) => {
    const { report } = await seen(scene, command);
    for (const words of scene.says) expect(report.verdict.summary).toContain(words);
  });

  test.each(each([...NOTED_ZONES, ...FAULTY_ZONES]))(
    '%s gives the names and numbers of: %s',
    async (command, _name, scene) => {
      const { report } = await seen(scene, command);
      const told = report.findings.filter(({ rung }) => rung === 'dns');
      for (const words of scene.says) expect(told.map(({ text }) => text).join(' ')).toContain(words);
      expect(told.filter(({ remedy, source }) => remedy === '' || source === '')).toEqual([]);
    },
  );

  test.each(each([...HEALTHY_ZONES, ...NOTED_ZONES]))(
    '%s finds neither errors nor warnings in: %s',
    async (command, _name, scene) => {
      const { report } = await seen(scene, command);
      expect(report.findings.filter(({ severity }) => severity !== 'info')).toEqual([]);
    },
  );
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
