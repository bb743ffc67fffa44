import { emitKeypressEvents, type Key } from 'node:readline';
import { terminalAt, writeErr } from './output.ts';
import { UsageError } from './usage-error.ts';

/** Whether a person sits there who can be asked. */
export const canPrompt = (): boolean => terminalAt(2) !== undefined && process.stdin.isTTY;

/** The line so far, after one more key; 'done' and 'refused' end it. */
type Typed = { line: string } | 'done' | 'refused';

/** Only a whole character is taken off, however many units it has. */
const withoutLast = (line: string): string => Array.from(line).slice(0, -1).join('');

function afterControl(line: string, name: string | undefined): Typed {
  if (name === 'c') return 'refused';
  // Ctrl-D ends an empty line, as a shell has it, and does nothing to another.
  if (name === 'd') return line === '' ? 'refused' : { line };
  if (name === 'u' || name === 'w') return { line: '' };
  return { line: name === 'h' ? withoutLast(line) : line };
}

/** What a key does to the line. Escape sequences, such as those of the arrows, do nothing. */
export function typeKey(line: string, text: string | undefined, key: Pick<Key, 'name' | 'ctrl' | 'meta'>): Typed {
  if (key.name === 'return' || key.name === 'enter') return 'done';
  if (key.name === 'backspace') return { line: withoutLast(line) };
  if (key.ctrl === true) return afterControl(line, key.name);
  const printable = text !== undefined && key.meta !== true && !/[\u0000-\u001f\u007f]/.test(text);
  return { line: printable ? line + text : line };
}

/**
 * Asks on the terminal without showing what is typed; '' where only Enter was pressed. Line editing is our own, because that of
 * Node takes a backspace for a character where TERM is dumb. Throws UsageError on Ctrl-C and Ctrl-D.
 */
export function askHidden(question: string): Promise<string> {
  const { stdin } = process;
  emitKeypressEvents(stdin);
  stdin.setRawMode(true);
  writeErr(question);
  stdin.resume();
  return new Promise((resolve, reject) => {
    let line = '';
    const end = (act: () => void): void => {
      stdin.off('keypress', onKey).off('end', refuse);
      stdin.setRawMode(false);
      stdin.pause();
      writeErr('\n');
      act();
    };
    const refuse = (): void =>
      end(() => reject(new UsageError('no password was given; expected one, or Enter to go without')));
    const onKey = (text: string | undefined, key: Key): void => {
      const typed = typeKey(line, text, key);
      if (typed === 'done') end(() => resolve(line));
      else if (typed === 'refused') refuse();
      else line = typed.line;
    };
    stdin.on('keypress', onKey).on('end', refuse);
  });
}
