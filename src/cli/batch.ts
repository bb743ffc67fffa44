import { setMaxListeners } from 'node:events';
import { isMainThread } from 'node:worker_threads';
import { createCrew, defaultWorkers, type Crew } from './batch/crew.ts';
import { openInput } from './batch/input.ts';
import { isBadLine, type BadLine, type BatchCommand, type Job, type Result } from './batch/job.ts';
import { createLocalRunner, type RunnerSettings } from './batch/local-runner.ts';
import { createLineOptions } from './batch/options.ts';
import { jobKey, readEarlier, type Earlier } from './batch/earlier.ts';
import { openOutput, type Output } from './batch/output.ts';
import { pump } from './batch/pump.ts';
import { readJobs } from './batch/read-jobs.ts';
import { readLines } from './batch/read-lines.ts';
import { errorResult } from './batch/result-line.ts';
import { createServerGate } from './batch/server-gate.ts';
import { startStatusLine } from './batch/status-line.ts';
import { batchExitCode, count, countBefore, createTally, summaryText, type Tally } from './batch/tally.ts';
import type { DoctorOptions } from './doctor.ts';
import { EXIT_UNKNOWN } from './exit-code.ts';
import { escapeTerminal } from '../report/escape.ts';
import { writeErr } from './output.ts';
import type { CommandRow } from './rows/command-row.ts';
import { UsageError } from './usage-error.ts';

/** What the batch itself is told; the rest are options of the command that it runs. */
export interface BatchOptions extends DoctorOptions {
  concurrency: number;
  perServer: number;
  rate?: number;
  workers?: number;
  unordered?: boolean;
  full?: boolean;
  resume?: string;
}

/** Bad lines that are told one by one; the rest are counted. */
const MAX_TOLD = 20;

type Settings = Omit<RunnerSettings, 'gate' | 'signal'>;

const settingsOf = (row: CommandRow, options: BatchOptions): Settings => ({
  command: row.name as BatchCommand, // the batch declares these commands and no other
  optionsOf: createLineOptions(row, options),
  ...(options.full === true ? { full: true } : {}),
  ...(options.redact === true ? { redact: true } : {}),
});

/** Leaves out what an earlier run has done. */
async function* withoutDone(
  jobs: AsyncIterable<Job | BadLine>,
  earlier: Earlier | undefined,
  tally: Tally,
): AsyncGenerator<Job | BadLine> {
  for await (const job of jobs) {
    const before = isBadLine(job) ? undefined : earlier?.take(jobKey(job));
    if (before === undefined) yield job;
    else countBefore(tally, before);
  }
}

/** Says why lines could not be run, in a word of its own for the first ones. */
function createTeller(quiet: boolean | undefined): (result: Result) => void {
  let told = 0;
  return ({ line, error }) => {
    if (quiet === true || error === undefined) return;
    if (told < MAX_TOLD) writeErr(`sipdiag: line ${line}: ${escapeTerminal(error)}\n`);
    else if (told === MAX_TOLD) writeErr('sipdiag: further lines that cannot be used stand in the output\n');
    told += 1;
  };
}

/** The signal of Ctrl-C and of service managers, and of a reader that has gone. */
function listenForEnd(): { ending: AbortController; stop: () => void } {
  const ending = new AbortController();
  // Every target that is under way listens.
  setMaxListeners(0, ending.signal);
  const end = (): void => ending.abort();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, end);
  return {
    ending,
    stop() {
      for (const name of ['SIGINT', 'SIGTERM'] as const) process.removeListener(name, end);
    },
  };
}

interface Batch {
  settings: Settings;
  options: BatchOptions;
  input: Awaited<ReturnType<typeof openInput>>;
  output: Output;
  earlier: Earlier | undefined;
  tally: Tally;
  ending: AbortController;
}

function assembleCrew({ settings, options, ending }: Batch): Crew {
  const gate = createServerGate(options.perServer);
  const { signal } = ending;
  const startWorker = async () => {
    const { startWorkerRunner } = await import('./batch/worker-runner.ts');
    const [, script = '', ...argv] = process.argv;
    return startWorkerRunner({ script, argv }, { gate, signal });
  };
  const workers = options.workers ?? defaultWorkers();
  return createCrew(createLocalRunner({ ...settings, gate, signal }), { workers, startWorker });
}

async function work(batch: Batch): Promise<void> {
  const { options, input, output, earlier, tally, ending } = batch;
  const crew = assembleCrew(batch);
  const { signal } = ending;
  const tell = createTeller(options.quiet);
  const run = async (one: Job | BadLine): Promise<Result | undefined> => {
    if (isBadLine(one)) return errorResult(one, one.error, options.redact);
    try {
      const result = await crew.run(one);
      // A run that was cut off has not seen its target: it is for the next run to do.
      return signal.aborted ? undefined : result;
    } catch (error) {
      if (signal.aborted) return undefined;
      throw error;
    }
  };
  const write = async (result: Result | undefined): Promise<void> => {
    if (result === undefined) return;
    const before = result.status === 'error' ? earlier?.take(result.text.trimEnd()) : undefined;
    if (before !== undefined) return countBefore(tally, before);
    tell(result);
    const outcome = await output.write(result.text).catch((error: unknown) => {
      ending.abort();
      throw error;
    });
    if (outcome === 'reader-gone') return ending.abort();
    count(tally, result);
  };
  try {
    await pump(withoutDone(readJobs(readLines(input.chunks(signal))), earlier, tally), {
      concurrency: options.concurrency,
      perSecond: options.rate ?? Infinity,
      order: options.unordered === true ? 'finish' : 'input',
      run,
      write,
      signal,
    });
  } finally {
    await crew.stop();
  }
}

/** `sipdiag batch COMMAND FILE`: one command over many targets, a line of JSON for each. Throws UsageError. */
export async function batchCommand(row: CommandRow, file: string, options: BatchOptions): Promise<number> {
  const settings = settingsOf(row, options);
  if (!isMainThread) {
    const { serveAsWorker } = await import('./batch/worker.ts');
    await serveAsWorker(settings);
    return 0;
  }
  if (options.resume !== undefined && options.output !== undefined && options.resume !== options.output)
    throw new UsageError('--resume names the file that is gone on with; expected no --output beside it');
  if (options.resume !== undefined && options.redact === true)
    throw new UsageError('--resume and --redact exclude each other: redacted results do not tell their targets');
  const input = await openInput(file);
  const earlier = options.resume === undefined ? undefined : await readEarlier(options.resume);
  const output = await openOutput(options.resume ?? options.output, { earlier, list: file });
  const tally = createTally();
  const { ending, stop } = listenForEnd();
  const now = (): number => performance.now();
  const startedAt = now();
  const endStatus = startStatusLine(tally, { quiet: options.quiet === true, shareDone: input.share, now });
  try {
    await work({ settings, options, input, output, earlier, tally, ending });
  } finally {
    endStatus();
    stop();
    await output.close();
  }
  if (options.quiet !== true) {
    writeErr(summaryText(tally, { elapsedMs: now() - startedAt, command: row.name }));
    if (ending.signal.aborted) writeErr('ended before the list was done: go on with --resume FILE\n');
  }
  return ending.signal.aborted ? EXIT_UNKNOWN : batchExitCode(tally, options.failOn);
}
