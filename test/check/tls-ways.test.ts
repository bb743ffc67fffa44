import { describe, expect, test } from 'vitest';
import { tlsByAddress } from '../../src/check/tls-by-address.ts';
import { tlsHandshake } from '../../src/check/tls-handshake.ts';
import { tlsService } from '../../src/check/tls-service.ts';
import { tlsVersion } from '../../src/check/tls-version.ts';
import type { Failure } from '../../src/model.ts';
import type { DiscoveryObservation } from '../../src/model/dns.ts';
import type { CleartextObservation, TlsObservation, TlsVersion, VariantObservation } from '../../src/model/tls.ts';
import { seenBy } from './dns-seen.ts';
import { alert, askCheck, failed, HOST, idsOf, makeChain, seen, standIn } from './tls-observation.ts';

const LEAF = Buffer.from(makeChain()[0] ?? '').toString('base64');
const server = {
  transport: 'tls',
  host: HOST,
  address: '192.0.2.1',
  port: 5061,
  published: true,
  set: '_sips',
} as const;

function variant(
  way: VariantObservation['about']['way'],
  offered: TlsVersion[],
  outcome: VariantObservation['outcome'],
): VariantObservation {
  const about = { ...server, way, sni: way === 'by-address' ? null : HOST, offered };
  return { kind: 'variant', subject: 'x', at: 0, about, outcome };
}

const accepted = (version: string, leaf = LEAF): VariantObservation['outcome'] => ({
  ok: true,
  ms: 1,
  value: { version, cipher: 'AES128-SHA', leaf },
});

const refusedWith = (outcome: Failure): TlsObservation => ({ ...failed(), outcome });

describe('tls-version', () => {
  test.each([
    ['TLSv1', 'tls-version.legacy-only error', 'TLS 1.0'],
    ['TLSv1.1', 'tls-version.legacy-only error', 'TLS 1.1'],
    ['TLSv1.2', 'tls-version.weak-only error', 'TLS 1.2'],
  ])('a server that agrees on %s only when all is allowed: %s', (version, id, words) => {
    const old = variant('legacy', ['TLSv1', 'TLSv1.1', 'TLSv1.2'], accepted(version));
    const { findings } = askCheck(tlsVersion, [refusedWith(alert(70)), old]);
    expect(idsOf(findings)).toEqual([id]);
    expect(findings[0]?.text).toContain(words);
  });

  test('a legacy server beside a good one of its set is a warning', () => {
    const old = variant('legacy', ['TLSv1'], accepted('TLSv1'));
    const set = standIn().about.set;
    const about = { ...old.about, set };
    expect(idsOf(askCheck(tlsVersion, [{ ...old, about }, standIn()]).findings)).toEqual([
      'tls-version.legacy-only warning',
    ]);
  });

  test('old versions beside new ones are information', () => {
    const tried = [
      variant('version', ['TLSv1'], accepted('TLSv1')),
      variant('version', ['TLSv1.1'], alert(70)),
      variant('version', ['TLSv1.2'], accepted('TLSv1.2')),
      variant('version', ['TLSv1.3'], accepted('TLSv1.3')),
    ];
    const { findings } = askCheck(tlsVersion, [seen(), ...tried]);
    expect(idsOf(findings)).toEqual(['tls-version.outdated info']);
    expect(findings[0]?.evidence).toMatchObject({ accepted: ['TLSv1', 'TLSv1.2', 'TLSv1.3'], outdated: ['TLSv1'] });
  });

  test('a server of today passes, one that fails leaves it open', () => {
    expect(askCheck(tlsVersion, [seen()]).status).toBe('passed');
    expect(askCheck(tlsVersion, [failed()]).status).toBe('inconclusive');
  });
});

describe('tls-by-address', () => {
  const byAddress = (outcome: VariantObservation['outcome']) => variant('by-address', ['TLSv1.2', 'TLSv1.3'], outcome);
  const other = Buffer.from(makeChain({ leaf: { subject: 'other.example.com' } })[0] ?? '').toString('base64');
  const named = seen();

  test.each([
    [
      'the same certificate',
      accepted('TLSv1.3', named.outcome.ok ? named.outcome.value.chain[0] : ''),
      'tls-by-address.reached',
    ],
    ['another certificate', accepted('TLSv1.3', other), 'tls-by-address.other-certificate'],
    ['no certificate', alert(112), 'tls-by-address.refused'],
  ])('%s is information', (_name, outcome, id) => {
    expect(idsOf(askCheck(tlsByAddress, [named, byAddress(outcome)]).findings)).toEqual([`${id} info`]);
  });

  test('is not asked where no server was asked by its address', () => {
    expect(askCheck(tlsByAddress, [seen()]).status).toBe('not-applicable');
  });

  test('says nothing of a server whose handshake failed', () => {
    expect(askCheck(tlsByAddress, [failed(), byAddress(alert(40))]).findings).toEqual([]);
  });
});

describe('a handshake that failed', () => {
  const cleartext = (received: string): CleartextObservation => ({
    kind: 'cleartext',
    subject: 'x',
    at: 0,
    about: server,
    outcome: { ok: true, ms: 1, value: { received } },
  });

  test.each<[string, Failure, string]>([
    ['an alert', alert(40), 'tls-handshake.alert error'],
    ['silence', { ok: false, reason: 'timeout', detail: '', ms: 3000 }, 'tls-handshake.timeout error'],
    [
      'silence in the middle',
      { ok: false, reason: 'timeout', detail: '', ms: 3000, octets: 9 },
      'tls-handshake.unfinished error',
    ],
    [
      'more than a client takes',
      { ok: false, reason: 'too-large', detail: '', ms: 1, octets: 9 },
      'tls-handshake.too-large error',
    ],
    [
      'what is no TLS record',
      { ok: false, reason: 'malformed', detail: '', ms: 1, octets: 9 },
      'tls-handshake.malformed error',
    ],
    ['the end of the connection', { ok: false, reason: 'closed', detail: '', ms: 1 }, 'tls-handshake.closed error'],
    ['a reset', { ok: false, reason: 'reset', detail: '', ms: 1 }, 'tls-handshake.closed error'],
    ['a fault on this side', { ok: false, reason: 'tls-failed', detail: 'x', ms: 1 }, 'tls-handshake.failed error'],
  ])('by %s is told of', (_name, outcome, id) => {
    expect(idsOf(askCheck(tlsHandshake, [refusedWith(outcome)]).findings)).toEqual([id]);
  });

  test.each([
    ['an old version', variant('legacy', ['TLSv1'], accepted('TLSv1'))],
    ['SIP in clear', cleartext('SIP/2.0 200 OK')],
  ])('is told once, where %s explains it', (_name, why) => {
    expect(askCheck(tlsHandshake, [refusedWith(alert(70)), why]).findings).toEqual([]);
  });

  test.each([
    ['timeout', 524_288, 'more than 512 KiB came within 3 s'],
    ['timeout', 1, '1 octet came'],
    ['closed', 54, 'after 54 octets of its own answer'],
  ] as const)('by %s tells how much had come: %i octets', (reason, octets, words) => {
    const { findings } = askCheck(tlsHandshake, [refusedWith({ ok: false, reason, detail: '', ms: 3000, octets })]);
    expect(findings[0]?.text).toContain(words);
  });

  test('is told where the port answers something else than SIP in clear', () => {
    const silent = refusedWith({ ok: false, reason: 'timeout', detail: '', ms: 3000 });
    expect(idsOf(askCheck(tlsHandshake, [silent, cleartext('220 mail')]).findings)).toEqual([
      'tls-handshake.timeout error',
    ]);
  });

  test('is SIP in clear where the port answers so', () => {
    const silent = refusedWith({ ok: false, reason: 'timeout', detail: '', ms: 3000 });
    expect(idsOf(askCheck(tlsService, [silent, cleartext('SIP/2.0 200 OK')]).findings)).toEqual([
      'tls-service.plaintext error',
    ]);
    expect(askCheck(tlsService, [silent, cleartext('HTTP/1.1 400 Bad Request')]).findings).toEqual([]);
  });

  test.each([
    ['SIP/2.0 400 Bad Request\r\n', 'tls-service.plaintext error'],
    ['220 mail.example.com ESMTP\r\n', 'tls-service.not-tls error'],
  ])('%j in place of TLS: %s', (text, id) => {
    const received = Buffer.from(text).toString('base64');
    const one = refusedWith({ ok: false, reason: 'not-tls', detail: '', ms: 1, received });
    expect(idsOf(askCheck(tlsService, [one]).findings)).toEqual([id]);
  });
});

describe('a domain whose servers speak no TLS', () => {
  const found = (published: boolean, transport: 'tls' | 'tcp'): DiscoveryObservation => {
    const one = { transport, host: HOST, port: 5060, addresses: ['192.0.2.1'], via: 'x', published, set: 'x' };
    const value = { profile: 'rfc3263', profileWhy: 'x', steps: [], servers: [one] };
    return {
      kind: 'discovery',
      subject: 'x',
      at: 0,
      about: { domain: 'example.com' },
      outcome: { ok: true, ms: 0, value },
    };
  };

  test.each([
    ['information among other transports', found(true, 'tcp'), ['tls-service.unpublished info']],
    ['a warning when TLS alone was looked for', found(false, 'tls'), ['tls-service.unpublished warning']],
    ['nothing where TLS is published', found(true, 'tls'), []],
  ])('is %s', (_name, discovery, ids) => {
    expect(idsOf(askCheck(tlsService, [seen(), discovery]).findings)).toEqual(ids);
  });

  test('is not known where DNS leaves the question for a service open', () => {
    const open = seenBy('192.0.2.53:53').fails('_sips._tcp.example.com SRV', 'timeout');
    expect(askCheck(tlsService, [seen(), found(false, 'tls'), open]).findings).toEqual([]);
  });
});
