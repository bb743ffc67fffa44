import { describe, expect, test } from 'vitest';
import { dnsCommand } from '../../src/cli/dns.ts';
import type { DoctorOptions } from '../../src/cli/doctor.ts';
import { sipdiag } from '../command-line.ts';
import { assertValidReport } from '../report/valid-report.ts';
import type { Report } from '../../src/model.ts';
import { laterComplaintOf } from './usage.ts';

/** None of them is looked at before the target is understood. */
const OPTIONS: DoctorOptions = {
  format: 'json',
  failOn: 'error',
  color: true,
  profile: 'auto',
  timeout: 1000,
  deadline: 2000,
};

async function reportOf(...args: string[]): Promise<{ report: Report; code: number | null }> {
  const { stdout, stderr, code } = await sipdiag(['dns', ...args, '--json']);
  if (stderr !== '') throw new Error(stderr);
  const report: Report = JSON.parse(stdout);
  assertValidReport(report);
  return { report, code };
}

const questionsOf = ({ observations }: Report): string[] =>
  observations.flatMap((one) => (one.kind === 'dns' ? `${one.about.name} ${one.about.type}` : []));

describe('what has no names to look up is refused', () => {
  test.each([
    ['nothing', undefined, 'the target is missing'],
    ['an empty target', '', 'the target is empty'],
    ['an IPv4 address', '192.0.2.1', 'is an address, and has no names to look up'],
    ['an IPv4 address with a port', '192.0.2.1:5061', 'is an address'],
    ['an IPv6 address', '[2001:db8::1]:5061', 'is an address'],
    ['a URI with an address', 'sip:toml@192.0.2.1', 'is an address'],
    ['a web address', 'https://example.com/', 'is an address for https'],
    ['an empty label', 'sip..example.com', 'is not a valid target'],
  ])('%s', async (_what, target, told) => {
    expect(await laterComplaintOf(dnsCommand(target, OPTIONS))).toContain(told);
  });
});

describe('wrong usage on the command line ends with 2 and one line', () => {
  test.each([
    ['an unknown profile', ['example.com', '--profile', 'messenger'], "--profile 'messenger'"],
    ['two targets', ['a.example', 'b.example'], 'too many arguments'],
    ['a resolver by name', ['example.com', '--resolver', 'ns.example'], "--resolver 'ns.example'"],
    ['a resolver without an address', ['example.com', '--resolver', 'internal='], "--resolver ''"],
    ['an option of sign-in', ['example.com', '--user', 'toml'], "unknown option '--user'"],
    ['sips without TLS', ['sips:a@example.com', '--transport', 'udp'], '--transport udp'],
  ])('%s', async (_what, args, told) => {
    const { stdout, stderr, code } = await sipdiag(['dns', ...args]);
    expect(stderr).toMatch(/^sipdiag: [^\n]+\n$/);
    expect(stderr).toContain(told);
    expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
  });
});

describe('in the lab', () => {
  test('a domain is put to all profiles, each question once', async () => {
    const { report, code } = await reportOf('--lab');
    const questions = questionsOf(report);
    expect(code).toBe(0);
    expect(new Set(questions).size).toBe(questions.length);
    expect(questions).toContain('_sipinternaltls._tcp.fuzzybunny.local SRV');
    expect(report.observations.filter(({ kind }) => kind === 'discovery')).toHaveLength(1);
  });

  test('no rung but dns is climbed', async () => {
    const { report } = await reportOf('--lab');
    const others = report.rungs.filter(({ rung }) => rung !== 'dns');
    expect(new Set(others.map(({ status }) => status))).toEqual(new Set(['not-tested']));
    expect(new Set(report.observations.map(({ kind }) => kind))).toEqual(new Set(['dns', 'discovery', 'skipped']));
  });

  test('a service name is one question and the addresses of its target', async () => {
    const { report, code } = await reportOf('_sips._tcp.fuzzybunny.local', '--lab');
    const host = 'sip.fuzzybunny.local';
    expect(questionsOf(report)).toEqual(['_sips._tcp.fuzzybunny.local SRV', `${host} A`, `${host} AAAA`]);
    expect(code).toBe(0);
  });

  test.each([
    ['srv-target-missing', 'srv-target.missing'],
    ['srv-records-absent-and-no-address', 'domain.not-found'],
    ['resolver-silent', 'resolver.timeout'],
    ['resolver-servfail', 'resolver.failure'],
    ['resolver-refused', 'resolver.failure'],
    ['resolver-truncated-no-tcp', 'resolver.truncated-no-tcp'],
  ])('%s is %s', async (fault, findingId) => {
    const { report, code } = await reportOf('--lab', fault, '--timeout', '700');
    expect(report.verdict).toMatchObject({ status: 'broken', rung: 'dns', findingId });
    expect(code).toBe(1);
  });

  test.each(['tls-refused', 'cert-expired', 'sip-silent'])('%s is no business of it', async (fault) => {
    const { report, code } = await reportOf('--lab', fault);
    expect({ status: report.verdict.status, code }).toEqual({ status: 'healthy', code: 0 });
  });
});
