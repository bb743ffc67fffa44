import { createChainMemory } from '../check/chain-memory.ts';
import type { TlsObservation } from '../model/tls.ts';
import type { RunRequest } from '../run.ts';

/** By then the first packets are out: what comes after the answers is loaded while they are awaited. */
const WARM_UP_MS = 8;
/** Servers of one run show so many chains at most that differ. */
const MAX_CHAINS = 64;

async function load({ credentials }: RunRequest): Promise<void> {
  // The digest of a password is the first to need it where there is no TLS.
  await Promise.all([import('../judge.ts'), ...(credentials === undefined ? [] : [import('node:crypto')])]);
}

/** Loads what the end of the run needs; gives the way to leave it. */
export function warmUp(request: RunRequest): () => void {
  const due = setTimeout(() => void load(request), WARM_UP_MS);
  return () => clearTimeout(due);
}

/** Judges each chain while its server is still spoken to: the judgement finds it done. */
export function judgingAhead(): Required<Pick<RunRequest, 'chains' | 'handshaken'>> {
  const chains = createChainMemory(MAX_CHAINS);
  const judge = async (one: TlsObservation): Promise<void> => {
    const { judgeChain } = await import('../check/sent-chain.ts');
    chains.recall(one, judgeChain);
  };
  return {
    chains,
    // After what goes to the server next; an error here comes again in the judgement, which tells of it.
    handshaken: (one) => void setImmediate(() => void judge(one).catch(() => undefined)),
  };
}
