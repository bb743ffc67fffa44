import { describe, expect, test } from 'vitest';
import { naptr } from '../../src/check/naptr.ts';
import { DOMAIN as D } from '../probe/zone-answers.ts';
import { allTold, findIn, sceneOf, statusOf, told } from './zone-findings.ts';

const record = (text: string): string => `${D} NAPTR ${text}`;
const SRV = `
  _sips._tcp.${D} SRV 0 0 5061 sip.${D}.
  _sip._tcp.${D} SRV 0 0 5060 sip.${D}.
  sip.${D} A 192.0.2.1`;
const GOOD = `${record(`1 1 "s" "SIPS+D2T" "" _sips._tcp.${D}.`)}\n${SRV}`;
const GONE = record(`2 1 "s" "SIP+D2U" "" _sip._udp.gone.example.`);

describe('NAPTR records', () => {
  test('pass when they lead to SRV records of their service', () => {
    expect(told(naptr, GOOD)).toEqual([]);
    expect(statusOf(naptr, sceneOf(GOOD))).toBe('passed');
  });

  test('are not judged where there are none for SIP', () => {
    expect(statusOf(naptr, sceneOf(SRV))).toBe('not-applicable');
    expect(statusOf(naptr, sceneOf(record('1 1 "u" "E2U+sip" "!^.*$!sip:a@b!" .')))).toBe('not-applicable');
  });

  test('are not judged when their lookup failed', () => {
    const failing = { [`${D} NAPTR`]: 'timeout' } as const;
    expect(statusOf(naptr, sceneOf(GOOD, { options: { failing } }))).toBe('not-applicable');
  });

  test('are broken when the replacement does not exist', () => {
    const [finding] = findIn(naptr, `${GOOD}\n${GONE}`);
    expect(finding).toMatchObject({ name: 'broken', severity: 'error', subject: D });
    expect(finding?.text).toContain('_sip._udp.gone.example: the name does not exist');
    expect(finding?.text).toContain('no other way to this service');
  });

  test('are a warning where clients that fall back get through', () => {
    const zone = `${record(`1 1 "s" "SIPS+D2T" "" _sips._tcp.gone.example.`)}\n${SRV}`;
    const [finding] = findIn(naptr, zone);
    expect(finding?.severity).toBe('warning');
    expect(finding?.text).toContain(`Clients that fall back reach sip.${D}:5061 by SRV _sips._tcp.${D}`);
  });

  test('are a warning for a client that never asks for them', () => {
    const zone = `${GONE}\n_sip._tls.${D} SRV 0 0 443 sip.${D}.\nsip.${D} A 192.0.2.1`;
    expect(told(naptr, zone, { target: { profile: 'lync' } })).toEqual([`warning naptr.broken ${D}`]);
  });

  test.each([
    ['both expression and replacement', `2 1 "s" "SIP+D2T" "!a!b!" _sip._tcp.${D}.`],
    ['neither', '2 1 "s" "SIP+D2T" "" .'],
  ])('are broken with %s', (_name, text) => {
    expect(told(naptr, `${GOOD}\n${record(text)}`)).toEqual([`error naptr.broken ${D}`]);
  });

  test('leave a dead target behind them to the check of targets', () => {
    const zone = `${record(`1 1 "s" "SIPS+D2T" "" _sips._tcp.${D}.`)}\n_sips._tcp.${D} SRV 0 0 5061 gone.${D}.`;
    expect(allTold(zone)).toEqual(['error srv-target.missing']);
  });

  test('leave a failed lookup behind them to the check of the resolver', () => {
    const failing = { [`_sips._tcp.${D} SRV`]: 'servfail' } as const;
    expect(told(naptr, GOOD, { options: { failing } })).toEqual([]);
  });

  test.each<[string, string, string]>([
    ['TCP to a name of TLS', `1 1 "s" "SIP+D2T" "" _sips._tcp.${D}.`, 'that is the name of SIPS+D2T'],
    ['UDP to a name of TCP', `1 1 "s" "SIP+D2U" "" _sip._tcp.${D}.`, 'that is the name of SIP+D2T'],
    ['TCP to a port of TLS', `1 1 "s" "SIP+D2T" "" tcp.${D}.\ntcp.${D} SRV 0 0 5061 sip.${D}.`, 'the port of TLS'],
    [
      'TLS to a port of TCP',
      `1 1 "s" "SIPS+D2T" "" tls.${D}.\ntls.${D} SRV 0 0 5060 sip.${D}.`,
      'the port of SIP in the clear',
    ],
  ])('do not fit: %s', (_name, text, why) => {
    const [finding] = findIn(naptr, `${record(text)}\n${SRV}`);
    expect(told(naptr, `${record(text)}\n${SRV}`)).toEqual([`warning naptr.port-mismatch ${D}`]);
    expect(finding?.text).toContain(why);
  });

  test('of a domain with three faults hide none of them', () => {
    const zone = `
      ${record(`1 1 "s" "SIPS+D2T" "" _sips._tcp.gone.${D}.`)}
      _sip._tcp.${D} SRV 0 0 5060 alias.${D}.
      alias.${D} CNAME sip.${D}.
      sip.${D} A 192.0.2.1
      _sip._udp.${D} SRV 0 0 5060 gone.${D}.
      _sip._tls.${D} SRV 0 0 0 .`;
    expect(allTold(zone).toSorted((a, b) => a.localeCompare(b))).toEqual([
      'error naptr.broken',
      'error srv-target.missing',
      'info srv-target.null',
      'warning srv-target.alias',
    ]);
  });
});
