import { describe, expect, test } from 'vitest';
import { srvRecords } from '../../src/check/srv-records.ts';
import type { Observation } from '../../src/model.ts';
import type { DnsObservation } from '../../src/model/dns.ts';
import { answersTo, DOMAIN as D } from '../probe/zone-answers.ts';
import { findIn, sceneOf, statusOf, tcpTo, tellAll, told } from './zone-findings.ts';

const RFC = `_sips._tcp.${D} SRV 0 0 5061 sip.${D}.\nsip.${D} A 192.0.2.1`;
const EDGE = `_sip._tls.${D} SRV 0 0 443 edge.${D}.\nedge.${D} A 198.51.100.1`;
const INTERNAL = `_sipinternaltls._tcp.${D} SRV 0 0 5061 pool.${D}.`;
const inside = (address: string): string => `${INTERNAL}\npool.${D} A ${address}\n${EDGE}`;
const pool = { host: `pool.${D}`, set: `_sipinternaltls._tcp.${D}` };

describe('SRV records', () => {
  test('pass when the client finds its server by them', () => {
    expect(told(srvRecords, RFC)).toEqual([]);
    expect(statusOf(srvRecords, sceneOf(RFC))).toBe('passed');
  });

  test('are not said to be absent when nothing was answered', () => {
    const failing = Object.fromEntries(sceneOf('').map(({ subject }) => [subject, 'timeout' as const]));
    const scene = sceneOf(RFC, { options: { failing } });
    expect(srvRecords.run(scene)).toEqual([]);
    expect(statusOf(srvRecords, scene)).toBe('inconclusive');
  });

  test('that are absent are worth a word where an address stands in', () => {
    expect(told(srvRecords, `${D} A 192.0.2.1`)).toEqual([`info srv-records.absent ${D}`]);
    const [finding] = findIn(srvRecords, `${D} A 192.0.2.1`);
    expect(finding?.text).toContain(`udp ${D}:5060, tcp ${D}:5060, tls ${D}:5061`);
  });

  test('that other clients use do not help the one that was asked about', () => {
    const [finding] = findIn(srvRecords, RFC, { target: { profile: 'federation' } });
    expect(finding).toMatchObject({ name: 'absent', severity: 'error' });
    expect(finding?.text).toContain(`rfc3263: tls to sip.${D}:5061`);
    const profile = 'the profile federation (Federation partner, the Edge server of another organisation)';
    expect(finding?.text).toContain(profile);
  });

  test('of another transport are named with the reason', () => {
    const [finding] = findIn(srvRecords, `_sip._udp.${D} SRV 0 0 5060 sip.${D}.\nsip.${D} A 192.0.2.1`, {
      target: { profile: 'rfc3263', transports: ['tcp'] },
    });
    expect(finding?.text).toContain(`_sip._udp.${D} SRV: udp was not asked for`);
  });

  test('are not said to be absent when the domain itself does not exist', () => {
    expect(told(srvRecords, '')).toEqual([]);
  });
});

describe('the one name that the user asks for', () => {
  const ask = (zone: string): DnsObservation[] => answersTo([{ name: `_sip._tls.${D}`, type: 'SRV' }], zone);

  test.each([
    ['is found', EDGE, []],
    ['does not exist', '', ['error srv-records.not-found']],
    ['has no SRV record', `x._sip._tls.${D} A 192.0.2.1`, ['error srv-records.not-found']],
  ])('%s', (_name, zone, expected) => {
    expect(srvRecords.run(ask(zone)).map(({ severity, name }) => `${severity} srv-records.${name}`)).toEqual(expected);
  });
});

describe('an internal name that is found first', () => {
  const shadow = (zone: string, attempts: Observation[] = [], profile = 'auto'): string[] =>
    told(srvRecords, zone, { attempts, target: { profile } });

  test('hides the others when its target is dead', () => {
    const [finding] = findIn(srvRecords, `${INTERNAL}\n${EDGE}`);
    expect(finding).toMatchObject({ name: 'shadowed', severity: 'error', subject: `_sipinternaltls._tcp.${D}` });
    expect(finding?.text).toContain(`hides _sip._tls.${D}`);
    expect(finding?.text).toContain(`pool.${D} does not exist`);
  });

  test('is a warning where the client that was asked about does not use it', () => {
    expect(shadow(`${RFC}\n${INTERNAL}\n${EDGE}`)).toEqual([`warning srv-records.shadowed _sipinternaltls._tcp.${D}`]);
  });

  test.each<[string, string, Observation[], string | undefined]>([
    ['works where its private address answers', '10.1.2.3', [tcpTo('10.1.2.3', pool)], undefined],
    ['may work inside where nothing was tried', '10.1.2.3', [], 'info'],
    ['fails where its private address is out of reach', '10.1.2.3', [tcpTo('10.1.2.3', pool, 'timeout')], 'error'],
    [
      'is suspect where a public address is out of reach',
      '198.51.100.9',
      [tcpTo('198.51.100.9', pool, 'timeout')],
      'warning',
    ],
    ['is fine with a public address', '198.51.100.9', [], undefined],
  ])('%s', (...[, address, attempts, severity]) => {
    const expected = severity === undefined ? [] : [`${severity} srv-records.shadowed _sipinternaltls._tcp.${D}`];
    // The resolver of the tests is inside, as 10.0.0.53 would be.
    const scene = sceneOf(inside(address), { attempts }).map((one) =>
      one.kind === 'dns' ? { ...one, about: { ...one.about, resolver: '10.0.0.53:53' } } : one,
    );
    expect(tellAll(srvRecords, srvRecords.run(scene))).toEqual(expected);
  });

  test('with a private address has no business in public DNS', () => {
    const [finding] = findIn(srvRecords, inside('10.1.2.3'));
    expect(finding).toMatchObject({ name: 'shadowed', severity: 'error' });
    expect(finding?.text).toContain('the public resolver 192.0.2.53:53 gives it with the private address 10.1.2.3');
  });

  test.each([
    ['10.0.0.1', true],
    ['172.16.0.1', true],
    ['172.31.255.1', true],
    ['172.32.0.1', false],
    ['192.168.1.1', true],
    ['192.0.2.1', false],
    ['169.254.1.1', true],
    ['100.64.0.1', true],
    ['100.128.0.1', false],
    ['127.0.0.1', true],
    ['110.1.1.1', false],
    ['::1', true],
    ['fd00::1', true],
    ['FE80::1', true],
    ['2001:db8::1', false],
    ['::ffff:192.0.2.1', false],
  ])('at the address %s, which has no meaning outside: %s', (address, expected) => {
    const zone = address.includes(':') ? inside('10.1.2.3').replace('A 10.1.2.3', `AAAA ${address}`) : inside(address);
    const texts = findIn(srvRecords, zone).map(({ text }) => text);
    expect(texts.some((text) => text.includes('the public resolver'))).toBe(expected);
  });

  test('that is not offered hides nothing', () => {
    expect(shadow(`_sipinternaltls._tcp.${D} SRV 0 0 0 .\n${EDGE}`)).toEqual([]);
  });
});

describe('the TLS names of the two worlds', () => {
  const UDP = `_sip._udp.${D} SRV 0 0 5060 sip.${D}.\nsip.${D} A 192.0.2.1`;
  test.each<[string, string, string, string[]]>([
    [
      'are confused where RFC clients find no TLS',
      `${UDP}\n${EDGE}`,
      'auto',
      [`info srv-records.family-confusion ${D}`],
    ],
    ['are confused where RFC clients find nothing', EDGE, 'rfc3263', [`error srv-records.family-confusion ${D}`]],
    [
      'are confused where Microsoft clients find nothing',
      `_sips._tcp.${D} SRV 0 0 5061 a.${D}.\na.${D} A 192.0.2.1`,
      'lync',
      [`error srv-records.family-confusion ${D}`],
    ],
    ['are both there', `${RFC}\n${EDGE}`, 'auto', []],
    ['are not both needed', EDGE, 'auto', []],
    ['are not there at all', UDP, 'auto', []],
  ])('%s', (...[, zone, profile, expected]) => {
    expect(told(srvRecords, zone, { target: { profile } })).toEqual(expected);
  });

  test('are told with the name that is missing', () => {
    const [finding] = findIn(srvRecords, EDGE, { target: { profile: 'rfc3263' } });
    expect(finding?.remedy).toBe(`Publish _sips._tcp.${D} with the same target and port as _sip._tls.${D}.`);
  });
});
