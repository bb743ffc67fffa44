import { describe, expect, test } from 'vitest';
import type { Finding, Report } from '../../src/model.ts';
import type { TlsObservation } from '../../src/model/tls.ts';
import { plainPaint } from '../../src/report/paint.ts';
import { renderTlsServers } from '../../src/report/tls-servers.ts';
import { healthy } from './sample-reports.ts';

const sample = healthy.observations.find((one): one is TlsObservation => one.kind === 'tls');
if (sample === undefined) throw new Error('the sample report holds a handshake');

const NAME = `${sample.about.host} (${sample.about.address}:${sample.about.port})`;
const FACTS = {
  server: NAME,
  version: 'TLSv1.3',
  cipher: 'TLS_AES_256_GCM_SHA384',
  sni: sample.about.host,
  verifyName: sample.about.host,
  tcpMs: 2,
  tlsMs: 31,
  subject: 'CN=sip',
  names: ['sip.example.com'],
  total: 10_000,
  issuer: 'CN=issuer',
  notBefore: '2026-01-01T00:00:00Z',
  notAfter: '2026-12-01T00:00:00Z',
  dates: 'valid',
  daysLeft: 8,
  key: 'EC P-256',
  signature: 'ecdsa-with-SHA256',
  usages: ['serverAuth'],
  sent: [{ subject: 'CN=sip', issuer: 'CN=issuer', notAfter: '2026-12-01T00:00:00Z', place: 'server' }],
  root: null,
  staple: 'none',
  openssl: 'ok',
  file: null,
  clientCert: 'asked',
  authorities: ['CN=one', 'CN=two'],
  versions: [{ version: 'TLSv1', result: 'refused (alert 70)' }],
  byAddress: 'the same certificate',
  peer: 'server',
  offers: [],
};

function draw(evidence: Record<string, unknown>, change: Partial<Report> = {}): string {
  const finding: Finding = {
    id: 'tls-server.facts',
    rung: 'tls',
    severity: 'info',
    subject: 'x',
    text: 'x',
    remedy: '',
    evidence,
    source: 'x',
  };
  const report: Report = { ...healthy, command: 'tls', findings: [finding], ...change };
  return renderTlsServers(report, { paint: plainPaint, width: 100 }).join('\n');
}

describe('the block of a TLS server', () => {
  test('holds what one handshake has shown', () => {
    const text = draw(FACTS);
    expect(text).toContain(`${NAME}  TCP 2 ms, TLS 31 ms`);
    expect(text).toContain('sip.example.com and 9999 more');
    expect(text).toContain('2026-01-01 to 2026-12-01, 8 days left');
    expect(text).toContain('FAIL  no trusted root at the end');
    expect(text).toContain('asked for, of CN=one, CN=two');
    expect(text).toContain('TLSv1 refused (alert 70)');
  });

  test('of a file tells its format and whether the key belongs, and nothing of a handshake', () => {
    const file = { name: 'sip.pem', format: 'PEM' as const, order: 'leaf-first' as const };
    const one: TlsObservation = { ...sample, about: { ...sample.about, file } };
    const none = { version: '', cipher: '', openssl: null, byAddress: null, versions: [] };
    const evidence = { ...FACTS, ...none, server: 'sip.pem', file: { format: 'PEM', key: 'belongs' } };
    const text = draw(evidence, { observations: [one] });
    expect(text).toMatch(/^Certificates\n\n {2}sip\.pem\n/);
    expect(text).toContain('private key  belongs to the certificate');
    expect(text).not.toMatch(/SNI|client cert|version |TLS 31 ms/);
  });

  const at = (judgeAt: string): Partial<Report> => ({
    observations: [{ ...sample, about: { ...sample.about, judgeAt } }],
  });
  const year = `${Number(healthy.startedAt.slice(0, 4)) + 1}${healthy.startedAt.slice(4)}`;

  test.each([
    ['that it accepts the chain', 'accepts the chain', draw(FACTS)],
    ['what it objects to', 'refuses the chain: X_Y', draw({ ...FACTS, openssl: 'X_Y' })],
    ['that it judges by its own clock', 'it judges by the clock', draw({ ...FACTS, openssl: null }, at(year))],
    [
      'that a file is no handshake',
      'only in a handshake',
      draw({ ...FACTS, openssl: null, file: { format: 'PEM', key: null } }),
    ],
    ['that there was no end', 'did not come to its end', draw({ ...FACTS, openssl: null, cipher: '' })],
    [
      'that nothing else is known',
      'could not be read in time',
      draw({ ...FACTS, openssl: null }, at(healthy.startedAt)),
    ],
  ])('says of OpenSSL %s', (_, words, text) => {
    expect(text).toMatch(new RegExp(`\\n    OpenSSL +.*${words}`));
  });

  test('says nothing of OpenSSL in a run that was saved before it was asked', () => {
    const { openssl: _, ...before } = FACTS;
    expect(draw(before)).not.toContain('OpenSSL');
  });

  test('says of a chain that was cut how many certificates were sent', () => {
    const [one] = FACTS.sent;
    const text = draw({ ...FACTS, sent: Array.from({ length: 32 }, () => one), sentInAll: 100 });
    expect(text).toContain('and 90 more (of the 100 that were sent, the first 32 were read)');
  });

  test('is harmless and narrow whatever the certificate holds', () => {
    const hostile = `\u001b[2J\u202e\u0000${'x'.repeat(5000)}`;
    const text = draw({ ...FACTS, subject: hostile, issuer: hostile, names: Array<string>(64).fill(hostile) });
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
    expect(text.split('\n').length).toBeLessThan(60);
  });

  test('shows a server whose handshake failed as well', () => {
    const failed: TlsObservation = {
      ...sample,
      outcome: { ok: false, reason: 'tls-alert', detail: 'the peer sent an alert', alert: 40, ms: 3 },
    };
    const text = draw(FACTS, { findings: [], observations: [failed] });
    expect(text).toContain(NAME);
    expect(text).toContain('tls-alert: the peer sent an alert');
  });

  test('is drawn by `sipdiag tls` alone', () => {
    expect(draw(FACTS, { command: 'doctor' })).toBe('');
  });
});
