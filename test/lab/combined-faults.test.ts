import { afterEach, describe, expect, test } from 'vitest';
import { FAULT_NAMES, FAULTS, type FaultName } from '../../src/lab/faults.ts';
import { startLab, type Lab } from '../../src/lab/lab.ts';
import type { Report } from '../../src/model.ts';
import { createRealWorld } from '../../src/net/real-world.ts';
import { run } from '../../src/run.ts';
import { farSideOf, labRequest, shownBy } from '../lab-run.ts';

const running: Lab[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map(async (lab) => lab.stop()));
});

/** What `doctor` makes of the faults, with the password of the account or without. */
async function diagnose(faults: readonly FaultName[], account: 'given' | 'none'): Promise<Report> {
  const lab = await startLab({ faults });
  running.push(lab);
  const credentials = { account: lab.user, password: () => lab.password, unverified: 'refused' as const };
  const given = { ...shownBy(lab), ...(account === 'given' ? { credentials } : {}) };
  return run(createRealWorld(), labRequest(lab, { timeoutMs: 1000, farSide: await farSideOf(lab), ...given }));
}

/** The errors, each id once, in the order of the report. */
const errorsOf = ({ findings }: Report): string[] => [
  ...new Set(findings.flatMap(({ id, severity }) => (severity === 'error' ? id : []))),
];

/** Who signs in sees that the server comes back over TLS: nobody needs these ports. */
const HARMLESS_OVER_TLS: readonly FaultName[] = ['callback-refused', 'callback-redirected'];

const GRAVE = FAULT_NAMES.filter((name) => {
  const { command, profile, asks, transport } = FAULTS[name].look ?? {};
  const isPlain = [command, profile, asks, transport].every((one) => one === undefined);
  return FAULTS[name].expects.severity === 'error' && isPlain && !HARMLESS_OVER_TLS.includes(name);
});

describe('one cause is one error', () => {
  test.each(GRAVE)('%s, with the password', async (fault) => {
    const { findingId } = FAULTS[fault].expects;
    expect(errorsOf(await diagnose([fault], 'given')).toSorted()).toEqual([findingId]);
  });
});

describe('independent faults are all told, the lowest rung first', () => {
  test.each<[FaultName[], string[]]>([
    [
      ['cert-expired', 'srv-target-missing-tcp'],
      ['srv-target.missing', 'cert-dates.expired'],
    ],
    [
      ['tcp-refused', 'cert-expired'],
      ['tcp-reach.refused', 'cert-dates.expired'],
    ],
    [
      ['cert-wrong-name', 'udp-refused'],
      ['cert-name.mismatch', 'sip-answer.refused'],
    ],
    [
      ['tcp-refused', 'tls-silent', 'user-unknown'],
      ['tcp-reach.refused', 'tls-handshake.timeout', 'registration.unknown-user'],
    ],
  ])('%j', async (faults, ids) => {
    const report = await diagnose(faults, 'none');
    expect(errorsOf(report)).toEqual(ids);
    expect(report.verdict).toMatchObject({ status: 'broken', findingId: ids[0] });
  });
});

describe('what follows from a failed rung', () => {
  test('of a dead DNS target is not tested, and the rungs say what they need', async () => {
    const { rungs } = await diagnose(['srv-target-missing'], 'given');
    expect(rungs.slice(1, 7).map(({ status, summary }) => [status, summary])).toEqual(
      Array.from({ length: 6 }, () => ['not-tested', 'not tested: needs dns']),
    );
  });

  test('of an expired certificate leaves the password to the other transports', async () => {
    const { rungs, findings } = await diagnose(['cert-expired'], 'given');
    expect(findings.filter(({ rung, severity }) => rung === 'auth' && severity !== 'info')).toEqual([]);
    expect(rungs.find(({ rung }) => rung === 'auth')?.status).not.toBe('failed');
  });
});

describe('what does not stop clients', () => {
  test.each<[FaultName, string]>([
    ['one-server-dead', 'degraded'],
    ['tls-unpublished', 'healthy'],
    ['cert-expiring', 'degraded'],
    ['client-cert-requested', 'healthy'],
  ])('%s is %s and no error', async (fault, status) => {
    const report = await diagnose([fault], 'none');
    expect([errorsOf(report), report.verdict.status]).toEqual([[], status]);
  });

  test.each(HARMLESS_OVER_TLS)('%s is information where the server comes back over TLS', async (fault) => {
    const { findings, verdict } = await diagnose([fault], 'given');
    const told = findings.find(({ id }) => id === FAULTS[fault].expects.findingId);
    expect([told?.severity, verdict.status]).toEqual(['info', 'healthy']);
  });
});
