import type { Report } from '../model.ts';
import { renderJson } from '../report/json.ts';
import type { OutputOptions } from './common-options.ts';
import { exitCodeOf } from './exit-code.ts';
import { writeTextFile } from './files.ts';
import { terminalAt, writeOut } from './output.ts';

/** Wider lines are hard to follow, whatever the terminal allows. */
const MAX_COLUMNS = 100;

async function draw(report: Report, options: OutputOptions): Promise<string> {
  if (options.json === true || options.format === 'json') return renderJson(report);
  const [{ renderHuman }, { loadPaint }] = await Promise.all([
    import('../report/human.ts'),
    import('../report/paint.ts'),
  ]);
  const terminal = options.output === undefined ? terminalAt(1) : undefined;
  const plain = !options.color || (process.env['NO_COLOR'] ?? '') !== '' || process.env['TERM'] === 'dumb';
  const verbosity = options.quiet === true ? 'quiet' : options.verbose === true ? 'verbose' : 'normal';
  const paint = await loadPaint(terminal !== undefined && !plain ? 'always' : 'never');
  const width = Math.min(MAX_COLUMNS, terminal?.columns ?? MAX_COLUMNS);
  return renderHuman(report, { paint, verbosity, width });
}

/** What leaves this machine: the report, or what is left of it when nobody shall be named. */
export async function shareable(report: Report, { redact }: Pick<OutputOptions, 'redact'>): Promise<Report> {
  if (redact !== true) return report;
  const { redactReport } = await import('../report/redact.ts');
  return redactReport(report);
}

/** Draws the report, writes it where the user wants it, and gives the exit code. Throws UsageError. */
export async function deliver(report: Report, options: OutputOptions): Promise<number> {
  const text = await draw(await shareable(report, options), options);
  if (options.output === undefined) writeOut(text);
  else await writeTextFile(options.output, text);
  return exitCodeOf(report, options.failOn);
}
