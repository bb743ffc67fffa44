import { setMaxListeners } from 'node:events';
import { createChainMemory, type ChainMemory } from '../../check/chain-memory.ts';
import { createRealWorld } from '../../net/real-world.ts';
import { createAnswerCache, type AnswerCache } from '../../probe/answer-cache.ts';
import type { TrustStore } from '../../probe/trust.ts';
import { run, type RunRequest } from '../../run.ts';
import { dnsKindOf } from '../dns.ts';
import { accountOf, requestOf, targetOf, type DoctorOptions, type RunKind } from '../doctor.ts';
import { loadTrustStore } from '../trust-store.ts';
import type { World } from '../../world.ts';
import { UsageError } from '../usage-error.ts';
import { createDeadline } from './deadline.ts';
import type { BatchCommand, Job, Result } from './job.ts';
import type { LineOptions } from './options.ts';
import { errorResult, resultOf } from './result-line.ts';
import type { ServerGate } from './server-gate.ts';

/** Something that runs jobs: this thread, or another one. */
export interface Runner {
  run(job: Job): Promise<Result>;
  /** Jobs that are with it. */
  busy(): number;
  stop(): Promise<void>;
}

export interface RunnerSettings {
  command: BatchCommand;
  optionsOf: LineOptions;
  gate: ServerGate;
  signal: AbortSignal;
  full?: boolean;
  redact?: boolean;
}

/** Enough for every name that a batch comes upon again and again; about a kilobyte each, in every thread. */
const SHARED_ANSWERS = 4_000;

/** One entry for each chain and second: some kilobytes each, and lists go by in the order of their servers. */
const SHARED_CHAINS = 256;

function createTrustStores(): (files: readonly string[]) => Promise<TrustStore> {
  const loaded = new Map<string, Promise<TrustStore>>();
  return (files) => {
    const key = files.join('\0');
    const store = loaded.get(key) ?? loadTrustStore(files);
    loaded.set(key, store);
    return store;
  };
}

const kindOf = (command: BatchCommand, target: string): RunKind =>
  command === 'dns' ? dnsKindOf(target) : { command };

/** `tls` looks at nothing else, as the command does. */
const fitting = (command: BatchCommand, options: DoctorOptions): DoctorOptions =>
  command === 'tls' ? { ...options, transport: ['tls'] } : options;

/** What the jobs of this thread share. */
interface Shared {
  settings: RunnerSettings;
  world: World;
  answers: AnswerCache;
  chains: ChainMemory;
  trustOf: typeof loadTrustStore;
}

async function prepare(
  { settings, answers, chains, trustOf }: Shared,
  job: Job,
  signal: AbortSignal,
): Promise<RunRequest> {
  const { command, optionsOf } = settings;
  const options = fitting(command, optionsOf(job.args));
  const kind = kindOf(command, job.target);
  const target = targetOf(job.target, options, kind);
  const account = await accountOf(target, options, { ...kind, prompt: 'left-out' });
  // The far side would have to reach the same ports for every target: that is for one at a time.
  const { farSide: _left, ...request } = await requestOf(options, { signal, kind, target, trustOf });
  return { ...request, ...account, answers, chains };
}

async function runOne(shared: Shared, job: Job): Promise<Result> {
  const { settings, world } = shared;
  const { gate, signal, optionsOf } = settings;
  const deadline = createDeadline(optionsOf(job.args).deadline, signal, () => world.now());
  setMaxListeners(0, deadline.signal);
  const admit = async (connections: ReadonlyMap<string, number>): Promise<() => void> => {
    const go = deadline.hold();
    try {
      return await gate.enter(connections, signal);
    } finally {
      go();
    }
  };
  try {
    const request = await prepare(shared, job, deadline.signal);
    return await resultOf(job, await run(world, { ...request, admit }), settings);
  } finally {
    deadline.clear();
  }
}

/** Runs jobs in this thread. What they share is made once: network, trusted roots, answers of DNS. */
export function createLocalRunner(settings: RunnerSettings): Runner {
  const answers = createAnswerCache(SHARED_ANSWERS);
  const chains = createChainMemory(SHARED_CHAINS);
  const shared: Shared = { settings, world: createRealWorld(), answers, chains, trustOf: createTrustStores() };
  let running = 0;
  return {
    async run(job) {
      running += 1;
      try {
        return await runOne(shared, job);
      } catch (error) {
        if (error instanceof UsageError) return errorResult(job, error.message, settings.redact);
        throw error;
      } finally {
        running -= 1;
      }
    },
    busy: () => running,
    stop: () => Promise.resolve(),
  };
}
