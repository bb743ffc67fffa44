import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { onTestFinished } from 'vitest';

const BIN = resolve(import.meta.dirname, '../../bin/sipdiag.js');

/**
 * Writes the most memory that the process ever held at its end. What the kernel says of a child counts what its parent had when
 * it started it; what it says of the memory of the process itself does not.
 */
const HOOK = `
import { readFileSync, writeFileSync } from 'node:fs';
process.on('exit', () => {
  let bytes = process.resourceUsage().maxRSS * 1024;
  try { bytes = Number(/VmHWM:\\s*(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) * 1024; } catch {}
  writeFileSync(process.env.SIPDIAG_PEAK, String(bytes));
});
`;

export interface MeasuredEnd {
  stdout: string;
  stderr: string;
  /** null: ended by a signal. */
  code: number | null;
  /** Resident memory at its most; NaN: ended by a signal. */
  peakBytes: number;
}

export interface MeasuredCommand {
  pid: number | undefined;
  /** Resolves when the text stands on standard error, and when the command has ended. */
  said(text: string): Promise<void>;
  /** What it has printed so far, wherever. */
  printed(): string;
  interrupt(): void;
  ended: Promise<MeasuredEnd>;
}

/** Starts the built command, which ends with the test at the latest. */
export function startMeasured(args: readonly string[]): MeasuredCommand {
  const folder = mkdtempSync(join(tmpdir(), 'sipdiag-peak-'));
  const [hook, peak] = [join(folder, 'hook.mjs'), join(folder, 'peak')];
  writeFileSync(hook, HOOK);
  const child = spawn(process.execPath, ['--import', pathToFileURL(hook).href, BIN, ...args], {
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', SIPDIAG_PEAK: peak },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  let wake = (): void => undefined;
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    wake();
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  const ended = new Promise<MeasuredEnd>((settle, fail) => {
    child.on('error', fail);
    child.on('close', (code) => {
      wake();
      settle({ stdout, stderr, code, peakBytes: existsSync(peak) ? Number(readFileSync(peak, 'utf8')) : NaN });
    });
  });
  return {
    pid: child.pid,
    said: (text) =>
      new Promise((settle) => {
        wake = () => {
          if (stderr.includes(text) || child.exitCode !== null) settle();
        };
        wake();
      }),
    printed: () => stdout + stderr,
    interrupt: () => void child.kill('SIGINT'),
    ended,
  };
}
