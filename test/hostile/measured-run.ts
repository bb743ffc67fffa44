import { spawn } from 'node:child_process';
import { resolve } from 'node:path';

const BIN = resolve(import.meta.dirname, '../../bin/sipdiag.js');
/** Writes the most memory that the process had, in KiB, when it ends by itself. */
const METER = `data:text/javascript,import{writeSync}from'node:fs';process.on('exit',()=>writeSync(3,String(process.resourceUsage().maxRSS)))`;
/** A command whose limits are seconds has long ended by then, on a busy machine too. */
const KILLED_AFTER_MS = 60_000;

export interface Measured {
  stdout: string;
  stderr: string;
  /** null: it had to be killed. */
  code: number | null;
  peakMiB: number;
}

/** Runs the built command to its own end, and tells the most memory that it had. */
export function measured(args: readonly string[]): Promise<Measured> {
  return new Promise((settle, fail) => {
    const child = spawn(process.execPath, [`--import=${METER}`, BIN, ...args], {
      env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '' },
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      timeout: KILLED_AFTER_MS,
      killSignal: 'SIGKILL',
    });
    const said = ['', '', '', ''];
    for (const at of [1, 2, 3])
      child.stdio[at]?.on('data', (piece: Buffer) => (said[at] = `${said[at] ?? ''}${piece.toString('utf8')}`));
    child.on('error', fail);
    child.on('close', (code) => {
      const [, stdout = '', stderr = '', kibibytes = ''] = said;
      settle({ stdout, stderr, code, peakMiB: Number(kibibytes) / 1024 });
    });
  });
}
