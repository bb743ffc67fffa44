import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, expect, vi } from 'vitest';
import type { Check } from '../src/check/define-check.ts';

/**
 * Writes down which findings the checks gave while the tests of one file ran: what `emitted.test.ts` reads when all are done.
 * The checks are the real ones; what they give is looked at on its way out.
 */
const emitted = vi.hoisted(() => new Set<string>());
/** Next steps of more than one sentence: at 3 am only the first is read. */
const wordy = vi.hoisted(() => new Set<string>());

vi.mock('../src/check/define-check.ts', async (original) => {
  const real = await original<typeof import('../src/check/define-check.ts')>();
  const defineCheck = (...args: Parameters<typeof real.defineCheck>): Check => {
    const check = real.defineCheck(...args);
    return {
      ...check,
      run(...given) {
        const found = check.run(...given);
        for (const { name, remedy } of found) {
          emitted.add(`${check.id}.${name}`);
          if (/[.!?][)"]? +\S/.test(remedy)) wordy.add(`${check.id}.${name}: ${remedy}`);
        }
        return found;
      },
    };
  };
  return { ...real, defineCheck };
});

afterAll(() => {
  const folder = process.env['SIPDIAG_EMITTED'];
  const file = expect.getState().testPath;
  if (folder === undefined || file === undefined || emitted.size === 0) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, `${basename(file)}.${process.pid}.json`),
    JSON.stringify({ file, ids: [...emitted], wordy: [...wordy] }),
  );
});
