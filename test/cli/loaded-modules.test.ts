import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { afterAll, describe, expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const BIN = join(ROOT, 'bin/sipdiag.js');
const BUNDLE = join(ROOT, 'dist/main.cjs');
const HEAVY = ['node-forge', 'ora', 'dns-packet', 'commander', 'chalk'];

const folder = mkdtempSync(join(tmpdir(), 'sipdiag-modules-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Coverage {
  result: { url: string; functions: { functionName: string; ranges: { count: number }[] }[] }[];
}

/** The names of the functions that ran in a file, by what V8 says of its coverage. */
function functionsRun(script: string, args: readonly string[], file: string): string[] {
  const coverage = mkdtempSync(join(folder, 'coverage-'));
  const { status, stderr } = spawnSync(process.execPath, [script, ...args], {
    env: { ...process.env, NODE_V8_COVERAGE: coverage },
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${script} ${args.join(' ')} ended with ${status}: ${stderr}`);
  return readdirSync(coverage).flatMap((one) => {
    const { result }: Coverage = JSON.parse(readFileSync(join(coverage, one), 'utf8'));
    const ours = result.filter(({ url }) => url.endsWith(file)).flatMap(({ functions }) => functions);
    return ours.filter(({ ranges }) => (ranges[0]?.count ?? 0) > 0).map(({ functionName }) => functionName);
  });
}

const packageOf = (path: string): string[] => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.slice(1) ?? [];

/**
 * Packages whose code ran. The bundler puts a module that is loaded later into a function that is named after its file; a module
 * without such a function runs as soon as the bundle does.
 */
function packagesRun(script: string, args: readonly string[], bundle: string): string[] {
  const text = readFileSync(bundle, 'utf8');
  const modules = [...text.matchAll(/^\s*\/\/ (\S*node_modules\/\S+)$/gm)].map(([, path = '']) => path);
  const wrapped = new Set([...text.matchAll(/^\s*"(\S*node_modules\/[^"]+)"\(/gm)].map(([, path = '']) => path));
  const eager = modules.filter((path) => !wrapped.has(path));
  const ran = functionsRun(script, args, bundle.slice(bundle.lastIndexOf('/')));
  return [...new Set([...eager, ...ran].flatMap(packageOf))].toSorted();
}

describe('sipdiag --version', () => {
  test.each(HEAVY)('does not load %s', (name) => {
    expect(packagesRun(BIN, ['--version'], BUNDLE)).not.toContain(name);
  });

  test('loads no package at all, and runs little code', () => {
    expect(packagesRun(BIN, ['--version'], BUNDLE)).toEqual([]);
    const ran = functionsRun(BIN, ['--version'], '/main.cjs');
    expect(ran).toContain('main');
    expect(ran.length).toBeLessThan(40);
  });
});

// Without these the tests above could pass because nothing is ever recognised.
describe('the look at what is loaded', () => {
  test('recognises the packages that --help and the lab need', () => {
    expect(packagesRun(BIN, ['--help'], BUNDLE)).toContain('commander');
    const lab = packagesRun(BIN, ['doctor', '--lab'], BUNDLE);
    expect(lab).toEqual(expect.arrayContaining(['commander', 'dns-packet', 'node-forge']));
    expect(lab).not.toContain('ora');
  });

  test.each(HEAVY)('would notice a static import of %s', async (name) => {
    const out = mkdtempSync(join(folder, 'planted-'));
    const bundle = join(out, 'main.cjs');
    await build({
      stdin: {
        contents: `import * as heavy from '${name}'; globalThis.heavy = heavy; import './src/cli/main.ts';`,
        resolveDir: ROOT,
      },
      outfile: bundle,
      bundle: true,
      format: 'cjs',
      platform: 'node',
      target: 'node20.19',
      supported: { 'dynamic-import': false },
      logLevel: 'error',
    });
    copyFileSync(join(ROOT, 'dist/start.cjs'), join(out, 'start.cjs'));
    expect(packagesRun(join(out, 'start.cjs'), ['--version'], bundle)).toContain(name);
  });
});
