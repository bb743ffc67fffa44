import { describe, expect, test } from 'vitest';
import { createReadings } from '../../src/check/readings.ts';
import { RUNGS, summarizeRung, type RungSummary } from '../../src/check/rung-summary.ts';
import type { Observation, Rung } from '../../src/model.ts';
import { seenBy, srvRecord } from './dns-seen.ts';
import { attemptOn, bothSeen, sipSeen, tcpSeen } from './server-seen.ts';
import { failed as tlsFailed, seen as tlsSeen } from './tls-observation.ts';
import { dnsFails, dnsPart, healthyBut, healthyRun, leftOut } from './whole-run.ts';

const summarize = (rung: Rung, all: readonly Observation[]): RungSummary => summarizeRung(rung, all, createReadings());

test('the ladder has eight rungs', () => {
  expect(RUNGS).toEqual(['dns', 'connect', 'tls', 'certificate', 'sip', 'auth', 'callback', 'media']);
});

describe('the summary of a rung', () => {
  test.each([
    ['dns', '_sips._tcp -> sip.example.com:5061 (tls)'],
    ['connect', 'TCP accepted by 192.0.2.1:5061'],
    ['tls', 'TLSv1.3 with 192.0.2.1:5061'],
    ['certificate', expect.stringMatching(/^valid until \d{4}-\d\d-\d\d, for .*example\.com/)],
    ['sip', 'OPTIONS 200 OK, REGISTER 401 Unauthorized (tls)'],
  ] as const)('%s says what was seen', (rung, summary) => {
    expect(summarize(rung, healthyRun())).toMatchObject({ climbed: true, summary });
  });

  test.each(RUNGS)('%s is not climbed when nothing was seen', (rung) => {
    expect(summarize(rung, []).climbed).toBe(false);
  });

  test.each(RUNGS)('%s says why it was left out', (rung) => {
    const observations = healthyBut('skipped', [leftOut(rung, 'it rains')]);
    expect(summarize(rung, observations)).toEqual({ climbed: false, summary: 'not tested: it rains', ms: 0 });
  });

  test('a service name that was asked for alone leads to a host and a port', () => {
    const name = '_sip._tls.example.com';
    const srv = seenBy('192.0.2.53:53', 'test').answers(`${name} SRV`, [srvRecord(name, 'sip.example.com', 443)]);
    expect(summarize('dns', [srv]).summary).toBe(`${name} -> sip.example.com:443`);
  });

  test('failed attempts are attempts: the rung was climbed', () => {
    expect(summarize('dns', dnsFails('timeout')).climbed).toBe(true);
    expect(summarize('connect', [tcpSeen('refused')]).climbed).toBe(true);
    expect(summarize('tls', [tlsFailed()]).climbed).toBe(true);
    expect(summarize('sip', [sipSeen('OPTIONS', 'timeout')]).climbed).toBe(true);
  });

  test('a failed handshake shows no certificate', () => {
    expect(summarize('certificate', [tlsFailed()])).toMatchObject({
      climbed: false,
      summary: 'not tested: no certificate was seen',
    });
  });

  test('UDP opens no connection, and the rung says so', () => {
    expect(summarize('connect', bothSeen(['200 OK', '200 OK'], attemptOn('udp')))).toMatchObject({
      climbed: false,
      summary: 'not tested: UDP opens no connection',
    });
  });

  test('answers that came the same ways share them', () => {
    const all = [...bothSeen(['200 OK', '200 OK'], attemptOn('udp')), ...bothSeen(['200 OK', '200 OK'])];
    expect(summarize('sip', all).summary).toBe('OPTIONS 200 OK, REGISTER 200 OK (udp, tcp)');
    const mixed = [...bothSeen(['200 OK', '403 Forbidden'], attemptOn('udp')), ...bothSeen(['200 OK', '200 OK'])];
    expect(summarize('sip', mixed).summary).toBe(
      'OPTIONS 200 OK (udp, tcp), REGISTER 403 Forbidden (udp), 200 OK (tcp)',
    );
  });

  test('answers that fill more than a line are told by their codes', () => {
    const all = [...bothSeen(['405 Method Not Allowed', '401 Unauthorized'], attemptOn('udp'))];
    expect(summarize('sip', all).summary).toBe('OPTIONS 405 Method Not Allowed, REGISTER 401 Unauthorized (udp)');
    const more = [...all, ...bothSeen(['405 Method Not Allowed', '403 Forbidden'])];
    expect(summarize('sip', more).summary).toBe('OPTIONS 405 (udp, tcp), REGISTER 401 (udp), 403 (tcp)');
  });

  test('methods that share a way are all named', () => {
    const all = [
      ...bothSeen(['200 OK', '401 Unauthorized'], attemptOn('tls')),
      ...bothSeen(['403 Forbidden', '403 Forbidden']),
    ];
    expect(summarize('sip', all).summary).toBe('OPTIONS 200, REGISTER 401 (tls), OPTIONS 403, REGISTER 403 (tcp)');
  });

  test('an SRV name of another domain is told in full, an address record not at all', () => {
    const led = (domain: string, via: string): string => {
      const moved = dnsPart().map((one) => {
        if (one.kind !== 'discovery' || !one.outcome.ok) return one;
        const [server] = one.outcome.value.servers;
        const servers = server === undefined ? [] : [{ ...server, via }];
        return { ...one, about: { domain }, outcome: { ...one.outcome, value: { ...one.outcome.value, servers } } };
      });
      return summarize('dns', moved).summary;
    };
    expect(led('example.org', 'SRV _sips._tcp.example.com')).toBe(
      '_sips._tcp.example.com -> sip.example.com:5061 (tls)',
    );
    expect(led('com', 'SRV _sips._tcp.example.com')).toBe('_sips._tcp.example.com -> sip.example.com:5061 (tls)');
    expect(led('example.com', 'address of sip.example.com')).toBe('sip.example.com:5061 (tls)');
  });

  test('of many servers as many are told as fit on a line, and the rest is counted', () => {
    const all = Array.from({ length: 9 }, (_, at) => tcpSeen('open', attemptOn('tcp', { address: `192.0.2.${at}` })));
    expect(summarize('connect', all).summary).toBe('TCP accepted by 192.0.2.0:5060, 192.0.2.1:5060 and 7 more');
  });

  test('the time is that from the first start to the last end, for attempts run side by side', () => {
    const early = { ...tcpSeen('open'), at: 10 };
    const late = { ...tcpSeen('open', attemptOn('tls')), at: 12 };
    expect(summarize('connect', [late, early]).ms).toBe(6);
    expect(summarize('tls', [{ ...tlsSeen(), at: 3 }]).ms).toBe(1);
  });
});
