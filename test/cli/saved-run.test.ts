import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadRun, saveRun } from '../../src/cli/saved-run.ts';
import { brokenAtCertificate } from '../report/sample-reports.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sipdiag-saved-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('a saved run', () => {
  test('holds what was seen and nothing that was judged', async () => {
    const file = join(folder, 'whole.json');
    await saveRun(file, brokenAtCertificate);
    const run = await loadRun(file);
    expect(run.observations).toEqual(brokenAtCertificate.observations);
    expect(run.judgement).toBeUndefined();
  });

  test('that is redacted names nobody, and carries its judgement instead of certificates', async () => {
    const file = join(folder, 'redacted.json');
    await saveRun(file, brokenAtCertificate, { redact: true });
    expect(await readFile(file, 'utf8')).not.toMatch(/fuzzybunny|toml|pool01/i);
    const { judgement } = await loadRun(file);
    expect(judgement?.verdict).toMatchObject({ status: 'broken', findingId: brokenAtCertificate.verdict.findingId });
    expect(judgement?.findings.map(({ id }) => id)).toEqual(brokenAtCertificate.findings.map(({ id }) => id));
  });

  test.each([
    [
      'a verdict of its own making',
      { verdict: { status: 'fine', summary: '', nextStep: '' }, rungs: [], findings: [], checks: [] },
    ],
    [
      'findings without texts',
      { verdict: { status: 'broken', summary: '', nextStep: '' }, rungs: [], findings: [{}], checks: [] },
    ],
    ['no rungs', { verdict: { status: 'broken', summary: '', nextStep: '' }, findings: [], checks: [] }],
    ['nothing', null],
  ])('is refused when its judgement is %s', async (_what, judgement) => {
    const file = join(folder, 'damaged.json');
    await saveRun(file, brokenAtCertificate);
    const run: unknown = JSON.parse(await readFile(file, 'utf8'));
    await writeFile(file, JSON.stringify({ ...Object(run), judgement }));
    await expect(loadRun(file)).rejects.toThrow(expect.objectContaining({ name: 'UsageError' }));
  });
});
