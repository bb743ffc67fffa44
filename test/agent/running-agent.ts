import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { freePort } from '../e2e/real/ports.ts';

const BIN = resolve(import.meta.dirname, '../../bin/sipdiag.js');

export interface RunningAgent {
  child: ChildProcess;
  /** Standard output and standard error so far. */
  said: { out: string; err: string };
  /** Exit code and signal. */
  ended: Promise<unknown[]>;
  local: { address: string; port: number };
}

/** `sipdiag agent` as a service manager runs it, on a loopback port of its own, once it listens; killed with the test. */
export async function runningAgent(args: readonly string[], cwd?: string): Promise<RunningAgent> {
  const port = await freePort('127.0.0.1');
  const given = ['agent', '--listen', `127.0.0.1:${port}`, '--mirror-ports', 'none', ...args];
  const child = spawn(process.execPath, [BIN, ...given], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const said = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.err += text));
  const ended = once(child, 'close');
  await expect.poll(() => said.err, { timeout: 10_000 }).toContain('\n');
  return { child, said, ended, local: { address: '127.0.0.1', port } };
}
