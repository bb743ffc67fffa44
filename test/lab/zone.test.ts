import { describe, expect, test } from 'vitest';
import { addressRecord, lookUp, sipZone, srvRecord } from '../../src/lab/zone.ts';
import type { DnsRecord } from '../../src/model/dns.ts';
import type { QueryType } from '../../src/wire/dns-types.ts';

const domain = 'fuzzybunny.local';
const at = (port: number) => ({ address: '127.0.0.1', port });
const zone = sipZone(domain, { udp: at(5060), tcp: at(5062), tls: at(5061) }, 'with-address');
const alias = (name: string, host: string): DnsRecord => ({ name, type: 'CNAME', ttl: 60, text: `${host}.`, host });

describe('the zone', () => {
  test.each([
    ['_sips._tcp', '0 0 5061 sip.fuzzybunny.local.'],
    ['_sip._tcp', '0 0 5062 sip.fuzzybunny.local.'],
    ['_sip._udp', '0 0 5060 sip.fuzzybunny.local.'],
  ])('publishes %s', (service, text) => {
    const { status, answers } = lookUp(zone, { name: `${service}.${domain}`, type: 'SRV' });
    expect([status, ...answers.map((record) => record.text)]).toEqual(['answer', text]);
  });

  test.each<[string, string, QueryType]>([
    ['answer', 'SIP.FuzzyBunny.Local', 'A'],
    ['nodata', 'sip.fuzzybunny.local', 'AAAA'],
    ['nodata', 'fuzzybunny.local', 'NAPTR'],
    ['nodata', '_tcp.fuzzybunny.local', 'SRV'],
    ['nodata', 'sip.fuzzybunny.local', 16],
    ['nxdomain', 'sip2.fuzzybunny.local', 'A'],
    ['nxdomain', 'notfuzzybunny.local', 'A'],
    ['nxdomain', 'example.com', 'A'],
  ])('gives %s for %s %s', (status, name, type) => {
    expect(lookUp(zone, { name, type }).status).toBe(status);
  });

  test.each([
    ['sip2.fuzzybunny.local', 1],
    ['fuzzybunny.local', 1],
    ['example.com', 0],
  ])('adds its SOA record to a negative answer about %s: %i', (name, count) => {
    expect(lookUp(zone, { name, type: 'NAPTR' }).authority.filter(({ type }) => type === 'SOA')).toHaveLength(count);
  });

  test('can lack the address of the SRV target', () => {
    const lame = sipZone(domain, { udp: at(1), tcp: at(2), tls: at(3) }, 'missing');
    expect(lookUp(lame, { name: 'sip.fuzzybunny.local', type: 'A' }).status).toBe('nxdomain');
  });

  test('follows aliases and lists them first', () => {
    const records = [alias('a.test', 'b.test'), alias('b.test', 'C.test'), addressRecord('c.test', '::1')];
    const { status, answers } = lookUp(records, { name: 'a.test', type: 'AAAA' });
    expect([status, ...answers.map(({ type }) => type)]).toEqual(['answer', 'CNAME', 'CNAME', 'AAAA']);
  });

  test('gives the status of the last name of a chain of aliases', () => {
    const { status, answers } = lookUp([alias('a.test', 'b.test')], { name: 'a.test', type: 'A' });
    expect([status, answers.length]).toEqual(['nxdomain', 1]);
  });

  test('ends a loop of aliases', () => {
    const { answers } = lookUp([alias('a.test', 'b.test'), alias('b.test', 'a.test')], { name: 'a.test', type: 'A' });
    expect(answers.length).toBeLessThan(20);
  });

  test('answers a question for the alias itself', () => {
    const { answers } = lookUp([alias('a.test', 'b.test')], { name: 'a.test', type: 'CNAME' });
    expect(answers.map(({ text }) => text)).toEqual(['b.test.']);
  });
});

test('an SRV record repeats its data as text', () => {
  expect(srvRecord('_sip._udp.test', 'sip.test', 7)).toMatchObject({ text: '0 0 7 sip.test.', srv: { port: 7 } });
});
