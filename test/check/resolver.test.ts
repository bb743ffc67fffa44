import { describe, expect, test } from 'vitest';
import { resolver } from '../../src/check/resolver.ts';
import type { Reason } from '../../src/model.ts';
import type { DnsObservation } from '../../src/model/dns.ts';
import { addressRecord, idsOf, judged, seenBy } from './dns-seen.ts';
import { discovered } from './server-seen.ts';

const main = seenBy('192.0.2.53:53', 'system');
const spare = seenBy('192.0.2.54:53', 'system');
const outside = seenBy('198.51.100.53:53', 'outside');
const good = main.answers('example.org A', [addressRecord('example.org', '192.0.2.1')]);

describe('resolver', () => {
  test('passes when every question is answered, also with no', () => {
    const { run, findings } = judged(resolver, [good, main.says('example.org SRV', 'nxdomain')]);
    expect(findings).toEqual([]);
    expect(run?.status).toBe('passed');
  });

  test.each<[Reason, string, string]>([
    ['timeout', 'resolver.timeout', 'did not answer any question within 3 s'],
    ['refused', 'resolver.unreachable', 'cannot be reached: nothing serves DNS on that port (ECONNREFUSED)'],
    ['unreachable', 'resolver.unreachable', 'cannot be reached'],
    ['tls-failed', 'resolver.unreachable', 'cannot be reached'],
    ['truncated', 'resolver.truncated-no-tcp', 'truncated its answer to every question'],
    ['servfail', 'resolver.failure', 'every question with SERVFAIL'],
    ['refused-query', 'resolver.failure', 'every question with REFUSED'],
    ['rcode', 'resolver.failure', 'every question with an error code: ECONNREFUSED'],
    ['malformed', 'resolver.failure', 'every question with a malformed answer'],
    ['other', 'resolver.failure', 'every question with no DNS answer'],
  ])('%s of every question is the error %s', (reason, id, text) => {
    const { run, findings } = judged(resolver, [main.fails('example.org A', reason, 'ECONNREFUSED')]);
    expect(idsOf(findings)).toEqual([`${id} error`]);
    expect(findings[0]?.text).toContain(text);
    expect(findings[0]?.remedy).not.toBe('');
    expect(run?.status).toBe('found');
  });

  test('a failure without which no server is found is an error, and named', () => {
    const open = discovered([]);
    const step = { step: '_sips._tcp.{d}', question: '_sips._tcp.example.org SRV', fate: 'broken' as const, why: '' };
    if (open.outcome.ok) open.outcome.value.steps.push(step);
    const cut = main.fails('_sips._tcp.example.org SRV', 'truncated', 'ECONNREFUSED');
    const { findings } = judged(resolver, [main.says('example.org A', 'nodata'), cut, open]);
    expect(idsOf(findings)).toEqual(['resolver.truncated-no-tcp error']);
    expect(findings[0]?.text).toContain('1 of 2 questions');
    expect(findings[0]?.text).toContain('Without _sips._tcp.example.org SRV no server is found.');
  });

  test.each<[string, DnsObservation[], string[]]>([
    [
      'a failure of some questions only',
      [good, main.fails('example.org SRV', 'servfail')],
      ['resolver.failure warning'],
    ],
    [
      'a silent server of the system while another of its servers answers',
      [spare.answers('example.org A', []), main.fails('example.org A', 'timeout')],
      ['resolver.timeout warning'],
    ],
    [
      'a silent server that others are only compared with',
      [good, outside.fails('example.org A', 'timeout')],
      ['resolver.timeout warning'],
    ],
    [
      'the silence of the server that decides, whatever the one beside it says',
      [main.fails('example.org A', 'timeout'), outside.answers('example.org A', [])],
      ['resolver.timeout error'],
    ],
    [
      'several faults of one server, each for itself',
      [good, main.fails('a.example.org A', 'timeout'), main.fails('b.example.org A', 'truncated')],
      ['resolver.timeout warning', 'resolver.truncated-no-tcp warning'],
    ],
  ])('%s', (_what, observations, ids) => {
    expect(idsOf(judged(resolver, observations).findings)).toEqual(ids);
  });

  test.each([
    ['192.0.2.53:53', 'dig @192.0.2.53 example.org A'],
    ['127.0.0.1:5353', 'dig @127.0.0.1 -p 5353 example.org A'],
    ['[2001:db8::53]:53', 'dig @2001:db8::53 example.org A'],
    ['tls://192.0.2.53:853', 'dig +tls @192.0.2.53 -p 853 example.org A'],
    ['https://dns.example.org/dns-query', '(dig example.org A)'],
  ])('%s is asked again by hand with %s', (address, command) => {
    const { findings } = judged(resolver, [seenBy(address).fails('example.org A', 'timeout')]);
    expect(findings[0]?.remedy).toContain(command);
  });

  test('names the server that answered in place of a silent one', () => {
    const { findings } = judged(resolver, [spare.answers('example.org A', []), main.fails('example.org A', 'timeout')]);
    expect(findings[0]?.text).toContain('192.0.2.54:53 answered in its place');
  });

  test.each<[string, { ms?: number; tries?: number }]>([
    ['half of the answers take more than 500 ms', { ms: 501 }],
    ['a question had to be repeated', { tries: 2 }],
  ])('is slow, for information, when %s', (_what, more) => {
    const { run, findings } = judged(resolver, [main.answers('example.org A', [], more)]);
    expect(idsOf(findings)).toEqual(['resolver.slow info']);
    expect(run?.status).toBe('found');
  });

  test('is not slow when one answer of three is', () => {
    const slow = main.answers('slow.example.org A', [], { ms: 2000 });
    expect(judged(resolver, [good, good, slow]).findings).toEqual([]);
  });

  test('says when the certificate of an encrypted resolver was not verified', () => {
    const tls = seenBy('tls://192.0.2.53:853');
    const { findings } = judged(resolver, [tls.answers('example.org A', [], { unverified: 'no name was given' })]);
    expect(idsOf(findings)).toEqual(['resolver.unverified info']);
    expect(findings[0]?.text).toContain('not verified: no name was given');
  });

  test('is inconclusive when nothing was asked, or the run was ended', () => {
    expect(judged(resolver, []).run?.status).toBe('inconclusive');
    expect(judged(resolver, [main.fails('example.org A', 'cancelled')]).run?.status).toBe('inconclusive');
  });
});
