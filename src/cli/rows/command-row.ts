import type { Command } from 'commander';

/** One command of sipdiag. What it does is imported by the action, so that no command pays for another. */
export interface CommandRow {
  /** Also the word that the user types. */
  name: string;
  /** For `sipdiag --help`: no capital letter, no full stop. */
  description: string;
  /** Declares arguments, options and the action, which settles on the exit code. Asked of the command that was typed alone. */
  declare: (command: Command, settle: (code: number) => void) => void;
}
