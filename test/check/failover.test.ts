import { describe, expect, test } from 'vitest';
import { failover } from '../../src/check/failover.ts';
import type { Attempt, Observation } from '../../src/model.ts';
import { attemptOn, bothSeen, discovered, idsOf, judged, serverOn, tcpSeen } from './server-seen.ts';
import { withAnswer } from './sign-in-seen.ts';

const SET = '_sip._tcp.example.org';
const server = (n: number): Attempt => attemptOn('tcp', { host: `sip${n}.example.org`, address: `192.0.2.${n}` });
const all = [1, 2, 3].map(server);

type Answer = Parameters<typeof bothSeen>[0][1];
const says = (about: Attempt, register: Answer): Observation[] => [
  tcpSeen('open', about),
  ...bothSeen(['200 OK', register], about),
];
const look = (seen: readonly Observation[], profile?: string) =>
  judged(failover, [
    ...seen,
    discovered(
      all.map((about, at) => serverOn(about, (at + 1) * 10)),
      profile,
    ),
  ]).findings;

const [first = server(1), second = server(2), third = server(3)] = all;

describe('a set of three servers', () => {
  test('whose first takes the registration keeps the client there', () => {
    const findings = look(all.flatMap((about) => says(about, '401 Unauthorized')));
    expect(idsOf(findings)).toEqual(['failover.first-serves info']);
    expect(findings[0]?.text).toBe(
      'Over tcp a client of the profile rfc3263 registers at sip1.example.org (192.0.2.1:5060), the first in the order of RFC 2782; sip2.example.org (192.0.2.2:5060), sip3.example.org (192.0.2.3:5060) stand by.',
    );
  });

  test('loses the client of an overloaded one at once, and of a silent one after 32 seconds', () => {
    const overloaded = says(first, '503 Service Unavailable').map((one) =>
      one.kind === 'sip' ? withAnswer(one, { headers: { 'retry-after': ['120'] } }) : one,
    );
    const findings = look([...overloaded, ...says(second, 'timeout'), ...says(third, '401 Unauthorized')]);
    expect(idsOf(findings)).toEqual(['failover.moves-on info']);
    expect(findings[0]?.text).toContain(
      'leaves sip1.example.org (192.0.2.1:5060) at once (503 Service Unavailable, and asks to be left alone for 120 s)',
    );
    expect(findings[0]?.text).toContain('leaves sip2.example.org (192.0.2.2:5060) after 32 s (SIP: no answer)');
    expect(findings[0]?.text).toContain('and registers at sip3.example.org (192.0.2.3:5060) after 32 s.');
    expect(findings[0]?.remedy).toContain(`out of ${SET}`);
  });

  test('whose first refuses ends the client there, although the second would take it', () => {
    const findings = look([...says(first, '404 Not Found'), ...says(second, '401 Unauthorized')]);
    expect(idsOf(findings)).toEqual(['failover.stops-short info']);
    expect(findings[0]?.text).toContain('its 404 Not Found is no reason to try the next server');
  });

  test('of which none can be connected to is given up', () => {
    const findings = look(all.map((about) => tcpSeen(about === second ? 'timeout' : 'refused', about)));
    expect(idsOf(findings)).toEqual(['failover.nowhere info']);
    expect(findings[0]?.text).toContain('and gives up after 32 s.');
  });

  test('that all refuse is the business of the rung auth', () => {
    expect(look(all.flatMap((about) => says(about, '403 Forbidden')))).toEqual([]);
  });

  test('of a trunk is judged by OPTIONS', () => {
    const findings = look(
      all.flatMap((about) => says(about, 'timeout')),
      'federation',
    );
    expect(idsOf(findings)).toEqual(['failover.first-serves info']);
  });
});

test('one server alone has nothing to fail over to', () => {
  const { status } = judged(failover, [...says(first, '401 Unauthorized'), discovered([serverOn(first, 10)])]);
  expect(status).toBe('not-applicable');
});
