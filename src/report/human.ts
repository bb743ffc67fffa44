import type { Finding, Report, RungResult, Severity, Verdict } from '../model.ts';
import { renderAnswers } from './dns-answers.ts';
import { renderDifferences } from './dns-differences.ts';
import { renderProfiles } from './dns-profiles.ts';
import { escapeTerminal } from './escape.ts';
import { isFailoverLine, renderFailover } from './failover-lines.ts';
import { renderChecks, renderCrashes, renderEvidence, renderObservations, renderRun } from './human-details.ts';
import { columnsOf, cut, hang, wrap } from './layout.ts';
import { renderMatrix } from './matrix-table.ts';
import type { Paint, Tone } from './paint.ts';
import { renderReach } from './reach-table.ts';
import { rungsShown, type ShownRung } from './shown-rungs.ts';
import { isDrawn, renderTlsServers } from './tls-servers.ts';

export interface HumanOptions {
  /** From `loadPaint`, or `plainPaint`. */
  paint: Paint;
  /** quiet: the verdict alone. normal: no information findings. verbose: everything that was seen. */
  verbosity: 'quiet' | 'normal' | 'verbose';
  /** Columns of the terminal; 40 to 100 are used. */
  width: number;
}

/** Beyond 100 columns the eye loses the line; below 40 the ladder has no room for words. */
const MAX_WIDTH = 100;
const MIN_WIDTH = 40;

/** Code points of one sentence: our own texts are far shorter, a remote's share in them is not ours to trust. */
const SENTENCE = 1000;
const NAME = 200;

/** Like findings that are spelt out before the rest is only counted. */
const MAX_ALIKE = 5;

/** Columns before the summary of a ladder line: two blanks, mark, two blanks, longest rung name, two blanks. */
const RUNG_COLUMNS = 'certificate'.length;
const LADDER_LEAD = 2 + 4 + 2 + RUNG_COLUMNS + 2;

const STATUS_TONE: Record<Verdict['status'], Tone> = {
  healthy: 'good',
  degraded: 'caution',
  broken: 'bad',
  unknown: 'unsure',
};

const RUNG_MARK: Record<RungResult['status'], { mark: string; tone: Tone }> = {
  passed: { mark: 'ok', tone: 'good' },
  warning: { mark: 'warn', tone: 'caution' },
  failed: { mark: 'FAIL', tone: 'bad' },
  unknown: { mark: '?', tone: 'unsure' },
  'not-tested': { mark: '-', tone: 'faint' },
};

const SEVERITY_MARK: Record<Severity, { mark: string; tone: Tone; noun: string }> = {
  error: { mark: 'FAIL', tone: 'bad', noun: 'error' },
  warning: { mark: 'warn', tone: 'caution', noun: 'warning' },
  info: { mark: 'note', tone: 'strong', noun: 'note' },
};

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function renderVerdict({ verdict, target }: Report, { paint, width }: HumanOptions): string[] {
  const word = verdict.status.toUpperCase();
  const text = `${escapeTerminal(target.input, { limit: NAME })}: ${escapeTerminal(verdict.summary, { limit: SENTENCE })}`;
  return hang(`${word}  `, text, width).map(
    (row, index) => (index === 0 ? `${paint(STATUS_TONE[verdict.status], word)}  ` : row.lead) + row.text,
  );
}

function renderNext(report: Report, options: HumanOptions): string[] {
  const { verdict } = report;
  const { paint, width } = options;
  if (verdict.nextStep.trim() === '') return [];
  const rows = hang('Next: ', escapeTerminal(verdict.nextStep, { limit: SENTENCE }), width).map(
    (row, index) => (index === 0 ? `${paint('strong', 'Next:')} ` : row.lead) + row.text,
  );
  const cause = report.findings.find((one) => one.severity !== 'info' && isTold(one, report, options));
  return cause === undefined ? rows : [...rows, ...renderName(cause, { paint, width, indent: ' '.repeat(6) })];
}

/** The id is what a runbook keys on; the source is what a doubter reads. */
function renderName(
  finding: Finding,
  { paint, width, indent }: Pick<HumanOptions, 'paint' | 'width'> & { indent: string },
): string[] {
  const name = `${escapeTerminal(finding.id, { limit: NAME })} (${escapeTerminal(finding.source, { limit: NAME })})`;
  return hang(indent, name, width).map((row) => row.lead + paint('faint', row.text));
}

/** '9999 ms': the column keeps its width, whatever the times are. */
const TIME_COLUMNS = 7;

/** A rung without a time of its own (judged from what another rung saw, or left out) shows none. */
function took(ms: number): string {
  if (ms <= 0) return '';
  return ms < 1 ? '<1 ms' : `${Math.round(ms)} ms`;
}

/** A `>` at the margin points to the rung that decides. */
function renderLadder(rungs: readonly ShownRung[], { paint, width, verbosity }: HumanOptions): string[] {
  const timeColumns = Math.max(TIME_COLUMNS, ...rungs.map((one) => took(one.ms).length));
  const lines = rungs.map(({ rung, status, summary, ms, decides }) => {
    const text = escapeTerminal(summary === '' ? status.replace('-', ' ') : summary, { limit: SENTENCE });
    const time = took(ms);
    // A line without a time may use its column too.
    const room = width - LADDER_LEAD - (time === '' ? 0 : 2 + timeColumns);
    return { rung, status, texts: verbosity === 'verbose' ? wrap(text, room) : [cut(text, room)], time, decides };
  });
  const longest = Math.max(0, ...lines.filter((one) => one.time !== '').map((one) => columnsOf(one.texts[0] ?? '')));
  return lines.flatMap(({ rung, status, texts: [first = '', ...further], time, decides }) => {
    const { mark, tone } = RUNG_MARK[status];
    const pointer = decides ? paint(tone, '>') : ' ';
    const lead = `${pointer} ${paint(tone, mark)}${' '.repeat(6 - mark.length)}${rung.padEnd(RUNG_COLUMNS)}  `;
    const gap = ' '.repeat(Math.max(0, longest - columnsOf(first)) + 2 + timeColumns - time.length);
    const end = time === '' ? '' : gap + paint('faint', time);
    return [(lead + first + end).trimEnd(), ...further.map((text) => ' '.repeat(LADDER_LEAD) + text)];
  });
}

/** Findings that differ in their sentence alone are told together: ten dead servers need one remedy, not ten. */
function groupAlike(findings: readonly Finding[], { verbosity }: HumanOptions): Finding[][] {
  if (verbosity === 'verbose') return findings.map((finding) => [finding]);
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const key = JSON.stringify([finding.id, finding.remedy, finding.source]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [finding]);
    else group.push(finding);
  }
  return [...groups.values()];
}

/** `nextStep`: what the last line says, and no line before it. */
function renderGroup(group: readonly Finding[], nextStep: string, options: HumanOptions): string[] {
  const [finding] = group;
  if (finding === undefined) return [];
  const { paint, width, verbosity } = options;
  const { mark, tone } = SEVERITY_MARK[finding.severity];
  const indent = ' '.repeat(8);
  const isNext = verbosity !== 'verbose' && finding.remedy === nextStep;
  const texts = [...new Set(group.map((one) => escapeTerminal(one.text, { limit: SENTENCE })))];
  const sentences = texts
    .slice(0, MAX_ALIKE)
    .flatMap((text) => hang(indent, text, width))
    .map((row, index) => (index === 0 ? `  ${paint(tone, mark)}  ` : row.lead) + row.text);
  const more = texts.length > MAX_ALIKE ? [`${indent}and ${texts.length - MAX_ALIKE} more like these`] : [];
  const remedy = hang(`${indent}-> `, escapeTerminal(finding.remedy, { limit: SENTENCE }), width);
  return [
    ...sentences,
    ...more,
    ...(finding.remedy === '' || isNext ? [] : remedy.map((row) => row.lead + row.text)),
    ...(verbosity === 'verbose' ? renderEvidence(finding, indent, width) : []),
    ...renderName(finding, { paint, width, indent }),
  ];
}

/** The verdict's own cause was told in the first line, and its remedy is the next step: not a third time. */
function isTold(finding: Finding, { verdict }: Report, { verbosity }: HumanOptions): boolean {
  const isCause = finding.id === verdict.findingId && finding.remedy === verdict.nextStep;
  return verbosity !== 'verbose' && isCause && verdict.summary.includes(finding.text);
}

function renderFindings(report: Report, severity: Severity, options: HumanOptions): string[] {
  const all = report.findings.filter(
    (one) =>
      one.severity === severity &&
      !isDrawn(one, report) &&
      (options.verbosity === 'verbose' || !isFailoverLine(one, report)),
  );
  const findings = all.filter((one) => !isTold(one, report, options));
  if (findings.length === 0) return [];
  const told = all.length - findings.length;
  const count = (told === 0 ? '' : 'also ') + counted(findings.length, SEVERITY_MARK[severity].noun);
  if (severity === 'info' && options.verbosity !== 'verbose') {
    return [options.paint('faint', `${count}, --verbose shows ${findings.length === 1 ? 'it' : 'them'}`)];
  }
  // A cause that the verdict words in its own way comes first; the sort is stable, the rest stays in ladder order.
  const { findingId } = report.verdict;
  findings.sort((a, b) => Number(b.id === findingId) - Number(a.id === findingId));
  const blocks = groupAlike(findings, options).flatMap((group) => [
    '',
    ...renderGroup(group, report.verdict.nextStep, options),
  ]);
  return [options.paint('strong', count), ...blocks];
}

/** The report of `sipdiag dns`: the names, not the rungs, are what it is about. */
function renderDns(report: Report, options: HumanOptions): string[][] {
  if (report.command !== 'dns') return [];
  const profiles = renderProfiles(report, options);
  // A question of the user's own is answered with what came back.
  const answers = profiles.length === 0 || options.verbosity === 'verbose' ? renderAnswers(report, options) : [];
  return [profiles, renderDifferences(report, options), answers];
}

/** Where a remote gave no words, a mark stands alone: no blanks after it. */
function print(lines: readonly string[]): string {
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

/**
 * The report for a reader at a terminal: the verdict, the ladder, what was found, what to do next. Plain ASCII marks, at most
 * 100 columns, no trailing blanks, every word of a remote escaped.
 */
export function renderHuman(report: Report, given: HumanOptions): string {
  const width = given.width >= MIN_WIDTH ? Math.min(Math.floor(given.width), MAX_WIDTH) : MIN_WIDTH;
  const options = { ...given, width };
  const verdict = renderVerdict(report, options);
  const next = renderNext(report, options);
  if (options.verbosity === 'quiet') return print([...verdict, ...(report.verdict.status === 'healthy' ? [] : next)]);
  const details =
    options.verbosity === 'verbose'
      ? [renderChecks(report, options), renderObservations(report, options), renderRun(report, options)]
      : [renderCrashes(report, options)];
  const severities: Severity[] = ['error', 'warning', 'info'];
  const sections = [
    verdict,
    renderLadder(rungsShown(report), options),
    ...renderDns(report, options),
    ...renderMatrix(report, options),
    renderReach(report, options),
    renderFailover(report, options),
    renderTlsServers(report, options),
    ...severities.map((severity) => renderFindings(report, severity, options)),
    ...details,
    next,
  ];
  return print(
    sections.filter((lines) => lines.length > 0).flatMap((lines, at) => (at === 0 ? lines : ['', ...lines])),
  );
}
