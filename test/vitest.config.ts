import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

// Where the tests write down which findings they have raised. This file is read once for each project.
process.env['SIPDIAG_EMITTED'] ??= mkdtempSync(join(tmpdir(), 'sipdiag-emitted-'));

/** Looks at what the other tests have left. */
const LAST = 'test/emitted.test.ts';

export default defineConfig({
  test: {
    expect: { requireAssertions: true },
    globals: false,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: 'forks',
    setupFiles: ['test/record-emitted.ts'],
    globalSetup: ['test/remove-emitted.ts'],
    projects: [
      {
        extends: true,
        test: { name: 'all', include: ['test/**/*.test.ts'], exclude: [LAST], sequence: { groupOrder: 0 } },
      },
      { extends: true, test: { name: 'last', include: [LAST], sequence: { groupOrder: 1 } } },
    ],
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      reporter: ['text-summary', 'json-summary'],
    },
  },
});
