// Starts the bundle from V8's code cache: compiling it anew each time would cost more than most commands take.
// Copied to dist/ by the build, with the build's own id; a cache of another build or another V8 is never read.
'use strict';
const { readFileSync, renameSync, rmSync, writeFileSync, writeSync } = require('node:fs');

const BUILD = '@BUILD@';
const VERSION = '@VERSION@';
/** Commands load different parts: each has a cache of its own, so that none is made for another's needs. */
const [, , first = ''] = process.argv;
const command = /^[a-z]{1,16}$/.test(first) ? first : 'other';
const FILE = `${__dirname}/main.cjs`;
const CACHE = `${__dirname}/${BUILD}-${process.versions.v8}-${process.arch}-${command}.cache`;

/** Modules of Node that take milliseconds to load: most commands import them for a function that they never call. */
const HEAVY = new Set(
  ['child_process', 'crypto', 'dgram', 'fs/promises', 'net', 'os', 'readline', 'stream', 'tls', 'tty'].map(
    (name) => `node:${name}`,
  ),
);

/** Stands for a module of Node and loads it when something of it is used. */
function later(name) {
  let loaded;
  const load = () => (loaded ??= require(name));
  return new Proxy(
    {},
    {
      get: (_, key) => load()[key],
      ownKeys: () => Reflect.ownKeys(load()),
      // Unread: a deprecated property, such as crypto.fips, warns whoever reads it.
      getOwnPropertyDescriptor: (_, key) => ({ get: () => load()[key], enumerable: true, configurable: true }),
    },
  );
}

function readCache() {
  try {
    return readFileSync(CACHE);
  } catch {
    return undefined; // The first run of this command, or a folder that nobody may write to.
  }
}

function writeCache(script) {
  const aside = `${CACHE}.${process.pid}`;
  try {
    writeFileSync(aside, script.createCachedData(), { flag: 'wx' });
    renameSync(aside, CACHE);
  } catch {
    rmSync(aside, { force: true }); // Read-only or full: every run compiles, and nothing else is lost.
  }
}

function start() {
  const { Script } = require('node:vm');
  const cachedData = readCache();
  // esbuild writes ASCII only: latin1 spares the decoding and half of the memory.
  const script = new Script(readFileSync(FILE, 'latin1'), { filename: FILE, cachedData });
  script.runInThisContext()((name) => (HEAVY.has(name) ? later(name) : require(name)));
  if (cachedData === undefined || script.cachedDataRejected) {
    // A run that ended at once, with help or a complaint, would leave a cache that knows nothing of the command.
    const hasHelped = command !== 'other' && process.argv.some((one) => one === '--help' || one === '-h');
    process.once('exit', (code) => (code === 2 || hasHelped ? undefined : writeCache(script)));
  }
}

// Monitors ask for the version often: the answer needs nothing of what a run needs.
if (process.argv.length === 3 && (first === '--version' || first === '-V')) writeSync(1, `${VERSION}\n`);
else start();
