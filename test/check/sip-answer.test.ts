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
    ['unreachable', 'sip-answer.none', 'does not answer SIP over TCP'],
    ['closed', 'sip-answer.closed', 'closes the connection instead of answering SIP over TCP'],
    ['reset', 'sip-answer.closed', 'closes the connection instead of answering SIP over TCP'],
    ['tls-alert', 'sip-answer.closed', 'closes the connection instead of answering SIP over TCP'],
    ['refused', 'sip-answer.refused', 'the machine answers that the port is closed'],
    ['malformed', 'sip-answer.not-sip', 'over TCP, but not in SIP: detail of malformed'],
    ['too-large', 'sip-answer.not-sip', 'over TCP, but not in SIP: detail of too-large'],
    ['tls-failed', 'sip-answer.tls-failed', 'cannot be read as TLS: detail of tls-failed'],
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
    expect(findings[0]?.remedy).toMatch(/UDP port 5060 .*and that firewalls let the requests in/);
  });

  test('a server that answers everything with 5xx has a problem of its own', () => {
    const { findings } = judged(sipAnswer, bothSeen(['503 Service Unavailable', '500 Server Error']));
    expect(idsOf(findings)).toEqual(['sip-answer.server-error error']);
    expect(findings[0]?.text).toContain('answers OPTIONS over TCP with 503 Service Unavailable');
  });

  test('a 5xx to the one request beside silence to the other is a server error', () => {
    const { findings } = judged(sipAnswer, bothSeen(['timeout', '500 Server Error']));
    expect(idsOf(findings)).toEqual(['sip-answer.server-error error']);
    expect(findings[0]?.text).toContain('answers REGISTER over TCP with 500 Server Error');
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

  const ways = [attemptOn('tls'), attemptOn('tcp'), attemptOn('udp')];

  test('one server that fails alike over several ways has one fault', () => {
    const { findings } = judged(
      sipAnswer,
      ways.flatMap((way) => bothSeen(['timeout', 'timeout'], way)),
    );
    expect(idsOf(findings)).toEqual(['sip-answer.none error']);
    expect(findings[0]?.text).toBe(
      'sip.example.org (192.0.2.1, tls 5061, tcp 5060, udp 5060) does not answer SIP over TLS, TCP and UDP: no response within 3 s (a client would wait 32 s).',
    );
    expect(findings[0]?.subject).toBe('tls 192.0.2.1:5061, tcp 192.0.2.1:5060, udp 192.0.2.1:5060');
    const errors = ways.flatMap((way) => bothSeen(['503 Busy', '503 Busy'], way));
    expect(idsOf(judged(sipAnswer, errors).findings)).toEqual(['sip-answer.server-error error']);
  });

  test('other answers, other severities and other servers are told apart', () => {
    const [tls, tcp, udp] = ways;
    const apart = [...bothSeen(['503 Busy', '503 Busy'], tls), ...bothSeen(['500 Broken', '500 Broken'], tcp)];
    expect(judged(sipAnswer, apart).findings).toHaveLength(2);
    const hosts = [
      ...bothSeen(['timeout', 'timeout'], tls),
      ...bothSeen(['timeout', 'timeout'], { ...attemptOn('tcp'), host: 'b.example.org' }),
    ];
    expect(judged(sipAnswer, hosts).findings).toHaveLength(2);
    const mixed = [...bothSeen(['timeout', 'timeout'], tcp), ...bothSeen(['refused', 'refused'], udp)];
    expect(idsOf(judged(sipAnswer, mixed).findings)).toEqual(['sip-answer.none error', 'sip-answer.refused error']);
  });

  test('a server that closes connections is silent over UDP by the same refusal: closed, and no none beside it', () => {
    const [tls, tcp, udp] = ways;
    const seen = [
      ...bothSeen(['closed', 'closed'], tls),
      ...bothSeen(['closed', 'closed'], tcp),
      ...bothSeen(['timeout', 'timeout'], udp),
    ];
    const { findings } = judged(sipAnswer, seen);
    expect(idsOf(findings)).toEqual(['sip-answer.closed error']);
    expect(findings[0]?.text).toContain('instead of answering SIP over TLS and TCP, and stays silent over UDP.');
    expect(findings[0]?.subject).toContain('udp 192.0.2.1:5060');
    const other = [
      ...bothSeen(['closed', 'closed'], tcp),
      ...bothSeen(['timeout', 'timeout'], { ...attemptOn('udp'), host: 'b.example.org' }),
    ];
    expect(idsOf(judged(sipAnswer, other).findings)).toEqual(
      ['sip-answer.none error', 'sip-answer.closed error'].toReversed(),
    );
  });

  test('words of a parser are a part of the sentence', () => {
    const http = bothSeen(['malformed', 'malformed']).map((one) => {
      const detail = 'The octets are an HTTP answer, not SIP (at octet 12)';
      return { ...one, outcome: { ok: false as const, reason: 'malformed' as const, detail, ms: 1 } };
    });
    expect(judged(sipAnswer, http).findings[0]?.text).toContain('but not in SIP: the octets are an HTTP answer.');
  });
});
