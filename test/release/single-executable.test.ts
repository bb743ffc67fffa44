import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'sipdiag-executable-'));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('one executable does what the command does, on a machine without Node', { timeout: 120_000 }, async () => {
  // The script tries what it has built and fails when an exit code is not as expected.
  const { stdout } = await promisify(execFile)(process.execPath, ['.ci/sea.mjs', folder], { cwd: ROOT });
  expect(stdout).toContain('ok: sipdiag doctor --lab cert-expired --json [exit code 1]');
  expect(stdout.trimEnd().split('\n').at(-1)).toContain(join(folder, 'sipdiag'));
});
