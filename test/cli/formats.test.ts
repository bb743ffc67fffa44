import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { judgeCommand } from '../../src/cli/judge.ts';
import { loadRun, saveRun } from '../../src/cli/saved-run.ts';
import { UsageError } from '../../src/cli/usage-error.ts';
import { assembleReport } from '../../src/judge.ts';
import type { Observation } from '../../src/model.ts';
import { target, tcpSeen } from '../check/server-seen.ts';
import { dnsFails, healthyRun, onTls } from '../check/whole-run.ts';
import { sipdiag } from '../command-line.ts';
import { healthy } from '../report/sample-reports.ts';

const FORMATS = ['human', 'json', 'ndjson', 'junit', 'nagios', 'markdown', 'html'] as const;
const folder = mkdtempSync(join(tmpdir(), 'sipdiag-formats-'));
const at = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const head = { version: '0.1.0', command: 'doctor', startedAt: '2026-06-01T00:00:00.000Z', ms: 12, target };

async function save(name: string, observations: Observation[]): Promise<void> {
  await saveRun(at(`${name}.json`), assembleReport(observations, head));
  await saveRun(at(`${name}-redacted.json`), assembleReport(observations, head), { redact: true });
}

beforeAll(async () => {
  await save('healthy', healthyRun());
  await save('degraded', [...healthyRun(), tcpSeen('refused', { ...onTls, address: '192.0.2.2' })]);
  await save('broken', dnsFails('timeout'));
  await save('unknown', dnsFails('no-network'));
});

const STARTS: Readonly<Record<(typeof FORMATS)[number], RegExp>> = {
  human: /^HEALTHY {2}/,
  json: /^\{\n {2}"schema": "sipdiag\.report\/1"/,
  ndjson: /^\{"type":"run","schema":"sipdiag\.report\/1"/,
  junit: /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<testsuites>/,
  nagios: /^SIPDIAG OK - .* \| total=12ms;;;0/,
  markdown: /^# HEALTHY: /,
  html: /^<!DOCTYPE html>\n<html lang="en">/,
};

describe('a saved run', () => {
  test.each(FORMATS)('is drawn as %s, on standard output and into a file', async (format) => {
    const shown = await sipdiag(['judge', at('healthy.json'), '--format', format]);
    expect(shown.stdout).toMatch(STARTS[format]);
    expect([shown.code, shown.stderr]).toEqual([0, '']);
    const written = await sipdiag(['judge', at('healthy.json'), '--format', format, '--output', at(format)]);
    expect([written.code, written.stdout, written.stderr]).toEqual([0, '', '']);
    expect(readFileSync(at(format), 'utf8')).toBe(shown.stdout);
  });

  test.each(FORMATS)('that was redacted names nobody as %s, and says the same', async (format) => {
    const [open, saved, now] = await Promise.all([
      sipdiag(['judge', at('broken.json'), '--format', format]),
      sipdiag(['judge', at('broken-redacted.json'), '--format', format]),
      sipdiag(['judge', at('broken.json'), '--format', format, '--redact']),
    ]);
    expect(open.stdout).toContain('example.com');
    for (const { stdout } of [saved, now]) expect(stdout).not.toMatch(/(?<!domain\d\.)example\.com|192\.0\.2\.53/);
    expect([saved.code, now.code]).toEqual([open.code, open.code]);
    expect(now.stdout).toBe(saved.stdout);
    expect(now.stdout).toContain('resolver.timeout');
  });
});

describe('--format nagios', () => {
  test.each([
    ['healthy', 'OK', 0],
    ['degraded', 'WARNING', 1],
    ['broken', 'CRITICAL', 2],
    ['unknown', 'UNKNOWN', 3],
  ])('ends a run that is %s with %s and %d', async (name, word, code) => {
    const { stdout, code: ended } = await sipdiag(['judge', at(`${name}.json`), '--format', 'nagios']);
    expect(stdout).toContain(`SIPDIAG ${word} - `);
    expect(ended).toBe(code);
  });

  test.each([
    ['a file that is not there', ['judge', at('nowhere'), '--format', 'nagios'], 'cannot read'],
    ['an unknown option', ['doctor', 'example.com', '--format=nagios', '--x'], "unknown option '--x'"],
    ['no target', ['doctor', '--format', 'nagios'], 'the target is missing'],
  ])('tells %s to the monitor, with 3', async (_name, args, words) => {
    const { stdout, stderr, code } = await sipdiag(args);
    expect(stdout).toMatch(/^SIPDIAG UNKNOWN - [^\n]*\n$/);
    expect(stdout).toContain(words);
    expect(stderr).toMatch(/^sipdiag: /);
    expect(code).toBe(3);
  });
});

describe('colours', () => {
  test.each([
    ['FORCE_COLOR', { FORCE_COLOR: '1' }, [], true],
    ['nothing, into a pipe', {}, [], false],
    ['FORCE_COLOR=0', { FORCE_COLOR: '0' }, [], false],
    ['NO_COLOR beside FORCE_COLOR', { FORCE_COLOR: '1', NO_COLOR: '1' }, [], false],
    ['--no-color beside FORCE_COLOR', { FORCE_COLOR: '1' }, ['--no-color'], false],
  ])('%s', async (...[, env, args, coloured]) => {
    const { stdout } = await sipdiag(['judge', at('healthy.json'), ...args], { env });
    expect(stdout.includes('\u001b[')).toBe(coloured);
  });
});

test('an unknown format is refused with those there are', async () => {
  const { stderr, code } = await sipdiag(['judge', at('healthy.json'), '--format', 'pdf']);
  expect(stderr).toBe(
    "sipdiag: --format 'pdf' is not known; expected human, json, ndjson, junit, nagios, markdown or html\n",
  );
  expect(code).toBe(2);
});

describe('a damaged file', () => {
  /** One member of the value, somewhere, exchanged for something else. */
  function damage(value: unknown, steps: readonly number[], instead: unknown): unknown {
    if (typeof value !== 'object' || value === null || steps.length === 0) return instead;
    const keys = Object.keys(value);
    const key = keys[(steps[0] ?? 0) % Math.max(1, keys.length)];
    if (key === undefined) return instead;
    const copy: Record<string, unknown> = Object(structuredClone(value));
    copy[key] = damage(copy[key], steps.slice(1), instead);
    return copy;
  }

  const NOWHERE = { failOn: 'error', color: false, output: '/dev/null' } as const;

  test('is drawn, or refused in one line; it is never a bug of ours', async () => {
    const runs = ['healthy.json', 'broken-redacted.json'].map((name) => JSON.parse(readFileSync(at(name), 'utf8')));
    const instead = fc.constantFrom<unknown>(null, 7, 'x', '', [], {}, { markup: '<b>' }, true, 'a\nb');
    const property = fc.asyncProperty(
      fc.constantFrom(...runs),
      fc.array(fc.nat(40), { minLength: 1, maxLength: 7 }),
      fc.tuple(instead, fc.constantFrom(...FORMATS)),
      async (run, steps, [other, format]) => {
        writeFileSync(at('damaged.json'), JSON.stringify(damage(run, steps, other)));
        const outcome = await judgeCommand(at('damaged.json'), { ...NOWHERE, format }).catch((error: unknown) => error);
        expect(typeof outcome === 'number' || outcome instanceof UsageError, String(outcome)).toBe(true);
      },
    );
    await fc.assert(property, { numRuns: 150 });
    expect(await loadRun(at('healthy.json'))).toMatchObject({
      schema: 'sipdiag.run/1',
      target: { input: target.input },
    });
  });

  test.each([
    ['a rung that does not exist', { rungs: [{ ...healthy.rungs[0], rung: 'cellar' }] }],
    ['a status that does not exist', { rungs: [{ ...healthy.rungs[0], status: 'fine' }] }],
    ['a severity that does not exist', { findings: [{ ...healthy.findings[0], severity: 'fatal' }] }],
    ['evidence that is a text', { findings: [{ ...healthy.findings[0], evidence: 'x' }] }],
    ['a check with a status of a rung', { checks: [{ ...healthy.checks[0], status: 'failed' }] }],
  ])('with %s in its judgement is refused', async (_name, change) => {
    const run = JSON.parse(readFileSync(at('broken-redacted.json'), 'utf8'));
    writeFileSync(at('odd.json'), JSON.stringify({ ...run, judgement: { ...run.judgement, ...change } }));
    await expect(loadRun(at('odd.json'))).rejects.toThrow('odd.json is damaged');
  });
});
