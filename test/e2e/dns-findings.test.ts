import { beforeAll, expect, test } from 'vitest';
import { FAULTY_ZONES, HEALTHY_ZONES, NOTED_ZONES, type DnsScene } from './dns-scenes.ts';
import { COMMANDS, dnsFindings, endingOf, playZone, setDnsStage, type DnsStage } from './dns-stage.ts';
import { stopAfterAll } from './real/clean-up.ts';
import { ladderOf, type ReportedRun } from './real/doctor-run.ts';
import { describeWith } from './real/requirements.ts';

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
