import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SCHEMA = fileURLToPath(new URL('../../fixtures/junit/junit.xsd', import.meta.url));

/**
 * What xmllint has against JUnit documents, 'number: complaint' a line; empty when each is well-formed XML 1.0 and valid. Throws where
 * there is no xmllint.
 */
export function junitFaults(documents: readonly string[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'sipdiag-junit-'));
  try {
    documents.forEach((text, at) => writeFileSync(join(folder, `${at}.xml`), text));
    const files = documents.map((_, at) => `${at}.xml`);
    const { stderr, error } = spawnSync('xmllint', ['--nonet', '--noout', '--schema', SCHEMA, ...files], {
      cwd: folder,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    });
    if (error !== undefined) throw error;
    const lines = stderr.trimEnd().split('\n');
    const validated = lines.filter((line) => line.endsWith(' validates')).length;
    const faults = lines.filter((line) => !line.endsWith(' validates'));
    return validated === documents.length ? [] : faults;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
