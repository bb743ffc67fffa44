import { spawn } from 'node:child_process';
import { resolve } from 'node:path';

const BIN = resolve(import.meta.dirname, '../bin/sipdiag.js');

export interface CommandResult {
  stdout: string;
  stderr: string;
  /** null when the process was ended by a signal. */
  code: number | null;
}

export interface CommandOptions {
  /** The Node to run on; absent: the one that runs the tests. */
  node?: string;
  env?: Record<string, string>;
  cwd?: string;
  timeoutMs?: number;
  /** How it is ended when the time is over. Default 'SIGKILL': it was to have ended by itself. */
  endedBy?: 'SIGKILL' | 'SIGTERM';
}

const LIMIT_MS = 40_000;

/** Runs the built `sipdiag` as a user's shell would, with pipes instead of a terminal. */
export function sipdiag(args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const { node = process.execPath, env = {}, cwd, timeoutMs = LIMIT_MS, endedBy = 'SIGKILL' } = options;
  return new Promise((settle, fail) => {
    const child = spawn(node, [BIN, ...args], {
      cwd,
      env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: timeoutMs,
      killSignal: endedBy,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.on('error', fail);
    child.on('close', (code) => settle({ stdout, stderr, code }));
  });
}
