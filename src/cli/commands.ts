import { agentRow } from './rows/agent.ts';
import { batchRow } from './rows/batch.ts';
import { csrRow, tlsRow } from './rows/certificates.ts';
import type { CommandRow } from './rows/command-row.ts';
import { dnsRow, doctorRow, firewallRow, signinRow } from './rows/ladder.ts';
import { labRow } from './rows/lab.ts';
import { completionRow, explainRow, judgeRow } from './rows/reading.ts';

/** Every command, in the order of `sipdiag --help`. */
export const COMMANDS: readonly CommandRow[] = [
  doctorRow,
  dnsRow,
  signinRow,
  firewallRow,
  tlsRow,
  agentRow,
  csrRow,
  labRow,
  batchRow,
  judgeRow,
  explainRow,
  completionRow,
];

/** The commands that a command line needs declared: the one that it names, or all of them for the help and for complaints. */
export function commandsFor([name]: readonly string[]): readonly CommandRow[] {
  const named = COMMANDS.filter((row) => row.name === name);
  return named.length > 0 ? named : COMMANDS;
}
