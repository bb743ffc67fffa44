import { describe, expect, test } from 'vitest';
import { nat } from '../../src/check/nat.ts';
import { witness } from '../../src/check/witness.ts';
import { judge } from '../../src/judge.ts';
import { mappedSeen, reachSeen, witnessSeen } from './far-side-seen.ts';
import { idsOf, judged, target } from './server-seen.ts';

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
