/** Runs the built command line and reads its reports, each of which must fit the published schema. */
import { resolve } from 'node:path';
import type { Report, RungResult } from '../../../src/model.ts';
import { sipdiag, type CommandResult } from '../../command-line.ts';
import { assertValidReport } from '../../report/valid-report.ts';
import { runIn } from './namespaces.ts';

const BIN = resolve(import.meta.dirname, '../../../bin/sipdiag.js');

/** Runs `sipdiag` with the arguments, in a network namespace when one is given. */
export async function runSipdiag(args: readonly string[], namespace?: string): Promise<CommandResult> {
  if (namespace === undefined) return sipdiag(args);
  return runIn(namespace, [process.execPath, BIN, ...args], { timeoutMs: 40_000 });
}

export interface ReportedRun {
  report: Report;
  code: number | null;
}

/** What `sipdiag … --json` has printed. Throws Error when standard output is not a valid report or standard error says anything. */
export function reportedRun(args: readonly string[], { stdout, stderr, code }: CommandResult): ReportedRun {
  if (stderr !== '' || stdout === '') throw new Error(`sipdiag ${args.join(' ')} ended with ${code}: ${stderr}`);
  const json: unknown = JSON.parse(stdout);
  assertValidReport(json);
  return { report: json as Report, code }; // the schema is made for this type, and the line above has applied it
}

/** Runs `sipdiag … --json`; throws as `reportedRun` does. */
export const runForReport = async (args: readonly string[], namespace?: string): Promise<ReportedRun> =>
  reportedRun(args, await runSipdiag([...args, '--json'], namespace));

/** The whole ladder in one object: every rung, also those that were not climbed. */
export function ladderOf({ rungs }: Report): Record<string, RungResult['status']> {
  return Object.fromEntries(rungs.map(({ rung, status }) => [rung, status]));
}

/** What must be the same when a saved run is judged again. */
export function judgementOf({ verdict, rungs, findings, checks, observations }: Report): unknown {
  return { verdict, rungs, findings, checks, observations };
}

/** The status codes that answered REGISTERs with credentials, false where none came; in the order of the report. */
export const signInAnswersOf = ({ observations }: Report): (number | false)[] =>
  observations.flatMap((one) =>
    one.kind === 'sip' && one.about.step === 'sign-in'
      ? [one.outcome.ok && 'status' in one.outcome.value && one.outcome.value.status]
      : [],
  );
