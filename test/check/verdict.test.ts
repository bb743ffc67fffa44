import { describe, expect, test } from 'vitest';
import { RUNGS } from '../../src/check/rung-summary.ts';
import { judge } from '../../src/judge.ts';
import type { Observation, Reason } from '../../src/model.ts';
import { addressRecord, seenBy } from './dns-seen.ts';
import { attemptOn, bothSeen, sipSeen, target, tcpSeen } from './server-seen.ts';
import { failed as tlsFailed, HOST, seen as tlsSeen, standIn } from './tls-observation.ts';
import { dnsFails, dnsPart, healthyBut, healthyRun, leftOut, onTls, TLS_SET, upperSkips } from './whole-run.ts';

const verdictOn = (observations: readonly Observation[]) => judge(observations, target).verdict;
const everythingAbove = (): Observation[] => RUNGS.slice(1).map((rung) => leftOut(rung, 'not part of sipdiag dns'));
const udp = attemptOn('udp', { host: HOST, set: '_sip._udp.example.com' });

describe('healthy', () => {
  test('is a run in which every rung that decides was tested and holds; it names what was not tested', () => {
    expect(verdictOn(healthyRun())).toMatchObject({
      status: 'healthy',
      rung: null,
      findingId: null,
      summary: `Every rung that was tested holds; SIP answers at ${HOST}:5061 (tls). Not tested: auth, callback, media.`,
    });
  });

  test('needs no TLS where no server uses it', () => {
    const verdict = verdictOn(healthyBut(['tcp', 'tls', 'sip'], bothSeen(['200 OK', '401 Unauthorized'], udp)));
    expect(verdict.status).toBe('healthy');
    expect(verdict.summary).toContain('Not tested: connect, tls, certificate, auth, callback, media.');
  });

  test('is also what dns alone shows, where the command asks no more', () => {
    const verdict = verdictOn([...dnsPart(), ...everythingAbove()]);
    expect(verdict.status).toBe('healthy');
    expect(verdict.summary).toBe(`Every rung that was tested holds; DNS leads clients to ${HOST}:5061 (tls).`);
  });

  test('is not what an address without names needs dns for', () => {
    const verdict = verdictOn(healthyBut(['dns', 'discovery'], [leftOut('dns', 'the target is an address')]));
    expect(verdict.status).toBe('healthy');
    expect(verdict.summary).not.toContain('dns');
  });
});

describe('unknown where no server has an address of the family that was asked for', () => {
  const answered = (address: string) => seenBy('192.0.2.53:53').answers(`${HOST} A`, [addressRecord(HOST, address)]);
  /** What discovery makes of servers with these addresses. */
  const found = (...addresses: string[]): Observation[] =>
    dnsPart().flatMap((one): Observation[] => {
      if (one.kind === 'dns') return addresses.map(answered);
      if (one.kind !== 'discovery' || !one.outcome.ok) return [];
      const { value } = one.outcome;
      const servers = addresses.length === 0 ? [] : value.servers.map((server) => ({ ...server, addresses }));
      return [{ ...one, outcome: { ...one.outcome, value: { ...value, servers } } }];
    });

  test.each([
    ['IPv4', '192.0.2.1', '-6', 'IPv6 address (AAAA record)'],
    ['IPv6', '2001:db8::1', '-4', 'IPv4 address (A record)'],
  ])('says so of %s', (...[family, address, option, record]) => {
    const { verdict, rungs } = judge([...found(address), ...upperSkips()], target);
    expect(verdict).toEqual({
      status: 'unknown',
      rung: 'connect',
      findingId: null,
      summary: `No server was tried: DNS gives ${family} addresses alone (${address}), and ${option} leaves them out.`,
      nextStep: `Run the same command without ${option}, or give the servers an ${record}.`,
    });
    expect(rungs.find(({ rung }) => rung === 'connect')?.summary).toMatch(
      /^not tested: no server has an IPv\d address/,
    );
  });

  test('is not said where both are there, or an attempt was made', () => {
    const both = found('192.0.2.1', '2001:db8::1');
    expect(verdictOn([...both, ...upperSkips()]).summary).toBe(
      'The rung sip could not be tested: no server was tried.',
    );
    expect(verdictOn([...found('192.0.2.1'), tcpSeen('refused'), ...upperSkips()]).status).toBe('broken');
  });

  test('is not said of addresses that no client would take for a server', () => {
    const { verdict, rungs } = judge([...found(), answered('192.0.2.1'), ...upperSkips()], target);
    expect(`${verdict.summary} ${rungs.map(({ summary }) => summary).join(' ')}`).not.toMatch(/ -6\b|\(-6\)/);
  });

  test('is said of the addresses of a server that the user named', () => {
    expect(verdictOn([answered('192.0.2.1'), ...upperSkips()]).summary).toContain('and -6 leaves them out');
  });
});

describe('degraded', () => {
  test('is a dead server beside one of the same set that works', () => {
    const dead = { ...onTls, address: '192.0.2.2' };
    expect(verdictOn([...healthyRun(), tcpSeen('refused', dead)])).toMatchObject({
      status: 'degraded',
      rung: 'connect',
      findingId: 'tcp-reach.refused',
      summary: expect.stringMatching(/^Sign-in can work, but: sip\.example\.com \(192\.0\.2\.2:5061\) refuses/),
    });
  });
});

describe('broken', () => {
  test('names the first broken rung, its cause and the remedy', () => {
    const judgement = judge(healthyBut(['tls', 'sip'], [tlsFailed()]), target);
    const [cause] = judgement.findings;
    expect(cause?.id).toBe('tls-handshake.timeout');
    expect(judgement.verdict).toEqual({
      status: 'broken',
      rung: 'tls',
      findingId: 'tls-handshake.timeout',
      summary: cause?.text,
      nextStep: cause?.remedy,
    });
  });

  test('is an error above a warning further down, and the warning is not the verdict', () => {
    const dead = { ...onTls, address: '192.0.2.2' };
    const verdict = verdictOn([
      ...healthyBut('sip', bothSeen(['timeout', 'timeout'], onTls)),
      tcpSeen('refused', dead),
    ]);
    expect(verdict).toMatchObject({ status: 'broken', rung: 'sip', findingId: 'sip-answer.none' });
  });

  test('is the lowest of several errors', () => {
    const both = [tcpSeen('refused', onTls), ...bothSeen(['timeout', 'timeout'], udp)];
    expect(verdictOn(healthyBut(['tcp', 'tls', 'sip'], both))).toMatchObject({ status: 'broken', rung: 'connect' });
  });

  test('stays broken when the run was ended after the error was seen', () => {
    const verdict = verdictOn(
      healthyBut('sip', [...bothSeen(['closed', 'closed'], onTls), sipSeen('OPTIONS', 'cancelled', udp)]),
    );
    expect(verdict).toMatchObject({ status: 'broken', findingId: 'sip-answer.closed' });
  });
});

describe('unknown', () => {
  test('is a run that saw nothing at all', () => {
    expect(verdictOn([]).status).toBe('unknown');
    expect(verdictOn(upperSkips()).status).toBe('unknown');
  });

  test('is a machine without a network, whatever it was asked to look at', () => {
    const verdict = verdictOn([...dnsFails('no-network'), ...upperSkips()]);
    expect(verdict).toMatchObject({ status: 'unknown', rung: null, findingId: null });
    expect(verdict.summary).toContain('no way out to the network');
    expect(verdictOn([tcpSeen('no-network', onTls)])).toEqual(verdict);
  });

  test('is a machine without a DNS server, which is told how to name one', () => {
    const verdict = verdictOn([...dnsFails('no-resolver'), ...upperSkips()]);
    expect(verdict).toMatchObject({ status: 'unknown', rung: 'dns', findingId: null });
    expect(verdict.nextStep).toContain('--resolver');
  });

  test('is not the word where one server alone cannot be reached from here and another works', () => {
    const six = { ...onTls, address: '2001:db8::1' };
    expect(verdictOn([...healthyRun(), tcpSeen('no-network', six)]).status).toBe('healthy');
  });

  test.each<[string, () => Observation[]]>([
    ['in DNS', () => [...dnsFails('cancelled'), ...upperSkips()]],
    ['while connecting', () => healthyBut(['tcp', 'tls', 'sip'], [tcpSeen('cancelled', onTls)])],
    ['before SIP was answered', () => healthyBut('sip', bothSeen(['cancelled', 'cancelled'], onTls))],
    ['before the last of several servers', () => [...healthyRun(), ...bothSeen(['cancelled', 'cancelled'], udp)]],
  ])('is a run that was ended %s', (_where, observations) => {
    const verdict = verdictOn(observations());
    expect(verdict).toMatchObject({ status: 'unknown', findingId: null });
    expect(verdict.summary).toContain('the run was ended before it was done');
    expect(verdict.nextStep).toContain('--deadline');
  });

  test('is DNS that leads nowhere because it was not answered in full', () => {
    const open: Observation[] = dnsPart().map((one) =>
      one.kind === 'discovery' && one.outcome.ok
        ? {
            ...one,
            outcome: {
              ...one.outcome,
              value: {
                ...one.outcome.value,
                servers: [],
                steps: [{ step: 'x', question: `SRV ${TLS_SET}`, fate: 'broken', why: 'no answer' }],
              },
            },
          }
        : one,
    );
    const verdict = verdictOn([...open, ...everythingAbove()]);
    expect(verdict).toMatchObject({ status: 'unknown', rung: 'dns' });
    expect(verdict.summary).toContain(`SRV ${TLS_SET} (no answer)`);
    expect(verdict.nextStep).toContain('--resolver');
  });

  test('does not send whoever pressed Ctrl-C for a longer limit', () => {
    const { nextStep } = verdictOn([...dnsFails('cancelled'), ...upperSkips()]);
    expect(nextStep).toMatch(/^Run the same command again and let it come to its end; if the time limit/);
  });

  test.each<Reason>(['other', 'address'])(
    'is a published server that could not be tried (%s), though another one works',
    (reason) => {
      const verdict = verdictOn([...healthyRun(), ...bothSeen([reason, reason], udp)]);
      expect(verdict).toMatchObject({ status: 'unknown', rung: 'sip', findingId: null });
      expect(verdict.summary).toContain(`at 192.0.2.1:5060 (udp): detail of ${reason}`);
    },
  );

  test('is not the word when another member of its set works, or when it was tried by custom', () => {
    const second = { ...onTls, address: '192.0.2.2' };
    expect(verdictOn([...healthyRun(), tcpSeen('other', second)]).status).toBe('healthy');
    const custom = { ...udp, published: false, set: 'custom' };
    expect(verdictOn([...healthyRun(), ...bothSeen(['other', 'other'], custom)]).status).toBe('healthy');
  });

  test('is a rung without any success', () => {
    const verdict = verdictOn(healthyBut(['tls', 'sip'], []));
    expect(verdict).toMatchObject({ status: 'unknown', rung: 'sip' });
  });
});

test('a stand-in turns an error of the certificate into a warning of the verdict', () => {
  const expired = tlsSeen({ leaf: { notAfter: '2026-05-01T00:00:00Z' } });
  expect(verdictOn(healthyBut('tls', [expired])).status).toBe('broken');
  expect(verdictOn(healthyBut('tls', [expired, standIn()])).status).toBe('degraded');
});
