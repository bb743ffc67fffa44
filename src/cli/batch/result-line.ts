import type { Report } from '../../model.ts';
import { shareable } from '../deliver.ts';
import type { Job, Result, ResultLine } from './job.ts';

const textOf = (line: ResultLine): string => `${JSON.stringify(line)}\n`;

/** What the job was, in every line about it: `--resume` knows it by this. */
const jobFields = ({ line, target, args }: Job): Pick<ResultLine, 'schema' | 'line' | 'target'> => ({
  schema: 'sipdiag.batch/1',
  line,
  target,
  ...(args.length === 0 ? {} : { options: args }),
});

/** `full`: the whole report goes along. */
export async function resultOf(
  job: Job,
  report: Report,
  { full, redact }: { full?: boolean; redact?: boolean },
): Promise<Result> {
  const shown = await shareable(report, redact === true ? { redact } : {});
  const { verdict, rungs, findings, ms } = shown;
  const line: ResultLine = {
    ...jobFields(redact === true ? { ...job, target: shown.target.input, args: [] } : job),
    ...verdict,
    ms,
    rungs: Object.fromEntries(rungs.map(({ rung, status }) => [rung, status])),
    findings: findings
      .filter(({ severity }) => severity !== 'info')
      .map(({ id, severity, subject, text, remedy }) => ({ id, severity, subject, text, remedy })),
    ...(full === true ? { report: shown } : {}),
  };
  return { line: job.line, status: verdict.status, rung: verdict.rung, text: textOf(line) };
}

/**
 * A line that could not be run. Its options are left out: what is no option may be a password. Redacted, it holds its number alone:
 * the reason names what the line says.
 */
export function errorResult(
  { line, target = '' }: Pick<Job, 'line'> & Partial<Job>,
  error: string,
  redact = false,
): Result {
  const shown: ResultLine = redact
    ? { ...jobFields({ line, target: '', args: [] }), status: 'error', error: 'the line cannot be used' }
    : { ...jobFields({ line, target, args: [] }), status: 'error', error };
  return { line, status: 'error', rung: null, text: textOf(shown), error };
}
