import { describe, expect, test } from 'vitest';
import { tlsPeer } from '../../src/check/tls-peer.ts';
import { tlsService } from '../../src/check/tls-service.ts';
import type { Failure } from '../../src/model.ts';
import type { TlsObservation, TlsSeen } from '../../src/model/tls.ts';
import { alert, askCheck, HOST, idsOf, seen } from './tls-observation.ts';

describe('tls-peer', () => {
  function peer(change: Partial<TlsSeen>): TlsObservation {
    const one = seen({ about: { peer: 'client', shown: 'own', sni: null } });
    if (!one.outcome.ok) throw new Error('the sample is a success');
    return { ...one, outcome: { ...one.outcome, value: { ...one.outcome.value, ...change } } };
  }
  const hello = { serverName: HOST, versions: ['TLSv1.3', 'TLSv1.2'], cipherSuites: 3, alpn: [] };

  test.each<[string, Partial<TlsSeen>, string[]]>([
    ['shows a certificate', { hello }, []],
    ['shows none', { hello, chain: [] }, ['tls-peer.no-certificate error']],
    ['sends no name', { hello: { ...hello, serverName: null } }, ['tls-peer.no-name info']],
    ['speaks old versions only', { hello: { ...hello, versions: ['TLSv1'] } }, ['tls-peer.outdated warning']],
  ])('a peer that %s', (_name, change, ids) => {
    expect(idsOf(askCheck(tlsPeer, [peer(change)]).findings)).toEqual(ids);
  });

  test.each([
    ['own', 'tls-peer.refused error'],
    ['throw-away', 'tls-peer.refused warning'],
  ] as const)('a peer that refuses our certificate (%s): %s', (shown, id) => {
    const one = { ...peer({}), outcome: alert(48) };
    const { findings } = askCheck(tlsPeer, [{ ...one, about: { ...one.about, shown } }]);
    expect(idsOf(findings)).toEqual([id]);
    expect(findings[0]?.text).toContain('it does not trust the CA of our certificate');
  });

  test.each<[string, Omit<Failure, 'ok' | 'ms' | 'detail'>, string, string]>([
    ['waits for the other side', { reason: 'timeout' }, 'tls-peer.silent warning', 'sent nothing within 3 s'],
    [
      'goes away without a word',
      { reason: 'closed' },
      'tls-peer.silent warning',
      'closed the connection without a word',
    ],
    ['stops', { reason: 'timeout', octets: 5 }, 'tls-peer.unfinished error', '5 octets came within 3 s'],
    ['sends too much', { reason: 'too-large', octets: 9 }, 'tls-peer.malformed error', 'cannot be used: why'],
    ['breaks the protocol', { reason: 'malformed', octets: 9 }, 'tls-peer.malformed error', 'cannot be used: why'],
    [
      'has no cipher in common',
      { reason: 'tls-failed', octets: 9 },
      'tls-peer.failed error',
      'failed on this side: why',
    ],
    [
      'speaks HTTP',
      { reason: 'not-tls', received: Buffer.from('GET / HTTP/1.1\r\n').toString('base64') },
      'tls-peer.not-tls error',
      'it sent "GET / HTTP/1.1"',
    ],
    [
      'goes away after its hello',
      { reason: 'closed', octets: 244 },
      'tls-peer.refused error',
      'it closed the connection',
    ],
  ])('a peer that %s', (...[, failure, id, words]) => {
    const detail = 'TLS handshake with 192.0.2.1:5061: why';
    const one = { ...peer({}), outcome: { ok: false as const, ms: 3000, detail, ...failure } };
    const { findings } = askCheck(tlsPeer, [one]);
    expect(idsOf(findings)).toEqual([id]);
    expect(findings[0]?.text).toContain(words);
    // It is no server whose port anybody has published.
    expect(askCheck(tlsService, [one]).findings).toEqual([]);
  });

  test('is not asked of servers', () => {
    expect(askCheck(tlsPeer, [seen()]).status).toBe('not-applicable');
  });
});
