// Writes the generated pages anew. Bundles pages.ts, which Node 20 cannot run as it is, and runs it.
import { rm, writeFile } from 'node:fs/promises';
import { build } from 'esbuild';

const bundle = new URL(`pages.${process.pid}.tmp.mjs`, import.meta.url);

try {
  await build({
    entryPoints: [new URL('pages.ts', import.meta.url).pathname],
    outfile: bundle.pathname,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    packages: 'external',
    logLevel: 'warning',
  });
  const { PAGES } = await import(bundle.href);
  for (const { file, render } of PAGES) await writeFile(new URL(`../${file}`, import.meta.url), await render());
} finally {
  await rm(bundle, { force: true });
}
