import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { afterAll, describe, expect, test } from 'vitest';
import { loadTrustStore } from '../../src/cli/trust-store.ts';
import { root } from '../check/tls-observation.ts';
import { laterComplaintOf } from './usage.ts';

const folder = mkdtempSync(join(tmpdir(), 'sipdiag-trust-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, content: string): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

const pem = new X509Certificate(root).toString();

describe('the trusted roots', () => {
  test('are none but the built-in ones without --ca', async () => {
    const store = await loadTrustStore([]);
    expect(store.added).toEqual([]);
    const builtIn = await store.builtIn();
    expect(builtIn.join('\n')).toContain(rootCertificates[0]);
    expect(await store.publicRoots?.()).toEqual(rootCertificates);
    expect((await store.pool?.())?.namedBy([root]).map(({ der }) => Buffer.from(der))).toEqual(
      builtIn.flatMap((text) => (text.includes(pem.trim()) ? [root] : [])),
    );
    expect(store.pool?.()).toBe(store.pool?.());
  });

  test('are those of every file that is named', async () => {
    const files = [write('one.pem', pem), write('two.pem', `a comment\n${pem}${pem}`)];
    expect((await loadTrustStore(files)).added).toEqual([pem, `a comment\n${pem}${pem}`]);
  });
});

describe('a file that is no PEM is refused in one line that names it', () => {
  test.each<[string, string, string]>([
    ['empty.pem', '', 'it holds no certificate'],
    ['text.pem', 'hello', 'it holds no certificate'],
    ['key.pem', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n', 'it holds no certificate'],
    ['half.pem', pem.slice(0, 200), 'expected'],
    ['rubbish.pem', '-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n', 'expected'],
  ])('%s', async (name, content, told) => {
    const file = write(name, content);
    const complaint = await laterComplaintOf(loadTrustStore([file]));
    expect(complaint).toContain(`cannot read ${file}: `);
    expect(complaint).toContain(told);
  });

  test('a file that is not there', async () => {
    const complaint = await laterComplaintOf(loadTrustStore([join(folder, 'nowhere.pem')]));
    expect(complaint).toContain('there is no such file; expected certificates in PEM form');
  });
});
