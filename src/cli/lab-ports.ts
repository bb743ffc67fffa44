import { freeBlock, QUIET } from '../lab/free-ports.ts';
import type { FarSideOptions } from './far-side-options.ts';

const BLOCK = 4;

/** Ports of the client for a run against the lab: two such runs side by side do not take each other's. */
export async function freeClientPorts(): Promise<Pick<FarSideOptions, 'ports' | 'mediaPorts'>> {
  const [ports, mediaPorts] = await Promise.all([freeBlock(QUIET, BLOCK), freeBlock(QUIET, BLOCK)]);
  return { ports, mediaPorts };
}
