import { describe, expect, test } from 'vitest';
import { registration } from '../../src/check/registration.ts';
import { attemptOn, bothSeen, discovered, idsOf, judged, serverOn } from './server-seen.ts';

describe('registration', () => {
  test.each(['401 Unauthorized', '407 Proxy Authentication Required'] as const)(
    'a challenge with %s is nothing to tell',
    (answer) => {
      const { findings, status } = judged(registration, bothSeen(['200 OK', answer]));
      expect(findings).toEqual([]);
      expect(status).toBe('passed');
    },
  );

  test.each(['404 Not Found', '416 Unsupported URI Scheme', '604 Does Not Exist Anywhere'] as const)(
    '%s without a challenge means that the domain is not served',
    (answer) => {
      const { findings, status } = judged(registration, bothSeen(['200 OK', answer]));
      expect(idsOf(findings)).toEqual(['registration.domain-not-served error']);
      expect(status).toBe('found');
      expect(findings[0]?.subject).toBe('sip:alice@example.org');
      expect(findings[0]?.text).toContain(`answers the REGISTER of sip:alice@example.org with ${answer}`);
      expect(findings[0]?.remedy).toContain('Add example.org to the SIP domains of the server');
    },
  );

  test('403 without a challenge is forbidden', () => {
    const { findings } = judged(registration, bothSeen(['200 OK', '403 Forbidden']));
    expect(idsOf(findings)).toEqual(['registration.forbidden error']);
    expect(findings[0]?.text).toContain('before any password was asked for');
    expect(findings[0]?.remedy).toContain('sip:alice@example.org');
  });

  test('403 over one way beside a challenge over another is about the way', () => {
    const { findings } = judged(registration, [
      ...bothSeen(['200 OK', '401 Unauthorized'], attemptOn('tls')),
      ...bothSeen(['403 Use TLS', '403 Use TLS']),
    ]);
    expect(idsOf(findings)).toEqual(['registration.forbidden error']);
    expect(findings[0]?.text).toContain('Over TLS the same server does not.');
    expect(findings[0]?.remedy).toContain('Let the clients use TLS, and take the SRV records');
  });

  test('a query that is answered without a challenge is information', () => {
    const { findings, status } = judged(registration, bothSeen(['200 OK', '200 OK']));
    expect(idsOf(findings)).toEqual(['registration.not-challenged info']);
    expect(findings[0]?.remedy).toContain('digest authentication');
    expect(status).toBe('found');
  });

  test('several servers that say the same make one finding, which names them all', () => {
    const { findings } = judged(registration, [
      ...bothSeen(['200 OK', '404 Not Found']),
      ...bothSeen(['200 OK', '404 Not Found'], attemptOn('tls')),
    ]);
    expect(idsOf(findings)).toEqual(['registration.domain-not-served error']);
    expect(findings[0]?.evidence['servers']).toEqual(['sip.example.org (192.0.2.1, tcp 5060, tls 5061)']);
  });

  test('several hosts take a verb of the plural, each named with its ways', () => {
    const { findings } = judged(registration, [
      ...bothSeen(['200 OK', '404 Not Found']),
      ...bothSeen(['200 OK', '404 Not Found'], attemptOn('tls', { host: 'b.example.org', address: '192.0.2.2' })),
    ]);
    expect(findings[0]?.text).toContain(
      'sip.example.org (192.0.2.1:5060) and b.example.org (192.0.2.2:5061) answer the REGISTER of',
    );
  });

  test('what OPTIONS is answered with says nothing about registration', () => {
    expect(judged(registration, bothSeen(['404 Not Found', '401 Unauthorized'])).findings).toEqual([]);
  });

  test('a server that answers OPTIONS and leaves REGISTER unanswered lets nobody sign in', () => {
    const { findings } = judged(registration, bothSeen(['200 OK', 'timeout']));
    expect(idsOf(findings)).toEqual(['registration.unanswered error']);
    expect(findings[0]?.text).toBe(
      'sip.example.org (192.0.2.1:5060) answers OPTIONS, but not the REGISTER of sip:alice@example.org: nothing came within 3 s.',
    );
    expect(findings[0]?.remedy).toContain('sip:alice@example.org in the log of the server');
  });

  test('a server that answers OPTIONS and ends the connection on REGISTER lets nobody sign in', () => {
    const { findings } = judged(registration, bothSeen(['200 OK', 'closed']));
    expect(idsOf(findings)).toEqual(['registration.unanswered error']);
    expect(findings[0]?.text).toMatch(/not the REGISTER of sip:alice@example.org: .*closed/);
  });

  test.each(['federation', 'teams-direct-routing'])('a server of the profile %s owes REGISTER no answer', (profile) => {
    const { findings } = judged(registration, [...bothSeen(['200 OK', 'timeout']), discovered([], profile)]);
    expect(idsOf(findings)).toEqual(['registration.unanswered info']);
    expect(findings[0]?.text).toContain('takes no registrations');
  });

  describe('where one server of a set refuses and another asks for the password', () => {
    const first = attemptOn('tcp');
    const second = attemptOn('tcp', { address: '192.0.2.2' });
    const seen = (priorities: [number, number], answer: '404 Not Found' | '403 Forbidden') => [
      ...bothSeen(['200 OK', answer], first),
      ...bothSeen(['200 OK', '401 Unauthorized'], second),
      discovered([serverOn(first, priorities[0]), serverOn(second, priorities[1])]),
    ];

    test.each(['404 Not Found', '403 Forbidden'] as const)('%s is a warning: some clients sign in', (answer) => {
      const { findings } = judged(registration, seen([10, 10], answer));
      expect(findings.map(({ severity }) => severity)).toEqual(['warning']);
      expect(findings[0]?.text).toContain('who comes to them signs in, who comes here does not');
    });

    test('a server that all clients come to first stops them all', () => {
      const { findings } = judged(registration, seen([10, 20], '404 Not Found'));
      expect(idsOf(findings)).toEqual(['registration.domain-not-served error']);
    });
  });

  test('one registrar that answers is enough', () => {
    const { findings } = judged(registration, [
      ...bothSeen(['200 OK', 'timeout']),
      ...bothSeen(['200 OK', '401 Unauthorized'], attemptOn('tls')),
    ]);
    expect(findings).toEqual([]);
  });

  test.each(['timeout', '503 Service Unavailable'] as const)('is not applicable when no server serves (%s)', (fate) => {
    const { findings, status } = judged(registration, bothSeen([fate, fate]));
    expect(findings).toEqual([]);
    expect(status).toBe('not-applicable');
  });
});
