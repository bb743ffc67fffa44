import { describe, expect, test } from 'vitest';
import { addressFamily } from '../../src/check/address-family.ts';
import type { Observation } from '../../src/model.ts';
import type { RouteObservation } from '../../src/model/dns.ts';
import { DOMAIN as D } from '../probe/zone-answers.ts';
import { findIn, sceneOf, statusOf, tcpTo, told } from './zone-findings.ts';

const six = { host: `six.${D}`, set: `_sips._tcp.${D}` };
const dual = { host: `dual.${D}`, set: `_sips._tcp.${D}` };
const ZONE = `_sips._tcp.${D} SRV 0 0 5061 six.${D}.\nsix.${D} AAAA 2001:db8::6`;
const seen = (...attempts: Observation[]): string[] => told(addressFamily, ZONE, { attempts });

describe('the family of the addresses', () => {
  test('passes when the server answers', () => {
    expect(seen(tcpTo('2001:db8::6', six))).toEqual([]);
    expect(statusOf(addressFamily, sceneOf(ZONE, { attempts: [tcpTo('2001:db8::6', six)] }))).toBe('passed');
  });

  test('is not judged when no server was tried', () => {
    expect(statusOf(addressFamily, sceneOf(ZONE))).toBe('not-applicable');
  });

  test('is the cause when the server has IPv6 only and this machine has none', () => {
    const [finding] = findIn(addressFamily, ZONE, { attempts: [tcpTo('2001:db8::6', six, 'no-network')] });
    expect(finding).toMatchObject({ name: 'unreachable', severity: 'error', subject: `six.${D}` });
    expect(finding?.text).toBe(`six.${D} has IPv6 addresses only (2001:db8::6), and this machine has no IPv6.`);
    expect(finding?.remedy).toContain(`Publish an A record for six.${D}`);
  });

  test('is the cause the other way round as well', () => {
    const [finding] = findIn(addressFamily, ZONE, { attempts: [tcpTo('192.0.2.4', six, 'no-network')] });
    expect(finding?.text).toContain('has IPv4 addresses only');
    expect(finding?.remedy).toContain('AAAA');
  });

  test('is worth a word when another member of the set stands in', () => {
    const attempts = [tcpTo('2001:db8::6', six, 'no-network'), tcpTo('192.0.2.1', dual)];
    expect(seen(...attempts)).toEqual([`info address-family.unreachable six.${D}`]);
  });

  test.each<[string, Observation[]]>([
    [
      'a host with an address of the other family',
      [tcpTo('2001:db8::1', dual, 'no-network'), tcpTo('192.0.2.1', dual)],
    ],
    ['a host that is only dead', [tcpTo('2001:db8::6', six, 'timeout')]],
    [
      'a host without a way in either family',
      [tcpTo('2001:db8::1', dual, 'no-network'), tcpTo('192.0.2.1', dual, 'no-network')],
    ],
  ])('is no matter of %s', (_name, attempts) => {
    expect(seen(...attempts)).toEqual([]);
  });

  describe('where nothing is connected to', () => {
    const route = (outcome: RouteObservation['outcome']): RouteObservation => ({
      kind: 'route',
      subject: `six.${D} 2001:db8::6`,
      at: 1,
      about: { ...six, address: '2001:db8::6' },
      outcome,
    });
    const noWay = route({ ok: false, reason: 'no-network', detail: 'ENETUNREACH', ms: 0 });

    test('is the cause when this machine knows no way', () => {
      expect(seen(noWay)).toEqual([`error address-family.unreachable six.${D}`]);
    });

    test('passes when it knows one', () => {
      expect(seen(route({ ok: true, value: { local: '2001:db8::1' }, ms: 0 }))).toEqual([]);
    });

    test('is worth a word when another member of the set has an address of the other family', () => {
      const zone = `${ZONE}\n_sips._tcp.${D} SRV 0 0 5061 dual.${D}.\ndual.${D} A 192.0.2.1`;
      const [finding] = findIn(addressFamily, zone, { attempts: [noWay] });
      expect(finding).toMatchObject({ severity: 'info', subject: `six.${D}` });
      expect(finding?.text).toContain(`Clients here use dual.${D} instead`);
    });
  });

  test('is not blamed on a machine that has no network at all', () => {
    const failing = Object.fromEntries(sceneOf('').map(({ subject }) => [subject, 'no-network' as const]));
    const attempts = [tcpTo('2001:db8::6', six, 'no-network')];
    expect(findIn(addressFamily, '', { options: { failing }, attempts })).toEqual([]);
  });
});
