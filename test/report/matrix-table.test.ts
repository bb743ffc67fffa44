import { describe, expect, test } from 'vitest';
import type { Report } from '../../src/model.ts';
import { renderMatrix } from '../../src/report/matrix-table.ts';
import { plainPaint } from '../../src/report/paint.ts';
import { healthy } from './sample-reports.ts';

const sheet = { paint: plainPaint, width: 100 };
const step = (text: string, good: 'yes' | 'no' = 'yes', ms = 12) => ({ ms, text, good });

const tlsRow = {
  transport: 'tls',
  by: 'name',
  server: 'sip.example.org:5061',
  endpoint: '192.0.2.1:5061',
  name: step('dns'),
  connect: step('connected'),
  tls: step('TLSv1.3'),
  certificate: { text: 'valid', good: 'yes' },
  sni: 'sip.example.org',
  verified: 'sip.example.org',
  options: step('200 OK'),
  register: step('401 Unauthorized'),
  signIn: step('not sent (unverified)', 'no', 0),
};
const lostRow = { ...tlsRow, transport: 'tcp', server: 'sip.example.org:5060', name: step('timeout', 'no'), tls: null };

const reportWith = (rows: unknown, text = 'TCP works, TLS does not.'): Report => ({
  ...healthy,
  command: 'signin',
  findings: [
    {
      id: 'matrix.transport-fails',
      rung: 'auth',
      severity: 'info',
      subject: 'matrix',
      text,
      remedy: '',
      evidence: { rows },
      source: 'RFC 3263 section 4',
    },
  ],
});

describe('the matrix', () => {
  test('shows each way with its times, the name that was sent and the name that was verified', () => {
    const [table = [], conclusion = []] = renderMatrix(reportWith([tlsRow]), sheet);
    expect(table).toEqual([
      '  way          server                connect  TLS         OPTIONS     REGISTER    password',
      '  tls by name  sip.example.org:5061   12 ms   1.3  12 ms  200  12 ms  401  12 ms  not sent',
      '      SNI sip.example.org; verified as sip.example.org: certificate valid',
    ]);
    expect(conclusion).toEqual(['Conclusion: TCP works, TLS does not.']);
  });

  test('shows a name that leads nowhere', () => {
    const [table = []] = renderMatrix(reportWith([lostRow]), sheet);
    expect(table[1]).toBe('  tcp by name  sip.example.org:5060  no address  -    -        -         -');
  });

  test('has no line of more than 100 columns, and nothing that acts on a terminal', () => {
    const evil = `${'x'.repeat(300)}\u001b[2J\u202e`;
    const row = {
      ...tlsRow,
      server: evil,
      sni: evil,
      verified: evil,
      options: step(evil),
      certificate: { text: evil },
    };
    const lines = renderMatrix(reportWith([row], evil.repeat(4)), sheet).flat();
    expect(lines.length).toBeGreaterThan(3);
    expect(lines.filter((line) => line.length > 100)).toEqual([]);
    expect(lines.join('')).not.toMatch(/[\u001b\u202e]/);
  });

  test.each([undefined, 'rows', [null, 1, 'x'], [{}]])('takes whatever a saved run holds (%j)', (rows) => {
    expect(() => renderMatrix(reportWith(rows), sheet)).not.toThrow();
  });

  test('is part of signin only', () => {
    expect(renderMatrix({ ...reportWith([tlsRow]), command: 'doctor' }, sheet)).toEqual([]);
  });
});
