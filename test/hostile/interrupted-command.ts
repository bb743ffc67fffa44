import { expect } from 'vitest';
import { startMeasured, type MeasuredEnd } from './measured-command.ts';

/** What may pass between Ctrl-C and the end. */
const LIMIT_MS = 1000;
/** A run that was late while the machine was busy is made again: what waits for something is late every time. */
const ATTEMPTS = 4;

/** A command, and when it is to be interrupted. */
export interface Due {
  args: string[];
  isDue: (printed: string) => boolean;
}

async function interruptOnce({ args, isDue }: Due) {
  const command = startMeasured(args);
  await expect.poll(() => isDue(command.printed()), { timeout: 20_000, interval: 5 }).toBe(true);
  const from = performance.now();
  command.interrupt();
  const ended = await command.ended;
  return { ...ended, ms: performance.now() - from };
}

/** Runs the command, interrupts it when that is due, and makes sure that it ends in time. */
export async function interrupt(make: () => Due | Promise<Due>): Promise<MeasuredEnd> {
  for (let attempt = 1; ; attempt += 1) {
    const ended = await interruptOnce(await make());
    if (attempt < ATTEMPTS && ended.ms >= LIMIT_MS) continue;
    expect(ended.ms).toBeLessThan(LIMIT_MS);
    expect(ended.stderr).not.toMatch(/\n {4}at |unhandled/i);
    return ended;
  }
}
