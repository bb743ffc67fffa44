import { describe, expect, test } from 'vitest';
import { typeKey } from '../../src/cli/hidden-prompt.ts';

const ctrl = (name: string) => [undefined, { name, ctrl: true, meta: false }] as const;
const plain = (text: string, name = text) => [text, { name, ctrl: false, meta: false }] as const;

describe('the line behind a hidden prompt', () => {
  test.each([
    ['a character is added', plain('c'), 'abc'],
    ['a character beyond the BMP is added', plain('𝛼'), 'ab𝛼'],
    ['a blank is added, it may be meant', plain(' ', 'space'), 'ab '],
    ['backspace takes one off', plain('\u007f', 'backspace'), 'a'],
    ['Ctrl-H takes one off', ctrl('h'), 'a'],
    ['Ctrl-U begins anew', ctrl('u'), ''],
    ['an arrow does nothing', plain('\u001b[D', 'left'), 'ab'],
    ['a key with Alt does nothing', ['x', { name: 'x', ctrl: false, meta: true }] as const, 'ab'],
    ['Ctrl-D does nothing to a line that is begun', ctrl('d'), 'ab'],
  ])('%s', (_what, [text, key], line) => {
    expect(typeKey('ab', text, key)).toEqual({ line });
  });

  test('backspace takes off a whole character', () => {
    expect(typeKey('a𝛼', ...plain('\u007f', 'backspace'))).toEqual({ line: 'a' });
  });

  test('Enter ends it; Ctrl-C, and Ctrl-D at its beginning, refuse', () => {
    expect([typeKey('a', ...plain('\r', 'return')), typeKey('a', ...ctrl('c')), typeKey('', ...ctrl('d'))]).toEqual([
      'done',
      'refused',
      'refused',
    ]);
  });
});
