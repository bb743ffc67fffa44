import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sipdiag } from '../command-line.ts';

const BIN = resolve(import.meta.dirname, '../../bin/sipdiag.js');
const inShell = (line: string) =>
  spawnSync('sh', ['-c', line], { encoding: 'utf8', env: { ...process.env, NODE: process.execPath, BIN } });

describe('what is written to standard output', () => {
  test('arrives whole in a pipe that somebody has made non-blocking', async () => {
    const whole = await sipdiag(['explain', '--json']);
    expect(whole.stdout.length).toBeGreaterThan(65_536);
    const { stdout, stderr } = inShell(
      `(perl -MFcntl -e 'fcntl(STDOUT, F_SETFL, O_NONBLOCK)'; exec "$NODE" "$BIN" explain --json) | cat`,
    );
    expect(stderr).toBe('');
    expect(stdout).toBe(whole.stdout);
  });

  test('and has no room there is told in one line', () => {
    const { status, stderr } = inShell('exec "$NODE" "$BIN" explain --json > /dev/full');
    expect(stderr).toMatch(/^sipdiag: cannot write the output: the disk is full\n$/);
    expect(status).toBe(2);
  });
});

test('a complaint that cannot be written is no crash', () => {
  const { status, stdout } = inShell('exec "$NODE" "$BIN" doctor 2> /dev/full');
  expect([status, stdout]).toEqual([2, '']);
});
