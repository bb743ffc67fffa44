/** The commands that can be run over many targets. */
export type BatchCommand = 'dns' | 'tls' | 'signin' | 'doctor';

/** One target of a batch, as it stands in the input. */
export interface Job {
  /** Number of the line, from 1. */
  line: number;
  target: string;
  /** Further options as they would be typed: '--transport', 'tls'. */
  args: string[];
}

/** A line that is no job. */
export interface BadLine {
  line: number;
  error: string;
  /** Where it can be told. */
  target?: string;
}

/** One line of the output; its shape is documented in docs/batch.md. */
export interface ResultLine {
  schema: 'sipdiag.batch/1';
  line: number;
  target: string;
  /** 'error': the line could not be run; `error` says why. */
  status: 'healthy' | 'degraded' | 'broken' | 'unknown' | 'error';
  [member: string]: unknown;
}

/** What became of one job: the line as it is written, and what the counters need of it. */
export interface Result {
  line: number;
  status: ResultLine['status'];
  /** Why it could not be run. */
  error?: string;
  /** The first broken rung. */
  rung: string | null;
  text: string;
}

export const isBadLine = (one: Job | BadLine): one is BadLine => 'error' in one;
