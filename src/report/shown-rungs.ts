import type { Finding, Report, RungResult, Severity } from '../model.ts';

/** A rung of the ladder as every reporter draws it. */
export interface ShownRung extends RungResult {
  /** The verdict rests on it. */
  decides: boolean;
}

const TLS_RUNGS: ReadonlySet<string> = new Set(['dns', 'connect', 'tls', 'certificate']);

const WEIGHS: Partial<Record<RungResult['status'], Severity>> = { failed: 'error', warning: 'warning' };

const counted = (count: number, noun: string): string[] =>
  count === 0 ? [] : [`${count} ${noun}${count === 1 ? '' : 's'}`];

/**
 * A broken rung names its finding and counts the others: the sentence stands in the verdict or below the ladder, and a line that
 * repeats its beginning tells nothing.
 */
function summaryOf({ rung, status, summary }: RungResult, { findings, verdict }: Report): string {
  const severity = WEIGHS[status];
  const weighing = findings.filter((one) => one.rung === rung && one.severity === severity);
  const cause: Finding | undefined = weighing.find(({ id }) => id === verdict.findingId) ?? weighing[0];
  if (cause === undefined) return summary;
  const errors = findings.filter((one) => one.rung === rung && one.severity === 'error').length;
  const warnings = findings.filter((one) => one.rung === rung && one.severity === 'warning').length;
  const others = [
    ...counted(errors - Number(severity === 'error'), 'more error'),
    ...counted(warnings - Number(severity === 'warning'), severity === 'warning' ? 'more warning' : 'warning'),
  ];
  return others.length === 0 ? cause.id : `${cause.id} and ${others.join(', ')}`;
}

function inScope({ command, rungs }: Report): RungResult[] {
  if (command === 'dns') return rungs.filter(({ rung }) => rung === 'dns');
  if (command === 'tls')
    return rungs.filter(({ rung, summary }) => TLS_RUNGS.has(rung) && !summary.includes('not part of'));
  return rungs;
}

/** Rungs that are no business of the command are left out: lines that say so help nobody. */
export const rungsShown = (report: Report): ShownRung[] =>
  inScope(report).map((one) => ({
    ...one,
    summary: summaryOf(one, report),
    decides: one.rung === report.verdict.rung,
  }));
