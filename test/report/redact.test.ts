import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Finding, Observation, Report } from '../../src/model.ts';
import { redactReport } from '../../src/report/redact.ts';
import { brokenAtCertificate, healthy, samples } from './sample-reports.ts';
import { assertValidReport } from './valid-report.ts';
import { cpuMs } from '../cpu-ms.ts';

const attempt = {
  transport: 'tls',
  host: 'pool01.fuzzybunny.local',
  address: '10.1.2.3',
  port: 5061,
  published: true,
  set: '_sip._tls.fuzzybunny.local',
} as const;

function sip(headers: Record<string, string[]>): Observation {
  return {
    kind: 'sip',
    subject: 'REGISTER sip:fuzzybunny.local over tls 10.1.2.3:5061',
    at: 1,
    about: { ...attempt, method: 'REGISTER', requestUri: 'sip:fuzzybunny.local', aor: 'sip:toml@fuzzybunny.local' },
    outcome: {
      ok: true,
      ms: 3,
      value: {
        status: 403,
        reason: 'toml is locked',
        headers,
        from: '10.1.2.3:5061',
        local: '[fd00::7]:40001',
        tries: 1,
      },
    },
  };
}

function finding(change: Partial<Finding>): Finding {
  const base = {
    id: 'registration.forbidden',
    rung: 'auth',
    severity: 'error',
    subject: 'x',
    source: 'RFC 3261',
  } as const;
  return { ...base, text: '', remedy: '', evidence: {}, ...change };
}

const reportOf = (change: Partial<Report>): Report =>
  redactReport({ ...healthy, rungs: [], observations: [], ...change });
const headersOf = (headers: Record<string, string[]>): unknown => {
  const [one] = reportOf({ observations: [sip(headers)] }).observations;
  return one?.outcome.ok === true ? one.outcome.value : undefined;
};

describe('a redacted report', () => {
  test.each(Object.entries(samples))('"%s" names nobody, is valid, and keeps its judgement', (_name, report) => {
    const redacted = redactReport(report);
    assertValidReport(JSON.parse(JSON.stringify(redacted)));
    expect(JSON.stringify(redacted)).not.toMatch(/fuzzybunny|toml|pool01/i);
    expect(redacted.verdict).toMatchObject({
      status: report.verdict.status,
      rung: report.verdict.rung,
      findingId: report.verdict.findingId,
    });
    expect(redacted.findings.map(({ id, severity, source }) => [id, severity, source])).toEqual(
      report.findings.map(({ id, severity, source }) => [id, severity, source]),
    );
    expect(redacted.rungs.map(({ rung, status }) => [rung, status])).toEqual(
      report.rungs.map(({ rung, status }) => [rung, status]),
    );
    expect(redacted.checks.map(({ checkId }) => checkId)).toEqual(report.checks.map(({ checkId }) => checkId));
  });

  test('uses the same substitute everywhere, and keeps what a name is for', () => {
    const { target, findings } = reportOf({
      findings: [
        finding({
          subject: '10.1.2.3:5061',
          text: 'pool01.fuzzybunny.local (10.1.2.3:5061) forbids sip:toml@fuzzybunny.local; see _sip._tls.fuzzybunny.local and sip.fuzzybunny.local.',
          remedy: 'Ask toml@fuzzybunny.local or the owner of sip.other.co.uk; put it in root.pem.',
          evidence: { host: 'pool01.fuzzybunny.local', names: ['*.fuzzybunny.local', 'a.b.fuzzybunny.local'] },
        }),
      ],
    });
    expect(target.input).toBe('sip:user1@domain1.example');
    expect(findings[0]).toMatchObject({
      subject: '192.0.2.1:5061',
      text: 'host1.domain1.example (192.0.2.1:5061) forbids sip:user1@domain1.example; see _sip._tls.domain1.example and sip.domain1.example.',
      remedy: 'Ask user1@domain1.example or the owner of sip.domain2.example; put it in root.pem.',
      evidence: { host: 'host1.domain1.example', names: ['*.domain1.example', 'host2.host3.domain1.example'] },
    });
  });

  test('does not take ids, times, versions and codes for names', () => {
    const text =
      'srv-records.absent at 2026-11-22T03:04:05.000Z, TLSv1.2, 12:34:56, e.g. OpenSSL 3.0.22, ms-diagnostics 1010.2';
    expect(reportOf({ findings: [finding({ text, evidence: { text } })] }).findings[0]).toMatchObject({ text });
  });

  test('reaches into what the server said', () => {
    const said = headersOf({
      contact: [
        '"Tom Lehrer" <sip:toml@10.1.2.3:5070;transport=tls>;+sip.instance="<urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>"',
      ],
      'www-authenticate': ['NTLM realm="SIP Communications Service", targetname="pool01.fuzzybunny.local"'],
      warning: ['399 pool01.fuzzybunny.local "Tom Lehrer, call tel:+49301234567"'],
      via: ['SIP/2.0/TLS [2001:DB8:5::7]:5061;received=203.0.113.77'],
    });
    const text = JSON.stringify(said);
    expect(text).not.toMatch(/toml|lehrer|fuzzybunny|pool01|10\.1\.2\.3|f81d4fae|4930|db8:5|113\.77|fd00/i);
    expect(text).toContain('SIP Communications Service');
    expect(text).toContain('sip:user');
    expect(text).toContain(':5070;transport=tls');
  });

  test('leaves certificates and other octets out', () => {
    const chain = ['QUJD'.repeat(60)];
    const text = JSON.stringify(redactReport(brokenAtCertificate).observations);
    expect(JSON.stringify(brokenAtCertificate.observations)).toMatch(/"chain":\["/);
    expect(text).not.toMatch(/"chain":\["/);
    expect(text).not.toContain('"trustAnchors":["');
    expect(JSON.stringify(reportOf({ findings: [finding({ evidence: { chain } })] }))).not.toContain('QUJDQUJD');
  });

  test('replaces organisations, fingerprints, files and accounts of Windows in every sentence', () => {
    const evidence = {
      subject: 'CN=sip.fuzzybunny.local,O=Fuzzy Bunny Inc,C=DE',
      fingerprint: 'AA:BB:CC:DD:EE:FF:00:11',
      serial: '0123456789abcdef01234567',
      account: 'BUNNIES\\tlehrer',
      file: '/home/tlehrer/root.pem',
    };
    const text = '"O=Fuzzy Bunny Inc" gave tlehrer of BUNNIES /home/tlehrer/root.pem';
    const [found] = reportOf({ findings: [finding({ text, evidence })] }).findings;
    expect(found?.text).toMatch(/^"O=name1" gave user\d of host\d file1$/);
    expect(JSON.stringify(found)).not.toMatch(/bunn|lehrer|EE:FF|0123456789abcdef/i);
    expect(found?.evidence['subject']).toBe('CN=sip.domain1.example,O=name1,C=DE');
  });

  test('tells more addresses apart than a block of examples has', () => {
    const addresses = Array.from({ length: 1000 }, (_, at) => `10.0.${at >> 8}.${at & 255}`);
    const [found] = reportOf({ findings: [finding({ evidence: { addresses } })] }).findings;
    expect(new Set(Object(found?.evidence)['addresses']).size).toBe(1000);
    expect(JSON.stringify(found)).not.toContain('"10.0.');
  });

  test.each(['127.0.0.1', '0.0.0.0', '::1', 'localhost'])('keeps %s, which tells nothing about anybody', (text) => {
    expect(reportOf({ findings: [finding({ text: `it listens on ${text}` })] }).findings[0]?.text).toContain(text);
  });

  test.each(['tls', 'timeout', 'a', '.', '(', '$&', '1', 'error'])('stays valid for a user called %j', (user) => {
    const target = { ...healthy.target, user, input: `sip:${user}@fuzzybunny.local` };
    const redacted = redactReport({ ...brokenAtCertificate, target });
    assertValidReport(JSON.parse(JSON.stringify(redacted)));
    expect(redacted.target.input).toMatch(/@domain1\.example$/);
  });

  test('knows every word of the enumerations of the model', () => {
    const files = ['model.ts', 'model/far-side.ts'];
    const model = files.map((file) => readFileSync(new URL(`../../src/${file}`, import.meta.url), 'utf8')).join('\n');
    const unions = model.match(/'[\w.#-]+'(?:\s*\|\s*(?:\/\*\*[^*]*\*\/\s*)?'[\w.#-]+')+/g) ?? [];
    const words = [...new Set(unions.flatMap((union) => union.match(/(?<=')[\w.#-]+(?=')/g) ?? []))];
    expect(words.length).toBeGreaterThan(60);
    const kept = words.filter((word) => {
      const target = { ...healthy.target, user: word };
      return reportOf({ target, findings: [finding({ evidence: { word } })] }).findings[0]?.evidence['word'] === word;
    });
    expect(kept).toEqual(words);
  });

  test('is the same when it is made again', () => {
    expect(redactReport(brokenAtCertificate)).toEqual(redactReport(brokenAtCertificate));
  });

  test('is not brought down by a name of 70,000 characters', () => {
    const target = { ...healthy.target, user: 'word '.repeat(14_000) };
    expect(reportOf({ target, findings: [finding({ text: 'sip:toml@fuzzybunny.local' })] }).findings[0]?.text).toBe(
      'sip:user1@domain1.example',
    );
  });

  test('takes time in proportion to how many users a hostile server names', () => {
    const users = (mark: string) => Array.from({ length: 20_000 }, (_, at) => `sip:u${at}${mark}x@h${at}.example`);
    const before = cpuMs();
    const [found] = reportOf({ findings: [finding({ evidence: { users: [...users('-'), ...users('')] } })] }).findings;
    expect(JSON.stringify(found)).not.toMatch(/u17-x|u17x/);
    expect(cpuMs() - before).toBeLessThan(5000);
  });

  test('takes time in proportion to what a hostile server sent', () => {
    const hostile = ['a.', '1:', '@', 'a@', '"', 'sip:', '\\a', '-', '1.'].map((unit) =>
      unit.repeat(20_000 / unit.length),
    );
    const before = cpuMs();
    expect(reportOf({ findings: [finding({ evidence: { hostile } })] }).findings).toHaveLength(1);
    expect(cpuMs() - before).toBeLessThan(5000);
  });
});
