import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { codeBlocks, pageText } from './code-blocks.ts';

const BIN = resolve(import.meta.dirname, '../../bin/sipdiag.js');
const EXAMPLES = codeBlocks(pageText('docs/runbooks.md')).filter(({ language }) => language === 'bash');

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sipdiag-runbook-'));
  symlinkSync(BIN, join(folder, 'sipdiag'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a script as a runbook would: without a terminal, `sipdiag` on the path. */
function runScript(script: string): Promise<{ code: unknown; output: string }> {
  const path = [folder, resolve(process.execPath, '..'), process.env['PATH'] ?? ''].join(delimiter);
  return new Promise((settle) => {
    const options = { cwd: folder, env: { PATH: path, HOME: folder }, timeout: 60_000 };
    execFile('bash', ['-c', script], options, (error, stdout, stderr) => {
      settle({ code: error === null ? 0 : error.code, output: stdout + stderr });
    });
  });
}

test('the page has examples, each of which says its exit code', () => {
  expect(EXAMPLES.length).toBeGreaterThan(6);
  expect(EXAMPLES.filter(({ text }) => !/\n# exit code \d\n$/.test(text))).toEqual([]);
});

describe('the example of a runbook', () => {
  test.each(EXAMPLES)('$heading: $text', async ({ text, shown }) => {
    const { code, output } = await runScript(text);
    expect({ code, output }).toEqual({ code: Number(/exit code (\d)\n$/.exec(text)?.[1]), output });
    for (const line of shown.split('\n')) expect(output).toContain(line);
  });
});
