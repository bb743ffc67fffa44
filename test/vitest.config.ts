import { randomUUID } from 'node:crypto';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

// Where the tests write down which findings they have raised, made by the first that does: others than vitest read this file too,
// and vitest does so once for each project.
process.env['SIPDIAG_EMITTED'] ??= join(tmpdir(), `sipdiag-emitted-${randomUUID()}`);

/** Looks at what the other tests have left. */
const LAST = 'test/emitted.test.ts';

export default defineConfig({
  test: {
    expect: { requireAssertions: true },
    globals: false,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // Most of the tests with real servers wait for the network: one more than there are cores.
    maxWorkers: availableParallelism() + 1,
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
