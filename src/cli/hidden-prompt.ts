import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { terminalAt, writeErr } from './output.ts';
import { UsageError } from './usage-error.ts';

/** Whether a person sits there who can be asked. */
export const canPrompt = (): boolean => terminalAt(2) !== undefined && process.stdin.isTTY;

/** Asks on the terminal without showing what is typed; '' where only Enter was pressed. Throws UsageError on Ctrl-C and Ctrl-D. */
export function askHidden(question: string): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true, historySize: 0 });
  writeErr(question);
  return new Promise((resolve, reject) => {
    let settled: 'no' | 'yes' = 'no';
    const end = (act: () => void): void => {
      if (settled === 'yes') return;
      settled = 'yes';
      writeErr('\n');
      lines.close();
      act();
    };
    const refuse = (): void =>
      end(() => reject(new UsageError('no password was given; expected one, or Enter to go without')));
    lines.question('', (answer) => end(() => resolve(answer)));
    lines.on('SIGINT', refuse);
    lines.on('close', refuse);
  });
}
