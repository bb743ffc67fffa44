import { describe, expect, test } from 'vitest';
import type { Report } from '../../src/model.ts';
import { renderJunit } from '../../src/report/junit.ts';
import { describeWith } from '../e2e/real/requirements.ts';
import { brokenAtCertificate, healthy, samples, unknown } from './sample-reports.ts';
import { junitFaults } from './xml-fault.ts';

const byError = { failOn: 'error' } as const;

/** The element of one check, from its name to its end. */
function caseOf(document: string, name: string): string {
  return new RegExp(`<testcase [^>]* name="${name}"[^>]*?(?:/>|>[^]*?</testcase>)`).exec(document)?.[0] ?? '';
}

const countOf = (document: string, element: string): number => document.split(`<${element} `).length - 1;

describe('renderJunit', () => {
  test.each([
    ['passed', 'srv-records', healthy, /\/>$/],
    ['not applicable: skipped', 'naptr', healthy, /<skipped message="not applicable: the profile ocs2007 asks/],
    ['inconclusive: skipped', 'authority', healthy, /<skipped message="inconclusive: authorities are asked/],
    ['information alone: passed', 'cert-eku', healthy, /\/>$/],
    ['crashed: an error', 'cname', unknown, /<error type="crashed" message="Cannot read properties of undefined">/],
  ])('%s', (...[, check, report, expected]) => {
    expect(caseOf(renderJunit(report, byError), check)).toMatch(expected);
  });

  const judged: Report = {
    ...brokenAtCertificate,
    checks: [
      { checkId: 'cert-dates', rung: 'certificate', status: 'found' },
      { checkId: 'tcp-reach', rung: 'connect', status: 'found' },
    ],
  };

  test('an error that was found is a failure, with text, remedy, id and evidence', () => {
    const failure = caseOf(renderJunit(judged, byError), 'cert-dates');
    expect(failure).toContain('<failure type="cert-dates.expired" message="The certificate of pool01');
    expect(failure).toContain('-&gt; Renew it at the authority');
    expect(failure).toContain('cert-dates.expired (RFC 5280 section 4.1.2.5)');
    expect(failure).toContain('notAfter: 2026-11-19T10:00:00Z');
  });

  test('a warning fails nothing and is told, unless warnings are to fail', () => {
    const mild = renderJunit(judged, byError);
    expect(caseOf(mild, 'tcp-reach')).toMatch(/\/>$/);
    expect(mild).toMatch(/<system-out>warning: 192\.0\.2\.11:5061 refuses/);
    expect(caseOf(renderJunit(judged, { failOn: 'warning' }), 'tcp-reach')).toContain(
      '<failure type="tcp-reach.refused" message="192.0.2.11:5061 refuses TCP connections, while 192.0.2.10:5061 of the same SRV set answers. (and 1 more)">',
    );
  });

  test('the verdict is a case of its own, and a run that could not be decided is not green', () => {
    expect(caseOf(renderJunit(healthy, byError), 'verdict')).toMatch(/\/>$/);
    expect(caseOf(renderJunit(judged, byError), 'verdict')).toContain('<failure type="cert-dates.expired"');
    expect(caseOf(renderJunit(unknown, byError), 'verdict')).toContain('<error type="unknown"');
  });

  test('the counts of the suites are those of their cases', () => {
    const document = renderJunit(judged, byError);
    const sum = (name: string): number =>
      [...document.matchAll(new RegExp(` ${name}="(\\d+)"`, 'g'))].reduce(
        (total, [, count]) => total + Number(count),
        0,
      );
    expect(sum('tests')).toBe(countOf(document, 'testcase'));
    expect(sum('failures')).toBe(countOf(document, 'failure'));
    expect(sum('tests')).toBe(judged.checks.length + 1);
  });
});

describeWith(['xmllint'], 'the JUnit report by the schemas of Jenkins and of Ant', () => {
  test.each(Object.entries(samples))('%s', (_name, report) => {
    expect(junitFaults([renderJunit(report, byError), renderJunit(report, { failOn: 'warning' })])).toEqual([]);
  });

  test('the schema refuses what is no such document', () => {
    const good = renderJunit(healthy, byError);
    expect(junitFaults([good, good.replace('<system-err/>', '')]).join()).toContain('system-err');
    const byBoth = junitFaults([good.replace(/ time="[^"]+"/, ' time="soon"')]);
    expect(byBoth.filter((line) => line.endsWith(' fails to validate'))).toHaveLength(2);
    expect(junitFaults([good.replace('</testsuites>', '')])).not.toEqual([]);
  });
});
