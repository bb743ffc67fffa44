import { afterEach, describe, expect, test } from 'vitest';
import { FAULT_NAMES, FAULTS, type FaultName } from '../../src/lab/faults.ts';
import { startLab, type Lab } from '../../src/lab/lab.ts';
import type { Report } from '../../src/model.ts';
import { createRealWorld } from '../../src/net/real-world.ts';
import { run, type RunRequest } from '../../src/run.ts';
import { labRequest } from '../lab-run.ts';

const running: Lab[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map(async (lab) => lab.stop()));
});

/** These are found by waiting: the limit is short. */
const SILENT: ReadonlySet<FaultName> = new Set([
  'resolver-silent',
  'tls-silent',
  'sip-silent',
  'sip-closes',
  'udp-other-source',
  'registration-unanswered',
  'sign-in-unanswered',
]);

/** The run that `tryLine` of the fault asks for. */
function lookAt(lab: Lab, fault: FaultName): RunRequest {
  const { command = 'doctor', service, profile, account, versions } = FAULTS[fault].look ?? {};
  const whole = labRequest(lab, { command });
  const name = service === undefined ? undefined : `${service}.${lab.domain}`;
  return {
    ...whole,
    resolvers: [...lab.resolvers],
    ...(profile === undefined ? {} : { target: { ...whole.target, profile } }),
    ...(name === undefined ? {} : { question: { name, type: 'SRV' } }),
    ...(versions === undefined ? {} : { versions }),
    ...(account === undefined
      ? {}
      : { credentials: { account: lab.user, password: () => lab.password, unverified: 'refused' } }),
    ...(SILENT.has(fault) ? { timeoutMs: 1000 } : {}),
  };
}

async function diagnose(fault: FaultName, faults: readonly FaultName[]): Promise<Report> {
  const lab = await startLab({ faults });
  running.push(lab);
  return run(createRealWorld(), lookAt(lab, fault));
}

describe.each(FAULT_NAMES)('the fault %s', (fault) => {
  const { findingId, rung, severity } = FAULTS[fault].expects;

  test('is named with its rung and severity', async () => {
    const { findings, verdict, checks } = await diagnose(fault, [fault]);
    const told = findings.filter(({ id }) => id === findingId);
    expect(told.map((one) => [one.rung, one.severity])).toContainEqual([rung, severity]);
    expect(checks.filter(({ status }) => status === 'crashed')).toEqual([]);
    // Information is never the verdict.
    const cause = { status: severity === 'error' ? 'broken' : 'degraded', rung, findingId };
    expect(
      severity === 'info' ? { ...cause, told: verdict.findingId === findingId } : { ...verdict, told: false },
    ).toMatchObject({
      ...cause,
      told: false,
    });
  });

  test('is not there when the lab is healthy', async () => {
    const { findings } = await diagnose(fault, []);
    expect(findings.filter(({ id, severity: found }) => id === findingId && found === severity)).toEqual([]);
  });
});
