import { describe, expect, test } from 'vitest';
import { nat } from '../../src/check/nat.ts';
import { witness } from '../../src/check/witness.ts';
import { judge } from '../../src/judge.ts';
import { mappedSeen, reachSeen, witnessSeen } from './far-side-seen.ts';
import { idsOf, judged, target } from './server-seen.ts';
import { healthyRun } from './whole-run.ts';

describe('witness', () => {
  test('passes when all could be asked', () => {
    expect(judged(witness, [witnessSeen('asked')])).toEqual({ findings: [], status: 'passed' });
  });

  test.each([
    ['denied', 'witness.denied', '--password-file'],
    ['timeout', 'witness.unreachable', 'firewalls on the way'],
    ['refused', 'witness.unreachable', 'firewalls on the way'],
  ] as const)('%s is %s', (reason, id, remedy) => {
    const { findings } = judged(witness, [witnessSeen(reason)]);
    expect(idsOf(findings)).toEqual([`${id} warning`]);
    expect(findings[0]?.text).toContain(`The SIP server 203.0.113.10:5060 could not be asked`);
    expect(findings[0]?.text).toContain(`detail of ${reason}`);
    expect(findings[0]?.remedy).toContain(remedy);
  });

  test.each([
    ['stun', 'No STUN server is known that could be asked: none was given, and none was found in DNS as _stun._udp.'],
    ['turn', 'No TURN server is known that could be asked: none was given, and none was found in DNS as _turn._udp,'],
  ] as const)('%s that nobody has named is witness.none-known, and no server without a name', (kind, text) => {
    const { findings } = judged(witness, [witnessSeen('address', kind, { server: '' })]);
    expect(idsOf(findings)).toEqual(['witness.none-known warning']);
    expect(findings[0]?.text).toContain(text);
    expect(findings[0]?.remedy).toContain(`--${kind}`);
  });

  test('by hand is told apart: what has not arrived may not have been sent', () => {
    const silent = reachSeen({ 7100: 'not-tried', 7101: 'not-tried' }, { witness: 'manual', server: 'by hand' });
    const { findings } = judged(witness, [witnessSeen('timeout', 'manual'), ...silent]);
    expect(idsOf(findings)).toEqual(['witness.nothing-arrived warning']);
    expect(findings[0]?.text).toContain('Nothing arrived at TCP 7100-7101 of 198.18.0.10');
    expect(findings[0]?.remedy).toContain('type on the far side: nc -vz -w 3 198.18.0.10 7100 (Windows: ');
    expect(findings[0]?.remedy).toContain('allow TCP 7100-7101 of 198.18.0.10 on the firewall');
  });

  test('that fails in two ways for one reason is told once', () => {
    expect(judged(witness, [witnessSeen('denied', 'turn'), witnessSeen('denied', 'turn')]).findings).toHaveLength(1);
  });

  test('is information while another one could be asked, and nothing when the run was ended', () => {
    expect(idsOf(judged(witness, [witnessSeen('denied', 'agent'), witnessSeen('asked')]).findings)).toEqual([
      'witness.denied info',
    ]);
    expect(judged(witness, [witnessSeen('cancelled')]).findings).toEqual([]);
  });
});

describe('nat', () => {
  test('says nothing where the far side sees the same address and port', () => {
    expect(judged(nat, [mappedSeen('198.18.0.10:40000', '198.18.0.10:40000')])).toEqual({
      findings: [],
      status: 'passed',
    });
  });

  test.each(['203.0.113.1:40000', '198.18.0.10:1024'])('nat.rewritten: %s is seen instead', (seen) => {
    const { findings } = judged(nat, [mappedSeen('198.18.0.10:40000', seen)]);
    expect(idsOf(findings)).toEqual(['nat.rewritten info']);
    expect(findings[0]?.text).toContain(`sees ${seen} (tcp) where this machine has 198.18.0.10:40000`);
  });
});

test('one NAT that several witnesses see is one finding', () => {
  const bySip = mappedSeen('198.18.0.10:40000', '203.0.113.1:1024');
  const byAgent = { ...bySip, about: { ...bySip.about, witness: 'agent' as const, server: '203.0.113.20:7199' } };
  const { findings } = judged(nat, [bySip, byAgent]);
  expect(findings).toHaveLength(1);
  expect(findings[0]?.text).toContain('and so do the agent 203.0.113.20:7199');
});

describe('the verdict of firewall', () => {
  const verdictOf = (command: string, ...seen: Parameters<typeof judge>[0]) =>
    judge([...healthyRun(), ...seen], target, { command }).verdict;

  test('is unknown where nobody could be asked, and says how to get a witness', () => {
    const verdict = verdictOf('firewall');
    expect(verdict).toMatchObject({ status: 'unknown', rung: 'callback', findingId: null });
    expect(verdict.nextStep).toMatch(/--password-file.*--agent.*--via manual/);
    expect(verdictOf('doctor').status).toBe('healthy');
  });

  test('is unknown by the witness that could not be asked', () => {
    expect(verdictOf('firewall', witnessSeen('denied'))).toMatchObject({
      status: 'unknown',
      findingId: 'witness.denied',
      nextStep: expect.stringContaining('--password-file') as unknown,
    });
  });

  test('is unknown where the server has tried nothing', () => {
    const verdict = verdictOf('firewall', witnessSeen('asked'), ...reachSeen({ 7100: 'not-tried' }));
    expect(verdict.status).toBe('unknown');
    expect(verdict.summary).toContain('detail of not-tried');
  });

  test('stands where one witness has tried a port', () => {
    expect(verdictOf('firewall', ...reachSeen({ 7100: 'reached' })).status).toBe('healthy');
    expect(verdictOf('firewall', ...reachSeen({ 7100: 'timeout' })).status).toBe('broken');
  });
});

describe('the rungs callback and media', () => {
  const rungsOf = (...seen: Parameters<typeof judge>[0]) =>
    Object.fromEntries(judge(seen, target).rungs.map(({ rung, status, summary }) => [rung, { status, summary }]));

  test('are filled by what a witness reaches', () => {
    const media = reachSeen({ 5350: 'reached', 5351: 'reached' }, { witness: 'agent', use: 'media' });
    const { callback, media: seen } = rungsOf(...reachSeen({ 7100: 'reached', 7101: 'reached' }), ...media);
    expect(callback).toEqual({
      status: 'passed',
      summary: 'the SIP server 203.0.113.10:5060 reaches TCP 7100-7101 of 198.18.0.10',
    });
    expect(seen?.summary).toBe('the agent 203.0.113.20:7199 reaches UDP 5350-5351 of 198.18.0.10');
  });

  test('are not tested where a witness has tried nothing', () => {
    const { callback } = rungsOf(witnessSeen('asked'), ...reachSeen({ 7100: 'not-tried' }));
    expect(callback?.status).toBe('not-tested');
  });

  test('fail by what a witness does not reach', () => {
    expect(rungsOf(...reachSeen({ 7100: 'timeout' }))['callback']?.status).toBe('failed');
  });
});
