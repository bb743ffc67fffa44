import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { COMMANDS, commandsFor } from '../../src/cli/commands.ts';
import { sipdiag } from '../command-line.ts';

const NAMES = COMMANDS.map(({ name }) => name);

test('every command has a name of its own', () => {
  expect(new Set(NAMES).size).toBe(NAMES.length);
});

test('every name gets a code cache of its own from the start', () => {
  const start = readFileSync(resolve(import.meta.dirname, '../../.ci/start.cjs'), 'utf8');
  const pattern = /const command = \/(.+)\/\.test\(first\)/.exec(start)?.[1] ?? 'is not there';
  expect(NAMES.filter((name) => !new RegExp(pattern).test(name))).toEqual([]);
});

describe('what a command line needs declared', () => {
  test.each(NAMES)('for %s is that command alone', (name) => {
    expect(commandsFor([name, '--json']).map((row) => row.name)).toEqual([name]);
  });

  test.each([[[]], [['--help']], [['help']], [['docter']], [['--json', 'dns']]])('for %j is all of them', (argv) => {
    expect(commandsFor(argv)).toEqual(COMMANDS);
  });
});

describe('the help', () => {
  test('lists every command with what it does', async () => {
    const { stdout } = await sipdiag(['--help']);
    const words = stdout.replaceAll(/\s+/g, ' ');
    for (const { name, description } of COMMANDS) {
      expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
      expect(words).toContain(description);
    }
  });

  test.each(NAMES)('of %s is the same by --help and by help', async (name) => {
    const [option, word] = await Promise.all([sipdiag([name, '--help']), sipdiag(['help', name])]);
    expect(option.stdout).toContain(`Usage: sipdiag ${name} `);
    expect(word.stdout).toBe(option.stdout);
    expect([option.code, word.code]).toEqual([0, 0]);
  });

  test('of a command of batch is the same in every way to ask for it', async () => {
    const [option, word, inner] = await Promise.all(
      [
        ['batch', 'dns', '--help'],
        ['help', 'batch', 'dns'],
        ['batch', 'help', 'dns'],
      ].map((args) => sipdiag(args)),
    );
    expect(option?.stdout).toContain('Usage: sipdiag batch dns [options] <file>');
    expect([word, inner]).toEqual([option, option]);
  });
});
