import { describe, expect, test } from 'vitest';
import type { Finding, Report } from '../../src/model.ts';
import { renderNagios, renderNagiosUnknown } from '../../src/report/nagios.ts';
import { brokenAtCertificate, healthy, unknown } from './sample-reports.ts';

const firstLine = (report: Report): string => renderNagios(report).split('\n')[0] ?? '';

const shows = (notAfter: string, daysLeft: number): Finding => ({
  id: 'tls-server.facts',
  rung: 'tls',
  severity: 'info',
  subject: '192.0.2.10:5061',
  text: 'It shows a certificate.',
  remedy: '',
  evidence: {
    server: 'x',
    version: 'TLSv1.3',
    sent: [],
    versions: [],
    notBefore: '2026-11-01T00:00:00Z',
    notAfter,
    daysLeft,
  },
  source: 'RFC 8446 section 4',
});

describe('renderNagios', () => {
  test.each([
    ['healthy', 'OK', healthy],
    ['degraded', 'WARNING', { ...healthy, verdict: { ...healthy.verdict, status: 'degraded' } } satisfies Report],
    ['broken', 'CRITICAL', brokenAtCertificate],
    ['unknown', 'UNKNOWN', unknown],
  ])('%s is %s', (_status, word, report) => {
    expect(firstLine(report)).toContain(`SIPDIAG ${word} - sip:toml@fuzzybunny.local: `);
  });

  test('gives the time of the whole run and of every rung that has one, with its unit', () => {
    expect(firstLine(healthy).split(' | ')[1]).toBe(
      'total=58.4ms;;;0 dns=5.2ms;;;0 connect=2ms;;;0 tls=31.4ms;;;0 sip=12ms;;;0',
    );
  });

  test('gives the days that the first certificate to expire has left, warning in the last third of its life', () => {
    const findings = [shows('2027-01-30T00:00:00Z', 63), shows('2026-12-31T00:00:00Z', 33)];
    expect(firstLine({ ...healthy, findings })).toMatch(/ cert_days_left=33;20:;0:$/);
  });

  test('tells the ladder, what was found and the next step below the first line', () => {
    const lines = renderNagios(brokenAtCertificate).trimEnd().split('\n');
    expect(lines[4]).toBe('certificate: failed: cert-dates.expired and 1 more error');
    expect(lines).toContainEqual(expect.stringMatching(/^error: The certificate .* \[cert-dates\.expired\]$/));
    expect(lines.at(-1)).toMatch(/^Next: Renew the certificate/);
    expect(lines.filter((line) => line.includes('|'))).toHaveLength(1);
  });

  test('fits into what Nagios keeps of a plugin, however much there is', () => {
    const text = 'y'.repeat(5000);
    const findings = Array.from({ length: 500 }, () => ({ ...shows('', 1), severity: 'error' as const, text }));
    const verdict = { ...healthy.verdict, summary: text, nextStep: text };
    const rungs = healthy.rungs.map((one) => ({ ...one, summary: text }));
    expect(renderNagios({ ...healthy, verdict, rungs, findings }).length).toBeLessThan(8192);
  });

  test('says why there is no report', () => {
    expect(renderNagiosUnknown('a|b\n$(x)')).toBe('SIPDIAG UNKNOWN - a/b\\x0a_(x)\n');
  });
});
