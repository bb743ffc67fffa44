/** Plays the rows of one stage, and holds what a run has reported against what its row says. */
import { expect, test } from 'vitest';
import type { Report } from '../../../src/model.ts';
import { ladderOf, type ReportedRun } from '../real/doctor-run.ts';
import { sceneOf, scenesOf, type SceneOf, type Stage } from '../scenes.ts';
import { endingOf, filled, titleOf, type Expected, type Row } from './row.ts';

/** `values`: what the stage fills in. */
export type PlayedRun = ReportedRun & { values?: Readonly<Record<string, string>> };

/** What `resolver.slow` calls slow. */
const SLOW_MS = 500;

/** True when DNS took its time, as on a machine that does too much at once. */
const wasSlow = ({ observations }: Report): boolean =>
  observations.some(
    (one) => one.kind === 'dns' && one.outcome.ok && (one.outcome.ms > SLOW_MS || one.outcome.value.tries > 1),
  );

/** All findings of these rungs. That DNS was slow is left out where it was: it tells of this machine, not of the scene. */
function toldOf(report: Report, { rungs, findings }: NonNullable<Expected['only']>): string[] {
  const withSeverity = findings.some((one) => one.includes(' '));
  return report.findings
    .filter(({ id, rung }) => rungs.includes(rung) && !(id === 'resolver.slow' && wasSlow(report)))
    .map(({ id, severity }) => (withSeverity ? `${id} ${severity}` : id))
    .toSorted();
}

/** What a scene promises besides its verdict: the rungs, the findings and the words, and a healthy world without a complaint. */
function expectReport({ expected }: Row<string, unknown>, { report, values = {} }: PlayedRun): void {
  const { summary, nextStep } = report.verdict;
  expect(nextStep).not.toBe('');
  expect(ladderOf(report)).toMatchObject(expected.rungs ?? {});
  const told = report.findings.flatMap(({ id, severity }) => [id, `${id} ${severity}`]);
  for (const one of expected.tells ?? []) expect(told).toContain(one);
  const only = expected.only ?? { rungs: [], findings: [] };
  expect(toldOf(report, only)).toEqual(only.findings.toSorted());
  for (const words of expected.says ?? []) expect(summary).toContain(filled(words, values));
  const texts = report.findings.map(({ text }) => text).join(' ');
  for (const words of expected.explains ?? []) expect(texts).toContain(filled(words, values));
  expect(report.checks.filter((check) => check.status === 'crashed')).toEqual([]);
  const complaints = report.findings.filter(({ severity }) => severity !== 'info');
  expect(complaints.filter(({ text, remedy, source }) => [text, remedy, source].includes(''))).toEqual([]);
  const complaintsExpected = expected.status === 'healthy' ? [] : expected.complaints;
  const complained = complaints.map(({ id, severity }) => `${id} ${severity}`);
  expect(complained).toEqual(complaintsExpected ?? complained);
}

/**
 * A test for each row of the stage; `look` sees what only this stage can show. Each row is played once: the function that is
 * returned gives the run of a row by its id, for tests of what stands in no row.
 */
export function playScenes<S extends Stage, R extends PlayedRun>(
  stage: S,
  play: (scene: SceneOf<S>) => Promise<R>,
  look: (scene: SceneOf<S>, run: R) => void | Promise<void> = () => undefined,
): (id: string) => Promise<R> {
  const played = new Map<string, Promise<R>>();
  const seen = (id: string): Promise<R> => {
    const running = played.get(id) ?? play(sceneOf(stage, id));
    played.set(id, running);
    return running;
  };
  const rows = scenesOf(stage).map((scene): [string, SceneOf<S>] => [titleOf(scene), scene]);
  test.each(rows)('%s', async (_title, scene) => {
    const run = await seen(scene.id);
    expect(endingOf({ ...run.report.verdict, code: run.code })).toEqual(endingOf(scene.expected));
    expectReport(scene, run);
    await look(scene, run);
  });
  return seen;
}
