import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commandWords } from '../../../src/cli/completion/command-words.ts';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { sipdiag } from '../../command-line.ts';

const execute = promisify(execFile);
const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

const CAPTURE = join(import.meta.dirname, 'capture.zsh');
/** Drives the function as readline does, which splits at '=' too. */
const DRIVER = `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _sipdiag; printf '%s\\n' "\${COMPREPLY[@]}"`;

let folder = '';
const scriptOf = (shell: Shell): string => join(folder, `sipdiag.${shell}`);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sipdiag-completion-'));
  for (const shell of SHELLS) {
    const { stdout, code } = await sipdiag(['completion', shell]);
    writeFileSync(scriptOf(shell), code === 0 ? stdout : 'exit 1');
  }
  for (const name of ['run.json', 'run two.json']) writeFileSync(join(folder, name), '');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the real shell offers for the line, sorted. */
async function offered(shell: Shell, line: string): Promise<string[]> {
  const words = line.split(/ |(?<==)|(?==)/);
  const args: Readonly<Record<Shell, string[]>> = {
    bash: ['-c', DRIVER, '_', scriptOf('bash'), ...words],
    zsh: ['-f', CAPTURE, scriptOf('zsh'), line],
    fish: ['--no-config', '-c', `source '${scriptOf('fish')}'; complete -C '${line}'`],
  };
  const env = { PATH: process.env['PATH'], HOME: folder, TERM: 'dumb', LC_ALL: 'C.UTF-8' };
  const { stdout } = await execute(shell, args[shell], { cwd: folder, env, timeout: 20_000 });
  const lines = stdout.split(/\r?\n/).map((one) => (one.split('\t')[0] ?? '').replaceAll('\\', ''));
  return lines.filter((one) => one !== '').toSorted();
}

// The real shells: what they make of the script is what a user sees.
describe.each(SHELLS)('the completion of %s', (shell) => {
  test.each([
    ['sipdiag do', ['doctor']],
    ['sipdiag e', ['explain']],
    ['sipdiag doctor --format hu', ['human']],
    ['sipdiag doctor --lab cert-expire', ['cert-expired']],
    ['sipdiag signin --transport t', ['tcp', 'tls']],
    ['sipdiag tls --profile lc', ['lcs2003']],
    ['sipdiag csr --key-type p', ['p256', 'p384']],
    ['sipdiag explain cert-dates.', ['cert-dates.expired', 'cert-dates.expiring', 'cert-dates.not-yet-valid']],
    ['sipdiag judge run.', ['run.json']],
    ['sipdiag judge run', ['run two.json', 'run.json']],
    ['sipdiag completion z', ['zsh']],
    ['sipdiag help dn', ['dns']],
    ['sipdiag doctor --server s', []],
  ])('of %j is %j', async (line, expected) => {
    expect(await offered(shell, line)).toEqual(expected);
  });

  test('offers every option of every command', async () => {
    const script = commandWords();
    expect(script.map(({ name }) => name)).toEqual(COMMANDS.map(({ name }) => name));
    for (const { name, options } of script) {
      const long = options.flatMap(({ flags }) => flags.filter((flag) => flag.startsWith('--')));
      const words = await offered(shell, `sipdiag ${name} --`);
      expect(words.map((word) => word.replace(/=$/, ''))).toEqual(long.toSorted());
    }
  });
});

test.each([
  ['bash', 'sipdiag doctor --format=js', ['json']],
  ['fish', 'sipdiag doctor --format=js', ['--format=json']],
  ['zsh', 'sipdiag doctor --format=js', ['json']],
] as const)('%s completes %s, where the value follows without a blank', async (shell, line, expected) => {
  expect(await offered(shell, line)).toEqual(expected);
});

describe('sipdiag completion', () => {
  test('of another shell says which there are', async () => {
    const { stderr, stdout, code } = await sipdiag(['completion', 'csh']);
    expect([stdout, stderr, code]).toEqual([
      '',
      "sipdiag: the shell 'csh' is not known; expected bash, zsh or fish\n",
      2,
    ]);
  });

  test('offers a value of every option that takes one of a few words, and the program takes each', () => {
    const listed = commandWords().flatMap(({ name, options }) =>
      options.flatMap(({ flags, value }) => (value?.kind === 'words' ? [`${name} ${flags.at(-1)}`] : [])),
    );
    for (const one of ['doctor --format', 'doctor --fail-on', 'doctor --transport', 'tls --lab', 'csr --key-type'])
      expect(listed).toContain(one);
  });
});
