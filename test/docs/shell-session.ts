import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';

const BIN = resolve(import.meta.dirname, '../../bin/sipdiag.js');
const LIMIT_MS = 60_000;

/** A command line of a session as a page shows it, and what it has printed. */
export interface Step {
  command: string;
  /** A line '...' stands for lines that the page leaves out. */
  output: string[];
  /** Shown as '[exit code 1]'; a page does not mention 0. */
  code: number;
}

const CODE = /^\[exit code (\d+)\]$/;

export function readSession(text: string): Step[] {
  const steps: Step[] = [];
  for (const line of text.trimEnd().split('\n')) {
    const step = steps.at(-1);
    const code = CODE.exec(line)?.[1];
    if (line.startsWith('$ ')) steps.push({ command: line.slice(2), output: [], code: 0 });
    else if (step === undefined) throw new Error(`a session begins with a command line: ${line}`);
    else if (code === undefined) step.output.push(line);
    else step.code = Number(code);
  }
  return steps;
}

/** Empty lines before the exit code are for the eye. */
const printStep = ({ command, output, code }: Step): string => {
  const lines = output.join('\n').trimEnd();
  const shown = lines === '' ? '' : `${lines}\n`;
  return `$ ${command}\n${shown}${code === 0 ? '' : `${shown.includes('\n\n') ? '\n' : ''}[exit code ${code}]\n`}`;
};
export const printSession = (steps: readonly Step[]): string => steps.map(printStep).join('');

function runCommand(command: string, folder: string): Promise<Step> {
  const path = [folder, resolve(process.execPath, '..'), process.env['PATH'] ?? ''].join(delimiter);
  return new Promise((settle) => {
    const options = { cwd: folder, env: { PATH: path, HOME: folder, LC_ALL: 'C.UTF-8' }, timeout: LIMIT_MS };
    execFile('bash', ['-c', `{ ${command}\n} 2>&1`], options, (error, stdout) => {
      const printed = stdout.trimEnd().replaceAll(folder, HOME);
      const output = printed === '' ? [] : printed.split('\n').map((line) => line.trimEnd());
      settle({ command, output, code: typeof error?.code === 'number' ? error.code : 0 });
    });
  });
}

/** Whoever reads a page has a folder of another name. */
const HOME = '/home/toml';

/** Runs the command lines one after the other in a folder of their own, `sipdiag` on the path. */
export async function runSession(steps: readonly Step[]): Promise<Step[]> {
  const folder = mkdtempSync(join(tmpdir(), 'sipdiag-session-'));
  symlinkSync(BIN, join(folder, 'sipdiag'));
  try {
    const done: Step[] = [];
    for (const { command } of steps) done.push(await runCommand(command, folder));
    return done;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What was printed anew, left out where the page leaves out: as many lines before and after as it shows now. */
export function abridged(shown: Step, seen: Step): Step {
  const gap = shown.output.indexOf('...');
  if (gap < 0) return seen;
  const after = shown.output.length - gap - 1;
  const tail = after === 0 ? [] : seen.output.slice(-after);
  return { ...seen, output: [...seen.output.slice(0, gap), '...', ...tail] };
}
