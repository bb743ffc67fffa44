import { describe, expect, test } from 'vitest';
import { interleave, readAnswers } from '../../src/wire/dns-lookup.ts';
import { answersTo, type ZoneOptions } from '../probe/zone-answers.ts';

const both = (name: string, zone: string, options?: ZoneOptions) =>
  answersTo([{ name, type: 'A' }, { name, type: 'AAAA' }], zone, options); // prettier-ignore

describe('a lookup in several answers', () => {
  test.each<[string, string, ZoneOptions, string, string]>([
    ['finds a record', 'a.example A 192.0.2.1', {}, 'found', 'a.example'],
    ['finds the end of an alias in the same answer', 'a.example CNAME b.example.\nb.example A 192.0.2.1', {}, 'found', 'b.example'],
    ['finds the end of an alias in another answer', 'a.example CNAME b.example.\nb.example A 192.0.2.1', { aliases: 'one-hop' }, 'found', 'b.example'],
    ['says that a name has no such record', 'x.a.example A 192.0.2.1', {}, 'nodata', 'a.example'],
    ['says that a name does not exist', '', {}, 'nxdomain', 'a.example'],
    ['says that the end of an alias does not exist', 'a.example CNAME b.example.', {}, 'nxdomain', 'b.example'],
    ['says that aliases run in a circle', 'a.example CNAME a.example.', {}, 'loop', 'a.example'],
    ['says that aliases of several answers run in a circle', 'a.example CNAME b.example.\nb.example CNAME a.example.', { aliases: 'one-hop' }, 'loop', 'a.example'],
    ['says that nobody answered', '', { failing: { 'a.example A': 'timeout' } }, 'failed', 'a.example'],
    ['says that nobody answered for the end of an alias', 'a.example CNAME b.example.', { aliases: 'one-hop', failing: { 'b.example A': 'servfail' } }, 'failed', 'b.example'],
  ])('%s', (...[, zone, options, state, name]) => {
    expect(readAnswers(both('a.example', zone, options)).lookUp('A.example', 'A')).toMatchObject({ state, name });
  }); // prettier-ignore

  test('says that a name was not asked for', () => {
    expect(readAnswers([]).lookUp('a.example', 'A')).toEqual({ state: 'not-asked', name: 'a.example', chain: [] });
  });

  test('gives up after sixteen aliases, however they are spread', () => {
    const chain = Array.from({ length: 30 }, (_, at) => `c${at}.example CNAME c${at + 1}.example.`).join('\n');
    expect(readAnswers(both('c0.example', chain)).lookUp('c0.example', 'A').state).toBe('too-long');
    const seen = both('c0.example', chain, { aliases: 'one-hop' });
    expect(['too-long', 'not-asked']).toContain(readAnswers(seen).lookUp('c0.example', 'A').state);
  });
});

describe('the addresses of a host', () => {
  test('are of both families in turn, IPv6 first', () => {
    const zone = 'a.example A 192.0.2.1\na.example A 192.0.2.2\na.example AAAA 2001:db8::1';
    const { state, addresses } = readAnswers(both('a.example', zone)).host('a.example');
    expect([state, ...addresses]).toEqual(['addressed', '2001:db8::1', '192.0.2.1', '192.0.2.2']);
  });

  test('of one family are enough, whatever became of the other', () => {
    const seen = both('a.example', 'a.example A 192.0.2.1', { failing: { 'a.example AAAA': 'timeout' } });
    expect(readAnswers(seen).host('a.example')).toMatchObject({ state: 'addressed', addresses: ['192.0.2.1'] });
  });

  test('are not said to be missing where one family was not answered', () => {
    const seen = both('a.example', '', { failing: { 'a.example AAAA': 'timeout' } });
    expect(readAnswers(seen).host('a.example')).toMatchObject({ state: 'failed', detail: 'timeout by the test' });
  });

  test.each<[string[], string[], string[]]>([
    [[], [], []],
    [['1'], ['a', 'b', 'c'], ['1', 'a', 'b', 'c']],
    [['1', '2', '3'], ['a'], ['1', 'a', '2', '3']],
  ])('are interleaved: %j and %j', (ipv6, ipv4, expected) => {
    expect(interleave(ipv6, ipv4)).toEqual(expected);
  });
});
