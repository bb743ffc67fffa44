import { describe, expect, test } from 'vitest';
import { certDates } from '../../src/check/cert-dates.ts';
import { askCheck, failed, idsOf, seen, standIn, type Wish } from './tls-observation.ts';

// The test certificates are valid from 2026-01-01 to 2027-01-01 and judged on 2026-06-01 unless a test says otherwise.
const ask = (wish: Wish) => askCheck(certDates, [seen(wish)]);
const at = (judgeAt: string): Wish => ({ about: { judgeAt } });

describe('the dates of the chain', () => {
  test('in the middle of the lifetime give no finding', () => {
    expect(ask({})).toEqual({ findings: [], status: 'passed' });
  });

  test.each<[string, Wish, string, string]>([
    [
      'three days after the end',
      at('2027-01-04T00:00:00.000Z'),
      'cert-dates.expired error',
      'expired 3 days ago (2027-01-01T00:00:00Z)',
    ],
    ['an hour after the end', at('2027-01-01T01:00:00.000Z'), 'cert-dates.expired error', 'expired today'],
    [
      'before the start',
      at('2025-12-31T00:00:00.000Z'),
      'cert-dates.not-yet-valid error',
      'valid only from 2026-01-01T00:00:00Z',
    ],
    ['in the last third', at('2026-09-15T00:00:00.000Z'), 'cert-dates.expiring warning', 'expires in 108 days'],
    [
      'an issuer that expired',
      { issuer: { notAfter: '2026-02-01T00:00:00Z' } },
      'cert-dates.expired error',
      'The CA certificate "CN=Test issuer" in the chain of sip.example.com (192.0.2.1:5061) expired 120 days ago',
    ],
  ])('%s', (...[, wish, id, text]) => {
    const { findings } = ask(wish);
    expect(idsOf(findings)).toEqual([id]);
    expect(findings[0]?.text).toContain(text);
  });

  test('the first day of the last third is not yet a warning', () => {
    expect(idsOf(ask(at('2026-09-01T00:00:00.000Z')).findings)).toEqual([]);
  });

  test('another server of the set that is valid makes it a warning', () => {
    const { findings } = askCheck(certDates, [seen({ leaf: { notAfter: '2026-02-01T00:00:00Z' } }), standIn()]);
    expect(idsOf(findings)).toEqual(['cert-dates.expired warning']);
  });

  test('that were not seen are not judged', () => {
    expect(askCheck(certDates, [failed()])).toEqual({ findings: [], status: 'inconclusive' });
  });
});
