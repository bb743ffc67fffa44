import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { assembleReport } from '../../src/judge.ts';
import { saveRun } from '../../src/cli/saved-run.ts';
import { target } from '../check/server-seen.ts';
import { healthyRun } from '../check/whole-run.ts';

const BIN = resolve(import.meta.dirname, '../../bin/sipdiag.js');
const PACKAGES = ['node-forge', 'ora', 'dns-packet', 'chalk'];
/** A port that nothing listens on: the command looks at it and is soon done. */
const NOWHERE = '127.0.0.1:9';

const folder = mkdtempSync(join(tmpdir(), 'sipdiag-modules-'));
const saved = join(folder, 'run.json');
const hook = join(folder, 'hook.cjs');
beforeAll(async () => {
  const head = { version: '0.1.0', command: 'doctor', startedAt: '2026-06-01T00:00:00.000Z', ms: 12, target };
  await saveRun(saved, assembleReport(healthyRun(), head));
  const list = 'JSON.stringify(process.moduleLoadList.map((name) => name.replace(/^NativeModule /, "")))';
  writeFileSync(hook, `process.on('exit', () => require('fs').writeFileSync(process.env.MODULES_TO, ${list}));`);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(args: readonly string[], { options = [], env }: { options?: string[]; env: Record<string, string> }) {
  const { status, stderr } = spawnSync(process.execPath, [...options, BIN, ...args], {
    env: { ...process.env, ...env },
    encoding: 'utf8',
  });
  if (status === 2 || status === null) throw new Error(`sipdiag ${args.join(' ')} ended with ${status}: ${stderr}`);
}

/** The files of dist/ of which code ran, by what V8 says of its coverage. */
function filesRun(args: readonly string[]): string[] {
  const coverage = mkdtempSync(join(folder, 'coverage-'));
  run(args, { env: { NODE_V8_COVERAGE: coverage } });
  const urls = readdirSync(coverage).flatMap((one) => {
    const { result }: { result: { url: string }[] } = JSON.parse(readFileSync(join(coverage, one), 'utf8'));
    return result.map(({ url }) => url);
  });
  return urls.flatMap((url) => /\/dist\/([^/]+)\.cjs$/.exec(url)?.slice(1) ?? []).toSorted();
}

/** Node's own modules that were loaded. */
function modulesOf(args: readonly string[]): string[] {
  const file = join(mkdtempSync(join(folder, 'modules-')), 'list.json');
  run(args, { options: ['--require', hook], env: { MODULES_TO: file } });
  return JSON.parse(readFileSync(file, 'utf8'));
}

test('sipdiag --version runs the start and nothing else', () => {
  expect(filesRun(['--version'])).toEqual(['start']);
});

describe('the packages that only some commands need', () => {
  test.each([
    [['--help']],
    [['judge', saved]],
    [['judge', saved, '--json']],
    [['dns', 'a.example', '--resolver', NOWHERE]],
  ])('are not loaded by sipdiag %j', (args) => {
    expect(filesRun(args)).toEqual(['main', 'start']);
  });

  // Without this the tests above could pass because nothing is ever recognised.
  test('are seen where they are loaded', () => {
    const files = filesRun(['doctor', '--lab']);
    expect(files).toEqual(expect.arrayContaining(['dns-packet', 'node-forge']));
    expect(files).not.toContain('ora');
  });

  test('lie beside the bundle, each in a file of its own', () => {
    const files = readdirSync(resolve(import.meta.dirname, '../../dist'));
    expect(files).toEqual(expect.arrayContaining(PACKAGES.map((name) => `${name}.cjs`)));
  });
});

describe('the modules of Node', () => {
  const DNS = ['dns', 'a.example', '--json', '--resolver', NOWHERE];
  test.each([
    [['--version'], ['vm', 'stream', 'net', 'crypto']],
    [
      ['judge', saved, '--json', '--output', join(folder, 'out.json')],
      ['net', 'tls', 'dgram', 'child_process'],
    ],
    [DNS, ['crypto', 'tls', 'dns', 'tty', 'fs/promises']],
  ])('that %j has no use for are not loaded', (args, names) => {
    const loaded = modulesOf(args);
    expect(names.filter((name) => loaded.includes(name))).toEqual([]);
  });

  test('are seen where they are loaded', () => {
    expect(modulesOf(DNS)).toContain('dgram');
    expect(modulesOf(['doctor', '--lab'])).toEqual(expect.arrayContaining(['tls', 'crypto', 'net']));
  });
});
