import { setTimeout as pause } from 'node:timers/promises';

export interface PumpPlan<J, R> {
  /** Jobs that run at the same time. */
  concurrency: number;
  /** Jobs started in a second, at the most; Infinity: as many as there is room for. */
  perSecond: number;
  order: 'input' | 'finish';
  run: (job: J) => Promise<R>;
  /** Takes the results one after the other. */
  write: (result: R) => Promise<void>;
  signal: AbortSignal;
}

/** A finished result may wait for so many that were started before it: this bounds the memory, whatever one slow job does. */
const WINDOW_PER_JOB = 8;

interface Flow<R> {
  running: Set<Promise<void>>;
  /** Finished and not yet written, by the number of the job. */
  waiting: Map<number, R>;
  started: number;
  written: number;
  writing: Promise<void>;
}

/** Writes what is next, as far as it is there. */
async function writeNext<R>(flow: Flow<R>, write: (result: R) => Promise<void>): Promise<void> {
  for (let result = flow.waiting.get(flow.written); result !== undefined; result = flow.waiting.get(flow.written)) {
    flow.waiting.delete(flow.written);
    await write(result);
    flow.written += 1;
  }
}

function start<J, R>(flow: Flow<R>, job: J, { run, write, order }: PumpPlan<J, R>): void {
  const number = order === 'input' ? flow.started : -1;
  flow.started += 1;
  const task = (async () => {
    const result = await run(job);
    if (number < 0) {
      flow.writing = flow.writing.then(() => write(result));
      flow.written += 1;
    } else {
      flow.waiting.set(number, result);
      flow.writing = flow.writing.then(() => writeNext(flow, write));
    }
    await flow.writing;
  })();
  const settled = task.finally(() => flow.running.delete(settled));
  // The caller hears of a failure from the race; an early one must not count as unheard meanwhile.
  settled.catch(() => undefined);
  flow.running.add(settled);
}

/** Runs the jobs, so many at the same time, and writes their results. Rejects with the first error of a job or of a write. */
export async function pump<J, R>(jobs: AsyncIterable<J>, plan: PumpPlan<J, R>): Promise<void> {
  const { concurrency, perSecond, signal } = plan;
  const flow: Flow<R> = { running: new Set(), waiting: new Map(), started: 0, written: 0, writing: Promise.resolve() };
  const isFull = (): boolean =>
    flow.running.size >= concurrency || flow.started - flow.written >= concurrency * WINDOW_PER_JOB;
  for await (const job of jobs) {
    while (isFull() && !signal.aborted) await Promise.race(flow.running);
    if (signal.aborted) break;
    start(flow, job, plan);
    if (Number.isFinite(perSecond)) await pause(1000 / perSecond, undefined, { signal }).catch(() => undefined);
  }
  await Promise.all(flow.running);
  await flow.writing;
}
