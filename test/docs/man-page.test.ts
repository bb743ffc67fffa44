import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { commandWords } from '../../src/cli/completion/command-words.ts';

const execute = promisify(execFile);
const PAGE = resolve(import.meta.dirname, '../../docs/sipdiag.1');

/** Without what the formatter puts between and into words. */
const bare = (text: string): string => text.toLowerCase().replaceAll('…', '...').replaceAll(/\s+/g, '');

describe('the manual page', () => {
  let text = '';
  beforeAll(async () => {
    const { stdout } = await execute('groff', ['-man', '-Tutf8', '-P-cbou', PAGE]);
    text = bare(stdout);
  });

  test.each([
    ['mandoc', ['-T', 'lint', '-W', 'error', PAGE]],
    ['groff', ['-man', '-ww', '-z', PAGE]],
  ])('gives %s nothing to complain about', async (program, args) => {
    const { stdout, stderr } = await execute(program, args);
    expect(stdout + stderr).toBe('');
  });

  test('holds every command and every option, and what each is for', () => {
    const missing = commandWords().flatMap(({ name, says, options }) =>
      [name, says, ...options.flatMap((option) => [...option.flags, option.says])].filter(
        (words) => !text.includes(bare(words)),
      ),
    );
    expect(missing).toEqual([]);
  });
});
