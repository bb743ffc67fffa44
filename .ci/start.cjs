// Starts the bundle from V8's code cache: compiling it anew each time would cost more than most commands take.
// Copied to dist/ by the build, with the build's own id; a cache of another build or another V8 is never read.
'use strict';
const { readFileSync, renameSync, rmSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { Script } = require('node:vm');

const BUILD = '@BUILD@';
const FILE = join(__dirname, 'main.cjs');
/** Commands load different parts: each has a cache of its own, so that none is made for another's needs. */
const [, , first = ''] = process.argv;
const command = /^[a-z]{1,16}$/.test(first) ? first : 'other';
const CACHE = join(__dirname, `${BUILD}-${process.versions.v8}-${process.arch}-${command}.cache`);

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

const cachedData = readCache();
// esbuild writes ASCII only: latin1 spares the decoding and half of the memory.
const text = `(function (require) {${readFileSync(FILE, 'latin1')}\n})`;
const script = new Script(text, { filename: FILE, cachedData });
script.runInThisContext()(require);
if (cachedData === undefined || script.cachedDataRejected) {
  // A run that ended at once, with help or a complaint, would leave a cache that knows nothing of the command.
  process.once('exit', (code) =>
    code === 2 || process.argv.some((one) => one === '--help' || one === '-h') ? undefined : writeCache(script),
  );
}
