import { join } from 'node:path';
import { build } from 'esbuild';

/** Makes one file of a TypeScript program of the tests, for Node to run in a namespace; gives its path. */
export async function bundle(entry: string, folder: string): Promise<string> {
  const outfile = join(folder, `${entry.replace(/^.*\/|\.ts$/g, '')}.cjs`);
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20.19',
    logLevel: 'silent',
  });
  return outfile;
}
