import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
let home = '';

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'sipdiag-cache-'));
  cpSync(join(ROOT, 'bin'), join(home, 'bin'), { recursive: true });
  const isNoCache = (file: string): boolean => !file.includes('.cache');
  cpSync(join(ROOT, 'dist'), join(home, 'dist'), { recursive: true, filter: isNoCache });
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const caches = (): string[] => readdirSync(join(home, 'dist')).filter((name) => name.includes('.cache'));
const cacheOf = (command: string): string => {
  const name = caches().find((one) => one.endsWith(`-${command}.cache`));
  if (name === undefined) throw new Error(`there is no cache of ${command}`);
  return join(home, 'dist', name);
};

function sipdiag(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(home, 'bin/sipdiag.js'), ...args], {
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

const EXPLAIN = ['explain', 'cert-dates.expired'];

test('the first run of a command leaves its cache, and the next ones only read it', () => {
  const first = sipdiag(...EXPLAIN);
  const file = cacheOf('explain');
  const written = statSync(file);
  expect(sipdiag(...EXPLAIN)).toEqual(first);
  expect(statSync(file)).toMatchObject({ ino: written.ino, mtimeMs: written.mtimeMs });
  expect(first).toMatchObject({ status: 0, stderr: '' });
  expect(caches()).toHaveLength(1);
});

describe('a cache that is of no use does no harm, and is written anew', () => {
  test.each<[string, (good: Buffer) => Buffer]>([
    ['empty', () => Buffer.alloc(0)],
    ['cut off', (good) => good.subarray(0, good.length / 2)],
    ['something else', () => Buffer.from('#!/bin/sh\necho not a cache\n')],
    ['of another text', (good) => Buffer.concat([good.subarray(0, 8), Buffer.alloc(4, 0xff), good.subarray(12)])],
  ])('%s', (_what, spoil) => {
    const first = sipdiag(...EXPLAIN);
    const file = cacheOf('explain');
    const good = readFileSync(file);
    writeFileSync(file, spoil(good));
    expect(sipdiag(...EXPLAIN)).toEqual(first);
    const renewed = readFileSync(file);
    expect(renewed.length).toBeGreaterThan(good.length / 2 + 1);
    expect(sipdiag(...EXPLAIN)).toEqual(first);
  });

  test('one of another build or another V8 is not looked at', () => {
    writeFileSync(join(home, 'dist', 'of-another-build-explain.cache'), 'nonsense');
    expect(sipdiag(...EXPLAIN).status).toBe(0);
    expect(caches()).toHaveLength(2);
  });
});

test('where no cache can be written, every run works all the same and leaves nothing', () => {
  const first = sipdiag(...EXPLAIN);
  const file = cacheOf('explain');
  rmSync(file);
  mkdirSync(file); // Even root cannot write over a folder.
  writeFileSync(join(file, 'kept'), '');
  expect(sipdiag(...EXPLAIN)).toEqual(first);
  expect(caches()).toHaveLength(1);
});

test.each([[['explain', '--help']], [['explain', 'no-such-thing']], [['--version']], [['no-such-command']]])(
  '%j, which runs next to nothing of a command, leaves none',
  (args) => {
    sipdiag(...args);
    expect(caches()).toEqual([]);
  },
);
