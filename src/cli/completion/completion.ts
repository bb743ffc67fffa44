import { writeOut } from '../output.ts';
import { bashScript } from './bash.ts';
import { commandWords, type CommandWords } from './command-words.ts';
import { fishScript } from './fish.ts';
import { zshScript } from './zsh.ts';

const SCRIPTS: Readonly<Record<'bash' | 'zsh' | 'fish', (commands: readonly CommandWords[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

/** `sipdiag completion`: the script for one shell, made from the commands as they are declared. */
export function completionCommand(shell: keyof typeof SCRIPTS): number {
  writeOut(SCRIPTS[shell](commandWords()));
  return 0;
}
