import { describe, expect, test } from 'vitest';
import type { DnsAnswer, DnsRecord } from '../../src/model/dns.ts';
import { createAnswerCache, lifetimeOf } from '../../src/probe/answer-cache.ts';

const record = (ttl: number): DnsRecord => ({
  name: 'a.example',
  type: 'A',
  ttl,
  text: '192.0.2.1',
  address: '192.0.2.1',
});
const answer = (...ttls: number[]): DnsAnswer => ({
  status: 'answer',
  records: ttls.map(record),
  via: 'udp',
  tries: 1,
});
const nothing: DnsAnswer = { status: 'nodata', records: [], via: 'udp', tries: 1 };
const soa = (ttl: number, minimum: number): DnsRecord => ({
  name: 'example',
  type: 'SOA',
  ttl,
  text: `ns.example. root.example. 1 7200 3600 1209600 ${minimum}`,
});

describe('how long an answer may be kept', () => {
  test.each([
    { says: 'as its record that lives the shortest', given: answer(60, 5, 300), authority: [], seconds: 5 },
    { says: 'an absence as long as the SOA says', given: nothing, authority: [soa(3600, 30)], seconds: 30 },
    { says: 'or as long as the SOA itself, if that is less', given: nothing, authority: [soa(10, 30)], seconds: 10 },
    { says: 'an absence without SOA not at all', given: nothing, authority: [], seconds: 0 },
  ])('$says', ({ given, authority, seconds }) => {
    expect(lifetimeOf(given, { authority })).toBe(seconds);
  });
});

describe('answers that runs share', () => {
  test('are there until their time is over, and tell their age', () => {
    const cache = createAnswerCache(10);
    cache.put('key', answer(5), { now: 1000, ttl: 5 });
    expect(cache.get('key', 5999)).toEqual({ answer: answer(5), ageMs: 4999 });
    expect(cache.get('key', 6000)).toBeUndefined();
    expect(cache.get('key', 5000)).toBeUndefined();
  });

  test('with a TTL of 0 are not kept, and none longer than five minutes', () => {
    const cache = createAnswerCache(10);
    cache.put('zero', answer(0), { now: 0, ttl: 0 });
    cache.put('week', answer(604_800), { now: 0, ttl: 604_800 });
    expect(cache.get('zero', 0)).toBeUndefined();
    expect(cache.get('week', 299_999)).toBeDefined();
    expect(cache.get('week', 300_000)).toBeUndefined();
  });

  test('make room: the one that nobody has asked for longest goes first', () => {
    const asked = createAnswerCache(2);
    for (const key of ['a', 'b']) asked.put(key, answer(5), { now: 0, ttl: 5 });
    asked.get('a', 0);
    asked.put('c', answer(5), { now: 0, ttl: 5 });
    expect(['a', 'b', 'c'].filter((key) => asked.get(key, 0) !== undefined)).toEqual(['a', 'c']);

    const cache = createAnswerCache(2);
    for (const key of ['a', 'b', 'a', 'c']) cache.put(key, answer(5), { now: 0, ttl: 5 });
    expect(['a', 'b', 'c'].filter((key) => cache.get(key, 0) !== undefined)).toEqual(['a', 'c']);
  });
});
