import type { RootBlock } from '../pki/roots.ts';

/** Where the trusted roots come from: handed in by the caller, loaded only when a chain has to be judged. */
export interface TrustStore {
  /** PEM texts of the roots that the user added. */
  added: readonly string[];
  /** PEM certificates that the platform trusts. */
  builtIn: () => Promise<readonly string[]>;
  /** Those of `builtIn` that browsers trust too (Mozilla's programme): the rules for public authorities bind them. */
  publicRoots?: () => Promise<readonly string[]>;
  /** `added`, then `builtIn`, ready to be searched: made once, while a peer is awaited. */
  decoded?: () => Promise<readonly RootBlock[]>;
}
