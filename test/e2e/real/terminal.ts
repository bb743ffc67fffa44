/** A command on a terminal of its own, made by script(1). */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface TerminalRun {
  /** Everything that the terminal has shown. */
  shown: string;
  code: number | null;
}

/** What is typed, each once the terminal has shown the words before it. */
export type Typing = readonly (readonly [after: string, keys: string])[];

const LIMIT_MS = 20_000;

const quoted = (word: string): string => `'${word.replaceAll("'", String.raw`'\''`)}'`;

/** The command line for a shell, each word as it stands. */
export const shellLine = (words: readonly string[]): string => words.map(quoted).join(' ');

/** Runs a shell line on a terminal, and types on it. Throws Error when what was waited for is not shown. */
export async function onTerminal(line: string, typing: Typing): Promise<TerminalRun> {
  const env = { ...process.env, TERM: 'dumb', SIPDIAG_PASSWORD: '' };
  const child = spawn('script', ['-qec', line, '/dev/null'], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  const left = [...typing];
  let shown = '';
  let read = 0;
  const typeNext = (): void => {
    const [next] = left;
    const at = next === undefined ? -1 : shown.indexOf(next[0], read);
    if (next === undefined || at < 0) return;
    read = at + next[0].length;
    left.shift();
    child.stdin.write(next[1]);
    typeNext();
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text;
    typeNext();
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
  const [code] = (await once(child, 'close')) as [number | null]; // the event of child processes is (code, signal)
  clearTimeout(timer);
  if (left.length > 0) throw new Error(`the terminal did not show '${left[0]?.[0] ?? ''}': ${shown}`);
  return { shown, code };
}
