import { poolRoots, type RootPool } from '../pki/roots.ts';

/** Where the trusted roots come from: handed in by the caller, loaded only when a chain has to be judged. */
export interface TrustStore {
  /** PEM texts of the roots that the user added. */
  added: readonly string[];
  /** PEM certificates that the platform trusts. */
  builtIn: () => Promise<readonly string[]>;
  /** Those of `builtIn` that browsers trust too (Mozilla's programme): the rules for public authorities bind them. */
  publicRoots?: () => Promise<readonly string[]>;
  /** `added`, then `builtIn`, ready to be searched: made once, while a peer is awaited. */
  pool?: () => Promise<RootPool>;
}

/** The roots of a store, ready to be searched; the texts that they stand in are `added`, then `builtIn`. */
export const poolOf = async ({ added, builtIn, pool }: TrustStore): Promise<RootPool> =>
  pool === undefined ? poolRoots([...added, ...(await builtIn())]) : pool();
