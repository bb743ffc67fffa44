import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { escapeJson, escapeTerminal } from '../../src/report/escape.ts';

const code = (point: number): string => String.fromCodePoint(point);
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, at) => from + at);

describe('escapeTerminal', () => {
  test.each([
    ['an escape sequence', '\u001b[31mred', '\\x1b[31mred'],
    ['a line break', 'a\r\nb', 'a\\x0d\\x0ab'],
    ['a tab, a bell, a NUL and a DEL', '\t\u0007\u0000\u007f', '\\x09\\x07\\x00\\x7f'],
    ['the C1 introducer', '\u009b2J', '\\x9b2J'],
    ['a right-to-left override', 'a\u202eb', 'a\\u202eb'],
    ['the two halves of a pair, alone', '\ud800 \udc00', '\\ud800 \\udc00'],
    ['a tag character', '\u{e0041}', '\\u{e0041}'],
    ['a no-break space, which hides in a name', 'pool\u00a001', 'pool\\xa001'],
    ['a variation selector', 'a\ufe0f', 'a\\ufe0f'],
    ['marks piled up', 'e\u0301\u0302\u0303\u0304\u0305', 'e\u0301\u0302\u0303\\u0304\\u0305'],
    ['a code point that Unicode has not assigned', '\u0378', '\\u0378'],
    ['a Hangul filler', '\u3164', '\\u3164'],
  ])('shows %s', (_name, text, shown) => {
    expect(escapeTerminal(text)).toBe(shown);
  });

  test('leaves text, blanks, backslashes and whole pairs as they are', () => {
    const text = 'Gr\u00fc\u00dfe  aus K\u00f6ln, \u65e5\u672c\u8a9e, \\032, \u{1f600}';
    expect(escapeTerminal(text)).toBe(text);
  });

  test.each([
    ...range(0x00, 0x1f),
    ...range(0x7f, 0x9f),
    ...range(0x202a, 0x202e),
    ...range(0x2066, 0x2069),
    0x200b,
    0x200c,
    0x200d,
    0x200e,
    0x200f,
    0x061c,
    0x2028,
    0x2029,
    0x2060,
    0xfeff,
    0xad,
    0x180e,
  ])('lets code point %i through neither to the terminal nor to a JSON document', (point) => {
    expect(escapeTerminal(code(point))).toMatch(/^\\[xu][0-9a-f]+$/);
    expect(escapeJson(JSON.stringify(code(point)))).toMatch(/^"\\[\x21-\x7e]+"$/);
  });

  test.each([
    ['abcdef', 6, 'abcdef'],
    ['abcdef', 5, 'abcde... (1 more character)'],
    ['abcdef', 0, '... (6 more characters)'],
    ['\u{1f600}\u{1f601}\u{1f602}', 3, '\u{1f600}\u{1f601}\u{1f602}'],
    ['\u{1f600}\u{1f601}\u{1f602}', 1, '\u{1f600}... (2 more characters)'],
    ['\u001b\u001b\u001b', 2, '\\x1b\\x1b... (1 more character)'],
  ])('bounds %j to %i characters and counts the rest', (text, limit, shown) => {
    expect(escapeTerminal(text, { limit })).toBe(shown);
  });

  test('keeps and counts every character of any text, at any limit', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(40), (text, limit) => {
        const points = Array.from(text);
        const left = points.length - limit;
        const head = escapeTerminal(points.slice(0, limit).join(''));
        const tail = left <= 0 ? '' : `... (${left} more character${left === 1 ? '' : 's'})`;
        expect(escapeTerminal(text, { limit })).toBe(head + tail);
      }),
    );
  });

  test('is the same when applied twice', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(escapeTerminal(escapeTerminal(text))).toBe(escapeTerminal(text));
      }),
    );
  });
});
