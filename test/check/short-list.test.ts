import { describe, expect, test } from 'vitest';
import { LINE, listed, WIDE_LINE } from '../../src/check/short-list.ts';
import type { RungResult } from '../../src/model.ts';
import { renderHuman } from '../../src/report/human.ts';
import { plainPaint } from '../../src/report/paint.ts';
import { healthy } from '../report/sample-reports.ts';

describe('a list on one line', () => {
  test('holds everything where it fits, each text once', () => {
    expect(listed(['a', 'b', 'a', 'c'])).toBe('a, b, c');
    expect(listed([])).toBe('');
  });

  test('counts what does not fit', () => {
    expect(listed(['12345', '12345x', '123456'], 22)).toBe('12345, 12345x, 123456');
    expect(listed(['12345', '12345x', '123456'], 20)).toBe('12345 and 2 more');
  });

  test('keeps the first, however long it is', () => {
    expect(listed(['x'.repeat(200), 'y'])).toBe(`${'x'.repeat(200)} and 1 more`);
  });

  test('ends with a row of thousands', () => {
    const names = Array.from({ length: 20_000 }, (_, at) => `host${at}.example.com`);
    const text = listed(names);
    expect(text).toBe('host0.example.com, host1.example.com, host2.example.com and 19997 more');
    expect(text.length).toBeLessThanOrEqual(LINE);
  });

  test.each([
    [LINE, 9999],
    [WIDE_LINE, 0],
  ])('of %s columns is what a ladder of 100 columns has room for beside a time of %s ms', (room, ms) => {
    const ladderOf = (summary: string): string => {
      const rung: RungResult = { rung: 'dns', status: 'passed', summary, ms };
      return renderHuman({ ...healthy, rungs: [rung] }, { paint: plainPaint, verbosity: 'normal', width: 100 });
    };
    expect(ladderOf('x'.repeat(room))).toContain('x'.repeat(room));
    expect(ladderOf('x'.repeat(room + 1))).not.toContain('x'.repeat(room));
  });
});
