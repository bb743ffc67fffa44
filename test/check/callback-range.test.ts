import { describe, expect, test } from 'vitest';
import { callbackRange } from '../../src/check/callback-range.ts';
import { mediaRange } from '../../src/check/media-range.ts';
import { listening, rangeSeen } from './far-side-seen.ts';
import { idsOf, judged } from './server-seen.ts';

// callback-range.too-small callback-range.privileged callback-range.ephemeral callback-range.unusable
// media-range.too-small media-range.privileged media-range.ephemeral media-range.unusable
describe.each([
  ['callback-range', callbackRange, 'sip'],
  ['media-range', mediaRange, 'media'],
] as const)('%s', (id, check, use) => {
  const seen = (first: number, last: number, change: Parameters<typeof rangeSeen>[1] = {}) =>
    judged(check, [rangeSeen(listening(first, last), { use, ...change })]);

  test('has nothing to say about four free ports', () => {
    expect(seen(7100, 7103)).toEqual({ findings: [], status: 'passed' });
  });

  test('fewer ports than are needed are too few', () => {
    const { findings } = seen(7100, 7101, { needed: 20 });
    expect(idsOf(findings)).toEqual([`${id}.too-small warning`]);
    expect(findings[0]?.text).toMatch(
      /^The client needs 20 ports at the same time, and the range (TCP|UDP) 7100-7101 has only 2\.$/,
    );
  });

  test('a range that was chosen for this run only is worth a word, not a warning', () => {
    expect(idsOf(seen(7100, 7100, { source: 'option' }).findings)).toEqual([`${id}.too-small info`]);
  });

  test('the policy file is where to widen it', () => {
    const { findings } = seen(7100, 7100, { source: 'policy', from: 'ports.reg' });
    expect(findings[0]?.remedy).toContain('(ports.reg)');
  });

  test.each([
    ['privileged', 'is below 1024'],
    ['unusable', 'cannot listen on'],
  ] as const)('%s ports are named', (state, text) => {
    const ports = [{ port: 1000, state, detail: 'no such address' }, ...listening(1001, 1003)];
    const { findings } = judged(check, [rangeSeen(ports, { use })]);
    expect(idsOf(findings)).toEqual([`${id}.${state} warning`]);
    expect(findings[0]?.text).toContain(text);
  });

  test('ports that the system hands out itself are information', () => {
    const { findings } = seen(50_000, 50_003);
    expect(idsOf(findings)).toEqual([`${id}.ephemeral info`]);
    expect(findings[0]?.text).toContain('32768-60999');
  });

  test('does not arise where no port was listened on', () => {
    expect(judged(check, []).status).toBe('not-applicable');
  });
});
