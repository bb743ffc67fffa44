import { describe, expect, test } from 'vitest';
import { judge } from '../../src/judge.ts';
import type { Observation, Reason, Rung, Target, Verdict } from '../../src/model.ts';
import { answersTo, DOMAIN as D, targetOf } from '../probe/zone-answers.ts';
import { sceneOf, type Scene } from './zone-findings.ts';

const OTHERS: readonly Rung[] = ['connect', 'tls', 'certificate', 'sip', 'auth', 'callback', 'media'];
/** `sipdiag dns` climbs one rung only. */
const leftOut = OTHERS.map((rung): Observation => {
  const outcome = { ok: true as const, value: { why: 'not part of sipdiag dns' }, ms: 0 };
  return { kind: 'skipped', subject: rung, at: 0, about: { rung }, outcome };
});

function verdictOn(zone: string, scene: Scene = {}): Verdict {
  const target: Target = targetOf(scene.target);
  return judge([...sceneOf(zone, scene), ...leftOut], target).verdict;
}

const SIP = `_sip._udp.${D} SRV 0 0 5060 sip.${D}.\nsip.${D} A 192.0.2.1`;
const failing = (...questions: string[]): Scene => ({
  options: { failing: Object.fromEntries(questions.map((one): [string, Reason] => [one, 'servfail'])) },
});

describe('the verdict of sipdiag dns', () => {
  test('is healthy when the deciding profile leads to a server with an address', () => {
    const verdict = verdictOn(SIP);
    expect(verdict.status).toBe('healthy');
    expect(verdict.summary).toContain(`DNS leads clients to sip.${D}:5060 (udp)`);
  });

  test.each<[string, string, Scene, string]>([
    ['a domain that does not exist', '', {}, 'domain.not-found'],
    ['a published target that does not exist', `_sip._udp.${D} SRV 0 0 5060 gone.${D}.`, {}, 'srv-target.missing'],
    ['one transport of two that is dead', `${SIP}\n_sip._tcp.${D} SRV 0 0 5060 gone.${D}.`, {}, 'srv-target.missing'],
    ['a profile that finds nothing', SIP, { target: { profile: 'federation' } }, 'srv-records.absent'],
    ['a service that is not offered', `_sip._udp.${D} SRV 0 0 0 .`, {}, 'srv-target.null'],
    ['aliases in a circle', `${D} CNAME ${D}.`, {}, 'cname.loop'],
  ])('is broken for %s', (...[, zone, scene, findingId]) => {
    expect(verdictOn(zone, scene)).toMatchObject({ status: 'broken', rung: 'dns', findingId });
  });

  test.each<[string, string, string]>([
    [
      'an alias that works',
      `_sip._udp.${D} SRV 0 0 5060 a.${D}.\na.${D} CNAME sip.${D}.\nsip.${D} A 192.0.2.1`,
      'srv-target.alias',
    ],
    ['a dead spare', `${SIP}\n_sip._udp.${D} SRV 1 0 5060 gone.${D}.`, 'srv-target.missing'],
    ['TCP on the port of TLS', `_sip._tcp.${D} SRV 0 0 5061 sip.${D}.\nsip.${D} A 192.0.2.1`, 'srv-port.unexpected'],
  ])('is degraded for %s', (...[, zone, findingId]) => {
    expect(verdictOn(zone)).toMatchObject({ status: 'degraded', findingId });
  });

  test('is unknown when the questions that decide were not answered', () => {
    const verdict = verdictOn(SIP, failing(`sip.${D} A`, `sip.${D} AAAA`));
    expect(verdict).toMatchObject({ status: 'unknown', rung: 'dns', findingId: null });
    expect(verdict.summary).toContain(`_sip._udp.${D} SRV`);
  });

  test('gives the addresses where one name was asked for', () => {
    const dns = answersTo([{ name: `_sip._udp.${D}`, type: 'SRV' }], SIP);
    const { verdict } = judge([...dns, ...leftOut], targetOf({ domain: `_sip._udp.${D}` }));
    expect(verdict.status).toBe('healthy');
    expect(verdict.summary).toContain('DNS gives 192.0.2.1');
  });
});
