import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { attempt } from './attempt.ts';
import { createPick, mutated } from './mutate.ts';
import { PARSERS } from './parsers.ts';

/** Every input that once broke a parser, in a folder of the parser's name. */
const CRASHERS = new URL('../../fixtures/crashers/', import.meta.url);
const RUNS = 250;
/** Crashers come as streams in many pieces: reading all again with each was once a fault of its own. */
const PIECES = 50;

const crashers = readdirSync(CRASHERS, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap(({ name }) => readdirSync(new URL(`${name}/`, CRASHERS)).map((file): [string, string] => [name, file]));

describe.each(Object.entries(PARSERS))('the parser of %s', (name, parser) => {
  test('reads what it is made for', async () => {
    const seeds = parser.seeds();
    expect(seeds.length).toBeGreaterThan(0);
    for (const seed of seeds) expect(await attempt(parser, seed, 3)).toBeUndefined();
  });

  // A counterexample is printed by fast-check with its seed.
  test('refuses octets of no form with WireError, soon', async () => {
    const octets = fc.uint8Array({ maxLength: 400, size: 'max' });
    await fc.assert(
      fc.asyncProperty(octets, fc.integer({ min: 1, max: 5 }), async (bytes, pieces) => {
        expect(await attempt(parser, bytes, pieces)).toBeUndefined();
      }),
      { numRuns: RUNS },
    );
  });

  test('takes injured inputs or refuses them with WireError, soon', async () => {
    const stock = { seeds: parser.seeds(), tokens: parser.tokens };
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.integer({ min: 1, max: 5 }), async (seed, pieces) => {
        expect(await attempt(parser, mutated(stock, createPick(seed)), pieces)).toBeUndefined();
      }),
      { numRuns: RUNS },
    );
  });

  test('is replayed what once broke it', async () => {
    const kept = crashers.filter(([folder]) => folder === name);
    const faults = [];
    for (const [folder, file] of kept)
      faults.push(await attempt(parser, readFileSync(new URL(`${folder}/${file}`, CRASHERS)), PIECES));
    expect(faults.filter((fault) => fault !== undefined)).toEqual([]);
  });
});

const grammars = Object.entries(PARSERS).flatMap(([name, { generated }]) => (generated ? [{ name, generated }] : []));

test.each(grammars)('the parser of $name takes whatever its grammar makes', async ({ name, generated }) => {
  const parser = PARSERS[name];
  await fc.assert(
    fc.asyncProperty(generated, async (bytes) => {
      expect(parser && (await attempt(parser, bytes, 2))).toBeUndefined();
    }),
    { numRuns: RUNS },
  );
});

test('every kept crasher belongs to a parser', () => {
  expect(crashers.length).toBeGreaterThan(0);
  expect(crashers.filter(([folder]) => PARSERS[folder] === undefined)).toEqual([]);
});
