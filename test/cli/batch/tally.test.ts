import { describe, expect, test } from 'vitest';
import type { ResultLine } from '../../../src/cli/batch/job.ts';
import {
  batchExitCode,
  count,
  countBefore,
  createTally,
  progressLine,
  summaryText,
} from '../../../src/cli/batch/tally.ts';

function tallyOf(...results: [ResultLine['status'], string | null][]) {
  const tally = createTally();
  for (const [line, [status, rung]] of results.entries()) count(tally, { line, status, rung, text: '' });
  return tally;
}

describe('the exit code of a batch', () => {
  test.each<[number, 'error' | 'warning', ResultLine['status'][]]>([
    [0, 'error', ['healthy', 'degraded']],
    [1, 'warning', ['healthy', 'degraded']],
    [1, 'error', ['broken', 'unknown', 'error']],
    [3, 'error', ['unknown', 'error', 'healthy']],
    [2, 'error', ['error', 'healthy']],
    [3, 'error', []],
  ])('is %i when --fail-on is %s and the targets are %j', (code, failOn, statuses) => {
    expect(batchExitCode(tallyOf(...statuses.map((one): [ResultLine['status'], null] => [one, null])), failOn)).toBe(
      code,
    );
  });
});

test('the exit code of a batch that was gone on with counts what was done before', () => {
  const tally = tallyOf(['healthy', null]);
  countBefore(tally, 'broken');
  expect(batchExitCode(tally, 'error')).toBe(1);
});

test('the table at the end says when there was nothing to do', () => {
  const text = '0 targets (dns) in 0 s\nthere is no target in the list\n';
  expect(summaryText(createTally(), { elapsedMs: 0, command: 'dns' })).toBe(text);
});

test('the table at the end counts one target as one', () => {
  expect(summaryText(tallyOf(['healthy', null]), { elapsedMs: 0, command: 'tls' })).toMatch(
    /^1 target \(tls\) in 0 s\n/,
  );
});

test('the line for whoever waits tells the rate, the failures by rung and the time left', () => {
  const tally = tallyOf(['broken', 'dns'], ['broken', 'tls'], ['unknown', 'dns'], ['degraded', 'connect']);
  expect(progressLine(tally, { elapsedMs: 2000, share: 0.25 })).toBe('4 done, 2.0/s, 6 s left; failed at dns 2, tls 1');
  expect(progressLine(createTally(), { elapsedMs: 0, share: undefined })).toBe('0 done, 0.0/s');
});

test('the table at the end counts what became of the targets', () => {
  const tally = tallyOf(['broken', 'dns'], ['healthy', null], ['error', null]);
  for (let times = 0; times < 7; times += 1) countBefore(tally, 'healthy');
  expect(summaryText(tally, { elapsedMs: 1400, command: 'dns' })).toBe(
    [
      '3 targets (dns) in 1 s',
      '       1  healthy',
      '       1  broken',
      '       1  not run (the line cannot be used)',
      '       1    stopped at dns',
      '       7  done before, left out',
      '',
    ].join('\n'),
  );
});
