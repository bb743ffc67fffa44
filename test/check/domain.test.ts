import { describe, expect, test } from 'vitest';
import { domain } from '../../src/check/domain.ts';
import { answersTo, DOMAIN as D } from '../probe/zone-answers.ts';
import { allTold, findIn, sceneOf, statusOf, tellAll, told } from './zone-findings.ts';

describe('the domain', () => {
  test('passes when a server with an address is found', () => {
    const zone = `_sip._udp.${D} SRV 0 0 5060 sip.${D}.\nsip.${D} A 192.0.2.1`;
    expect(told(domain, zone)).toEqual([]);
    expect(statusOf(domain, sceneOf(zone))).toBe('passed');
  });

  test('that does not exist is named with the resolver that says so', () => {
    const [finding] = findIn(domain, '');
    expect(finding).toMatchObject({ name: 'not-found', severity: 'error', subject: D });
    expect(finding?.text).toContain(`${D} does not exist in DNS: 192.0.2.53:53 knows no SRV record`);
  });

  test('that exists without any name for SIP is told apart', () => {
    expect(told(domain, `www.${D} A 192.0.2.1`)).toEqual([`error domain.no-address ${D}`]);
  });

  test('is not judged when a question was not answered', () => {
    const failing = { [`_sip._tcp.${D} SRV`]: 'timeout' } as const;
    expect(told(domain, '', { options: { failing } })).toEqual([]);
  });

  test('is not called missing when its SRV records lead to nothing', () => {
    expect(told(domain, `_sip._udp.${D} SRV 0 0 5060 gone.${D}.`)).toEqual([]);
  });

  test('has passed no test when nobody answered', () => {
    const failing = Object.fromEntries(sceneOf('').map(({ subject }) => [subject, 'timeout' as const]));
    expect(statusOf(domain, sceneOf('', { options: { failing } }))).toBe('inconclusive');
  });

  test('is one cause and one error', () => {
    expect(allTold('')).toEqual(['error domain.not-found']);
    expect(allTold(`www.${D} A 192.0.2.1`)).toEqual(['error domain.no-address']);
  });
});

describe('a server that the user named', () => {
  const host = `sip.${D}`;
  test.each([
    ['has an address', `${host} A 192.0.2.1`, []],
    ['has an IPv6 address only', `${host} AAAA 2001:db8::1`, []],
    ['does not exist', '', [`error domain.not-found ${host}`]],
    ['has no address', `x.${host} A 192.0.2.1`, [`error domain.no-address ${host}`]],
  ])('%s', (_name, zone, expected) => {
    const dns = answersTo([{ name: host, type: 'A' }, { name: host, type: 'AAAA' }], zone); // prettier-ignore
    expect(tellAll(domain, domain.run(dns))).toEqual(expected);
  });

  test('is not called missing when it could not be looked up', () => {
    const dns = answersTo([{ name: host, type: 'A' }], '', { failing: { [`${host} A`]: 'servfail' } });
    expect(domain.run(dns)).toEqual([]);
  });
});
