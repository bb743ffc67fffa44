/** Nothing that a test has started may outlive it: clean-up on the good way, after a failure and at the end of the process. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** Anything that has to be ended. `stop` is safe to call twice and settles when nothing is left. */
export interface Stoppable {
  stop(): Promise<void>;
}

/** Vitest ends its workers by SIGTERM, and by SIGKILL half a second later; a terminal sends the others. */
const ENDING_SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/**
 * Runs `undo`, which must be synchronous and quick, when the process ends before the returned function has called it off. It
 * reaches everything but SIGKILL; for that case see `setpriv --pdeathsig` in server-process.ts and the sweep in namespaces.ts.
 */
export function onProcessExit(undo: () => void): () => void {
  const onSignal = (signal: NodeJS.Signals) => {
    callOff();
    undo();
    // The last listener hands the signal back, for to have listened has kept the process from ending by it.
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  };
  const callOff = () => {
    process.off('exit', undo);
    for (const signal of ENDING_SIGNALS) process.off(signal, onSignal);
  };
  // One listener per running server is meant, so that Node's warning about a leak would be a false one.
  process.setMaxListeners(Math.max(process.getMaxListeners(), process.listenerCount('exit') + 10));
  process.on('exit', undo);
  for (const signal of ENDING_SIGNALS) process.on(signal, onSignal);
  return callOff;
}

/** A folder of its own; `stop` removes it with everything in it. `parent` defaults to the system's folder for temporary files. */
export function temporaryFolder(label: string, parent = tmpdir()): Stoppable & { path: string } {
  const path = mkdtempSync(join(parent, `sipdiag-${label}-`));
  const remove = () => {
    rmSync(path, { recursive: true, force: true });
  };
  const callOff = onProcessExit(remove);
  return {
    path,
    stop: () => {
      callOff();
      remove();
      return Promise.resolve();
    },
  };
}

/**
 * To be called inside `describe`: returns a function that takes what was started and hands it back, and ends everything that
 * it took after the last test of that `describe`, last one first, also when a test or `beforeAll` has failed.
 */
export function stopAfterAll(): <T extends Stoppable>(started: T) => T {
  const kept: Stoppable[] = [];
  afterAll(async () => {
    const failures: unknown[] = [];
    for (const started of kept.toReversed()) await started.stop().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw new AggregateError(failures, 'something that was started could not be ended');
  });
  return (started) => {
    kept.push(started);
    return started;
  };
}
