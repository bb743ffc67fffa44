import { describe, expect, test } from 'vitest';
import { callbackPort } from '../../src/check/callback-port.ts';
import { listening, rangeSeen, reachSeen, witnessSeen } from './far-side-seen.ts';
import { idsOf, judged } from './server-seen.ts';

const all = (fate: 'reached' | 'timeout' | 'refused' | 'reused' | 'server-error' | 'no-echo' | 'unreachable') =>
  ({ 7100: fate, 7101: fate, 7102: fate, 7103: fate }) as const;
const OPEN = reachSeen(all('reached'), { witness: 'agent' });

describe('callback-port', () => {
  test('passes when every port is reached', () => {
    expect(judged(callbackPort, reachSeen(all('reached')))).toEqual({ findings: [], status: 'passed' });
  });

  test.each([
    [
      'timeout',
      'callback-port.blocked',
      'TCP 7100-7103 of 198.18.0.10 cannot be reached by the SIP server 203.0.113.10',
    ],
    ['server-error', 'callback-port.blocked', 'nothing arrived within 1.5 s (detail of server-error)'],
    ['unreachable', 'callback-port.blocked', 'detail of unreachable'],
    ['refused', 'callback-port.refused', 'although this machine listens there'],
    ['no-echo', 'callback-port.no-echo', 'another machine answers in its place'],
  ] as const)('%s on all ports is %s', (fate, id, text) => {
    const { findings, status } = judged(callbackPort, reachSeen(all(fate)));
    expect(idsOf(findings)).toEqual([`${id} error`]);
    expect(findings[0]?.text).toContain(text);
    expect(status).toBe('found');
  });

  test('the remedy names the firewall, the ports, and what to type on the far side', () => {
    const { findings } = judged(callbackPort, reachSeen(all('timeout')));
    expect(findings[0]?.remedy).toContain(
      'On the firewall between 198.18.0.10 and 203.0.113.10 allow TCP 7100-7103 from the server to the client (try it from the far side: nc -vz 198.18.0.10 7100)',
    );
  });

  test('some ports of many are callback-port.partial, and both kinds are named', () => {
    const { findings } = judged(callbackPort, reachSeen({ ...all('timeout'), 7100: 'reached' }));
    expect(idsOf(findings)).toEqual(['callback-port.partial error']);
    expect(findings[0]?.text).toContain('Only TCP 7100 of 198.18.0.10');
    expect(findings[0]?.text).toContain('not TCP 7101-7103');
  });

  test('witnesses that disagree are both named, and nobody calls it an outage', () => {
    const { findings } = judged(callbackPort, [...reachSeen(all('timeout')), ...OPEN]);
    expect(idsOf(findings)).toEqual(['callback-port.blocked warning']);
    expect(findings[0]?.text).toContain('The agent 203.0.113.20:7199 does reach this machine.');
  });

  test('a server that comes back on the connection of the client needs no port: callback-port.not-needed', () => {
    const { findings, status } = judged(callbackPort, [
      ...reachSeen(all('reused')),
      ...reachSeen(all('timeout'), { witness: 'agent' }),
    ]);
    expect(idsOf(findings)).toEqual(['callback-port.not-needed info', 'callback-port.blocked info']);
    expect(findings[0]?.text).toContain('The SIP server 203.0.113.10:5060 comes back on the connection');
    expect(status).toBe('found');
  });

  describe('over TLS, where the port is that of the connection of the client', () => {
    const asked = witnessSeen('asked', 'sip', { server: '203.0.113.10:5061', transport: 'tls' });
    const lost = reachSeen({ 59_340: 'server-error' }, { server: '203.0.113.10:5061' });

    test('a server that does not come back on it is callback-port.not-reused, and no port is to be allowed', () => {
      const { findings } = judged(callbackPort, [asked, ...lost]);
      expect(idsOf(findings)).toEqual(['callback-port.not-reused error']);
      expect(findings[0]?.text).toContain('does not come back on the TLS connection that the client at 198.18.0.10');
      expect(findings[0]?.remedy).toContain('On 203.0.113.10 turn on the reuse');
      expect(`${findings[0]?.text} ${findings[0]?.remedy}`).not.toMatch(/59340|allow TCP|use TLS/);
    });

    test('the same server over TCP is a matter of its own', () => {
      const overTcp = witnessSeen('asked', 'sip', { transport: 'tcp' });
      const { findings } = judged(callbackPort, [asked, overTcp, ...lost, ...reachSeen(all('timeout'))]);
      expect(idsOf(findings)).toEqual(['callback-port.not-reused error', 'callback-port.blocked error']);
    });

    test('is a warning where the ports are open to the server over TCP', () => {
      const { findings } = judged(callbackPort, [asked, ...lost, ...reachSeen(all('reached'))]);
      expect(idsOf(findings)).toEqual(['callback-port.not-reused warning']);
    });
  });

  test('what the server no longer does after a silence is callback-port.forgotten', () => {
    const later = { connection: 'kept', idleSeconds: 130 } as const;
    const { findings } = judged(callbackPort, [...reachSeen(all('reused')), ...reachSeen(all('timeout'), later)]);
    expect(idsOf(findings)).toEqual(['callback-port.not-needed info', 'callback-port.forgotten warning']);
    expect(findings[1]?.text).toContain('After 130 s of silence');
    expect(findings[1]?.remedy).toContain('tcp_connection_lifetime=3605');
  });

  test('a port that is open to the server all the same is not forgotten', () => {
    const later = { connection: 'kept', idleSeconds: 130 } as const;
    const { findings } = judged(callbackPort, [...reachSeen(all('reused')), ...reachSeen(all('reached'), later)]);
    expect(idsOf(findings)).toEqual(['callback-port.not-needed info']);
  });

  test('what happens once the connection is closed weighs nothing: the client signs in again', () => {
    const { findings } = judged(callbackPort, [
      ...reachSeen(all('reused')),
      ...reachSeen(all('server-error'), { connection: 'closed' }),
    ]);
    expect(idsOf(findings)).toEqual(['callback-port.not-needed info']);
  });

  test.each([
    ['one of four', listening(7101, 7103), 'warning'],
    ['the whole range', [], 'error'],
  ] as const)('callback-port.in-use: %s is used by another program', (_what, others, severity) => {
    const taken = { port: 7100, state: 'in-use' as const, detail: 'another program listens there' };
    const { findings } = judged(callbackPort, [rangeSeen([taken, ...others]), ...OPEN]);
    expect(idsOf(findings)).toEqual([`callback-port.in-use ${severity}`]);
    expect(findings[0]?.text).toContain('TCP 7100 of 198.18.0.10 is in use');
  });

  test('is no pass where the witness has not tried, or was cut off', () => {
    expect(judged(callbackPort, reachSeen({ 7100: 'not-tried' })).status).toBe('not-applicable');
    expect(judged(callbackPort, [rangeSeen(listening(7100, 7103)), ...reachSeen({ 7100: 'cancelled' })]).status).toBe(
      'inconclusive',
    );
  });
});
