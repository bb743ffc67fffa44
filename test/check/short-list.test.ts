import { describe, expect, test } from 'vitest';
import { LINE, listed } from '../../src/check/short-list.ts';

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
});
