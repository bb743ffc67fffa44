import { describe, expect, test } from 'vitest';
import { splitView } from '../../src/check/split-view.ts';
import { addressRecord, idsOf, judged, seenBy, srvRecord } from './dns-seen.ts';

const inside = seenBy('10.0.0.53:53', 'internal');
const outside = seenBy('192.0.2.53:53', 'external');
const SRV = '_sip._tls.example.org';
const srv = srvRecord(SRV, 'sip.example.org');
const other = srvRecord(SRV, 'edge.example.org', 443);

describe('split-view', () => {
  test('passes when both give the same records, in whatever order and with whatever TTL and case', () => {
    const records = [addressRecord('sip.example.org', '192.0.2.1'), addressRecord('sip.example.org', '192.0.2.2')];
    const { run, findings } = judged(splitView, [
      inside.answers('sip.example.org A', records),
      outside.answers(
        'SIP.example.org A',
        records.toReversed().map((one) => ({ ...one, ttl: 7 })),
      ),
    ]);
    expect(findings).toEqual([]);
    expect(run?.status).toBe('passed');
  });

  test('is information when both views lead to a server', () => {
    const { findings } = judged(splitView, [
      inside.answers(`${SRV} SRV`, [srv]),
      inside.answers('sip.example.org A', [addressRecord('sip.example.org', '10.0.0.1')]),
      outside.answers(`${SRV} SRV`, [other]),
      outside.answers('edge.example.org A', [addressRecord('edge.example.org', '192.0.2.1')]),
    ]);
    expect(idsOf(findings)).toEqual(['split-view.differs info']);
    expect(findings[0]?.text).toContain(
      `${SRV} SRV (internal: 0 0 5061 sip.example.org., external: 0 0 443 edge.example.org.)`,
    );
  });

  test('is a warning when one view leads nowhere', () => {
    const { findings } = judged(splitView, [
      inside.answers(`${SRV} SRV`, [srv]),
      inside.answers('sip.example.org A', [addressRecord('sip.example.org', '10.0.0.1')]),
      outside.says(`${SRV} SRV`, 'nxdomain'),
      outside.answers('example.org A', [addressRecord('example.org', '192.0.2.80')]),
    ]);
    expect(idsOf(findings)).toEqual(['split-view.differs warning']);
    expect(findings[0]?.text).toContain('Only internal leads clients to a server.');
    expect(findings[0]?.evidence).toMatchObject({ labels: ['internal', 'external'], leading: ['internal'] });
  });

  test('counts any address where nobody publishes SRV records', () => {
    const { findings } = judged(splitView, [
      inside.answers('sip.example.org A', [addressRecord('sip.example.org', '10.0.0.1')]),
      outside.says('sip.example.org A', 'nxdomain'),
    ]);
    expect(idsOf(findings)).toEqual(['split-view.differs warning']);
  });

  test('tells a name without such a record from one that does not exist', () => {
    const { findings } = judged(splitView, [
      inside.says('example.org A', 'nodata'),
      outside.says('example.org A', 'nxdomain'),
    ]);
    expect(idsOf(findings)).toEqual(['split-view.differs info']);
  });

  test('does not compare what one of them failed to answer', () => {
    const { run, findings } = judged(splitView, [
      inside.answers('example.org A', [addressRecord('example.org', '192.0.2.1')]),
      outside.fails('example.org A', 'timeout'),
    ]);
    expect(findings).toEqual([]);
    expect(run?.status).toBe('passed');
  });

  test('does not arise with one resolver, nor among the servers of one label', () => {
    const spare = seenBy('10.0.0.54:53', 'internal');
    const { run } = judged(splitView, [
      inside.says('example.org A', 'nodata'),
      spare.says('example.org A', 'nxdomain'),
    ]);
    expect(run?.status).toBe('not-applicable');
  });

  test('is inconclusive when every question failed', () => {
    const failed = [inside.fails('example.org A', 'timeout'), outside.fails('example.org A', 'timeout')];
    expect(judged(splitView, failed).run?.status).toBe('inconclusive');
  });
});
