import { describe, expect, test } from 'vitest';
import { explainAnswer } from '../../../src/check/explained/explain-answer.ts';

const whats = (...given: Parameters<typeof explainAnswer>) => explainAnswer(...given).map(({ what }) => what);

describe('an answer in words', () => {
  test('tells the diagnostics of the server first and the status last', () => {
    const headers = {
      'retry-after': ['300'],
      warning: ['399 edge.a.example "try later"'],
      reason: ['Q.850;cause=41;text="Temporary failure"'],
      'ms-diagnostics': ['1010;reason="No trust";source="edge.a.example";HRESULT="0x80090325"'],
    };
    expect(explainAnswer(headers, 504)).toMatchObject([
      {
        what: 'ms-diagnostics 1010 (from edge.a.example)',
        meaning: expect.stringContaining('The server says: "No trust".'),
      },
      { what: '0x80090325', meaning: expect.stringContaining('trusted root') },
      { what: 'Reason Q.850 cause 41', meaning: expect.stringContaining('503 Service Unavailable') },
      { what: 'Warning 399 (from edge.a.example)', meaning: expect.stringContaining('"try later"') },
      { what: 'Retry-After 300', meaning: expect.stringContaining('5 min') },
      { what: '504 Server Time-out' },
    ]);
  });

  test.each([
    [{}, []],
    [{ server: ['x'], allow: ['INVITE'] }, []],
    [{ 'min-expires': ['3600'] }, ['Min-Expires 3600']],
    [{ unsupported: ['outbound, path'] }, ['Unsupported outbound, path']],
    [{ 'ms-diagnostics-public': ['99999999.1'] }, ['ms-diagnostics 99999999.1']],
    [{ warning: ['777 a "b"'] }, ['Warning 777 (from a)']],
    [{ reason: ['SIP;cause=403'] }, ['Reason SIP cause 403']],
    [{ reason: ['Microsoft;cause=510532'] }, []],
    [{ reason: ['foo;text="bar"'] }, ['Reason foo']],
    [{ reason: ['foo;cause=1'] }, []],
  ])('%j gives %j', (headers, expected) => {
    expect(whats(headers)).toEqual(expected);
  });

  test.each([
    ['90', '90 s'],
    ['600', '10 min'],
    ['86400', '24 h'],
  ])('a Retry-After of %s is %s', (seconds, text) => {
    expect(explainAnswer({ 'retry-after': [seconds] })[0]?.remedy).toContain(text);
  });

  test('leaves a status out that no client knows, and that of a success', () => {
    expect(whats({}, 200)).toEqual([]);
    expect(whats({}, 9999)).toEqual([]);
  });

  test('is bounded', () => {
    const many = Array.from({ length: 100 }, (_, at) => `${1000 + at};e="0x80090325 0x80090322 0x80090328"`);
    expect(explainAnswer({ 'ms-diagnostics': many }, 403)).toHaveLength(13);
  });
});
