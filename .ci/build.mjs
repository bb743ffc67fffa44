// Bundles src/cli/main.ts into one file, dist/main.cjs: what only some commands need is evaluated only when they ask for it.
import { createHash } from 'node:crypto';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { bundledPackages } from './bundled-packages.mjs';

/** Built aside and swapped in: a build that fails leaves the last good one in place. */
const aside = `dist.${process.pid}.tmp`;

const { metafile } = await build({
  entryPoints: { main: 'src/cli/main.ts' },
  outdir: aside,
  outExtension: { '.js': '.cjs' },
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node20.19',
  // `import()` becomes a lazy wrapper inside the bundle, and `require` for Node's own modules.
  supported: { 'dynamic-import': false },
  charset: 'ascii',
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
});

const bundle = await readFile(join(aside, 'main.cjs'));
const id = createHash('sha256').update(bundle).digest('hex').slice(0, 16);
const start = await readFile('.ci/start.cjs', 'utf8');
await writeFile(join(aside, 'start.cjs'), start.replace('@BUILD@', id));

// A bundle is a copy: the licences of what it holds go with it.
const notices = [];
for (const { name, version, license, folder } of await bundledPackages(metafile)) {
  const file = (await readdir(folder)).find((one) => /^licen[cs]e/i.test(one));
  const text = file === undefined ? '' : await readFile(join(folder, file), 'utf8');
  notices.push(`${name} ${version} (${license})\n\n${text.trim()}\n`);
}
await writeFile(join(aside, 'THIRD-PARTY-LICENSES.txt'), notices.join(`\n${'-'.repeat(80)}\n\n`));
await rm('dist', { recursive: true, force: true });
await rename(aside, 'dist');
