import type { CheckRun, Finding, Report } from '../model.ts';
import { describeNameMatrix } from './certificate-names.ts';
import { escapeTerminal } from './escape.ts';
import { columnsOf, cut, hang, wrap } from './layout.ts';
import { describeOutcome } from './observation-words.ts';
import type { Paint } from './paint.ts';

interface Sheet {
  paint: Paint;
  width: number;
}

/** Code points of one value of evidence, and of one reason: enough for a name, a chain of names, an error message. */
const MAX_VALUE = 300;
const MAX_NAME = 100;

/** Facts of one finding; no check gathers as many. */
const MAX_FACTS = 24;

/** Lines of observations: a screenful to scroll through; the JSON report holds them all. */
const MAX_OBSERVATIONS = 200;

function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string'))
    return value.join(', ');
  return value === undefined ? 'undefined' : JSON.stringify(value);
}

/** What a finding rests on, `key: value`, bounded in number and length. */
export function renderEvidence(finding: Finding, indent: string, width: number): string[] {
  const facts: [string, unknown][] = [['subject', finding.subject], ...Object.entries(finding.evidence)];
  const lines = facts.slice(0, MAX_FACTS).flatMap(([key, value]) => {
    const table = describeNameMatrix(value)?.map((line) => escapeTerminal(line, { limit: MAX_VALUE }));
    if (table !== undefined)
      return table.flatMap((line) => hang(`${indent}  `, line, width).map((row) => row.lead + row.text));
    const text = `${escapeTerminal(key, { limit: MAX_NAME })}: ${escapeTerminal(asText(value), { limit: MAX_VALUE })}`;
    return hang(indent, text, width - 2).map((row, index) => `${row.lead}${index === 0 ? '' : '  '}${row.text}`);
  });
  return facts.length > MAX_FACTS ? [...lines, `${indent}and ${facts.length - MAX_FACTS} more`] : lines;
}

function names(checks: readonly CheckRun[]): string {
  return checks.map((one) => escapeTerminal(one.checkId, { limit: MAX_NAME })).join(', ');
}

function withReason(check: CheckRun): string {
  const name = escapeTerminal(check.checkId, { limit: MAX_NAME });
  return check.because === undefined ? name : `${name}: ${escapeTerminal(check.because, { limit: MAX_VALUE })}`;
}

/** Checks that failed on their own: shown in every report but the quiet one, because something was left unjudged. */
export function renderCrashes(report: Report, { paint, width }: Sheet): string[] {
  const crashed = report.checks.filter((one) => one.status === 'crashed');
  if (crashed.length === 0) return [];
  const head = wrap('Crashed: a fault of sipdiag, not of the server', width).map((line) => paint('strong', line));
  const lines = crashed.flatMap((one) =>
    hang(' '.repeat(8), withReason(one), width).map(
      (row, index) => (index === 0 ? `  ${paint('bad', 'FAIL')}  ` : row.lead) + row.text,
    ),
  );
  return [...head, '', ...lines];
}

/** What every check came to, those that found something left out: their findings speak for them. */
export function renderChecks(report: Report, { paint, width }: Sheet): string[] {
  const having = (status: CheckRun['status']): CheckRun[] => report.checks.filter((one) => one.status === status);
  const lines: string[] = [];
  const put = (mark: string, text: string): void => {
    lines.push(...hang(`  ${mark.padEnd(6)}`, text, width).map((row) => row.lead + row.text));
  };
  const passed = having('passed');
  if (passed.length > 0) put('ok', names(passed));
  for (const one of having('inconclusive')) put('?', withReason(one));
  for (const one of having('not-applicable')) put('-', withReason(one));
  const section = lines.length === 0 ? [] : [paint('strong', 'Checks'), '', ...lines];
  const crashes = renderCrashes(report, { paint, width });
  return section.length > 0 && crashes.length > 0 ? [...section, '', ...crashes] : [...section, ...crashes];
}

/** Everything that was seen, one line each, in the order of the report. */
export function renderObservations(report: Report, { paint, width }: Sheet): string[] {
  const shown = report.observations.slice(0, MAX_OBSERVATIONS);
  if (shown.length === 0) return [];
  const rows = shown.map((one) => ({
    at: String(Math.round(one.at)),
    took: String(Math.round(one.outcome.ms)),
    kind: escapeTerminal(one.kind, { limit: MAX_NAME }),
    text: escapeTerminal(`${one.subject}: ${describeOutcome(one)}`, { limit: MAX_VALUE }),
  }));
  const at = Math.max('at ms'.length, ...rows.map((row) => row.at.length));
  const took = Math.max('took'.length, ...rows.map((row) => row.took.length));
  const kind = Math.max(...rows.map((row) => columnsOf(row.kind)));
  const head = `  ${'at ms'.padStart(at)}  ${'took'.padStart(took)}`;
  const lines = rows.map((row) =>
    cut(`  ${row.at.padStart(at)}  ${row.took.padStart(took)}  ${row.kind.padEnd(kind)}  ${row.text}`, width),
  );
  const left = report.observations.length - shown.length;
  const rest = left === 0 ? [] : [`  and ${left} more, in the JSON report`];
  return [paint('strong', 'Observations'), '', paint('faint', head), ...lines, ...rest];
}

/** Which program asked what, and when: for the ticket. */
export function renderRun(report: Report, { paint, width }: Sheet): string[] {
  const { version, command, startedAt, ms, target } = report;
  const text = `sipdiag ${version} ${command}, profile ${target.profile}, started ${startedAt}, took ${Math.round(ms)} ms`;
  return hang('', escapeTerminal(text, { limit: MAX_VALUE }), width).map((row) => paint('faint', row.text));
}
