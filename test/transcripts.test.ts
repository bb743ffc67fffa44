import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { sipdiag, type CommandResult } from './command-line.ts';
import { masked } from './masked.ts';

/**
 * A transcript is a command line, what it printed, and its exit code, as far as two runs have them in common.
 * UPDATE_TRANSCRIPTS=1 writes them anew: read the difference.
 */
const FOLDER = join(import.meta.dirname, 'transcripts');
const FILES = readdirSync(FOLDER).filter((file) => file.endsWith('.txt'));
const UPDATE = process.env['UPDATE_TRANSCRIPTS'] === '1';

/** Splits a command line at blanks; quotes keep blanks together. */
const wordsOf = (line: string): string[] =>
  [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? '');

function transcriptOf(line: string, { stdout, stderr, code }: CommandResult): string {
  const errors = stderr === '' ? '' : `[stderr]\n${masked(stderr)}`;
  return `$ sipdiag ${line}\n${masked(stdout)}${errors}[exit code ${code}]\n`;
}

async function record(file: string, node: string): Promise<{ expected: string; actual: string }> {
  const expected = readFileSync(join(FOLDER, file), 'utf8');
  const line = /^\$ sipdiag (.*)$/m.exec(expected)?.[1] ?? '';
  const actual = transcriptOf(line, await sipdiag(wordsOf(line), { node, cwd: FOLDER }));
  if (UPDATE) writeFileSync(join(FOLDER, file), actual);
  return UPDATE ? { expected: actual, actual } : { expected, actual };
}

test('there are transcripts to compare', () => {
  expect(FILES.length).toBeGreaterThan(10);
});

describe(`the bundle on Node ${process.versions.node}`, () => {
  test.each(FILES)('%s', async (file) => {
    const { expected, actual } = await record(file, process.execPath);
    expect(actual).toBe(expected);
  });
});

describe('the bundle on Node 24', () => {
  let node = '';
  beforeAll(async () => {
    const { stdout } = await promisify(execFile)('npx', ['-y', '-p', 'node@24', '-c', 'command -v node'], {
      timeout: 120_000,
    });
    node = stdout.trim();
  }, 130_000);

  test('is really Node 24', async () => {
    const { stdout } = await promisify(execFile)(node, ['--version']);
    expect(stdout).toMatch(/^v24\./);
  });

  test.each(FILES)('%s', async (file) => {
    const { expected, actual } = await record(file, node);
    expect(actual).toBe(expected);
  });
});
