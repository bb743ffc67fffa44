import { describe, expect, test } from 'vitest';
import { renderNdjson } from '../../src/report/ndjson.ts';
import { brokenAtCertificate, samples } from './sample-reports.ts';

const linesOf = (text: string): Record<string, unknown>[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('renderNdjson', () => {
  test.each(Object.entries(samples))('"%s" holds the whole report, one object a line', (_name, report) => {
    const lines = linesOf(renderNdjson(report));
    const having = (type: string): unknown[] =>
      lines.filter((line) => line['type'] === type).map(({ type: _type, ...rest }) => rest);
    const { verdict, rungs, findings, checks, observations, ...run } = JSON.parse(JSON.stringify(report));
    expect(having('run')).toEqual([run]);
    expect(having('observation')).toEqual(observations);
    expect(having('check')).toEqual(checks);
    expect(having('finding')).toEqual(findings);
    expect(having('rung')).toEqual(rungs);
    expect(having('verdict')).toEqual([verdict]);
    expect(lines).toHaveLength(2 + observations.length + checks.length + findings.length + rungs.length);
  });

  test('begins with the run and ends with the verdict and a line feed', () => {
    const text = renderNdjson(brokenAtCertificate);
    expect(text).toMatch(/^\{"type":"run","schema":"sipdiag\.report\/1",/);
    expect(text).toMatch(/\n\{"type":"verdict","status":"broken".*\}\n$/);
  });
});
