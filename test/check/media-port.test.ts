import { describe, expect, test } from 'vitest';
import { mediaPort } from '../../src/check/media-port.ts';
import { mappedSeen, reachSeen } from './far-side-seen.ts';
import { idsOf, judged } from './server-seen.ts';

const media = { witness: 'agent', use: 'media' } as const;
const all = (fate: 'reached' | 'timeout' | 'refused' | 'no-echo') => ({ 5350: fate, 5351: fate }) as const;

describe('media-port', () => {
  test('passes when every port is reached, and has nothing to say about SIP ports', () => {
    expect(judged(mediaPort, reachSeen(all('reached'), media)).status).toBe('passed');
    expect(judged(mediaPort, reachSeen({ 7100: 'timeout' })).status).toBe('not-applicable');
  });

  test.each([
    ['timeout', 'media-port.blocked', 'UDP 5350-5351 of 198.18.0.10 cannot be reached by the agent'],
    ['refused', 'media-port.refused', 'a firewall or NAT in between answers'],
    ['no-echo', 'media-port.no-echo', 'another machine answers in its place'],
  ] as const)('%s on all ports is %s', (fate, id, text) => {
    const { findings } = judged(mediaPort, reachSeen(all(fate), media));
    expect(idsOf(findings)).toEqual([`${id} error`]);
    expect(findings[0]?.text).toContain(text);
    expect(findings[0]?.remedy).toContain('UDP 5350-5351');
  });

  test('some of the ports are media-port.partial', () => {
    const { findings } = judged(mediaPort, reachSeen({ 5350: 'reached', 5351: 'timeout' }, media));
    expect(idsOf(findings)).toEqual(['media-port.partial error']);
    expect(findings[0]?.text).toContain('Only UDP 5350');
  });

  test('a NAT that the witness sees makes it a warning, and is told', () => {
    const { about, ...seen } = mappedSeen('198.18.0.10:40000', '203.0.113.1:1024');
    const byAgent = { ...seen, about: { ...about, witness: 'agent' as const, server: '203.0.113.20:7199' } };
    const { findings } = judged(mediaPort, [...reachSeen(all('timeout'), media), byAgent]);
    expect(idsOf(findings)).toEqual(['media-port.blocked warning']);
    expect(findings[0]?.text).toContain('A NAT stands in between');
    const same = { ...byAgent, outcome: mappedSeen('198.18.0.10:40000', '198.18.0.10:1024').outcome };
    expect(idsOf(judged(mediaPort, [...reachSeen(all('timeout'), media), same]).findings)).toEqual([
      'media-port.blocked error',
    ]);
  });

  test('another witness to whom the ports are open makes it a warning', () => {
    const turn = { witness: 'turn', use: 'media', server: '203.0.113.30:3478' } as const;
    const { findings } = judged(mediaPort, [...reachSeen(all('timeout'), media), ...reachSeen(all('reached'), turn)]);
    expect(idsOf(findings)).toEqual(['media-port.blocked warning']);
    expect(findings[0]?.text).toContain('The TURN server 203.0.113.30:3478 does reach this machine.');
  });
});
