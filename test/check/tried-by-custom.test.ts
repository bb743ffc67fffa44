import { describe, expect, test } from 'vitest';
import { judge } from '../../src/judge.ts';
import type { Observation } from '../../src/model.ts';
import type { TlsObservation } from '../../src/model/tls.ts';
import { attemptOn, bothSeen, tcpSeen, target } from './server-seen.ts';
import { failed } from './tls-observation.ts';

/** Default ports of one host that nobody promised: one that answers is enough. */
const CUSTOM = { published: false, set: 'sip.example.org' };
const overUdp = bothSeen(['200 OK', '401 Unauthorized'], attemptOn('udp', CUSTOM));
const closedTcp = tcpSeen('refused', attemptOn('tcp', CUSTOM));
const openTls = tcpSeen('open', attemptOn('tls', CUSTOM));

function notTls(promise: 'published' | 'by-custom'): TlsObservation {
  const { about } = failed();
  const outcome: TlsObservation['outcome'] = { ok: false, reason: 'not-tls', detail: 'not TLS', ms: 2 };
  return {
    ...failed(),
    about: { ...about, ...attemptOn('tls', { ...CUSTOM, published: promise === 'published' }) },
    outcome,
  };
}

const rungsOf = (observations: readonly Observation[]): Record<string, string> =>
  Object.fromEntries(judge(observations, target).rungs.map(({ rung, status }) => [rung, status]));

describe('a way that is tried by custom and fails, while SIP answers on another', () => {
  test('leaves the rung connect untested, neither failed nor unknown', () => {
    expect(rungsOf([closedTcp, ...overUdp])).toMatchObject({ connect: 'not-tested', sip: 'passed' });
  });

  test('leaves the rung tls untested when the port does not speak TLS', () => {
    const rungs = rungsOf([openTls, notTls('by-custom'), ...overUdp]);
    expect(rungs).toMatchObject({ connect: 'passed', tls: 'not-tested', certificate: 'not-tested', sip: 'passed' });
  });

  test('is information', () => {
    const { findings } = judge([openTls, closedTcp, notTls('by-custom'), ...overUdp], target);
    expect(findings.map(({ id, severity }) => `${id} ${severity}`)).toEqual([
      'tcp-reach.refused info',
      'tls-service.not-tls info',
    ]);
  });
});

describe('a way that fails', () => {
  test('counts when DNS publishes it', () => {
    expect(rungsOf([openTls, notTls('published'), ...overUdp])).toMatchObject({ tls: 'warning' });
  });

  test('counts when nothing else answers either', () => {
    const silent = bothSeen(['timeout', 'timeout'], attemptOn('udp', CUSTOM));
    expect(rungsOf([openTls, closedTcp, notTls('by-custom'), ...silent])).toMatchObject({
      tls: 'failed',
      sip: 'failed',
    });
  });
});
