import { rm } from 'node:fs/promises';

/** Takes away what the tests have left for `emitted.test.ts`, when the run is over. */
export async function teardown(): Promise<void> {
  const folder = process.env['SIPDIAG_EMITTED'];
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
}
