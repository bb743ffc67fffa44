import type { Report, Verdict } from '../model.ts';
import { certificatesOf } from './certificate-facts.ts';
import { escapeTerminal } from './escape.ts';
import { rungsShown } from './shown-rungs.ts';

const WORD: Readonly<Record<Verdict['status'], string>> = {
  healthy: 'OK',
  degraded: 'WARNING',
  broken: 'CRITICAL',
  unknown: 'UNKNOWN',
};

/** Nagios cuts a plugin's output at 8 KiB, wherever that is: whole lines are left out instead. */
const MAX_OCTETS = 8000;
const MAX_LINE = 400;
const MAX_LONG_LINE = 220;
const MAX_FINDINGS = 12;

const DAY_MS = 86_400_000;
/** As cert-dates has it: certificates live shorter every year, so the warning is a share of the life and no number of days. */
const WARN_SHARE_LEFT = 1 / 3;

/**
 * What acts on a monitor: '|' begins performance data, and the others are what Nagios itself takes out before a text reaches the
 * shell of a notification command (illegal_macro_output_chars) or a web page. Each becomes what looks most like it.
 */
const ACTIVE: Readonly<Record<string, string>> = { '|': '/', '`': "'", $: '_', '&': '+', '<': '(', '>': ')' };

function clean(text: string, limit: number): string {
  const shown = escapeTerminal(text, { limit })
    .replaceAll(' -> ', ' to ')
    .replace(/[|`$&<>]/g, (one) => ACTIVE[one] ?? '_');
  return shown.length <= limit ? shown : `${shown.slice(0, limit)}...`.replace(/[\ud800-\udbff](?=\.\.\.$)/, '');
}

/** Milliseconds with one decimal at most. */
const milliseconds = (ms: number): string => `${Math.round(ms * 10) / 10}ms;;;0`;

/** Days until the first certificate expires, with the limits at which cert-dates warns and fails. */
function certificateData(report: Report): string[] {
  const [first] = certificatesOf(report).toSorted((a, b) => a.daysLeft - b.daysLeft);
  if (first === undefined) return [];
  const life = (Date.parse(first.notAfter) - Date.parse(first.notBefore)) / DAY_MS;
  const warn = Number.isFinite(life) ? `${Math.floor(life * WARN_SHARE_LEFT)}:` : '';
  return [`cert_days_left=${Math.trunc(first.daysLeft)};${warn};0:`];
}

/** 'label=value[unit];warn;crit;min', the labels our own: a rung without a time of its own has none. */
function performanceData(report: Report): string {
  const rungs = rungsShown(report).filter(({ ms }) => ms > 0);
  return [
    `total=${milliseconds(report.ms)}`,
    ...rungs.map(({ rung, ms }) => `${clean(rung, 20)}=${milliseconds(ms)}`),
    ...certificateData(report),
  ].join(' ');
}

const statusLine = ({ verdict, target }: Report): string =>
  `SIPDIAG ${WORD[verdict.status]} - ${clean(target.input, 100)}: ${clean(verdict.summary, MAX_LINE)}`;

function longOutput(report: Report): string[] {
  const { verdict, findings } = report;
  const told = findings.filter(({ severity }) => severity !== 'info');
  const line = (text: string): string => clean(text, MAX_LONG_LINE);
  return [
    ...rungsShown(report).map(({ rung, status, summary }) =>
      line(`${rung}: ${status}: ${summary.replace(/^not tested: /, '')}`),
    ),
    ...told.slice(0, MAX_FINDINGS).map(({ id, severity, text }) => line(`${severity}: ${text} [${id}]`)),
    ...(told.length > MAX_FINDINGS ? [`and ${told.length - MAX_FINDINGS} more`] : []),
    ...(verdict.nextStep === '' ? [] : [clean(`Next: ${verdict.nextStep}`, MAX_LINE)]),
  ];
}

/** The lines that fit. */
function bounded(lines: readonly string[]): string[] {
  let octets = 0;
  return lines.filter((line) => {
    octets += new TextEncoder().encode(line).length + 1;
    return octets <= MAX_OCTETS;
  });
}

/**
 * The report as a monitoring plugin prints it (Nagios, Icinga, Checkmk): status line, performance data with units, then the ladder and
 * the findings as long output. At most 8 KiB, no '|' and no line end that is not ours.
 */
export const renderNagios = (report: Report): string =>
  `${bounded([`${statusLine(report)} | ${performanceData(report)}`, ...longOutput(report)]).join('\n')}\n`;

/** What a monitor is told when there is no report at all: wrong usage, or a fault of our own. */
export const renderNagiosUnknown = (message: string): string => `SIPDIAG UNKNOWN - ${clean(message, MAX_LINE)}\n`;
