import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CHECKS } from '../../src/check/registry.ts';
import { RUNGS } from '../../src/check/rung-summary.ts';

const SRC = join(import.meta.dirname, '../../src/check');
const TEST = join(import.meta.dirname, '..');

const definers = readdirSync(SRC)
  .filter((file) => file.endsWith('.ts') && file !== 'define-check.ts')
  .map((file) => ({ file, text: readFileSync(join(SRC, file), 'utf8') }))
  .filter(({ text }) => /\bdefineCheck[(<]/.test(text));

/** Every test file of the checks, the probes and the real servers, but for this one. */
const testTexts = ['check', 'e2e', 'probe']
  .flatMap((folder) =>
    readdirSync(join(TEST, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(TEST, folder, file)),
  )
  .filter((file) => file.endsWith('.test.ts') && file !== import.meta.filename)
  .map((file) => readFileSync(file, 'utf8'));

const findingIds = CHECKS.flatMap(({ id, caseNames }) => caseNames.map((name) => `${id}.${name}`));

describe('the list of checks', () => {
  test('there are checks to guard, and tests that could name them', () => {
    expect(definers.length).toBeGreaterThan(15);
    expect(testTexts.length).toBeGreaterThan(5);
    expect(findingIds.length).toBeGreaterThan(40);
  });

  test('holds every check that a file defines, under the name of the file', () => {
    const files = definers.map(({ file }) => file.replace(/\.ts$/, ''));
    expect(CHECKS.map(({ id }) => id).toSorted()).toEqual(files.toSorted());
  });

  test('no file defines two', () => {
    const counts = definers.filter(({ text }) => [...text.matchAll(/\bdefineCheck[(<]/g)].length !== 1);
    expect(counts.map(({ file }) => file)).toEqual([]);
  });

  test('gives no id twice', () => {
    expect(new Set(findingIds).size).toBe(findingIds.length);
  });

  test('is in ladder order', () => {
    const places = CHECKS.map(({ rung }) => RUNGS.indexOf(rung));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });
});

describe.each(CHECKS)('$id', ({ id, question, source, reads, caseNames }) => {
  test('asks a question, names its source and what it reads', () => {
    expect(question).toMatch(/^[A-Z].*\?$/);
    expect(source).not.toBe('');
    expect(reads.length).toBeGreaterThan(0);
    expect(caseNames.length).toBeGreaterThan(0);
  });

  test.each([id, ...caseNames])('the name %s is lower case and begins with no severity', (name) => {
    expect(name).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
    expect(name).not.toMatch(/^(info|warn|warning|error|fatal|critical|notice|[ewin])(-|$)/);
  });
});

// The tests of the cases look at the words; a case that no test names has words that nobody has seen.
describe('every finding is named in a test', () => {
  test.each(findingIds)('%s', (id) => {
    const pattern = new RegExp(`(?<![\\w.-])${id.replaceAll('.', '\\.')}(?![\\w-])`);
    expect(testTexts.some((text) => pattern.test(text))).toBe(true);
  });
});
