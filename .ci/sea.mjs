// Builds one executable that needs no Node on the machine, for this platform, and tries it: node .ci/sea.mjs [folder].
import { execFileSync, spawnSync } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { inject } from 'postject';

const OUTPUT = resolve(process.argv[2] ?? 'dist-sea');
const EXECUTABLE = join(OUTPUT, process.platform === 'win32' ? 'sipdiag.exe' : 'sipdiag');
/** Marks the place in a Node executable that takes the application. */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

/** @param {string} folder for what is left over; gives the application as a blob */
async function makeBlob(folder) {
  const [main, blob, config] = ['main.cjs', 'sipdiag.blob', 'sea.json'].map((name) => join(folder, name));
  await build({
    entryPoints: ['src/cli/main.ts'],
    outfile: main,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: `node${process.versions.node}`,
    supported: { 'dynamic-import': false },
    charset: 'ascii',
    legalComments: 'none',
    logLevel: 'warning',
  });
  const settings = { main, output: blob, disableExperimentalSEAWarning: true, useCodeCache: true };
  await writeFile(config, JSON.stringify(settings));
  execFileSync(process.execPath, ['--experimental-sea-config', config], { stdio: ['ignore', 'ignore', 'inherit'] });
  return blob;
}

/** @param {string} blob */
async function makeExecutable(blob) {
  await mkdir(OUTPUT, { recursive: true });
  await copyFile(process.execPath, EXECUTABLE);
  await chmod(EXECUTABLE, 0o755);
  if (process.platform === 'darwin') execFileSync('codesign', ['--remove-signature', EXECUTABLE]);
  await inject(EXECUTABLE, 'NODE_SEA_BLOB', await readFile(blob), {
    sentinelFuse: FUSE,
    ...(process.platform === 'darwin' ? { machoSegmentName: 'NODE_SEA' } : {}),
  });
  if (process.platform === 'darwin') execFileSync('codesign', ['--sign', '-', EXECUTABLE]);
}

/** The executable has to do what the command does, away from this folder and from any Node. */
function trial() {
  for (const [line, expected] of [
    ['--version', 0],
    ['doctor --lab --json', 0],
    ['doctor --lab cert-expired --json', 1],
    ['doctor --no-such-option', 2],
  ]) {
    const { status, stderr } = spawnSync(EXECUTABLE, line.split(' '), { cwd: tmpdir(), env: { PATH: '' } });
    if (status !== expected) throw new Error(`sipdiag ${line}: exit code ${status}, expected ${expected}\n${stderr}`);
    console.log(`ok: sipdiag ${line} [exit code ${status}]`);
  }
}

const folder = await mkdtemp(join(tmpdir(), 'sipdiag-sea-'));
try {
  await makeExecutable(await makeBlob(folder));
  trial();
  console.log(EXECUTABLE);
} finally {
  await rm(folder, { recursive: true, force: true });
}
