import { describe, expect, test } from 'vitest';
import { systemResolver } from '../../src/check/system-resolver.ts';
import type { DnsObservation, SystemLookupObservation } from '../../src/model/dns.ts';
import { addressRecord, idsOf, judged, seenBy } from './dns-seen.ts';

const HOST = 'sip.example.org';
const system = seenBy('192.0.2.53:53', 'system');

const lookup = (addresses: string[]): SystemLookupObservation => ({
  kind: 'lookup',
  subject: HOST,
  at: 0,
  about: { host: HOST },
  outcome: { ok: true, ms: 1, value: { addresses } },
});

const inDns = (four: string[], six: string[]): DnsObservation[] =>
  (
    [
      ['A', four],
      ['AAAA', six],
    ] as const
  ).map(([type, addresses]) =>
    addresses.length === 0
      ? system.says(`${HOST} ${type}`, 'nodata')
      : system.answers(
          `${HOST} ${type}`,
          addresses.map((address) => addressRecord(HOST, address)),
        ),
  );

describe('system-resolver', () => {
  test.each<[string, string[], { four: string[]; six: string[] }]>([
    ['the same addresses', ['192.0.2.1', '2001:db8::1'], { four: ['192.0.2.1'], six: ['2001:db8::1'] }],
    ['only one family, as a machine without IPv6 does', ['192.0.2.1'], { four: ['192.0.2.1'], six: ['2001:db8::1'] }],
    ['nothing where DNS has nothing', [], { four: [], six: [] }],
  ])('passes when the system gives %s', (_what, found, { four, six }) => {
    const { run, findings } = judged(systemResolver, [...inDns(four, six), lookup(found)]);
    expect(findings).toEqual([]);
    expect(run?.status).toBe('passed');
  });

  test.each<[string, string[], string]>([
    ['another address, as from a hosts file', ['10.0.0.5'], 'to 10.0.0.5, the DNS server 192.0.2.53:53 to 192.0.2.1'],
    ['one address more', ['192.0.2.1', '10.0.0.5'], 'to 192.0.2.1, 10.0.0.5'],
    ['no address', [], 'to no address'],
  ])('differs when the system gives %s', (_what, found, text) => {
    const { findings } = judged(systemResolver, [...inDns(['192.0.2.1'], []), lookup(found)]);
    expect(idsOf(findings)).toEqual(['system-resolver.differs warning']);
    expect(findings[0]?.text).toContain(text);
    expect(findings[0]?.remedy).toContain('/etc/hosts');
  });

  test('says nothing when DNS left a family open', () => {
    const observations = [
      system.answers(`${HOST} A`, []),
      system.fails(`${HOST} AAAA`, 'timeout'),
      lookup(['10.0.0.5']),
    ];
    expect(judged(systemResolver, observations).findings).toEqual([]);
  });

  test('does not arise when the system was not asked', () => {
    expect(judged(systemResolver, inDns(['192.0.2.1'], [])).run?.status).toBe('not-applicable');
  });

  test('is inconclusive when the lookup failed', () => {
    const failed: SystemLookupObservation = {
      ...lookup([]),
      outcome: { ok: false, reason: 'timeout', detail: 'nothing within 3000 ms', ms: 3000 },
    };
    expect(judged(systemResolver, [...inDns(['192.0.2.1'], []), failed]).run?.status).toBe('inconclusive');
  });
});
