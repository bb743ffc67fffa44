import type { Report } from '../model.ts';
import type { Format, OutputOptions } from './common-options.ts';
import { exitCodeOf, nagiosCodeOf } from './exit-code.ts';
import { writeTextFile } from './files.ts';
import { terminalAt, writeOut } from './output.ts';

/** Wider lines are hard to follow, whatever the terminal allows. */
const MAX_COLUMNS = 100;

/** Colours: never into a file; a terminal shows them unless somebody said no, anything else only where somebody said yes. */
function colorOf({ color, output }: OutputOptions, reader: 'terminal' | 'pipe'): 'always' | 'never' {
  const { NO_COLOR = '', FORCE_COLOR = '', TERM } = process.env;
  if (!color || output !== undefined || NO_COLOR !== '') return 'never';
  if (FORCE_COLOR !== '' && FORCE_COLOR !== '0' && FORCE_COLOR !== 'false') return 'always';
  return reader === 'terminal' && TERM !== 'dumb' && FORCE_COLOR === '' ? 'always' : 'never';
}

async function drawHuman(report: Report, options: OutputOptions): Promise<string> {
  const [{ renderHuman }, { loadPaint }] = await Promise.all([
    import('../report/human.ts'),
    import('../report/paint.ts'),
  ]);
  const terminal = options.output === undefined ? terminalAt(1) : undefined;
  const verbosity = options.quiet === true ? 'quiet' : options.verbose === true ? 'verbose' : 'normal';
  const paint = await loadPaint(colorOf(options, terminal === undefined ? 'pipe' : 'terminal'));
  const width = Math.min(MAX_COLUMNS, terminal?.columns ?? MAX_COLUMNS);
  return renderHuman(report, { paint, verbosity, width });
}

/** One reporter a format; only the one that is asked for is loaded. */
const REPORTERS: Readonly<Record<Format, (report: Report, options: OutputOptions) => Promise<string>>> = {
  human: drawHuman,
  json: async (report) => (await import('../report/json.ts')).renderJson(report),
  ndjson: async (report) => (await import('../report/ndjson.ts')).renderNdjson(report),
  junit: async (report, { failOn }) => (await import('../report/junit.ts')).renderJunit(report, { failOn }),
  nagios: async (report) => (await import('../report/nagios.ts')).renderNagios(report),
  markdown: async (report) => (await import('../report/markdown.ts')).renderMarkdown(report),
  html: async (report) => (await import('../report/html.ts')).renderHtml(report),
};

const formatOf = ({ json, format }: OutputOptions): Format => (json === true ? 'json' : format);

/** What leaves this machine: the report, or what is left of it when nobody shall be named. */
export async function shareable(report: Report, { redact }: Pick<OutputOptions, 'redact'>): Promise<Report> {
  if (redact !== true) return report;
  const { redactReport } = await import('../report/redact.ts');
  return redactReport(report);
}

/** The text of the report, in the format of the options. */
export const draw = async (report: Report, options: OutputOptions): Promise<string> =>
  REPORTERS[formatOf(options)](await shareable(report, options), options);

/** Draws the report, writes it where the user wants it, and gives the exit code. Throws UsageError. */
export async function deliver(report: Report, options: OutputOptions): Promise<number> {
  const text = await draw(report, options);
  if (options.output === undefined) writeOut(text);
  else await writeTextFile(options.output, text);
  return formatOf(options) === 'nagios' ? nagiosCodeOf(report) : exitCodeOf(report, options.failOn);
}
