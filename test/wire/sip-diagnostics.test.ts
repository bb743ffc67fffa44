import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  parseMsDiagnostic,
  parseReason,
  parseSipDate,
  parseWarning,
  readAdvice,
} from '../../src/wire/sip-diagnostics.ts';

describe('ms-diagnostics', () => {
  test('is a number with parameters', () => {
    const value =
      '1010;reason="Certificate trust with another server could not be established";source="sip.contoso.com";ErrorType="The peer certificate is not chained off a trusted root";HRESULT="0x80090325"';
    expect(parseMsDiagnostic('ms-diagnostics', value)).toEqual({
      header: 'ms-diagnostics',
      id: 1010,
      reason: 'Certificate trust with another server could not be established',
      source: 'sip.contoso.com',
      more: [
        { name: 'ErrorType', value: 'The peer certificate is not chained off a trusted root' },
        { name: 'HRESULT', value: '0x80090325' },
      ],
    });
  });

  test.each([
    ['1009.3;source="a"', { id: 1009, sub: 3, source: 'a' }],
    [' 4005 ', { id: 4005 }],
    ['1000;reason=not quoted at all', { id: 1000, more: [] }],
    ['1000;;', { id: 1000, more: [] }],
  ])('%j is read as far as it can be', (value, expected) => {
    expect(parseMsDiagnostic('ms-diagnostics-public', value)).toMatchObject(expected);
  });

  test.each(['', 'x', ';reason="a"', '-1', '1e9', '9999999999', '1.', '١٠'])('%j is refused', (value) => {
    expect(() => parseMsDiagnostic('ms-diagnostics', value)).toThrow(
      expect.objectContaining({ name: 'WireError', code: 'ms-diagnostics' }),
    );
  });
});

test.each([
  ['399 sip.a.example "no, not now"', { code: 399, agent: 'sip.a.example', text: 'no, not now' }],
  ['307 [2001:db8::1]:5060 "a \\"b\\""', { code: 307, agent: '[2001:db8::1]:5060', text: 'a "b"' }],
])('the Warning %j is read', (value, expected) => {
  expect(parseWarning(value)).toEqual(expected);
});

test.each(['399', '399 agent', '399 agent text', '99 agent "x"', '399 agent "open'])(
  'the Warning %j is refused',
  (value) => {
    expect(() => parseWarning(value)).toThrow(expect.objectContaining({ name: 'WireError' }));
  },
);

test.each([
  ['SIP;cause=200;text="Call completed elsewhere"', { protocol: 'SIP', cause: 200, text: 'Call completed elsewhere' }],
  ['Q.850 ; cause = 16', { protocol: 'Q.850', cause: 16 }],
  ['preemption;cause=x', { protocol: 'preemption' }],
])('the Reason %j is read', (value, expected) => {
  expect(parseReason(value)).toEqual(expected);
});

test.each(['', ';cause=1', 'a b;cause=1'])('the Reason %j is refused', (value) => {
  expect(() => parseReason(value)).toThrow(expect.objectContaining({ name: 'WireError' }));
});

test.each([
  ['Sat, 13 Nov 2010 23:29:00 GMT', '2010-11-13T23:29:00.000Z'],
  ['Mon, 1 feb 2027 00:00:00 GMT', '2027-02-01T00:00:00.000Z'],
])('the Date %j is read', (value, expected) => {
  expect(new Date(parseSipDate(value) ?? 0).toISOString()).toBe(expected);
});

test.each([
  '',
  'Sat, 31 Jun 2010 23:29:00 GMT',
  'Sat, 13 Nov 2010 24:29:00 GMT',
  'Sat, 13 Nov 2010 23:29:00 CET',
  'Sat, 13 Nov 10 23:29:00 GMT',
  '2010-11-13',
])('the Date %j is refused', (value) => {
  expect(parseSipDate(value)).toBeUndefined();
});

describe('the advice of an answer', () => {
  test('is everything that the headers say', () => {
    const advice = readAdvice({
      'ms-diagnostics-public': ['1003;reason="User does not exist"'],
      warning: ['399 a "one", 370 b "two"'],
      reason: ['SIP;cause=486, Q.850;cause=17'],
      'retry-after': ['120 (maintenance);duration=60'],
      'min-expires': [' 3600'],
      allow: ['INVITE, ACK', 'REGISTER'],
      supported: ['path, gruu'],
      unsupported: ['outbound'],
      server: ['kamailio (5.7.4)'],
      date: ['Sat, 13 Nov 2010 23:29:00 GMT'],
    });
    expect(advice).toMatchObject({
      diagnostics: [{ header: 'ms-diagnostics-public', id: 1003 }],
      warnings: [{ code: 399 }, { code: 370, text: 'two' }],
      reasons: [
        { protocol: 'SIP', cause: 486 },
        { protocol: 'Q.850', cause: 17 },
      ],
      retryAfter: 120,
      minExpires: 3600,
      allow: ['INVITE', 'ACK', 'REGISTER'],
      supported: ['path', 'gruu'],
      unsupported: ['outbound'],
      server: 'kamailio (5.7.4)',
      date: Date.UTC(2010, 10, 13, 23, 29),
    });
  });

  test('is empty where there are no headers', () => {
    const nothing = { diagnostics: [], warnings: [], reasons: [], allow: [], supported: [], unsupported: [] };
    expect(readAdvice({})).toEqual(nothing);
    expect(readAdvice({ constructor: ['1'], 'retry-after': ['soon'], 'min-expires': ['-1'], date: ['x'] })).toEqual(
      nothing,
    );
  });

  test('is bounded in number and length', () => {
    const many = Array.from({ length: 5000 }, () => `1000;reason="${'x'.repeat(2000)}"`);
    const advice = readAdvice({
      'ms-diagnostics': many,
      allow: [Array.from({ length: 5000 }, () => 'INVITE').join(',')],
    });
    expect(advice.diagnostics).toHaveLength(16);
    expect(advice.diagnostics[0]?.reason).toHaveLength(512);
    expect(advice.allow.length).toBeLessThanOrEqual(64);
  });

  test('never throws, whatever a server sends', () => {
    const name = fc.constantFrom('ms-diagnostics', 'warning', 'reason', 'retry-after', 'allow', 'date', 'server');
    const value = fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom('"', ';', ',', '=', '\\', ' ', '1', 'a', '<') }),
    );
    fc.assert(
      fc.property(fc.dictionary(name, fc.array(value)), (headers) => Array.isArray(readAdvice(headers).diagnostics)),
    );
    expect(readAdvice({ warning: ['"'] }).warnings).toEqual([]);
  });
});
