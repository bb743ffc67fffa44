// Bundles src/cli/main.ts into dist/main.cjs, and each package that only some commands need into a file of its own.
import { createHash } from 'node:crypto';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { bundledPackages } from './bundled-packages.mjs';

/** Built aside and swapped in: a build that fails leaves the last good one in place. */
const aside = `dist.${process.pid}.tmp`;
/** Reads every command line. */
const ALWAYS_NEEDED = new Set(['commander']);

const options = {
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
  // Every start reads the text: a fifth of it is white space. Names and lines stay, for the stack in the report of a bug; and a
  // text of more than a million characters is kept outside of V8's heap, where the collector need not look at it.
  minifyWhitespace: true,
  lineLimit: 200,
  metafile: true,
  logLevel: 'warning',
};

/** Leaves packages out of the bundle, and gathers their names. */
const packagesApart = (names) => ({
  name: 'packages-apart',
  setup({ onResolve }) {
    onResolve({ filter: /^[^./]/ }, ({ path, kind }) => {
      const isPackage = kind !== 'entry-point' && !path.startsWith('node:') && !ALWAYS_NEEDED.has(path);
      if (!isPackage) return undefined;
      names.add(path);
      return { path: `./${path.replaceAll('/', '-')}.cjs`, external: true };
    });
  },
});

const names = new Set();
const ours = await build({
  ...options,
  entryPoints: { main: 'src/cli/main.ts' },
  plugins: [packagesApart(names)],
  // One function: the start hands it the modules of Node and the packages.
  banner: { js: '(function (require) {' },
  footer: { js: '})' },
});
const theirs = await build({
  ...options,
  entryPoints: Object.fromEntries([...names].map((name) => [name.replaceAll('/', '-'), name])),
  // As Node gives a module to `require`: what it exports by default is the whole, with the rest on it.
  footer: {
    js: 'if ("default" in module.exports) module.exports = Object.assign(module.exports.default, module.exports);',
  },
});

const bundle = await readFile(join(aside, 'main.cjs'));
const id = createHash('sha256').update(bundle).digest('hex').slice(0, 16);
const { version } = JSON.parse(await readFile('package.json', 'utf8'));
const start = await readFile('.ci/start.cjs', 'utf8');
await writeFile(join(aside, 'start.cjs'), start.replace('@BUILD@', id).replace('@VERSION@', version));

// A bundle is a copy: the licences of what it holds go with it.
const inputs = { ...ours.metafile.inputs, ...theirs.metafile.inputs };
const notices = [];
for (const { name, version: release, license, folder } of await bundledPackages({ inputs })) {
  const file = (await readdir(folder)).find((one) => /^licen[cs]e/i.test(one));
  const text = file === undefined ? '' : await readFile(join(folder, file), 'utf8');
  notices.push(`${name} ${release} (${license})\n\n${text.trim()}\n`);
}
await writeFile(join(aside, 'THIRD-PARTY-LICENSES.txt'), notices.join(`\n${'-'.repeat(80)}\n\n`));
await rm('dist', { recursive: true, force: true });
await rename(aside, 'dist');
