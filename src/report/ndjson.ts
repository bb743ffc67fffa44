import type { Report } from '../model.ts';
import { escapeJson } from './escape.ts';

/**
 * The report as one JSON object a line, each with its `type`: the run, then every observation, check, finding and rung, and the
 * verdict at the end. For `jq`, `grep` and log collectors; the members are those of docs/report.schema.json. Safe to `cat`.
 */
export function renderNdjson(report: Report): string {
  const { verdict, rungs, findings, checks, observations, ...run } = report;
  const lines: object[] = [
    { type: 'run', ...run },
    ...observations.map((one) => ({ type: 'observation', ...one })),
    ...checks.map((one) => ({ type: 'check', ...one })),
    ...findings.map((one) => ({ type: 'finding', ...one })),
    ...rungs.map((one) => ({ type: 'rung', ...one })),
    { type: 'verdict', ...verdict },
  ];
  return lines.map((line) => `${escapeJson(JSON.stringify(line))}\n`).join('');
}
