import { describe, expect, test } from 'vitest';
import type { Report } from '../../src/model.ts';
import { renderHuman } from '../../src/report/human.ts';
import { renderJson } from '../../src/report/json.ts';
import { plainPaint } from '../../src/report/paint.ts';
import { assembleReport } from '../../src/judge.ts';
import {
  altNames,
  der,
  extendedKeyUsage,
  keyUsage,
  type TestExtension,
  type TestName,
} from '../pki/make-certificate.ts';
import { assertValidReport } from '../report/valid-report.ts';
import { CLIENT_AUTH, HOST, seen, SERVER_AUTH, type Wish } from './tls-observation.ts';

const uses: TestExtension[] = [extendedKeyUsage(SERVER_AUTH, CLIENT_AUTH), keyUsage(0x80)];
const ESCAPES = '\u001B[2J\u001B]0;owned\u0007\u009B31m';
const RTL = '\u202Emoc.elpmaxe\u202C\u2066\u200F';

function judged(wish: Wish): Report {
  const target = { input: HOST, scheme: 'sip' as const, transports: [], profile: 'auto' };
  const head = { version: '0.0.0', command: 'tls', startedAt: '2026-06-01T00:00:00.000Z', ms: 1, target };
  return assembleReport([seen(wish)], head);
}
const drawn = (report: Report): string => renderHuman(report, { paint: plainPaint, verbosity: 'verbose', width: 100 });
// oxlint-disable-next-line no-control-regex -- these are what must not reach a terminal
const DANGEROUS = /[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u200E\u200F\u202A-\u202E\u2066-\u2069]/;

const manyNames = Array.from({ length: 10_000 }, (_, at): TestName => ['dns', `host${at}.example.com`]);
const CASES: [string, Wish][] = [
  ['escape sequences in the subject', { leaf: { subject: `${ESCAPES}CN` }, extensions: uses }],
  ['escape sequences in the issuer', { leaf: { issuer: ESCAPES }, extensions: uses }],
  ['escape sequences and NUL in a DNS name', { extensions: [altNames(['dns', `${ESCAPES}\0.example.com`]), ...uses] }],
  [
    'marks that turn the writing direction',
    { leaf: { subject: RTL }, extensions: [altNames(['dns', RTL], ['uri', `sip:${RTL}`]), ...uses] },
  ],
  [
    'a name of 100,000 characters',
    { leaf: { subject: 'a'.repeat(100_000) }, extensions: [altNames(['dns', 'b'.repeat(100_000)]), ...uses] },
  ],
  ['10,000 alternative names', { extensions: [altNames(...manyNames), ...uses] }],
  [
    'an extension of a megabyte',
    { extensions: [...uses, { oid: '1.2.3.4', value: der(0x04, Buffer.alloc(1_000_000)) }] },
  ],
  [
    'a critical extension of a megabyte',
    { extensions: [...uses, { oid: '1.2.3.4', critical: true, value: der(0x04, Buffer.alloc(1_000_000)) }] },
  ],
  [
    '200 extended key usages',
    { extensions: [extendedKeyUsage(...Array.from({ length: 200 }, (_, at) => `1.3.6.1.4.1.${at}`))] },
  ],
];

describe.each(CASES)('a certificate with %s', (_, wish) => {
  const report = judged(wish);

  test('cannot speak to the terminal', () => {
    expect(drawn(report)).not.toMatch(DANGEROUS);
  });

  test('stays within bounds beside its own octets', () => {
    expect(drawn(report).length).toBeLessThan(40_000);
    const { observations: _octets, ...judgement } = report;
    expect(JSON.stringify(judgement).length).toBeLessThan(60_000);
  });

  test('gives a report that satisfies the schema, in JSON without raw control characters', () => {
    const json = renderJson(report);
    expect(json).not.toMatch(DANGEROUS);
    expect(() => assertValidReport(JSON.parse(json))).not.toThrow();
  });

  test('is told as what it is: no check crashes', () => {
    expect(report.checks.filter(({ status }) => status === 'crashed')).toEqual([]);
    expect(report.verdict.status).not.toBe('healthy');
  });
});
