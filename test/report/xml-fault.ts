import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What Jenkins' xUnit plugin accepts, and what Ant writes (fixtures/conformance/README.md). */
const SCHEMAS = ['jenkins-junit-10.xsd', 'ant-junit.xsd'].map((file) =>
  fileURLToPath(new URL(`../../fixtures/conformance/junit/${file}`, import.meta.url)),
);

function faultsBy(schema: string, folder: string, files: readonly string[]): string[] {
  const { stderr, error } = spawnSync('xmllint', ['--nonet', '--noout', '--schema', schema, ...files], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (error !== undefined) throw error;
  const lines = stderr.trimEnd().split('\n');
  const faults = lines.filter((line) => !line.endsWith(' validates'));
  return lines.length - faults.length === files.length ? [] : faults;
}

/**
 * What xmllint has against JUnit documents, by the schemas of Jenkins and of Ant, 'number: complaint' a line; empty when each is
 * well-formed XML 1.0 and valid by both. Throws where there is no xmllint.
 */
export function junitFaults(documents: readonly string[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'sipdiag-junit-'));
  try {
    documents.forEach((text, at) => writeFileSync(join(folder, `${at}.xml`), text));
    const files = documents.map((_, at) => `${at}.xml`);
    return SCHEMAS.flatMap((schema) => faultsBy(schema, folder, files));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
