import { afterEach, describe, expect, test } from 'vitest';
import { FAULT_NAMES, FAULTS, type FaultName } from '../src/lab/faults.ts';
import { startLab, type Lab, type LabOptions } from '../src/lab/lab.ts';
import type { Report, Rung, RungResult } from '../src/model.ts';
import { createRealWorld } from '../src/net/real-world.ts';
import { run } from '../src/run.ts';
import { labRequest, RUNGS } from './lab-run.ts';
import { assertValidReport } from './report/valid-report.ts';

const running: Lab[] = [];

async function open(options: LabOptions = {}): Promise<Lab> {
  const lab = await startLab(options);
  running.push(lab);
  return lab;
}

afterEach(async () => {
  await Promise.all(running.splice(0).map(async (lab) => lab.stop()));
});

async function diagnose(lab: Lab, change: Parameters<typeof labRequest>[1] = {}): Promise<Report> {
  const report = await run(createRealWorld(), labRequest(lab, change));
  assertValidReport(JSON.parse(JSON.stringify(report)));
  return report;
}

const statusesOf = ({ rungs }: Report): Partial<Record<Rung, RungResult['status']>> =>
  Object.fromEntries(rungs.map(({ rung, status }) => [rung, status]));

const NEVER_CLIMBED = { callback: 'not-tested', media: 'not-tested' } as const;
const NO_TLS: ReadonlySet<FaultName> = new Set(['tls-refused']);
/** These are found by waiting: the limit is short. */
const SILENT: ReadonlySet<FaultName> = new Set(['resolver-silent', 'tls-silent', 'sip-silent', 'sip-closes']);

/** Statuses that follow from where a fault lies: those below have passed; those that hang on it are not tested. */
function expectedStatuses(fault: FaultName): Partial<Record<Rung, RungResult['status']>> {
  const { rung } = FAULTS[fault].expects;
  const below = RUNGS.slice(0, RUNGS.indexOf(rung)).map((one) => [one, 'passed'] as const);
  const hanging: Partial<Record<Rung, readonly Rung[]>> = {
    dns: ['connect', 'tls', 'certificate', 'sip', 'auth'],
    connect: NO_TLS.has(fault) ? ['tls', 'certificate'] : [],
    tls: ['certificate'],
    sip: ['auth'],
  };
  const above = (hanging[rung] ?? []).map((one) => [one, 'not-tested'] as const);
  return { ...NEVER_CLIMBED, ...Object.fromEntries(below), [rung]: 'failed', ...Object.fromEntries(above) };
}

describe('the healthy lab', () => {
  test('is healthy on every rung that can be tested without credentials', async () => {
    const report = await diagnose(await open());
    expect(report.verdict).toMatchObject({ status: 'healthy', rung: null, findingId: null });
    expect(report.findings.filter(({ severity }) => severity !== 'info')).toEqual([]);
    expect(report.rungs.map(({ rung }) => rung)).toEqual(RUNGS);
    expect(statusesOf(report)).toMatchObject({
      ...NEVER_CLIMBED,
      dns: 'passed',
      connect: 'passed',
      tls: 'passed',
      certificate: 'passed',
      sip: 'passed',
      auth: 'not-tested',
    });
    expect(report.checks.filter(({ status }) => status === 'crashed')).toEqual([]);
  });

  test('registers nothing: a run without credentials leaves no binding', async () => {
    const lab = await open();
    await diagnose(lab);
    expect(lab.bindings()).toEqual([]);
  });

  test('two runs differ in times and ports of their own only', async () => {
    const lab = await open();
    const shape = ({ verdict, findings, checks, rungs, observations }: Report) => ({
      verdict,
      // Texts and evidence tell milliseconds.
      findings: findings.map(({ id, severity, subject }) => ({ id, severity, subject })),
      checks,
      rungs: rungs.map(({ rung, status, summary }) => ({ rung, status, summary })),
      seen: observations.map(({ kind, subject, outcome }) => ({ kind, subject, ok: outcome.ok })),
    });
    expect(shape(await diagnose(lab))).toEqual(shape(await diagnose(lab)));
  });

  test('is unknown to a client that does not trust its root', async () => {
    const trust = { added: [], builtIn: () => Promise.resolve([]) };
    expect((await diagnose(await open(), { trust })).verdict).toMatchObject({ status: 'broken', rung: 'certificate' });
  });
});

/** Other transports, or another version of TLS, go on beside these; who refuses a certificate has shown its own. */
const BESIDE: ReadonlySet<FaultName> = new Set([
  'srv-target-missing-tcp',
  'naptr-broken',
  'client-cert-required',
  'client-cert-rejected',
]);
/** Faults that stop every client, and that doctor sees without a word more: no password, no witness. */
const GRAVE = FAULT_NAMES.filter((name) => {
  const { expects, look, change } = FAULTS[name];
  return expects.severity === 'error' && look === undefined && change.agent === undefined && !BESIDE.has(name);
});

describe.each(GRAVE)('the fault %s', (fault) => {
  test('is named as the first broken rung and its cause, and leaves the rungs beside it alone', async () => {
    const report = await diagnose(await open({ faults: [fault] }), SILENT.has(fault) ? { timeoutMs: 1000 } : {});
    const { rung, findingId } = FAULTS[fault].expects;
    expect(report.verdict).toMatchObject({ status: 'broken', rung, findingId });
    expect(statusesOf(report)).toMatchObject(expectedStatuses(fault));
    const cause = report.findings.find(({ id }) => id === findingId);
    expect(report.verdict.summary).toBe(cause?.text);
    expect(report.verdict.nextStep).toBe(cause?.remedy);
    const [first] = report.findings.filter(({ severity }) => severity === 'error');
    expect(first?.rung).toBe(rung);
  });
});

describe('the choice of a command', () => {
  test('dns climbs the first rung only', async () => {
    const report = await diagnose(await open({ faults: ['cert-expired'] }), { command: 'dns' });
    expect(report.verdict.status).toBe('healthy');
    expect(report.rungs.slice(1).every(({ status }) => status === 'not-tested')).toBe(true);
    expect(new Set(report.observations.map(({ kind }) => kind))).toEqual(new Set(['dns', 'discovery', 'skipped']));
  });

  test('tls climbs to the certificate and speaks no SIP', async () => {
    const report = await diagnose(await open({ faults: ['sip-silent'] }), { command: 'tls' });
    expect(report.verdict.status).toBe('healthy');
    expect(report.observations.filter(({ kind }) => kind === 'sip')).toEqual([]);
  });

  test('tls and doctor agree about a certificate', async () => {
    const lab = await open({ faults: ['cert-wrong-name'] });
    const [tls, doctor] = [await diagnose(lab, { command: 'tls' }), await diagnose(lab)];
    expect(tls.verdict).toEqual(doctor.verdict);
  });
});

describe('a named server', () => {
  const named = (lab: Lab, port: number) => ({
    target: { ...labRequest(lab).target, server: { host: '127.0.0.1', port } },
    resolvers: [],
  });

  test('needs no DNS, and the rung says so', async () => {
    const lab = await open();
    const report = await diagnose(lab, named(lab, lab.sip.tcp.port));
    expect(report.rungs[0]).toMatchObject({ status: 'not-tested', summary: 'not tested: the target is an address' });
    expect(statusesOf(report)).toMatchObject({ connect: 'passed', sip: 'passed' });
  });

  test('a pinned name is not looked up, neither a named one nor one that DNS leads to', async () => {
    const lab = await open({ faults: ['resolver-silent'] });
    const host = `sip.${lab.domain}`;
    const target = {
      ...labRequest(lab).target,
      server: { host, port: lab.sip.tls.port },
      transports: ['tls' as const],
    };
    const report = await diagnose(lab, { target, pinned: new Map([[`${host}:${lab.sip.tls.port}`, lab.sip.tls]]) });
    expect(statusesOf(report)).toMatchObject({ connect: 'passed', certificate: 'passed', sip: 'passed' });
    const whole = await open();
    const elsewhere = { address: '127.0.0.2', port: 9 };
    const pinned = new Map([[`sip.${whole.domain}:${whole.sip.tcp.port}`, elsewhere]]);
    const tcp = (await diagnose(whole, { pinned })).observations.filter((one) => one.kind === 'tcp');
    expect(tcp.map(({ about }) => `${about.transport} ${about.address}:${about.port}`).toSorted()).toEqual([
      'tcp 127.0.0.2:9',
      `tls 127.0.0.1:${whole.sip.tls.port}`,
    ]);
  });
});

describe('a run that cannot decide', () => {
  test('without a DNS server is unknown', async () => {
    const report = await diagnose(await open(), { resolvers: [] });
    expect(report.verdict).toMatchObject({ status: 'unknown', rung: 'dns', findingId: null });
  });

  test('cancelled before it began is unknown, and sends nothing', async () => {
    const report = await diagnose(await open(), { signal: AbortSignal.abort() });
    expect(report.verdict).toMatchObject({ status: 'unknown', findingId: null });
    expect(
      report.observations.filter(({ kind, outcome }) => outcome.ok && kind !== 'skipped' && kind !== 'discovery'),
    ).toEqual([]);
  });

  test('cancelled in the middle ends at once, with what was seen', async () => {
    const lab = await open({ faults: ['sip-silent'] });
    const from = performance.now();
    const report = await diagnose(lab, { timeoutMs: 20_000, signal: AbortSignal.timeout(300) });
    expect(performance.now() - from).toBeLessThan(2000);
    expect(statusesOf(report)).toMatchObject({ dns: 'passed', connect: 'passed', tls: 'passed', sip: 'unknown' });
    expect(report.verdict).toMatchObject({ status: 'unknown', rung: 'sip' });
  });
});
