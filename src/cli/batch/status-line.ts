import { terminalAt, writeErr } from '../output.ts';
import { progressLine, type Tally } from './tally.ts';

/** On a terminal the line is drawn over; a log gets one now and then. */
const TERMINAL_MS = 250;
const LOG_MS = 10_000;

/** Shows on standard error how far the batch is, until the function that this gives is called. */
export function startStatusLine(
  tally: Tally,
  { quiet, shareDone, now }: { quiet: boolean; shareDone: () => number | undefined; now: () => number },
): () => void {
  if (quiet) return () => undefined;
  const isTTY = terminalAt(2) !== undefined;
  const startedAt = now();
  const show = (): void => {
    const line = progressLine(tally, { elapsedMs: now() - startedAt, share: shareDone() });
    writeErr(isTTY ? `\r\u001b[K${line}` : `${line}\n`);
  };
  const timer = setInterval(show, isTTY ? TERMINAL_MS : LOG_MS);
  timer.unref();
  return () => {
    clearInterval(timer);
    if (isTTY) writeErr('\r\u001b[K');
  };
}
