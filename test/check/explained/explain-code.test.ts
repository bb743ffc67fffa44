import { describe, expect, test } from 'vitest';
import { DIRECT_ROUTING } from '../../../src/check/explained/direct-routing.ts';
import { explainCode, explainCodeText } from '../../../src/check/explained/explain-code.ts';
import { HRESULTS } from '../../../src/check/explained/hresults.ts';
import { MS_DIAGNOSTICS } from '../../../src/check/explained/ms-diagnostics.ts';
import { Q850 } from '../../../src/check/explained/q850.ts';
import { SIP_STATUSES } from '../../../src/check/explained/sip-status.ts';
import { WARNINGS } from '../../../src/check/explained/warnings.ts';

const numbersOf = (table: object): number[] => Object.keys(table).map(Number);

describe('the tables', () => {
  test.each([
    ['ms-diagnostics', MS_DIAGNOSTICS, 48],
    ['direct-routing', DIRECT_ROUTING, 25],
    ['hresult', HRESULTS, 34],
    ['warning', WARNINGS, 13],
    ['q850', Q850, 31],
    ['sip', SIP_STATUSES, 55],
  ] as const)(
    'of %s has meaning, remedy and source in whole sentences for each of its numbers',
    (family, table, least) => {
      const explained = numbersOf(table).map((code) => explainCode(family, code));
      expect(explained.length).toBeGreaterThanOrEqual(least);
      const faulty = explained.filter(
        (one) =>
          one === undefined ||
          !/^[A-Z].*[.]$/s.test(one.meaning) ||
          !/^[A-Z].*[.]$/s.test(one.remedy) ||
          one.source === '',
      );
      expect(faulty).toEqual([]);
    },
  );

  test.each([401, 403, 404, 407, 423, 480, 488, 503, 504])('say of %i what it means for signing in', (status) => {
    const [found, ...more] = explainCodeText(String(status));
    expect(found?.what).toMatch(new RegExp(`^${status} `));
    expect(more).toEqual([]);
  });

  test('make of Q.850 causes the statuses of RFC 3398', () => {
    const byStatus = (status: number) => numbersOf(Q850).filter((cause) => Q850[cause]?.status === status);
    expect(byStatus(404)).toEqual([1, 2, 3, 26]);
    expect(byStatus(503)).toEqual([34, 38, 41, 42, 47, 58, 88]);
    expect(byStatus(480)).toEqual([19, 20, 31]);
    expect(byStatus(403)).toEqual([21, 55, 57, 87]);
    expect(byStatus(488)).toEqual([65, 70]);
    expect(byStatus(500)).toEqual([111, 127]);
  });
});

describe('a code in words', () => {
  test.each([
    ['1009', ['ms-diagnostics 1009']],
    ['ms-diagnostics 1009.2', ['ms-diagnostics 1009']],
    ['ms-diagnostics-public: 4', ['ms-diagnostics 4']],
    ['0x80EE0042', ['0x80EE0042']],
    ['0x80ee0042', ['0x80EE0042']],
    ['2163081282', ['0x80EE0042']],
    ['-2131886014', ['0x80EE0042']],
    ['0x80EF0193', ['0x80EF0193']],
    ['510532', ['Direct Routing 510532']],
    ['direct-routing 560480', ['Direct Routing 560480']],
    ['alert 116', ['TLS alert 116 certificate_required']],
    ['TLS alert 48', ['TLS alert 48 unknown_ca']],
    ['unknown_ca', ['TLS alert 48 unknown_ca']],
    ['Q.850;cause=17', ['Q.850 cause 17']],
    ['q850 17', ['Q.850 cause 17']],
    ['warning 399', ['Warning 399']],
    ['399', ['Warning 399']],
    ['302', ['302 Moved Temporarily', 'Warning 302']],
    ['SIP 403', ['403 Forbidden']],
    ['SIP;cause=403', ['403 Forbidden']],
    ['42', ['Q.850 cause 42', 'TLS alert 42 bad_certificate']],
    ['499', ['499 (not registered)']],
    ['1234', ['ms-diagnostics 1234']],
  ])('%s is %j', (text, expected) => {
    expect(explainCodeText(text).map(({ what }) => what)).toEqual(expected);
  });

  test.each([
    '',
    '700',
    '99',
    'alert',
    'alert 255',
    '0x',
    '0x123456789',
    'Q.850 200',
    '-1',
    'constructor',
    '__proto__',
    '1e3',
  ])('%j is not known', (text) => {
    expect(explainCodeText(text)).toEqual([]);
  });

  test('carries the status of the server that an HRESULT or a sub-code hides', () => {
    expect(explainCode('hresult', 0x80ef0193)?.meaning).toContain('403 Forbidden');
    expect(explainCode('direct-routing', 560_480)?.meaning).toContain('480 Temporarily Unavailable');
    expect(explainCode('direct-routing', 560_480)?.source).toContain('Direct Routing');
  });

  test('says who gives a number that has no entry, and when a number is not confirmed', () => {
    expect(explainCode('ms-diagnostics', 14_007)?.meaning).toContain('number translation');
    expect(explainCode('ms-diagnostics', 11_000)).toBeUndefined();
    expect(explainCode('ms-diagnostics', 1046)?.confidence).toBe('unconfirmed');
    expect(explainCode('ms-diagnostics', 1009)?.confidence).toBe('documented');
  });
});
