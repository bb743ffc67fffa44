// What all benchmarks share: timing of whole processes, medians, and the table of goals.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';

export const BIN = resolve(import.meta.dirname, '../bin/sipdiag.js');

/** The command of bare.cjs that makes the exchanges of `what` with a server, and nothing else. */
export const bare = (what, { address, port }, name) => [
  process.execPath,
  resolve(import.meta.dirname, 'bare.cjs'),
  what,
  address,
  String(port),
  name,
];

const words = process.argv.slice(2);
/** How often each command is run: the first number of the command line. */
export const RUNS = Number(words.find((word) => /^\d+$/.test(word)) ?? 11);
const AS_JSON = words.includes('--json');

// What the environment of a shell may add to every start of Node would hide the ratio.
const { NODE_EXTRA_CA_CERTS: _extra, NODE_OPTIONS: _options, SIPDIAG_BENCH_FAR: _far, ...env } = process.env;

/** Milliseconds of one process from its start to its end, and its exit code. */
export async function time([command, ...args]) {
  const startedAt = performance.now();
  const child = spawn(command, args, { stdio: 'ignore', env });
  const [code] = await once(child, 'close');
  return { ms: performance.now() - startedAt, code };
}

export const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

export function isInstalled(command) {
  try {
    execFileSync('which', [command], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/**
 * Medians of the commands by name. One after the other within each run, so that what else the machine does falls on all alike;
 * once before, for the code cache that the first run of a command writes. A command is [program, ...arguments], or several of them
 * that are run one by one.
 */
export async function compare(commands, runs = RUNS) {
  const taken = Object.fromEntries(Object.keys(commands).map((name) => [name, []]));
  const codes = {};
  const timeAll = async (command) => {
    let all = { ms: 0, code: 0 };
    for (const one of Array.isArray(command[0]) ? command : [command]) {
      const { ms, code } = await time(one);
      all = { ms: all.ms + ms, code: Math.max(all.code, code ?? 255) };
    }
    return all;
  };
  for (let run = 0; run <= runs; run += 1) {
    for (const [name, command] of Object.entries(commands)) {
      if (run === 0 && !command.flat().includes(BIN)) continue;
      const { ms, code } = await timeAll(command);
      codes[name] = code;
      if (run > 0) taken[name].push(ms);
    }
  }
  return { ms: Object.fromEntries(Object.entries(taken).map(([name, list]) => [name, median(list)])), codes };
}

const short = (limit) => limit.toFixed(3).replace(/\.?0+$/, '');
const line = (what, value, rest = '') => console.log(`${what.padEnd(66)} ${value.padStart(9)}   ${rest}`);

/**
 * The results of one script. `fact` is a figure that gives the scale, `goal` one that is to be at most its limit, `goalAtLeast`
 * one that is to be at least it. With --json each is a line of JSON instead of a row.
 */
export function createReport(id, title, how = `medians of ${RUNS} runs`) {
  let missed = 0;
  const say = (entry, show) => {
    if (AS_JSON) console.log(JSON.stringify({ id, node: process.versions.node, how, ...entry }));
    else show();
  };
  if (!AS_JSON) console.log(`${id}: ${title}, Node ${process.versions.node}, ${how}\n`);
  return {
    fact: (what, value, unit = 'ms') =>
      say({ what, value, unit }, () => line(what, `${value.toFixed(unit === 'x' ? 3 : 1)} ${unit}`)),
    goal(what, value, limit) {
      const met = value <= limit;
      if (!met) missed += 1;
      say({ what, value, limit, met }, () =>
        line(what, value.toFixed(3), `<= ${short(limit)}  ${met ? 'met' : 'MISSED'}`),
      );
    },
    goalAtLeast(what, value, least) {
      const met = value >= least;
      if (!met) missed += 1;
      say({ what, value, least, met }, () =>
        line(what, value.toFixed(3), `>= ${short(least)}  ${met ? 'met' : 'MISSED'}`),
      );
    },
    expect(what, seen, wanted) {
      const met = seen === wanted;
      if (!met) missed += 1;
      say({ what, seen, wanted, met }, () => line(what, String(seen), met ? '' : `expected ${wanted}: FAILED`));
    },
    leftOut: (what, why) => say({ what, leftOut: why }, () => line(what, '-', why)),
    end() {
      process.exitCode = missed === 0 ? 0 : 1;
    },
  };
}
