/**
 * Builds, checks and tests the package: what `npm test` runs. Arguments go to vitest, and then the static checks are left out.
 * The last line is 'N passed, N failed': each test is one, each other step is one. Exit code 1 when anything failed or no test ran.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { provideDebianPackages } from './debian-packages.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const LINTED = ['src', 'test', 'bin', 'bench', 'docs', '.ci'].filter((folder) => existsSync(join(ROOT, folder)));
const IS_CI = process.env['CI'] === 'true';
const PATH = [join(ROOT, 'node_modules', '.bin'), process.env['PATH'] ?? ''].join(delimiter);

/** @typedef {{ name: string, command: string[] }} Step */
/** @typedef {{ passed: number, failed: number }} Tally */

/** @type {Step} */
const BUILD = { name: 'build', command: ['npm', 'run', 'build'] };

/**
 * knip and publint look at what the build has made.
 * @type {Step[]}
 */
const INDEPENDENT = [
  { name: 'tsc', command: ['tsc', '-p', '.'] },
  { name: 'oxlint', command: ['oxlint', '--type-aware', ...LINTED] },
  { name: 'prettier', command: ['prettier', '--check', '.'] },
];
/** @type {Step[]} */
const AFTER_BUILD = [
  { name: 'knip', command: ['knip'] },
  { name: 'publint', command: ['publint'] },
];

/**
 * @param {string[]} command
 * @param {'inherit' | 'pipe'} output
 * @returns {Promise<{ code: number | null, text: string }>}
 */
function execute([program = '', ...args], output) {
  return new Promise((resolve) => {
    let text = '';
    const env = { ...process.env, PATH };
    const child = spawn(program, args, { cwd: ROOT, env, stdio: ['ignore', output, output] });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
    }
    child.on('error', (error) => {
      resolve({ code: null, text: `${text}${error.message}\n` });
    });
    child.on('close', (code) => {
      resolve({ code, text });
    });
  });
}

/**
 * Prints one line for the step, and its output when it failed.
 * @param {Step} step
 * @returns {Promise<boolean>} whether it passed
 */
async function runStep({ name, command }) {
  const start = performance.now();
  const { code, text } = await execute(command, 'pipe');
  const seconds = ((performance.now() - start) / 1000).toFixed(1).padStart(6);
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${seconds} s  ${name}`);
  if (code !== 0) console.log(text.trimEnd().replaceAll(/^/gm, '       | '));
  return code === 0;
}

/**
 * @param {Step[]} steps one after the other
 * @returns {Promise<boolean[]>}
 */
async function runInTurn(steps) {
  const results = [];
  for (const step of steps) results.push(await runStep(step));
  return results;
}

/**
 * Two lanes, for two cores: the build and what waits for it beside what does not.
 * @param {'all' | 'build'} extent
 * @returns {Promise<Tally>}
 */
async function runStatic(extent) {
  const lanes = extent === 'all' ? [[BUILD, ...AFTER_BUILD], INDEPENDENT] : [[BUILD]];
  const results = (await Promise.all(lanes.map(runInTurn))).flat();
  const passed = results.filter(Boolean).length;
  return { passed, failed: results.length - passed };
}

/**
 * Says loudly what is left out; in CI that is a failure.
 * @returns {Tally}
 */
function runPackages() {
  const lines = provideDebianPackages();
  if (lines.length === 0) return { passed: 0, failed: 0 };
  console.log(lines.map((line) => `*** ${line}`).join('\n'));
  return { passed: 0, failed: IS_CI ? 1 : 0 };
}

/**
 * @typedef {{ status: string, fullName: string }} VitestCase
 * @typedef {{ name: string, status: string, assertionResults: VitestCase[] }} VitestFile
 */

/**
 * @param {string} file
 * @returns {VitestFile[]}
 */
function readVitestReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).testResults;
  } catch (error) {
    console.log(`FAILED vitest has left no report: ${String(error)}`);
    return [];
  }
}

/**
 * A file that fails without a failed test (it cannot be loaded, or a hook of it failed) counts as one failure, and so does a
 * run that failed in no test at all, or had none.
 * @param {VitestFile[]} files
 * @param {number | null} code
 * @returns {Tally}
 */
function tallyOf(files, code) {
  const cases = files.flatMap((file) => file.assertionResults);
  const count = (/** @type {VitestCase[]} */ list, /** @type {string} */ status) =>
    list.filter((one) => one.status === status).length;
  const broken = files.filter((file) => file.status === 'failed' && count(file.assertionResults, 'failed') === 0);
  for (const file of broken) console.log(`FAILED ${file.name}, outside of its tests`);
  const passed = count(cases, 'passed');
  let failed = count(cases, 'failed') + broken.length;
  const leftOut = cases.filter(({ status }) => status !== 'passed' && status !== 'failed');
  for (const { fullName } of leftOut) console.log(`*** LEFT OUT: ${fullName}`);
  if (IS_CI) failed += leftOut.length;
  if (passed + failed === 0) console.log('FAILED vitest has run no test');
  if (failed === 0 && (code !== 0 || passed === 0)) failed = 1;
  return { passed, failed };
}

/**
 * @param {string[]} args
 * @returns {Promise<Tally>}
 */
async function runVitest(args) {
  const folder = mkdtempSync(join(tmpdir(), 'sipdiag-report-'));
  try {
    const report = join(folder, 'report.json');
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    const command = ['vitest', 'run', '--config', 'test/vitest.config.ts', '--root', '.', ...reporters, ...args];
    const { code } = await execute(command, 'inherit');
    return tallyOf(readVitestReport(report), code);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const args = process.argv.slice(2);
const tallies = args.length === 0 ? [runPackages(), await runStatic('all')] : [await runStatic('build')];
tallies.push(await runVitest(args));
const passed = tallies.reduce((sum, tally) => sum + tally.passed, 0);
const failed = tallies.reduce((sum, tally) => sum + tally.failed, 0);
process.exitCode = failed > 0 ? 1 : 0;
console.log(`${passed} passed, ${failed} failed`);
