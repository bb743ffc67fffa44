import { describe, expect, test } from 'vitest';
import { tcpReach } from '../../src/check/tcp-reach.ts';
import type { Reason } from '../../src/model.ts';
import { attemptOn, bothSeen, idsOf, judged, sipSeen, tcpSeen } from './server-seen.ts';
import { withAnswer } from './sign-in-seen.ts';

const second = attemptOn('tcp', { address: '192.0.2.2' });

describe('tcp-reach', () => {
  test('passes when every connection opens', () => {
    const { findings, status } = judged(tcpReach, [tcpSeen('open'), tcpSeen('open', second)]);
    expect(findings).toEqual([]);
    expect(status).toBe('passed');
  });

  test.each<[Reason, string, string]>([
    ['refused', 'tcp-reach.refused', 'nothing listens on port 5060'],
    ['timeout', 'tcp-reach.timeout', 'nothing came back within 3 s'],
    ['unreachable', 'tcp-reach.unreachable', 'detail of unreachable'],
    ['reset', 'tcp-reach.reset', 'as soon as it is open'],
  ])('%s is %s', (reason, id, text) => {
    const { findings, status } = judged(tcpReach, [tcpSeen(reason)]);
    expect(idsOf(findings)).toEqual([`${id} error`]);
    expect(status).toBe('found');
    expect(findings[0]?.subject).toBe('192.0.2.1:5060');
    expect(findings[0]?.text).toContain('sip.example.org (192.0.2.1:5060)');
    expect(findings[0]?.text).toContain('(_sip._tcp.example.org)');
    expect(findings[0]?.text).toContain(text);
    expect(findings[0]?.remedy).toMatch(/192\.0\.2\.1:5060|sip\.example\.org/);
  });

  test('a dead member of a set is a warning while another one answers, and the other one is named', () => {
    const { findings } = judged(tcpReach, [tcpSeen('refused'), tcpSeen('open', second)]);
    expect(idsOf(findings)).toEqual(['tcp-reach.refused warning']);
    expect(findings[0]?.text).toContain('Clients can still use tcp 192.0.2.2:5060.');
  });

  test('a live server of another set does not stand in', () => {
    const { findings } = judged(tcpReach, [tcpSeen('refused'), tcpSeen('open', attemptOn('tls'))]);
    expect(idsOf(findings)).toEqual(['tcp-reach.refused error']);
  });

  test.each([
    ['answers over UDP', '200 OK', 'tcp-reach.refused info'],
    ['is silent on UDP too', 'timeout', 'tcp-reach.refused error'],
  ] as const)('a port that is tried by custom is weighed by whether the server %s', (_what, fate, id) => {
    const custom = { published: false, set: 'sip.example.org' };
    const { findings } = judged(tcpReach, [
      tcpSeen('refused', attemptOn('tcp', custom)),
      ...bothSeen([fate, fate], attemptOn('udp', custom)),
    ]);
    expect(idsOf(findings)).toEqual([id]);
    expect(findings[0]?.text).not.toContain('(sip.example.org)');
  });

  test.each<Reason>(['cancelled', 'no-network', 'other'])('%s is no word about the server, and no pass', (reason) => {
    const { findings, status } = judged(tcpReach, [tcpSeen(reason)]);
    expect(findings).toEqual([]);
    expect(status).toBe('inconclusive');
  });

  test.each([
    ['tls', 'kamailio'],
    ['tcp', undefined],
  ] as const)(
    'a port for %s that is refused is told with the product %s: its setting opens TLS',
    (transport, product) => {
      const named = withAnswer(sipSeen('OPTIONS', '200 OK', second), { headers: { server: ['kamailio (5.7.4)'] } });
      const { findings } = judged(tcpReach, [tcpSeen('refused', attemptOn(transport)), named]);
      expect(findings[0]?.evidence['product']).toBe(product);
    },
  );

  test('is not applicable where every server uses UDP', () => {
    const { status } = judged(tcpReach, bothSeen(['200 OK', '401 Unauthorized'], attemptOn('udp')));
    expect(status).toBe('not-applicable');
  });

  test('has not passed when nothing was tried', () => {
    expect(judged(tcpReach, []).status).toBe('inconclusive');
  });

  test.each([
    ['timeout', '10.1.2.3'],
    ['unreachable', '192.168.7.1'],
    ['timeout', 'fd00::7'],
  ] as const)('a %s at the private address %s may be the wrong view of DNS', (fate, address) => {
    const { findings } = judged(tcpReach, [tcpSeen(fate, attemptOn('tcp', { address }))]);
    expect(findings[0]?.text).toContain(`${address} is a private address, which only its own network reaches.`);
    expect(findings[0]?.remedy).toContain(`outside of the network of ${address}`);
    expect(findings[0]?.remedy).toContain('public address of sip.example.org');
  });

  test.each([{ address: '10.1.2.3', published: false }, { address: '127.0.0.1' }, { address: '192.0.2.7' }])(
    'nothing is said of the address %o',
    (change) => {
      const { findings } = judged(tcpReach, [tcpSeen('timeout', attemptOn('tcp', change))]);
      expect(findings[0]?.text).not.toContain('private');
      expect(findings[0]?.remedy).toMatch(/^Allow TCP/);
    },
  );
});
