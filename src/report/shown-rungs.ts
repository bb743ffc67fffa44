import type { Report, RungResult } from '../model.ts';

const TLS_RUNGS: ReadonlySet<string> = new Set(['dns', 'connect', 'tls', 'certificate']);

/** Rungs that are no business of the command are left out: lines that say so help nobody. */
export function rungsShown({ command, rungs }: Report): RungResult[] {
  if (command === 'dns') return rungs.filter(({ rung }) => rung === 'dns');
  if (command === 'tls')
    return rungs.filter(({ rung, summary }) => TLS_RUNGS.has(rung) && !summary.includes('not part of'));
  return rungs;
}
