import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { Check } from '../src/check/define-check.ts';
import { CHECKS } from '../src/check/registry.ts';
import { RUNGS } from '../src/check/rung-summary.ts';
import { judge } from '../src/judge.ts';
import type { Observation, Rung, RungResult } from '../src/model.ts';
import { bothSeen, sipSeen, target, tcpSeen } from './check/server-seen.ts';
import { failed as tlsFailed } from './check/tls-observation.ts';
import { dnsFails, healthyBut, healthyRun, leftOut, onTls, upperSkips } from './check/whole-run.ts';

const planted = vi.hoisted((): { checks: Check[] } => ({ checks: [] }));

vi.mock('../src/check/registry.ts', async (importOriginal) => {
  const original = await importOriginal<{ CHECKS: readonly Check[] }>();
  // Read anew at each use, so that a test can plant a check.
  return {
    get CHECKS() {
      return [...planted.checks, ...original.CHECKS];
    },
  };
});

beforeEach(() => {
  planted.checks = [];
});

const crashing = (rung: Rung): Check => ({
  id: 'planted',
  rung,
  question: 'Does it crash?',
  source: 'this test',
  reads: [],
  uses: [],
  caseNames: ['never'],
  caseFacts: [],
  notApplicable: () => null,
  run: () => {
    throw new TypeError('records is not iterable');
  },
});

const statusesOf = (observations: readonly Observation[]): Record<string, RungResult['status']> =>
  Object.fromEntries(judge(observations, target).rungs.map(({ rung, status }) => [rung, status]));

const runOf = (observations: readonly Observation[], id: string) =>
  judge(observations, target).checks.find(({ checkId }) => checkId === id);

describe('the status of a check', () => {
  test('passed: what it reads was seen to succeed, and there is nothing to tell', () => {
    expect(runOf(healthyRun(), 'tcp-reach')).toEqual({ checkId: 'tcp-reach', rung: 'connect', status: 'passed' });
  });

  test('found: it has something to tell', () => {
    expect(runOf(healthyBut('tcp', [tcpSeen('refused', onTls)]), 'tcp-reach')?.status).toBe('found');
  });

  test('found: information beside a success', () => {
    expect(runOf(healthyBut('sip', bothSeen(['200 OK', '200 OK'], onTls)), 'registration')?.status).toBe('found');
  });

  test('inconclusive: nothing was seen', () => {
    expect(runOf(healthyBut(['tcp', 'sip'], []), 'tcp-reach')).toMatchObject({
      status: 'inconclusive',
      because: "nothing of kind 'tcp' was seen",
    });
  });

  test('inconclusive: nothing succeeded, and no case fits', () => {
    expect(runOf(healthyBut('tcp', [tcpSeen('other', onTls)]), 'tcp-reach')).toMatchObject({
      status: 'inconclusive',
      because: "no observation of kind 'tcp' succeeded",
    });
  });

  test('inconclusive: information beside silence does not turn silence into a pass', () => {
    planted.checks = [
      {
        ...crashing('connect'),
        reads: ['tcp'],
        run: () => [{ name: 'never', subject: 's', severity: 'info', text: 't', remedy: 'r', evidence: {} }],
      },
    ];
    expect(runOf(healthyBut('tcp', []), 'planted')?.status).toBe('inconclusive');
    expect(runOf(healthyRun(), 'planted')?.status).toBe('found');
  });

  test('not applicable: the question does not arise', () => {
    expect(runOf([...dnsFails('timeout'), ...upperSkips()], 'registration')).toMatchObject({
      status: 'not-applicable',
      because: 'no SIP server answered',
    });
  });

  test('crashed: a fault of our own, named as such, hides no other check', () => {
    const before = judge(healthyBut('sip', bothSeen(['timeout', 'timeout'], onTls)), target);
    planted.checks = [crashing('dns')];
    const after = judge(healthyBut('sip', bothSeen(['timeout', 'timeout'], onTls)), target);
    expect(after.checks[0]).toEqual({
      checkId: 'planted',
      rung: 'dns',
      status: 'crashed',
      because: 'records is not iterable',
    });
    expect(after.findings).toEqual(before.findings);
    expect(after.checks.slice(1)).toEqual(before.checks);
    expect(after.verdict.findingId).toBe('sip-answer.none');
  });
});

describe('a run with a crashed check', () => {
  test.each(RUNGS)('is not healthy, whatever else holds (%s)', (rung) => {
    planted.checks = [crashing(rung)];
    expect(judge(healthyRun(), target).verdict).toMatchObject({ status: 'unknown', findingId: null });
  });

  test('is not degraded either', () => {
    planted.checks = [crashing('certificate')];
    const dead = tcpSeen('refused', { ...onTls, address: '192.0.2.2' });
    expect(judge([...healthyRun(), dead], target).verdict.status).toBe('unknown');
  });
});

describe('silence is never health', () => {
  test('no observations: all eight rungs are there, in order, and none has passed', () => {
    const { rungs, checks, findings } = judge([], target);
    expect(rungs.map(({ rung }) => rung)).toEqual(RUNGS);
    expect(new Set(rungs.map(({ status }) => status))).toEqual(new Set(['not-tested']));
    expect(checks).toHaveLength(CHECKS.length);
    expect(checks.filter(({ status }) => status === 'passed' || status === 'found')).toEqual([]);
    expect(findings).toEqual([]);
  });

  test.each(['timeout', 'cancelled', 'no-network', 'other', 'servfail', 'malformed'] as const)(
    'every attempt ends with %s: nothing has passed',
    (reason) => {
      const { rungs } = judge(
        [
          ...dnsFails(reason),
          tcpSeen(reason, onTls),
          { ...tlsFailed(), outcome: { ok: false, reason, detail: 'd', ms: 1 } },
          sipSeen('OPTIONS', reason, onTls),
          sipSeen('REGISTER', reason, onTls),
        ],
        target,
      );
      expect(rungs.filter(({ status }) => status === 'passed' || status === 'warning')).toEqual([]);
    },
  );
});

describe('the rungs', () => {
  test('of a healthy run have passed as far as they were climbed', () => {
    expect(statusesOf(healthyRun())).toEqual({
      dns: 'passed',
      connect: 'passed',
      tls: 'passed',
      certificate: 'passed',
      sip: 'passed',
      auth: 'not-tested',
      callback: 'not-tested',
      media: 'not-tested',
    });
  });

  test.each<[Rung, () => Observation[], Rung[]]>([
    ['dns', () => dnsFails('timeout'), ['connect', 'tls', 'certificate', 'sip', 'auth', 'callback', 'media']],
    [
      'connect',
      () => healthyBut(['tcp', 'tls', 'sip'], [tcpSeen('refused', onTls)]),
      ['tls', 'certificate', 'sip', 'auth', 'callback', 'media'],
    ],
    ['tls', () => healthyBut(['tls', 'sip'], [tlsFailed()]), ['certificate']],
    ['sip', () => healthyBut('sip', bothSeen(['timeout', 'timeout'], onTls)), ['auth', 'callback', 'media']],
  ])('a failed %s makes those that hang on it say so', (failed, observations, hanging) => {
    const { rungs } = judge(observations(), target);
    expect(rungs.find(({ rung }) => rung === failed)?.status).toBe('failed');
    const told = rungs.filter(({ summary }) => summary === `not tested: needs ${failed}`);
    expect(told.map(({ rung }) => rung)).toEqual(hanging);
    expect(new Set(told.map(({ status }) => status))).toEqual(new Set(['not-tested']));
  });

  test('a failed rung shows the words of its finding', () => {
    const { rungs, findings } = judge(healthyBut(['tcp', 'tls', 'sip'], [tcpSeen('refused', onTls)]), target);
    expect(rungs[1]?.summary).toBe(findings[0]?.text);
  });

  test('a rung on which a check crashed is unknown', () => {
    planted.checks = [crashing('sip')];
    expect(statusesOf(healthyRun())['sip']).toBe('unknown');
  });

  test('a rung that was left out on purpose is not tested', () => {
    const { rungs } = judge(healthyBut('sip', [leftOut('sip', 'not part of sipdiag tls')]), target);
    expect(rungs[4]).toEqual({
      rung: 'sip',
      status: 'not-tested',
      summary: 'not tested: not part of sipdiag tls',
      ms: 0,
    });
  });
});

describe('the order', () => {
  const mixed = (): Observation[] => [
    ...bothSeen(['timeout', 'timeout'], onTls),
    tcpSeen('refused', { ...onTls, set: 'another' }),
    ...dnsFails('timeout'),
  ];

  test('of findings and checks is that of the ladder, not of the observations', () => {
    const { findings, checks } = judge(mixed(), target);
    expect(findings.map(({ rung }) => rung)).toEqual(['dns', 'connect', 'sip']);
    const places = checks.map(({ rung }) => RUNGS.indexOf(rung));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });

  test('the same observations give the same judgement', () => {
    expect(judge(mixed(), target)).toEqual(judge(structuredClone(mixed()), target));
  });
});
