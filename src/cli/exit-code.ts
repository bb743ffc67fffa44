import type { Report, Verdict } from '../model.ts';

export const EXIT_USAGE = 2;
export const EXIT_UNKNOWN = 3;

/** What each exit code of a command means, for its help. */
export type ExitWords = Readonly<Record<number, string>>;

/** Those of the commands that end in a verdict. */
export const VERDICT_EXITS: ExitWords = {
  0: 'healthy, or degraded: it works',
  1: 'broken; with --fail-on warning also degraded',
  2: 'wrong usage, or a file that cannot be read or written',
  3: 'could not be decided; the text says why',
};

/** 0 healthy or degraded, 1 broken (or degraded, where warnings are to fail), 3 unknown. */
export function exitCodeOf({ verdict }: Pick<Report, 'verdict'>, failOn: 'error' | 'warning'): number {
  switch (verdict.status) {
    case 'healthy':
      return 0;
    case 'degraded':
      return failOn === 'warning' ? 1 : 0;
    case 'broken':
      return 1;
    case 'unknown':
      return EXIT_UNKNOWN;
  }
}

/** Nagios' own: OK, WARNING, CRITICAL, UNKNOWN. Monitoring Plugins Development Guidelines, "Plugin Return Codes". */
const NAGIOS_CODES: Readonly<Record<Verdict['status'], number>> = { healthy: 0, degraded: 1, broken: 2, unknown: 3 };

/** What a monitor reads; wrong usage is 3 there, because 2 is an outage. */
export const nagiosCodeOf = ({ verdict }: Pick<Report, 'verdict'>): number => NAGIOS_CODES[verdict.status];
