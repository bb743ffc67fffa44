// Runs every benchmark and prints one table of goals: node bench/run.mjs [--quick] [--write] [names of scripts].
// --write puts the figures into RESULTS.md; --quick runs everything once, to see that it runs: its ratios say little.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { resultsPage } from './results-page.mjs';

const HERE = import.meta.dirname;
/** Past this a script hangs. */
const LIMIT_MS = 900_000;
const words = process.argv.slice(2);
const isQuick = words.includes('--quick');
const wanted = words.filter((word) => !word.startsWith('--'));

/** `args` and `quick`: what the script is told; the whole takes some ten minutes. */
const SCRIPTS = [
  { name: 'start', goal: 'P1', args: ['15'], quick: ['1'] },
  { name: 'dns', goal: 'P2', args: ['11'], quick: ['1'] },
  { name: 'tls', goal: 'P3', args: ['11'], quick: ['1'] },
  { name: 'signin', goal: 'P4', args: ['11'], quick: ['1'] },
  { name: 'doctor', goal: 'P5', args: ['11'], quick: ['1'] },
  { name: 'batch', goal: 'P6', args: ['3'], quick: ['1', '--quick'] },
  { name: 'firewall', goal: 'P7', args: ['5'], quick: ['1'] },
  { name: 'agent', goal: 'P7', args: ['10000', '3'], quick: ['1000', '1'] },
  { name: 'hostile', goal: 'limits', args: [], quick: [] },
  { name: 'fuzz/fuzz', goal: 'fuzz', args: ['all', '20000', '1'], quick: ['all', '500', '1'] },
];

const show = (value) => (typeof value === 'number' ? String(Math.round(value * 1000) / 1000) : String(value));

function entryOf(line) {
  try {
    const entry = JSON.parse(line);
    return typeof entry?.what === 'string' ? [entry] : [];
  } catch {
    return []; // Words for a person.
  }
}

/** What a script has told, line by line; where it told no figure, why. */
async function runScript({ name, goal, args, quick }) {
  const command = ['node', `bench/${name}.mjs`, ...(isQuick ? quick : args)];
  const notMeasured = (why) => ({ command, entries: [{ id: goal, what: name, leftOut: why }] });
  if (!existsSync(join(HERE, `${name}.mjs`))) return notMeasured('there is no such script');
  const child = spawn(process.execPath, [...command.slice(1), '--json'], {
    cwd: join(HERE, '..'),
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LIMIT_MS,
  });
  const entries = [];
  let lastWords = '';
  createInterface({ input: child.stderr }).on(
    'line',
    (line) => (lastWords = /^\w*Error: .*/.exec(line)?.[0] ?? lastWords),
  );
  createInterface({ input: child.stdout }).on('line', (line) => entries.push(...entryOf(line)));
  const [code, signal] = await once(child, 'close');
  if (signal !== null) entries.push({ id: goal, what: name, leftOut: `ended after ${LIMIT_MS / 1000} s` });
  else if (code !== 0 && lastWords !== '') entries.push({ id: goal, what: name, leftOut: lastWords });
  // Some scripts tell their figures in words alone: then their exit code is what is known.
  if (entries.length === 0) entries.push({ id: goal, what: 'exit code', seen: code, wanted: 0, met: code === 0 });
  return { command, entries };
}

const stateOf = (entry) => {
  if (entry.leftOut !== undefined) return 'not measured';
  return entry.met ? 'met' : 'MISSED';
};

const isGoal = (entry) => entry.leftOut !== undefined || entry.met !== undefined;
const limitOf = ({ limit, least, wanted }) => {
  if (limit !== undefined) return `<= ${show(limit)}`;
  return least === undefined ? show(wanted) : `>= ${show(least)}`;
};

function row(entry) {
  const { id, what } = entry;
  if (entry.leftOut !== undefined) return [id, what, '-', '-', `not measured: ${entry.leftOut}`];
  return [id, what, show(entry.value ?? entry.seen), limitOf(entry), stateOf(entry)];
}

function printRow([id, what, value, limit, state]) {
  console.log(`${id.padEnd(6)}${what.padEnd(70)}${value.padStart(9)}  ${limit.padEnd(12)}${state}`);
}

const startedAt = performance.now();
const results = [];
for (const script of SCRIPTS.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
  const result = await runScript(script);
  results.push({ ...script, ...result });
  for (const entry of result.entries.filter(isGoal)) printRow(row(entry));
}
const goals = results.flatMap(({ entries }) => entries.filter(isGoal));
const count = (state) => goals.filter((entry) => stateOf(entry) === state).length;
const summary = `${count('met')} met, ${count('MISSED')} missed, ${count('not measured')} not measured`;
console.log(`\n${summary}, in ${Math.round((performance.now() - startedAt) / 1000)} s`);
if (words.includes('--write')) {
  const minutes = Math.max(1, Math.round((performance.now() - startedAt) / 60_000));
  writeFileSync(join(HERE, 'RESULTS.md'), await resultsPage({ results, summary, minutes, row, isGoal, stateOf }));
  console.log('written to bench/RESULTS.md');
}
// One run alone is too few for a ratio; what does not hang on time must hold all the same.
const fails = (entry) => (isQuick ? entry.seen !== undefined && !entry.met : stateOf(entry) === 'MISSED');
process.exitCode = goals.some(fails) ? 1 : 0;
