import { createChainMemory, type ChainMemory } from '../check/chain-memory.ts';
import type { Observation, Report } from '../model.ts';
import type { RunRequest } from '../run.ts';

/** By then the first packets are out: what comes after the answers is loaded while they are awaited. */
const LOAD_AFTER_MS = 8;
/** A peer that took so long will be silent as long again. Shorter silences are left alone, and so are the times measured in them. */
const SILENCE_MS = 40;
/** What was sent side by side is answered side by side, some milliseconds apart: an answer must not find the work in its way. */
const SETTLED_MS = 15;
/** What has run so often runs no faster after that. */
const MAX_REHEARSALS = 8;
/** Servers of one run show so many chains at most that differ. */
const MAX_CHAINS = 64;

type Planned = Pick<RunRequest, 'command' | 'version' | 'target' | 'credentials'>;

async function load({ credentials }: Planned): Promise<void> {
  // The digest of a password is the first to need it where there is no TLS.
  await Promise.all([import('../judge.ts'), ...(credentials === undefined ? [] : [import('node:crypto')])]);
}

/** What a run is given so that work can be done ahead of it, and the end of that. */
export interface AheadOfRun {
  request: { chains: ChainMemory; seen: (one: Observation) => void };
  stop(): void;
}

/**
 * Uses the silence of far servers for what would come after their last answer: the code is loaded, and what is known so far is
 * judged and drawn once. V8 runs code several times slower the first time, and a chain that is judged stays judged.
 */
export function workAhead(request: Planned, draw: (report: Report) => Promise<unknown>): AheadOfRun {
  const { version, command, target } = request;
  const chains = createChainMemory(MAX_CHAINS);
  const known: Observation[] = [];
  let left = MAX_REHEARSALS;
  let due: ReturnType<typeof setTimeout> | undefined;
  const rehearse = async (): Promise<void> => {
    const { assembleReport } = await import('../judge.ts');
    const head = { version, command, target, startedAt: new Date(0).toISOString(), ms: 0 };
    await draw(assembleReport([...known], head, chains));
  };
  const loading = setTimeout(() => void load(request), LOAD_AFTER_MS);
  const begin = (): void => {
    left -= 1;
    // An error comes again in the judgement that counts, which tells of it.
    void rehearse().catch(() => undefined);
  };
  return {
    request: {
      chains,
      seen: (one) => {
        known.push(one);
        clearTimeout(due);
        if (left > 0 && one.outcome.ms >= SILENCE_MS) due = setTimeout(begin, SETTLED_MS);
      },
    },
    stop: () => {
      clearTimeout(loading);
      clearTimeout(due);
    },
  };
}
