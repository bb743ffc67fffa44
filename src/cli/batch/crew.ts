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

/** One thread for each core beside this one, which reads and writes. */
export const defaultWorkers = (): number => Math.max(0, availableParallelism() - 1);

/** This thread works alone at first, and with `workers` others once the list proves long. */
export function createCrew(
  local: Runner,
  { workers, startWorker }: { workers: number; startWorker: () => Promise<Runner | undefined> },
): Crew {
  const runners: Runner[] = [local];
  let seen = 0;
  let starting: Promise<void> | undefined;
  const callForHelp = async (): Promise<void> => {
    const others = await Promise.all(Array.from({ length: workers }, startWorker));
    for (const one of others) if (one !== undefined) runners.push(one);
  };
  return {
    run(job) {
      seen += 1;
      if (seen > ALONE_UP_TO && workers > 0) starting ??= callForHelp();
      // Whoever has the least to do.
      const runner = runners.reduce((best, one) => (one.busy() < best.busy() ? one : best), local);
      return runner.run(job);
    },
    async stop() {
      await starting;
      await Promise.all(runners.map((one) => one.stop()));
    },
  };
}
