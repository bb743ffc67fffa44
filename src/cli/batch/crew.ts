import { availableParallelism } from 'node:os';
import type { Job, Result } from './job.ts';
import type { Runner } from './local-runner.ts';

/** A thread costs as much as some dozens of jobs: a short list is done before it would help. */
const ALONE_UP_TO = 128;

/** All threads that run jobs. */
export interface Crew {
  run(job: Job): Promise<Result>;
  stop(): Promise<void>;
}

/** One thread for each core; this one, which reads and writes, has little to do. */
export const defaultWorkers = (): number => availableParallelism();

/**
 * This thread works alone at first; once the list proves long, `workers` others do, and it only reads and writes: what a thread may
 * keep in memory can be said of others alone.
 */
export function createCrew(
  local: Runner,
  { workers, startWorker }: { workers: number; startWorker: () => Promise<Runner | undefined> },
): Crew {
  const others: Runner[] = [];
  let seen = 0;
  let starting: Promise<void> | undefined;
  const callForHelp = async (): Promise<void> => {
    const started = await Promise.all(Array.from({ length: workers }, startWorker));
    others.push(...started.filter((one) => one !== undefined));
  };
  return {
    run(job) {
      seen += 1;
      if (seen > ALONE_UP_TO && workers > 0) starting ??= callForHelp();
      // Whoever has the least to do.
      const [first = local, ...rest] = others;
      return rest.reduce((best, one) => (one.busy() < best.busy() ? one : best), first).run(job);
    },
    async stop() {
      await starting;
      await Promise.all([local, ...others].map((one) => one.stop()));
    },
  };
}
