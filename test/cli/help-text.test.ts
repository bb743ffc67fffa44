import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import { helpTail, HELP_WIDTH } from '../../src/cli/help-text.ts';
import { sipdiag } from '../command-line.ts';

describe('the help', () => {
  test.each(['', ...COMMANDS.map(({ name }) => name)])(
    "of '%s' fits the width, and ends with examples and exit codes",
    async (name) => {
      const { stdout, code } = await sipdiag([...(name === '' ? [] : [name]), '--help']);
      const lines = stdout.split('\n');
      expect(code).toBe(0);
      expect(lines.filter((line) => line.length > HELP_WIDTH)).toEqual([]);
      expect(stdout).toMatch(
        /\nExamples:\n(?: {2}sipdiag .*\n(?: {6}.*\n)?){2,4}\nExit codes:\n(?: {2}\d {2}.*\n(?: {5}.*\n)?){2,}(?:\n(?:\S.*\n)+)?\n?$/,
      );
    },
  );

  test.each(COMMANDS)('of $name shows examples of this very command, each said in a fragment', ({ name, examples }) => {
    for (const { line, says } of examples) {
      expect(line.split(' ')[0]).toBe(name);
      expect(says).toMatch(/^[^A-Z\n][^\n]*[^.\n]$|^[A-Z]{2}/);
    }
  });

  test('puts the words of a long line below it', () => {
    const examples = [
      { line: 'short', says: 'beside it' },
      { line: 'x'.repeat(90), says: 'below it' },
    ];
    expect(helpTail({ examples, exits: { 0: 'good' } })).toBe(
      `\nExamples:\n  sipdiag short  beside it\n  sipdiag ${'x'.repeat(90)}\n      below it\n\nExit codes:\n  0  good`,
    );
  });
});
