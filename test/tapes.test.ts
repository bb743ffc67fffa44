import { readdirSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadTape, record, replay, stored, TAPE_CASES, tapeFile, type Recorded } from '../fixtures/tape-cases.ts';
import type { Report } from '../src/model.ts';
import { TapeError } from '../src/net/tape.ts';
import { assertValidReport } from './report/valid-report.ts';

describe('a run that is recorded now', () => {
  let recorded: Recorded;
  beforeAll(async () => {
    const [healthy] = TAPE_CASES;
    if (healthy === undefined) throw new Error('there is no case');
    recorded = await record(healthy);
  });

  test('gives the same report when it is played again, octet for octet', async () => {
    const again = await replay(recorded.tape, recorded.request);
    expect(stored(again)).toBe(stored(recorded.report));
    expect(stored(await replay(recorded.tape, recorded.request))).toBe(stored(again));
  });

  test('holds no private key and no password', () => {
    const text = recorded.tape + stored(recorded.request);
    expect(text).not.toMatch(/PRIVATE KEY|password/i);
    expect(text).toContain('sendTo');
  });

  test.each<[string, (target: Report['target']) => Parameters<typeof replay>[2]]>([
    ['another user', (target) => ({ target: { ...target, user: 'mallory' } })],
    ['another domain', (target) => ({ target: { ...target, domain: 'other.example' } })],
    ['another server name', () => ({ sni: 'other.example' })],
    ['another resolver', () => ({ resolvers: [{ label: 'lab', endpoint: { address: '192.0.2.53', port: 53 } }] })],
    ['less than was recorded', () => ({ command: 'tls' })],
    ['the name servers too', () => ({ authority: 'asked' })],
  ])('is refused to a program that asks for %s', async (_what, change) => {
    await expect(replay(recorded.tape, recorded.request, change(recorded.request.target))).rejects.toThrow(TapeError);
  });

  test('may be judged at another time', async () => {
    const judgeAt = new Date(Date.parse(recorded.request.judgeAt) + 100 * 86_400_000).toISOString();
    const { verdict } = await replay(recorded.tape, recorded.request, { judgeAt });
    expect(verdict).toMatchObject({ status: 'broken', findingId: 'cert-dates.expired' });
  });
});

describe('the stored tapes', () => {
  const files = readdirSync(new URL('.', tapeFile('any', 'tape')));

  test('are those of the table, and each has its three files', () => {
    const expected = TAPE_CASES.flatMap(({ name }) => [`${name}.report.json`, `${name}.request.json`, `${name}.tape`]);
    expect(files.toSorted()).toEqual(expected.toSorted());
    expect(files.length).toBeGreaterThan(3);
  });

  test.each(TAPE_CASES)('$name gives its stored report, and shows what it is for', async ({ name, verify }) => {
    const { tape, request, report } = await loadTape(name);
    const again = await replay(tape, request);
    expect(stored(again)).toBe(report);
    assertValidReport(JSON.parse(report));
    expect(() => verify(again)).not.toThrow();
  });

  test.each(TAPE_CASES)('$name is told from the other cases by its verify', async ({ name, verify }) => {
    const other = TAPE_CASES.find((one) => one.name !== name);
    const { tape, request } = await loadTape(other?.name ?? '');
    const report = await replay(tape, request);
    expect(() => verify(report)).toThrow('the recording does not show');
  });
});
