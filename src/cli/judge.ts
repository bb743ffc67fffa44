import type { Report } from '../model.ts';
import { assembleReport } from '../judge.ts';
import type { OutputOptions } from './common-options.ts';
import { deliver } from './deliver.ts';
import { loadRun, type SavedRun } from './saved-run.ts';
import { UsageError } from './usage-error.ts';

/** Judges a saved run by today's checks; a redacted one is shown as it was judged. Throws UsageError. */
export async function judgeCommand(file: string, options: OutputOptions): Promise<number> {
  const run = await loadRun(file);
  const report = judgeAgain(file, run);
  try {
    return await deliver(report, options);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw damaged(file, error);
  }
}

/** The outer shape was right, but a value deep inside is not what any probe writes. */
function damaged(file: string, error: unknown): UsageError {
  const why = error instanceof Error ? error.message : String(error);
  return new UsageError(`${file} is damaged (${why}); expected a run saved with --save`);
}

/** The report of a saved run. Throws UsageError when a value deep inside is not what any probe writes. */
export function judgeAgain(file: string, { observations, judgement, ...head }: SavedRun): Report {
  const { version, command, startedAt, ms, target } = head;
  if (judgement !== undefined)
    return { schema: 'sipdiag.report/1', version, command, startedAt, ms, target, ...judgement, observations };
  try {
    return assembleReport(observations, { version, command, startedAt, ms, target });
  } catch (error) {
    throw damaged(file, error);
  }
}
