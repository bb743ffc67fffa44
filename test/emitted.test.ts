import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CHECKS } from '../src/check/registry.ts';

/** Which findings were raised while the tests of one file ran, and their next steps of several sentences: what `record-emitted.ts` has left. */
interface Emitted {
  file: string;
  ids: string[];
  wordy: string[];
}

const folder = process.env['SIPDIAG_EMITTED'] ?? '';
const files = existsSync(folder) ? readdirSync(folder) : [];
const emitted: Emitted[] = files.map((one) => JSON.parse(readFileSync(join(folder, one), 'utf8')));

const holds = (text: string, name: string): boolean => new RegExp(`(?<![\\w-])${name}(?![\\w-])`).test(text);

/** The files whose tests have raised the finding and name its case: raised by the way, it would have been looked at by nobody. */
const testsOf = (id: string, name: string): string[] =>
  emitted.flatMap(({ file, ids }) => (ids.includes(id) && holds(readFileSync(file, 'utf8'), name) ? [file] : []));

/** Whether a test lets a remote say hostile words: their full stops are its own. */
const isHostile = (file: string): boolean =>
  /\/(hostile|fuzz)\//.test(file) || /\/hostile-(corpus|run)\.ts'/.test(readFileSync(file, 'utf8'));

// Runs when all other tests have run: on its own it has nothing to read, and says so.
describe('every case of every check is raised by a test that names it', () => {
  const cases = CHECKS.flatMap(({ id, caseNames }) => caseNames.map((name) => ({ id: `${id}.${name}`, name })));

  test('the tests of the checks have run before (npm test, or with the arguments test/check test/e2e test/emitted)', () => {
    const paths = emitted.map(({ file }) => file.replace(/^.*\/test\//, ''));
    expect(paths.filter((path) => path.startsWith('check/')).length).toBeGreaterThan(25);
  });

  test('every next step of theirs is one sentence', () => {
    expect(emitted.flatMap(({ file, wordy }) => (isHostile(file) ? [] : wordy))).toEqual([]);
  });

  test.each(cases)('$id', ({ id, name }) => {
    expect(testsOf(id, name)).not.toEqual([]);
  });
});
