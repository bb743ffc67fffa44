import { describe, expect, test } from 'vitest';
import { columnsOf, cut, hang, wrap } from '../../src/report/layout.ts';

describe('columnsOf', () => {
  test.each([
    ['ascii', 5],
    ['K\u00f6ln', 4],
    ['\u65e5\u672c', 4],
    ['\uff21', 2],
    ['\u{1f600}', 2],
    ['\ud55c', 2],
    ['', 0],
  ])('%j takes %i columns', (text, columns) => {
    expect(columnsOf(text)).toBe(columns);
  });
});

describe('wrap', () => {
  test.each([
    ['breaks between words', 'one two three', 7, ['one two', 'three']],
    ['breaks a word that is longer than a line', 'ab abcdefghij kl', 4, ['ab', 'abcd', 'efgh', 'ij', 'kl']],
    ['keeps blanks inside a line and drops them at its ends', 'a  b  cccc', 5, ['a  b', 'cccc']],
    ['keeps a number and its unit together', 'within 1 s, or 30 ms.', 9, ['within', '1 s, or', '30 ms.']],
    ['parts what only looks like a number with a unit', 'port 5 sees', 6, ['port 5', 'sees']],
    ['breaks a number and its unit that are longer than a line', '12345 ms', 4, ['1234', '5 ms']],
    ['gives one empty line for nothing', '', 5, ['']],
    ['gives one empty line for blanks', '      ', 3, ['']],
    ['does not split a wide character', '\u65e5\u672c\u8a9e', 3, ['\u65e5', '\u672c', '\u8a9e']],
    ['does not split a surrogate pair', '\u{1f600}\u{1f600}', 2, ['\u{1f600}', '\u{1f600}']],
  ])('%s', (...[, text, width, lines]) => {
    expect(wrap(text, width)).toEqual(lines);
  });
});

describe('hang', () => {
  test('starts every further line under the first', () => {
    expect(hang('-> ', 'one two three', 10)).toEqual([
      { lead: '-> ', text: 'one two' },
      { lead: '   ', text: 'three' },
    ]);
  });
});

describe('cut', () => {
  test.each([
    ['leaves what fits', 'one two', 7, 'one two'],
    ['cuts after a word', 'one two three', 12, 'one two...'],
    ['cuts inside a word when its part is long', 'to pool01.example.com', 17, 'to pool01.exam...'],
    ['counts wide characters twice', '\u65e5\u672c\u8a9e', 5, '\u65e5...'],
  ])('%s', (...[, text, width, line]) => {
    expect(cut(text, width)).toBe(line);
  });
});
