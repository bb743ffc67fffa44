// Writes dist/sbom.cdx.json (CycloneDX): what the bundle holds, and nothing that only builds or tests it.
import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { build } from 'esbuild';
import { bundledPackages } from './bundled-packages.mjs';

const OUTPUT = process.argv[2] ?? 'dist/sbom.cdx.json';

const { metafile } = await build({
  entryPoints: ['src/cli/main.ts'],
  bundle: true,
  platform: 'node',
  write: false,
  metafile: true,
  logLevel: 'warning',
});
const bundled = new Set((await bundledPackages(metafile)).map(({ name, version }) => `${name}@${version}`));

const { status, stdout, stderr } = spawnSync('npm', ['sbom', '--sbom-format', 'cyclonedx'], {
  encoding: 'utf8',
  maxBuffer: 64 * 1024 * 1024,
  shell: process.platform === 'win32',
});
if (status !== 0) throw new Error(`npm sbom: ${stderr}`);
const bom = JSON.parse(stdout);
const isBundled = (reference) => bundled.has(reference);
const components = bom.components
  .filter((one) => isBundled(one['bom-ref']))
  // To npm they are tools of the build; in the bundle they run.
  .map((one) => ({ ...one, scope: 'required', properties: [] }));
if (components.length !== bundled.size) throw new Error('a bundled package is not in the lock file');
const root = { ...bom.metadata.component, name: 'sipdiag', type: 'application' };
const dependencies = bom.dependencies.flatMap(({ ref, dependsOn = [] }) => {
  if (ref === root['bom-ref']) return { ref, dependsOn: [...bundled] };
  return isBundled(ref) ? { ref, dependsOn: dependsOn.filter(isBundled) } : [];
});
const shipped = { ...bom, metadata: { ...bom.metadata, component: root }, components, dependencies };
await writeFile(OUTPUT, `${JSON.stringify(shipped, null, 2)}\n`);
console.log(`${OUTPUT}: ${components.length} packages`);
