import type { Command } from 'commander';
import type { ExitWords } from '../exit-code.ts';

/** A command line that somebody would type, and what for. */
export interface CommandExample {
  /** What stands behind `sipdiag`. */
  line: string;
  /** A fragment without capital letter and full stop. */
  says: string;
}

/** One command of sipdiag. What it does is imported by the action, so that no command pays for another. */
export interface CommandRow {
  /** Also the word that the user types. */
  name: string;
  /** For `sipdiag --help`: no capital letter, no full stop. */
  description: string;
  /** Two to four, the commonest first. */
  examples: readonly [CommandExample, CommandExample, ...CommandExample[]];
  exits: ExitWords;
  /** Declares arguments, options and the action, which settles on the exit code. Asked of the command that was typed alone. */
  declare: (command: Command, settle: (code: number) => void) => void;
}
