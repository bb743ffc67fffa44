import type { Job, Result } from './job.ts';

/** From the thread that reads the input to one that runs jobs. */
export type ToWorker =
  | { kind: 'job'; id: number; job: Job }
  /** The way to the servers is free. */
  | { kind: 'go'; ticket: number }
  | { kind: 'refused'; ticket: number }
  /** Ctrl-C: what is under way is undone and ended. */
  | { kind: 'abort' }
  | { kind: 'end' };

/** The way back. */
export type FromWorker =
  | { kind: 'ready' }
  | { kind: 'result'; id: number; result: Result }
  /** A fault of sipdiag itself. */
  | { kind: 'fault'; id: number; text: string }
  | { kind: 'enter'; ticket: number; connections: [string, number][] }
  | { kind: 'leave'; ticket: number };
