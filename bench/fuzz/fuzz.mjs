// Hostile octets for everything that reads what somebody else has made: nothing but WireError may be thrown, no input may take over
// 50 ms (measured again when it did), and the memory may not grow. What breaks a parser is kept in fixtures/crashers/.
// node bench/fuzz/fuzz.mjs [parser|all] [100000] [seed]
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { build } from 'esbuild';
import fc from 'fast-check';

const ROOT = resolve(import.meta.dirname, '../..');
const [wanted = 'all', count = '100000', seed = String(Date.now() % 2 ** 31)] = process.argv
  .slice(2)
  .filter((word) => !word.startsWith('--'));
const COUNT = Number(count);
const SEED = Number(seed);
/** What fast-check makes from grammars; the others are mutations, which reach deeper and cost less. */
const GENERATED_SHARE = 0.1;
const MAX_GENERATED = 100_000;
/** What a heap may hold more after the last tenth of the inputs than after the first. */
const GROWTH_MIB = 16;
const MAX_TOLD = 5;

const ENTRY = `
export { PARSERS } from './test/fuzz/parsers.ts';
export { attempt } from './test/fuzz/attempt.ts';
export { createPick, mutated } from './test/fuzz/mutate.ts';
`;

async function load() {
  // The seeds are read beside the modules, all of which stand two folders deep.
  const url = JSON.stringify(pathToFileURL(join(ROOT, 'test/fuzz/parsers.ts')).href);
  const { outputFiles } = await build({
    stdin: { contents: ENTRY, resolveDir: ROOT, loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    define: { 'import.meta.url': url },
    banner: { js: `import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(${url});` },
    write: false,
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

function heapMib() {
  collect();
  return process.memoryUsage().heapUsed / 1024 / 1024;
}

const { PARSERS, attempt, createPick, mutated } = await load();

function keep(name, bytes) {
  const folder = join(ROOT, 'fixtures/crashers', name);
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${createHash('sha256').update(bytes).digest('hex').slice(0, 12)}.bin`);
  writeFileSync(file, bytes);
  return file;
}

function tell(name, fault, bytes) {
  const { error, ms } = fault;
  console.log(fault.what === 'slow' ? `${name}: took ${ms.toFixed(1)} ms of CPU` : (error?.stack ?? String(error)));
  console.log(`kept: ${keep(name, bytes)}`);
}

function* inputsOf(parser) {
  const generated = Math.min(Math.floor(COUNT * GENERATED_SHARE), MAX_GENERATED);
  if (parser.generated !== undefined) yield* fc.sample(parser.generated, { numRuns: generated, seed: SEED });
  const pick = createPick(SEED);
  const stock = { seeds: parser.seeds(), tokens: parser.tokens };
  for (;;) yield mutated(stock, pick);
}

async function fuzz(name, parser) {
  const startedAt = performance.now();
  const state = { inputs: 0, slowest: 0, faults: 0, heapAt: 0 };
  for (const bytes of inputsOf(parser)) {
    if (state.inputs >= COUNT) break;
    if (state.inputs === Math.floor(COUNT / 10)) state.heapAt = heapMib();
    const before = performance.now();
    const fault = await attempt(parser, bytes, 1 + (state.inputs % 5));
    if (fault === undefined) state.slowest = Math.max(state.slowest, performance.now() - before);
    else if ((state.faults += 1) <= MAX_TOLD) tell(name, fault, bytes);
    state.inputs += 1;
  }
  const growth = heapMib() - state.heapAt;
  const seconds = (performance.now() - startedAt) / 1000;
  console.log(
    `${name}: ${state.inputs} inputs, seed ${SEED}: ${state.faults} faults, slowest ${state.slowest.toFixed(1)} ms by the clock, heap ${growth < 0 ? '' : '+'}${growth.toFixed(1)} MiB, ${seconds.toFixed(0)} s`,
  );
  return state.faults > 0 || growth > GROWTH_MIB;
}

const chosen = Object.entries(PARSERS).filter(([name]) => wanted === 'all' || name === wanted);
if (chosen.length === 0) throw new Error(`no parser '${wanted}'; expected all, ${Object.keys(PARSERS).join(', ')}`);
let failed = false;
for (const [name, parser] of chosen) failed = (await fuzz(name, parser)) || failed;
process.exitCode = failed ? 1 : 0;
