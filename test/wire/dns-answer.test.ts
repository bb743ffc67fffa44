import { describe, expect, test } from 'vitest';
import type { DnsRecord } from '../../src/model/dns.ts';
import {
  MAX_ALIASES,
  followAliases,
  isServiceRefused,
  readAnswer,
  recordVerdict,
  type AnswerReading,
} from '../../src/wire/dns-answer.ts';
import { decodeMessage, encodeQuery } from '../../src/wire/dns-message.ts';
import { encodeResponse, type ResponseContent } from '../../src/wire/dns-response.ts';
import { recordText, type RecordData } from '../../src/wire/dns-text.ts';
import type { QueryType } from '../../src/wire/dns-types.ts';

const record = (name: string, data: RecordData): DnsRecord => ({ name, ttl: 300, text: recordText(data), ...data });
const alias = (name: string, host: string): DnsRecord => record(name, { type: 'CNAME', host });
const address = (name: string, last: number): DnsRecord => record(name, { type: 'A', address: `192.0.2.${last}` });
const soa = (name: string): DnsRecord => record(name, { type: 'SOA', soa: { serial: 1, mname: `ns.${name}` } });
const srv = (target: string, port: number): DnsRecord =>
  record('_sip._tcp.example.com', { type: 'SRV', srv: { priority: 1, weight: 1, port, target } });
const naptr = (regexp: string, replacement: string): DnsRecord => {
  const fields = { order: 1, preference: 1, flags: 's', services: 'SIP+D2T' };
  return record('example.com', { type: 'NAPTR', naptr: { ...fields, regexp, replacement } });
};

const query: { id: number; name: string; type: QueryType } = { id: 7, name: 'sip.example.com', type: 'A' };

function answer(content: Omit<ResponseContent, 'query'>, change: Partial<typeof query> = {}): AnswerReading {
  const asked = { ...query, ...change };
  const sent = decodeMessage(encodeQuery({ ...asked, recursion: 'desired', ednsSize: 1232 }));
  return readAnswer({ query: asked, bytes: encodeResponse({ ...content, query: sent }), transport: 'udp' });
}

describe('following aliases', () => {
  test('goes by name, whatever the order and the case', () => {
    const set = [address('c.example', 1), alias('b.example', 'C.Example'), alias('SIP.example.com', 'b.example')];
    const path = followAliases(set, 'sip.EXAMPLE.com.', 'A');
    expect(path).toMatchObject({ kind: 'found', name: 'c.example', records: [set[0]], chain: [set[2], set[1]] });
  });

  test('leaves out what others own, and other types', () => {
    const set = [address('other.example.com', 9), address('sip.example.com', 1), srv('sip.example.com', 5060)];
    expect(followAliases(set, 'sip.example.com', 'A').records).toEqual([set[1]]);
  });

  test('does not take a label with a dot for two labels', () => {
    const set = [address(String.raw`sip\.example.com`, 1)];
    expect(followAliases(set, 'sip.example.com', 'A').kind).toBe('none');
    expect(followAliases(set, String.raw`sip\.example.com`, 'A').kind).toBe('found');
  });

  test('gives a CNAME that was asked for instead of following it', () => {
    const set = [alias('sip.example.com', 'b.example'), address('b.example', 1)];
    expect(followAliases(set, 'sip.example.com', 'CNAME')).toMatchObject({
      kind: 'found',
      records: [set[0]],
      chain: [],
    });
  });

  test.each([
    ['a name that is its own alias', [alias('sip.example.com', 'sip.example.com')], 1],
    ['a loop of two', [alias('sip.example.com', 'b.example'), alias('b.example', 'SIP.example.com')], 2],
    ['a loop that begins later', [alias('sip.example.com', 'b.example'), alias('b.example', 'b.example')], 2],
  ])('ends at %s', (_, set, hops) => {
    expect(followAliases(set, 'sip.example.com', 'A')).toMatchObject({ kind: 'loop', chain: { length: hops } });
  });

  test('takes sixteen aliases and no more', () => {
    const hop = (from: number): DnsRecord => alias(`h${from}.example`, `h${from + 1}.example`);
    const chain = Array.from({ length: MAX_ALIASES + 1 }, (_, from) => hop(from));
    const enough = followAliases([...chain.slice(0, MAX_ALIASES), address('h16.example', 1)], 'h0.example', 'A');
    const tooMany = followAliases([...chain, address('h17.example', 1)], 'h0.example', 'A');
    expect(enough.kind).toBe('found');
    expect(tooMany).toMatchObject({ kind: 'too-long', name: 'h16.example', records: [] });
  });

  test('tells the name to ask for when the set ends', () => {
    const set = [alias('sip.example.com', 'sipdir.example.net')];
    expect(followAliases(set, 'sip.example.com', 'A')).toMatchObject({
      kind: 'query-target',
      name: 'sipdir.example.net',
    });
  });

  test('warns of two targets and of a CNAME beside data, and follows the first CNAME', () => {
    const set = [alias('sip.example.com', 'b.example'), alias('sip.example.com', 'c.example')];
    const both = [...set, address('b.example', 1), address('sip.example.com', 2)];
    const path = followAliases(both, 'sip.example.com', 'A');
    expect(path).toMatchObject({ kind: 'found', name: 'b.example', warnings: ['several-aliases', 'alias-and-data'] });
    expect(followAliases([...set.slice(0, 1), ...set.slice(0, 1)], 'sip.example.com', 'A').warnings).toEqual([]);
  });
});

describe('a reading', () => {
  test('of an answer holds the aliases and then the records', () => {
    const answers = [address('b.example', 1), alias('sip.example.com', 'b.example'), address('spoof.example', 2)];
    expect(answer({ answers })).toMatchObject({
      kind: 'use',
      records: [answers[1], answers[0]],
      aliases: { kind: 'found' },
    });
  });

  test('of aliases that an SOA ends is no data, and without an SOA is a name to ask for', () => {
    const answers = [alias('sip.example.com', 'b.example.net')];
    expect(answer({ answers, authority: [soa('example.net')] })).toMatchObject({ kind: 'no-data', records: answers });
    expect(answer({ answers, authority: [soa('example.org')] })).toMatchObject({ aliases: { kind: 'query-target' } });
    expect(answer({ answers })).toMatchObject({
      kind: 'use',
      aliases: { kind: 'query-target', name: 'b.example.net' },
    });
  });

  test('of NXDOMAIN behind an alias speaks of the last name', () => {
    const answers = [alias('sip.example.com', 'gone.example')];
    expect(answer({ answers, rcode: 3 })).toMatchObject({ kind: 'no-such-name', records: answers });
    expect(answer({ answers, rcode: 3 })).toMatchObject({ aliases: { name: 'gone.example' } });
  });

  test.each([
    [2, 'servfail', 'SERVFAIL'],
    [5, 'refused', 'REFUSED'],
    [1, 'rcode', 'FORMERR'],
    [16, 'rcode', 'BADVERS'],
    [12, 'rcode', 'RCODE12'],
  ])('of the response code %i is %s', (rcode, kind, detail) => {
    expect(answer({ rcode, answers: [address('sip.example.com', 1)] })).toMatchObject({ kind, detail });
  });

  test('of a truncated answer is another try over TCP, and over TCP the end', () => {
    const sent = decodeMessage(encodeQuery({ ...query, recursion: 'desired' }));
    const bytes = encodeResponse({ query: sent, flags: ['tc'], answers: [address('sip.example.com', 1)] });
    expect(readAnswer({ query, bytes, transport: 'udp' }).kind).toBe('retry-tcp');
    expect(readAnswer({ query, bytes, transport: 'tcp' }).kind).toBe('truncated');
  });

  test.each([
    ['another id', { id: 8 }, 'id'],
    ['another name', { name: 'sip.example.net' }, 'question'],
    ['a name that only looks the same', { name: String.raw`sip\.example.com` }, 'question'],
    ['another type', { type: 'AAAA' as const }, 'question'],
  ])('of a response to %s goes on waiting', (_, change, reason) => {
    const sent = decodeMessage(encodeQuery({ ...query, ...change, recursion: 'desired' }));
    const bytes = encodeResponse({ query: sent, answers: [address('sip.example.com', 1)] });
    expect(readAnswer({ query, bytes, transport: 'udp' })).toMatchObject({ kind: 'drop', reason });
  });

  test('of octets that cannot be read is malformed under the own id only', () => {
    const bytes = Uint8Array.of(0, 7, 0x81, 0x80, 0, 1);
    expect(readAnswer({ query, bytes, transport: 'udp' })).toMatchObject({ kind: 'malformed', code: 'cut', offset: 6 });
    expect(readAnswer({ query: { ...query, id: 8 }, bytes, transport: 'udp' }).kind).toBe('drop');
  });

  test('of its own query come back is dropped', () => {
    const bytes = encodeQuery({ ...query, recursion: 'desired' });
    expect(readAnswer({ query, bytes, transport: 'udp' })).toMatchObject({ kind: 'drop', reason: 'not-a-response' });
  });
});

describe('the verdict on a record', () => {
  test.each([
    [srv('sip.example.com', 5060), { verdict: 'use' }],
    [srv('sip.example.com', 0), { verdict: 'warn', fault: 'srv-port-0' }],
    [srv('.', 0), { verdict: 'service-not-available' }],
    [naptr('', '_sip._tcp.example.com'), { verdict: 'use' }],
    [naptr('!.*!sip:a@b!', '.'), { verdict: 'use' }],
    [naptr('!.*!sip:a@b!', 'example.com'), { verdict: 'ignore-record', fault: 'naptr-both' }],
    [naptr('', '.'), { verdict: 'ignore-record', fault: 'naptr-neither' }],
    [address('a.example', 1), { verdict: 'use' }],
  ])('%j', (one, verdict) => {
    expect(recordVerdict(one)).toEqual(verdict);
  });

  test('refuses the service when the null target stands alone', () => {
    expect(isServiceRefused([alias('x', '_sip._tcp.example.com'), srv('.', 0)])).toBe(true);
    expect(isServiceRefused([srv('.', 0), srv('sip.example.com', 5060)])).toBe(false);
    expect(isServiceRefused([])).toBe(false);
  });
});
