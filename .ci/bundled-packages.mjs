/** Which npm packages a bundle holds: their licences and their names go with it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** @typedef {{ name: string, version: string, license: string, folder: string }} BundledPackage */

/**
 * @param {{ inputs: Record<string, unknown> }} metafile of esbuild
 * @returns {Promise<BundledPackage[]>} by name
 */
export async function bundledPackages({ inputs }) {
  const folders = new Set();
  for (const input of Object.keys(inputs)) {
    const match = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input);
    if (match) folders.add(match[1]);
  }
  const packages = [];
  for (const folder of [...folders].toSorted((a, b) => a.localeCompare(b))) {
    const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    packages.push({ name, version, license, folder });
  }
  return packages;
}
