import { afterEach, describe, expect, test } from 'vitest';
import { namePolicyIn } from '../../src/cli/name-policy.ts';
import { FAULT_NAMES, FAULTS, looksAt, type FaultName } from '../../src/lab/faults.ts';
import { startLab, type Lab } from '../../src/lab/lab.ts';
import type { Look } from '../../src/lab/plan.ts';
import type { Report } from '../../src/model.ts';
import { createRealWorld } from '../../src/net/real-world.ts';
import { run, type RunRequest } from '../../src/run.ts';
import { farSideOf, labRequest, shownBy } from '../lab-run.ts';

const running: Lab[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map(async (lab) => lab.stop()));
});

/** These are found by waiting: the limit is short. */
const SILENT: ReadonlySet<string> = new Set([
  'resolver-silent',
  'tls-silent',
  'tls-stalls',
  'sip-silent',
  'sip-closes',
  'udp-other-source',
  'registration-unanswered',
  'sign-in-unanswered',
  'callback-partial',
  'media-blocked',
  'media-partial',
  'alg-swallows',
  'nat-filtering-by-address',
  'nat-filtering-by-port',
]);

/** The run that `explain` recommends to see the finding. */
async function lookAt(lab: Lab, fault: FaultName | 'none', look: Look): Promise<RunRequest> {
  const { command = 'doctor', service, profile, account, asks, transport, count } = look;
  const whole = labRequest(lab, { command });
  const { policy } = lab.machine;
  const name = service === undefined ? undefined : `${service}.${lab.domain}`;
  return {
    ...whole,
    resolvers: [...lab.resolvers],
    target: {
      ...whole.target,
      ...(profile === undefined ? {} : { profile }),
      ...(transport === undefined ? {} : { transports: [transport] }),
    },
    farSide: await farSideOf(lab, look),
    ...(policy === undefined ? {} : { namePolicy: namePolicyIn(Buffer.from(policy), 'policy.reg') }),
    ...shownBy(lab),
    ...(name === undefined ? {} : { question: { name, type: 'SRV' } }),
    ...(asks === undefined ? {} : { [asks]: 'asked' }),
    ...(count === undefined ? {} : { count }),
    ...(account === undefined
      ? {}
      : { credentials: { account: lab.user, password: () => lab.password, unverified: 'refused' } }),
    ...(SILENT.has(fault) ? { timeoutMs: 1000 } : {}),
  };
}

async function diagnose(fault: FaultName | 'none', faults: readonly FaultName[], look: Look): Promise<Report> {
  const lab = await startLab({ faults });
  running.push(lab);
  return run(createRealWorld(), await lookAt(lab, fault, look));
}

describe.each(FAULT_NAMES)('the fault %s', (fault) => {
  const { findingId, rung, severity } = FAULTS[fault].expects;
  const [first, ...more] = looksAt(fault);
  const look = first?.look ?? {};

  test('is named with its rung and severity', async () => {
    const { findings, verdict, checks } = await diagnose(fault, [fault], look);
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
    const { findings } = await diagnose(fault, [], look);
    expect(findings.filter(({ id, severity: found }) => id === findingId && found === severity)).toEqual([]);
  });

  test.each(more.map((one): [string, Look] => [one.findingId, one.look]))('raises %s too', async (also, way) => {
    const [broken, healthy] = [await diagnose(fault, [fault], way), await diagnose(fault, [], way)];
    expect(broken.findings.map(({ id }) => id)).toContain(also);
    expect(healthy.findings.map(({ id }) => id)).not.toContain(also);
  });
});

describe('a healthy lab', () => {
  test.each<Look>([{}, { account: 'given' }, { command: 'firewall', account: 'given' }, { asks: 'revocation' }])(
    'has neither errors nor warnings, looked at with %j',
    async (look) => {
      const { findings, verdict } = await diagnose('none', [], look);
      expect([verdict.status, findings.filter(({ severity }) => severity !== 'info')]).toEqual(['healthy', []]);
    },
  );

  test.each<Look>([{ command: 'dns', asks: 'authority' }, { asks: 'authority' }])(
    'is its own name server, looked at with %j',
    async (look) => {
      const { findings, checks, observations } = await diagnose('none', [], look);
      const asked = observations.filter((one) => one.kind === 'authority');
      expect(asked.map(({ about, outcome }) => [about.host, about.address, outcome.ok])).toEqual([
        ['ns.fuzzybunny.local', '127.0.0.1', true],
      ]);
      expect(checks.find(({ checkId }) => checkId === 'authority')?.status).toBe('passed');
      expect(findings.filter(({ severity }) => severity !== 'info')).toEqual([]);
    },
  );
});
