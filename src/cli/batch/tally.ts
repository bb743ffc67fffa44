import type { Result, ResultLine } from './job.ts';

/** Counts of a batch so far. */
export interface Tally {
  done: number;
  byStatus: Map<ResultLine['status'], number>;
  /** Broken and unknown ones by the rung on which they stopped. */
  byRung: Map<string, number>;
  /** What became of those that an earlier run of the same list had done. */
  before: Map<ResultLine['status'], number>;
}

export const createTally = (): Tally => ({ done: 0, byStatus: new Map(), byRung: new Map(), before: new Map() });

const raise = <K>(counts: Map<K, number>, key: K): void => void counts.set(key, (counts.get(key) ?? 0) + 1);

export function count(tally: Tally, { status, rung }: Result): void {
  tally.done += 1;
  raise(tally.byStatus, status);
  if (rung !== null && (status === 'broken' || status === 'unknown')) raise(tally.byRung, rung);
}

/** A target that stands in the results already. */
export const countBefore = ({ before }: Tally, status: ResultLine['status']): void => raise(before, status);

const sum = (counts: ReadonlyMap<unknown, number>): number => [...counts.values()].reduce((all, one) => all + one, 0);

const seconds = (ms: number): string => (ms < 60_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`);

const failures = ({ byRung }: Tally): string => [...byRung].map(([rung, times]) => `${rung} ${times}`).join(', ');

/** One line for whoever waits. `share`: how much of the input is done, 0 to 1; undefined: its length is not known. */
export function progressLine(
  tally: Tally,
  { elapsedMs, share }: { elapsedMs: number; share: number | undefined },
): string {
  const rate = elapsedMs > 0 ? (tally.done * 1000) / elapsedMs : 0;
  const left =
    share === undefined || share <= 0 || share >= 1 ? '' : `, ${seconds((elapsedMs * (1 - share)) / share)} left`;
  const failed = tally.byRung.size === 0 ? '' : `; failed at ${failures(tally)}`;
  return `${tally.done} done, ${rate.toFixed(rate < 10 ? 1 : 0)}/s${left}${failed}`;
}

const STATUSES: readonly ResultLine['status'][] = ['healthy', 'degraded', 'broken', 'unknown', 'error'];
const WORDS: Readonly<Record<ResultLine['status'], string>> = {
  healthy: 'healthy',
  degraded: 'degraded',
  broken: 'broken',
  unknown: 'unknown',
  error: 'not run (the line cannot be used)',
};

/** The table at the end. */
export function summaryText(tally: Tally, { elapsedMs, command }: { elapsedMs: number; command: string }): string {
  const rows = STATUSES.flatMap((status) => {
    const times = tally.byStatus.get(status) ?? 0;
    return times === 0 ? [] : [`${String(times).padStart(8)}  ${WORDS[status]}`];
  });
  const rungs = [...tally.byRung].map(([rung, times]) => `${String(times).padStart(8)}    stopped at ${rung}`);
  const before = sum(tally.before);
  const skipped = before === 0 ? [] : [`${String(before).padStart(8)}  done before, left out`];
  const empty = tally.done + before === 0 ? ['there is no target in the list'] : [];
  const head = `${tally.done} ${tally.done === 1 ? 'target' : 'targets'} (${command}) in ${seconds(elapsedMs)}`;
  return [head, ...rows, ...rungs, ...skipped, ...empty, ''].join('\n');
}

/**
 * 1: something is broken (or degraded, where warnings are to fail). 3: something could not be tested, or there was nothing to test.
 * 2: lines could not be used. What an earlier run had done counts.
 */
export function batchExitCode({ byStatus, before }: Tally, failOn: 'error' | 'warning'): number {
  const has = (status: ResultLine['status']): boolean => byStatus.has(status) || before.has(status);
  if (byStatus.size + before.size === 0) return 3;
  if (has('broken') || (failOn === 'warning' && has('degraded'))) return 1;
  if (has('unknown')) return 3;
  return has('error') ? 2 : 0;
}
