import { describe, expect, test } from 'vitest';
import { natFiltering } from '../../src/check/nat-filtering.ts';
import { natMapping } from '../../src/check/nat-mapping.ts';
import type { Observation } from '../../src/model.ts';
import type { NatObservation, NatSeen } from '../../src/model/far-side.ts';
import { idsOf, judged } from './dns-seen.ts';

const SERVER = 'stun.example.com:3478';

function natSeen(change: Partial<NatSeen> = {}): NatObservation {
  const value: NatSeen = {
    local: '10.0.0.5:50113',
    mapped: '198.51.100.7:41000',
    mapping: 'endpoint-independent',
    filtering: 'endpoint-independent',
    detail: '',
    ...change,
  };
  const subject = `NAT towards ${SERVER}`;
  return { kind: 'nat', subject, at: 0, about: { server: SERVER }, outcome: { ok: true, ms: 40, value } };
}

const failed: NatObservation = {
  ...natSeen(),
  outcome: { ok: false, reason: 'timeout', detail: 'no answer in 3000 ms', ms: 3000 },
};
const turn: Observation = {
  kind: 'witness',
  subject: 'the TURN server',
  at: 0,
  about: { witness: 'turn', server: 'turn.example.com:3478', transport: 'udp' },
  outcome: { ok: true, ms: 9, value: { proves: '', cannot: '' } },
};
const DETAIL = 'the server has no second address (RFC 5780)';

describe('the mapping of a NAT', () => {
  test.each(['none', 'endpoint-independent'] as const)('passes when it is %s', (mapping) => {
    const { run, findings } = judged(natMapping, [natSeen({ mapping })]);
    expect(findings).toEqual([]);
    expect(run?.status).toBe('passed');
  });

  test.each([
    ['address-dependent', 'for each address of the far side'],
    ['address-and-port-dependent', 'for each address and port of the far side'],
  ] as const)('that is %s is a warning', (mapping, words) => {
    const { findings } = judged(natMapping, [natSeen({ mapping })]);
    expect(idsOf(findings)).toEqual(['nat-mapping.address-dependent warning']);
    expect(findings[0]?.text).toContain(words);
    expect(findings[0]?.text).toContain('198.51.100.7:41000');
    expect(findings[0]?.remedy).toContain('--turn');
  });

  test('that is address-dependent is worth a word only where a TURN server has served', () => {
    const { findings } = judged(natMapping, [natSeen({ mapping: 'address-dependent' }), turn]);
    expect(idsOf(findings)).toEqual(['nat-mapping.address-dependent info']);
    expect(findings[0]?.remedy).not.toContain('--turn');
  });

  test('that is unknown is no pass, and the reason is told', () => {
    const { run, findings } = judged(natMapping, [natSeen({ mapping: 'unknown', detail: DETAIL })]);
    expect(findings).toEqual([]);
    expect(run).toMatchObject({ status: 'not-applicable', because: `the mapping is not known: ${DETAIL}` });
  });

  test('is judged by the server that knows it', () => {
    const unknown = natSeen({ mapping: 'unknown', detail: DETAIL });
    expect(judged(natMapping, [unknown, natSeen()]).run?.status).toBe('passed');
  });

  test('is not known when the server gave no answer, nor when none was asked', () => {
    expect(judged(natMapping, [failed]).run?.status).toBe('not-applicable');
    expect(judged(natMapping, []).run?.status).toBe('not-applicable');
  });
});

describe('the filtering of a NAT', () => {
  test('passes when whatever comes is handed in', () => {
    const { run, findings } = judged(natFiltering, [natSeen()]);
    expect(findings).toEqual([]);
    expect(run?.status).toBe('passed');
  });

  test.each([
    ['address-dependent', 'nat-filtering.address-dependent info'],
    ['address-and-port-dependent', 'nat-filtering.address-and-port-dependent info'],
  ] as const)('that is %s is as usual, and worth a word', (filtering, told) => {
    const { findings } = judged(natFiltering, [natSeen({ filtering })]);
    expect(idsOf(findings)).toEqual([told]);
    expect(findings[0]?.text).toMatch(/^The NAT /);
  });

  test('without address translation is the work of a firewall', () => {
    const { findings } = judged(natFiltering, [natSeen({ mapping: 'none', filtering: 'address-dependent' })]);
    expect(findings[0]?.text).toMatch(/^The firewall /);
  });

  test('that is unknown is no pass, and the reason is told', () => {
    const { run, findings } = judged(natFiltering, [natSeen({ filtering: 'unknown', detail: DETAIL })]);
    expect(findings).toEqual([]);
    expect(run).toMatchObject({ status: 'not-applicable', because: `the filtering is not known: ${DETAIL}` });
  });

  test('is not known when the server gave no answer, nor when none was asked', () => {
    expect(judged(natFiltering, [failed]).run?.status).toBe('not-applicable');
    expect(judged(natFiltering, []).run?.status).toBe('not-applicable');
  });
});
