import { describe, expect, test } from 'vitest';
import type { Report } from '../../src/model.ts';
import { rungsShown } from '../../src/report/shown-rungs.ts';
import { brokenAtCertificate, healthy, unknown } from './sample-reports.ts';

const shown = (report: Report, name: string) => rungsShown(report).find(({ rung }) => rung === name);
const cause = brokenAtCertificate.findings.find(({ id }) => id === 'cert-dates.expired');
const one = cause ?? expect.fail('the sample has no cause');
const withFindings = (findings: Report['findings']): Report => ({ ...brokenAtCertificate, findings });

describe('a rung that does not hold', () => {
  test('names the finding of the verdict, and counts the others', () => {
    expect(shown(brokenAtCertificate, 'certificate')).toMatchObject({
      summary: 'cert-dates.expired and 1 more error',
      decides: true,
    });
  });

  test('names its first finding where the verdict rests on another rung', () => {
    expect(shown(brokenAtCertificate, 'connect')).toMatchObject({
      summary: 'tcp-reach.refused and 1 more warning',
      decides: false,
    });
  });

  test('counts errors before warnings, and notes not at all', () => {
    const warning = { ...one, id: 'cert-name.wildcard', severity: 'warning' as const };
    const note = { ...one, id: 'cert-lifetime.too-long', severity: 'info' as const };
    expect(shown(withFindings([one]), 'certificate')?.summary).toBe('cert-dates.expired');
    expect(shown(withFindings([warning, one, note]), 'certificate')?.summary).toBe('cert-dates.expired and 1 warning');
    expect(shown(withFindings([one, one, one, warning, warning]), 'certificate')?.summary).toBe(
      'cert-dates.expired and 2 more errors, 2 warnings',
    );
  });

  test('keeps its sentence where a report holds no finding for it', () => {
    expect(shown(withFindings([]), 'certificate')?.summary).toMatch(/^The certificate of pool01/);
  });
});

test('a rung that holds, or was not tested, says what it says', () => {
  expect(shown(healthy, 'connect')).toMatchObject({ summary: '192.0.2.10:5061 accepts TCP', decides: false });
  expect(shown(unknown, 'dns')?.summary).toBe('no resolver answered');
});
