import { describe, expect, test } from 'vitest';
import { matrix } from '../../src/check/matrix.ts';
import { nameLookup } from '../../src/check/name-lookup.ts';
import { sipLatency, timesOf } from '../../src/check/sip-latency.ts';
import { sipAnswer } from '../../src/check/sip-answer.ts';
import type { Attempt, Observation, Transport } from '../../src/model.ts';
import type { LatencyObservation, PathObservation } from '../../src/model/sip.ts';
import { attemptOn, bothSeen, idsOf, judged, sipSeen, tcpSeen, type Fate } from './server-seen.ts';
import { credentialed, withAnswer } from './sign-in-seen.ts';

const row = (transport: Transport, by: 'address' | 'name', change: Partial<Attempt> = {}): Attempt =>
  attemptOn(transport, { by, ...(by === 'address' ? { host: '192.0.2.1' } : {}), ...change });

const works = (about: Attempt): Observation[] => [
  tcpSeen('open', about),
  ...bothSeen(['200 OK', '401 Unauthorized'], about),
];
const refused = (about: Attempt, fate: Fate = 'refused'): Observation[] => [tcpSeen(fate, about)];

function pathSeen(addresses: string[], expected = ['192.0.2.1']): PathObservation {
  const { transport, host, port, published, set } = attemptOn('tcp');
  const about = { transport, host, port, published, set, source: 'system' as const, expected };
  return { kind: 'path', subject: 'tcp', at: 0, about, outcome: { ok: true, ms: 2, value: { addresses } } };
}

const conclusion = (...observations: Observation[]) => judged(matrix, observations).findings[0];

describe('the conclusion of a matrix', () => {
  test('matrix.all-work says how far it went', () => {
    const found = conclusion(...works(row('tcp', 'address')), ...works(row('tcp', 'name')));
    expect([found?.id, found?.text]).toEqual([
      'matrix.all-work',
      'TCP works, up to the challenge; no password was given.',
    ]);
  });

  test('matrix.name-resolution: by IP address it works, by name it does not', () => {
    const found = conclusion(pathSeen([]), ...works(row('tcp', 'address')));
    expect(found?.id).toBe('matrix.name-resolution');
    expect(found?.text).toContain('By IP address it works (TCP), by name it does not: name resolution.');
  });

  test('matrix.transport-fails: TCP works, TLS does not', () => {
    const tls = [row('tls', 'address'), row('tls', 'name')].flatMap((one) => refused(one));
    const found = conclusion(...works(row('tcp', 'address')), ...works(row('tcp', 'name')), ...tls);
    expect([found?.id, found?.text]).toEqual([
      'matrix.transport-fails',
      'TCP works, TLS does not: connection: refused.',
    ]);
  });

  test('matrix.by-name-only: a server that wants the name', () => {
    const found = conclusion(...refused(row('tcp', 'address', { address: '192.0.2.2' })), ...works(row('tcp', 'name')));
    expect(found?.id).toBe('matrix.by-name-only');
    expect(found?.text).toContain('By name it works (TCP), by IP address it does not');
  });

  test('matrix.nothing-works names what fails first', () => {
    const found = conclusion(...refused(row('tcp', 'address'), 'timeout'), ...refused(row('tcp', 'name'), 'timeout'));
    expect(found?.id).toBe('matrix.nothing-works');
    expect(found?.text).toContain('TCP: connection: timeout');
  });

  test('matrix.password-refused: the server answers and challenges', () => {
    const about = row('tcp', 'name');
    const found = conclusion(...works(about), credentialed('401 Unauthorized', { ...about }));
    expect([found?.id, found?.severity]).toEqual(['matrix.password-refused', 'info']);
    expect(found?.text).toBe('The server answers and challenges; the password is refused.');
  });

  test.each(['403 ', '407 ', '401 '] as const)(
    'matrix.password-refused: an answer of a bare %s refuses as well',
    (answer) => {
      const about = row('tcp', 'name');
      const found = conclusion(...works(about), credentialed(answer, { ...about }));
      expect(found?.id).toBe('matrix.password-refused');
    },
  );

  test('is not drawn from a run that was ended before all ways were tried', () => {
    const cut = refused(row('tcp', 'name'), 'cancelled');
    expect(conclusion(...works(row('tcp', 'address')), ...cut)).toBeUndefined();
    expect(conclusion(...works(row('tcp', 'address')), ...refused(row('tcp', 'name')))).toBeDefined();
  });

  test('a run that compares nothing draws no conclusion', () => {
    expect(judged(matrix, bothSeen(['200 OK', '401 Unauthorized']))).toEqual({
      findings: [],
      status: 'not-applicable',
    });
  });
});

describe('the name of a server', () => {
  test.each([
    [pathSeen([]), 'name-lookup.failed error', 'finds no address of sip.example.org'],
    [pathSeen(['192.0.2.77']), 'name-lookup.elsewhere warning', 'at 192.0.2.77, DNS gives 192.0.2.1'],
  ])('that leads nowhere, or elsewhere, is told', (path, id, words) => {
    const { findings } = judged(nameLookup, [path]);
    expect(idsOf(findings)).toEqual([id]);
    expect(findings[0]?.text).toContain(words);
  });

  test('that leads where DNS says is in order', () => {
    expect(judged(nameLookup, [pathSeen(['192.0.2.1'])])).toEqual({ findings: [], status: 'passed' });
  });
});

describe('repeated OPTIONS', () => {
  const latency = (lost: number, retransmissions: number): LatencyObservation => ({
    kind: 'latency',
    subject: 'OPTIONS',
    at: 5,
    about: { ...attemptOn('udp'), count: 4 },
    outcome: { ok: true, ms: 40, value: { samples: [10, 14, 11, 30], sent: 4 + lost, lost, retransmissions } },
  });

  test('give least, median, 95th percentile, most, and the mean step from one to the next', () => {
    expect(timesOf([10, 14, 11, 30])).toEqual({ min: 10, median: 11, p95: 30, max: 30, jitter: 8.67 });
    expect(timesOf([])).toBeNull();
  });

  test.each([
    [1, 0, 'Of 5 OPTIONS to sip.example.org (192.0.2.1:5060) over UDP, 1 stayed unanswered:'],
    [0, 1, 'over UDP, all were answered, after 1 repetition:'],
    [1, 2, 'over UDP, 1 stayed unanswered, and others took 2 repetitions:'],
  ])('of which %i were lost and %i repeated are told, beside the times', (lost, retransmissions, words) => {
    const { findings } = judged(sipLatency, [latency(lost, retransmissions)]);
    expect(idsOf(findings)).toEqual(['sip-latency.loss warning', 'sip-latency.measured info']);
    expect(findings[0]?.text).toContain(words);
  });

  test('that were all answered at once are measured', () => {
    expect(idsOf(judged(sipLatency, [latency(0, 0)]).findings)).toEqual(['sip-latency.measured info']);
  });

  test('of which none was answered have no times', () => {
    const silent = { samples: [], sent: 2, lost: 2, retransmissions: 0 };
    const { findings } = judged(sipLatency, [{ ...latency(2, 0), outcome: { ok: true, ms: 40, value: silent } }]);
    expect(idsOf(findings)).toEqual(['sip-latency.loss warning']);
    expect(findings[0]?.text).toContain('none was answered: requests or answers get lost on the way');
  });
});

test('an answer from another address than the one that was asked is sip-answer.other-source', () => {
  const seen = [sipSeen('OPTIONS', '200 OK'), sipSeen('REGISTER', '401 Unauthorized')];
  const { findings } = judged(
    sipAnswer,
    seen.map((one) => withAnswer(one, { from: '192.0.2.200:5060' })),
  );
  expect(idsOf(findings)).toEqual(['sip-answer.other-source info']);
  expect(findings[0]?.text).toContain('comes from 192.0.2.200:5060');
});
