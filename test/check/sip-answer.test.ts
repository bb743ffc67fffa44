import { describe, expect, test } from 'vitest';
import { sipAnswer } from '../../src/check/sip-answer.ts';
import type { Reason } from '../../src/model.ts';
import { attemptOn, bothSeen, idsOf, judged, sipSeen } from './server-seen.ts';

const second = attemptOn('tcp', { address: '192.0.2.2' });
const custom = { published: false, set: 'sip.example.org' };

describe('sip-answer', () => {
  test.each([
    '401 Unauthorized',
    '407 Proxy Authentication Required',
    '404 Not Found',
    '403 Forbidden',
    '200 OK',
  ] as const)('passes when REGISTER is answered with %s', (answer) => {
    const { findings, status } = judged(sipAnswer, bothSeen(['200 OK', answer]));
    expect(findings).toEqual([]);
    expect(status).toBe('passed');
  });

  test.each<[Reason, string, string]>([
    ['timeout', 'sip-answer.none', 'no response within 3 s (a client would wait 32 s)'],
    ['unreachable', 'sip-answer.none', 'does not answer SIP over tcp'],
    ['closed', 'sip-answer.closed', 'closes the tcp connection'],
    ['reset', 'sip-answer.closed', 'closes the tcp connection'],
    ['tls-alert', 'sip-answer.closed', 'closes the tcp connection'],
    ['refused', 'sip-answer.refused', 'the machine answers that the port is closed'],
    ['malformed', 'sip-answer.not-sip', 'is not SIP: detail of malformed'],
    ['tls-failed', 'sip-answer.tls-failed', 'breaks TLS before a SIP answer came: detail of tls-failed'],
    ['too-large', 'sip-answer.not-sip', 'is not SIP: detail of too-large'],
  ])('%s to both requests is one %s', (reason, id, text) => {
    const { findings, status } = judged(sipAnswer, bothSeen([reason, reason]));
    expect(idsOf(findings)).toEqual([`${id} error`]);
    expect(status).toBe('found');
    expect(findings[0]?.subject).toBe('tcp 192.0.2.1:5060');
    expect(findings[0]?.text).toContain('sip.example.org (192.0.2.1:5060)');
    expect(findings[0]?.text).toContain(text);
    expect(findings[0]?.remedy).not.toBe('');
  });

  test('the remedy of silence over UDP speaks of firewalls', () => {
    const { findings } = judged(sipAnswer, bothSeen(['timeout', 'timeout'], attemptOn('udp')));
    expect(findings[0]?.remedy).toContain('UDP port and that firewalls let the requests in');
  });

  test('a server that answers everything with 5xx has a problem of its own', () => {
    const { findings } = judged(sipAnswer, bothSeen(['503 Service Unavailable', '500 Server Error']));
    expect(idsOf(findings)).toEqual(['sip-answer.server-error error']);
    expect(findings[0]?.text).toContain('answers OPTIONS over tcp with 503 Service Unavailable');
  });

  test('a 5xx to the one request beside silence to the other is a server error', () => {
    const { findings } = judged(sipAnswer, bothSeen(['timeout', '500 Server Error']));
    expect(idsOf(findings)).toEqual(['sip-answer.server-error error']);
    expect(findings[0]?.text).toContain('answers REGISTER over tcp with 500 Server Error');
  });

  test.each(['405 Method Not Allowed', '501 Not Implemented', '503 Service Unavailable'] as const)(
    'OPTIONS answered with %s is information when REGISTER is served',
    (answer) => {
      const { findings, status } = judged(sipAnswer, bothSeen([answer, '401 Unauthorized']));
      expect(idsOf(findings)).toEqual(['sip-answer.method-refused info']);
      expect(status).toBe('found');
    },
  );

  test('one answer of two is enough', () => {
    const { findings, status } = judged(sipAnswer, bothSeen(['timeout', '401 Unauthorized']));
    expect(findings).toEqual([]);
    expect(status).toBe('passed');
  });

  test('a silent member of a set is a warning while another one answers', () => {
    const { findings } = judged(sipAnswer, [
      ...bothSeen(['timeout', 'timeout']),
      ...bothSeen(['200 OK', '401 Unauthorized'], second),
    ]);
    expect(idsOf(findings)).toEqual(['sip-answer.none warning']);
    expect(findings[0]?.text).toContain('Clients can still use tcp 192.0.2.2:5060.');
  });

  test('a member that answers with 5xx does not stand in for a silent one', () => {
    const { findings } = judged(sipAnswer, [
      ...bothSeen(['timeout', 'timeout']),
      ...bothSeen(['503 Service Unavailable', '503 Service Unavailable'], second),
    ]);
    expect(idsOf(findings)).toEqual(['sip-answer.none error', 'sip-answer.server-error error']);
  });

  test('a port that is tried by custom and silent is information while another transport answers', () => {
    const { findings } = judged(sipAnswer, [
      ...bothSeen(['timeout', 'timeout'], attemptOn('udp', custom)),
      ...bothSeen(['200 OK', '401 Unauthorized'], attemptOn('tls', custom)),
    ]);
    expect(idsOf(findings)).toEqual(['sip-answer.none info']);
  });

  test.each<Reason>(['cancelled', 'no-network', 'address', 'other'])(
    '%s is no word about the server, and no pass',
    (reason) => {
      const { findings, status } = judged(sipAnswer, [sipSeen('OPTIONS', reason)]);
      expect(findings).toEqual([]);
      expect(status).toBe('inconclusive');
    },
  );
});
