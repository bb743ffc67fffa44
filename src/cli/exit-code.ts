import type { Report } from '../model.ts';

export const EXIT_USAGE = 2;
export const EXIT_UNKNOWN = 3;

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
