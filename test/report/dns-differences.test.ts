import { expect, test } from 'vitest';
import { assembleReport } from '../../src/judge.ts';
import type { Observation, Report } from '../../src/model.ts';
import { renderDifferences } from '../../src/report/dns-differences.ts';
import { renderHuman } from '../../src/report/human.ts';
import { columnsOf } from '../../src/report/layout.ts';
import { plainPaint } from '../../src/report/paint.ts';
import { addressRecord, seenBy, srvRecord } from '../check/dns-seen.ts';
import { targetOf } from '../probe/zone-answers.ts';

const SRV = '_sip._tls.example.org';
const inside = seenBy('10.0.0.53:53', 'internal');
const outside = seenBy('192.0.2.53:53', 'outside');

function reportOf(observations: Observation[]): Report {
  const head = { version: '0.0.0', command: 'dns', startedAt: '2026-11-23T10:00:00.000Z', ms: 9 };
  return assembleReport(observations, { ...head, target: targetOf() });
}
const sheet = { paint: plainPaint, width: 100 };
const split = [
  inside.answers(`${SRV} SRV`, [srvRecord(SRV, 'pool.example.org')]),
  outside.answers(`${SRV} SRV`, [srvRecord(SRV, 'edge.example.org', 443)]),
  inside.answers('www.example.org A', [addressRecord('www.example.org', '192.0.2.80')]),
  outside.answers('www.example.org A', [addressRecord('www.example.org', '192.0.2.80')]),
];

test('shows what each resolver answers, one under the other, and nothing on which they agree', () => {
  expect(renderDifferences(reportOf(split), sheet)).toEqual([
    'Where the resolvers differ',
    `  ${SRV} SRV`,
    '    internal  0 0 5061 pool.example.org.',
    '    outside   0 0 443 edge.example.org.',
  ]);
});

test('is part of the report of sipdiag dns', () => {
  const text = renderHuman(reportOf(split), { ...sheet, verbosity: 'normal' });
  expect(text).toContain('\nWhere the resolvers differ\n');
});

test('is nothing where they agree, or only one was asked', () => {
  expect(renderDifferences(reportOf(split.slice(2)), sheet)).toEqual([]);
  expect(renderDifferences(reportOf(split.slice(0, 1)), sheet)).toEqual([]);
});

test.each([40, 100])('fits %i columns and escapes what a stranger wrote', (width) => {
  const hostile = srvRecord(SRV, `\u001b[2J${'x'.repeat(300)}.example`);
  const observations = [inside.answers(`${SRV} SRV`, [hostile]), ...split.slice(1)];
  const lines = renderDifferences(reportOf(observations), { paint: plainPaint, width });
  expect(lines.filter((line) => columnsOf(line) > width)).toEqual([]);
  expect(lines.join('\n')).toContain(String.raw`\x1b[2`);
});

test('passes over what a saved report holds in its place', () => {
  const report = reportOf(split);
  const [finding] = report.findings;
  if (finding !== undefined) finding.evidence['differences'] = ['x', { question: 5 }, { question: 'q', answers: null }];
  expect(renderDifferences(report, sheet)).toEqual([]);
});
