import { describe, expect, test } from 'vitest';
import { srvPort } from '../../src/check/srv-port.ts';
import { DOMAIN as D } from '../probe/zone-answers.ts';
import { findIn, sceneOf, statusOf, told } from './zone-findings.ts';

const zoneOf = (name: string, port: number): string => `${name}.${D} SRV 0 0 ${port} sip.${D}.\nsip.${D} A 192.0.2.1`;

describe('the ports of SRV records', () => {
  test.each([
    ['_sips._tcp', 5061],
    ['_sips._tcp', 443],
    ['_sips._tcp', 15_061],
    ['_sip._tcp', 5060],
    ['_sip._udp', 40_000],
    ['_sip._tls', 443],
    ['_sip._tls', 5061],
    ['_sipinternaltls._tcp', 5061],
    ['_sipfederationtls._tcp', 5061],
  ])('pass where they are customary, or free to choose: %s %i', (name, port) => {
    expect(told(srvPort, zoneOf(name, port))).toEqual([]);
    expect(statusOf(srvPort, sceneOf(zoneOf(name, port)))).toBe('passed');
  });

  test.each([
    ['_sips._tcp', 5060, 'warning'],
    ['_sip._tcp', 5061, 'warning'],
    ['_sip._tcp', 443, 'warning'],
    ['_sip._udp', 5061, 'warning'],
    ['_sip._tls', 5060, 'info'],
    ['_sipinternaltls._tcp', 443, 'info'],
    ['_sipinternal._tcp', 5061, 'info'],
    ['_sipfederationtls._tcp', 5062, 'info'],
  ])('are told where they are not: %s %i', (name, port, severity) => {
    expect(told(srvPort, zoneOf(name, port))).toEqual([`${severity} srv-port.unexpected ${name}.${D}`]);
  });

  test('are told with what a client would speak there', () => {
    const [finding] = findIn(srvPort, zoneOf('_sip._tcp', 5061));
    expect(finding?.text).toBe(
      `_sip._tcp.${D} leads to port 5061 of sip.${D}, where 5060 is customary: that is the port of TLS, and a client that follows the record speaks TCP to it.`,
    );
  });

  test('are no way in when they are 0', () => {
    expect(told(srvPort, zoneOf('_sip._udp', 0))).toEqual([`error srv-port.zero _sip._udp.${D}`]);
    const beside = `${zoneOf('_sip._udp', 0)}\n_sip._udp.${D} SRV 0 0 5060 sip.${D}.`;
    expect(told(srvPort, beside)).toEqual([`warning srv-port.zero _sip._udp.${D}`]);
  });

  test('of a service that is not offered are no matter', () => {
    expect(told(srvPort, `_sip._udp.${D} SRV 0 0 0 .`)).toEqual([]);
  });

  test('behind NAPTR are judged with the NAPTR record', () => {
    const zone = `${D} NAPTR 1 1 "s" "SIP+D2T" "" _sip._tcp.${D}.\n${zoneOf('_sip._tcp', 5061)}`;
    expect(told(srvPort, zone)).toEqual([]);
  });

  test('are not judged when no SRV record was seen', () => {
    const failing = { [`_sip._udp.${D} SRV`]: 'servfail' } as const;
    expect(statusOf(srvPort, sceneOf(zoneOf('_sip._udp', 0), { options: { failing } }))).toBe('not-applicable');
  });
});
