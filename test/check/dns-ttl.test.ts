import { describe, expect, test } from 'vitest';
import { dnsTtl } from '../../src/check/dns-ttl.ts';
import { DOMAIN as D } from '../probe/zone-answers.ts';
import { findIn, sceneOf, statusOf, told } from './zone-findings.ts';

describe('the time to live', () => {
  test('passes when it is more than nothing', () => {
    const zone = `_sip._udp.${D} 1 SRV 0 0 5060 sip.${D}.\nsip.${D} 300 A 192.0.2.1`;
    expect(told(dnsTtl, zone)).toEqual([]);
    expect(statusOf(dnsTtl, sceneOf(zone))).toBe('passed');
  });

  test('of zero is worth a word, once for all records', () => {
    const zone = `_sip._udp.${D} 0 SRV 0 0 5060 sip.${D}.\nsip.${D} 0 A 192.0.2.1`;
    const [finding, ...more] = findIn(dnsTtl, zone);
    expect(more).toEqual([]);
    expect(told(dnsTtl, zone)).toEqual([`info dns-ttl.zero _sip._udp.${D}`]);
    expect(finding?.evidence).toEqual({ records: [`_sip._udp.${D} SRV`, `sip.${D} A`] });
  });

  test('of zero is listed in part when there are many', () => {
    const zone = Array.from(
      { length: 9 },
      (_, at) => `_sip._udp.${D} 3600 SRV 0 0 5060 t${at}.${D}.\nt${at}.${D} 0 A 192.0.2.1`,
    );
    expect(findIn(dnsTtl, zone.join('\n'))[0]?.text).toContain('and 3 more');
  });

  test('is not known when nobody answered', () => {
    const failing = Object.fromEntries(sceneOf('').map(({ subject }) => [subject, 'timeout' as const]));
    expect(statusOf(dnsTtl, sceneOf('', { options: { failing } }))).toBe('inconclusive');
  });
});
