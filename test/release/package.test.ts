import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const BUILT = /^dist\/([\w@-]+\.cjs|THIRD-PARTY-LICENSES\.txt|sbom\.cdx\.json)$/;
const LISTED: ReadonlySet<string> = new Set([
  'CHANGELOG.md',
  'LICENSE',
  'README.md',
  'SECURITY.md',
  'bin/package.json',
  'bin/sipdiag.js',
  'docs/agent-protocol.md',
  'docs/batch.md',
  'docs/examples.md',
  'docs/findings.md',
  'docs/report.schema.json',
  'docs/runbooks.md',
  'docs/sipdiag.1',
  'package.json',
]);

let folder: string;
let tarball: string;
let packed: string[];

/** Everything below a folder, with its content. */
function filesBelow(path: string): [string, string][] {
  const entries = readdirSync(path, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  return entries.map((one) => [one.name, readFileSync(join(one.parentPath, one.name), 'latin1')]);
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sipdiag-package-'));
  // The bundle is built already; building it here would take it from under the other tests.
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
  const [{ filename, files }]: [{ filename: string; files: { path: string }[] }] = JSON.parse(
    execFileSync('npm', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
  );
  tarball = join(folder, filename);
  packed = files.map(({ path }) => path);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the npm package', () => {
  test('holds what a user needs and nothing else', () => {
    expect(packed.filter((path) => !LISTED.has(path) && !BUILT.test(path))).toEqual([]);
    expect([...LISTED].filter((path) => !packed.includes(path))).toEqual([]);
    expect(packed.some((path) => path === 'dist/start.cjs')).toBe(true);
  });

  test('needs no other package', () => {
    const { dependencies, optionalDependencies, peerDependencies } = JSON.parse(
      readFileSync(join(ROOT, 'package.json'), 'utf8'),
    );
    expect([dependencies, optionalDependencies, peerDependencies]).toEqual([undefined, undefined, undefined]);
  });

  test('installed into an empty folder without a registry, it runs and holds no private key', () => {
    const home = join(folder, 'empty');
    mkdirSync(home);
    writeFileSync(join(home, 'package.json'), '{"private":true}\n');
    execFileSync('npm', ['install', '--offline', '--no-audit', '--no-fund', tarball], { cwd: home, stdio: 'ignore' });
    const modules = join(home, 'node_modules');
    expect(readdirSync(modules).filter((name) => !name.startsWith('.'))).toEqual(['sipdiag']);
    const bodies = filesBelow(join(modules, 'sipdiag')).filter(([, text]) =>
      /-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/=]{40}/.test(text),
    );
    expect(bodies.map(([name]) => name)).toEqual([]);
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    const sipdiag = (line: string) =>
      spawnSync(join(modules, '.bin', 'sipdiag'), line.split(' '), { cwd: home, encoding: 'utf8' });
    expect(sipdiag('--version').stdout.trim()).toBe(version);
    expect(sipdiag('doctor --lab').status).toBe(0);
    const broken = sipdiag('doctor --lab cert-expired');
    expect({ status: broken.status, says: broken.stdout.slice(0, 6) }).toEqual({ status: 1, says: 'BROKEN' });
  });
});

test('the bill of materials names each bundled package, as the licences do', () => {
  const file = join(folder, 'sbom.json');
  execFileSync(process.execPath, ['.ci/sbom.mjs', file], { cwd: ROOT, stdio: 'ignore' });
  const { components, bomFormat }: { components: { 'bom-ref': string }[]; bomFormat: string } = JSON.parse(
    readFileSync(file, 'utf8'),
  );
  const licences = readFileSync(join(ROOT, 'dist/THIRD-PARTY-LICENSES.txt'), 'utf8');
  const named = [...licences.matchAll(/^(\S+) (\d[\w.-]*) \(/gm)].map(([, name, version]) => `${name}@${version}`);
  expect(bomFormat).toBe('CycloneDX');
  expect(components.map((one) => one['bom-ref']).sort()).toEqual(named.sort());
  expect(named.length).toBeGreaterThan(5);
});
