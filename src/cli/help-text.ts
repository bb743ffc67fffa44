import { hang, wrap } from '../report/layout.ts';
import type { ExitWords } from './exit-code.ts';
import type { CommandExample } from './rows/command-row.ts';

/** As wide as the reports. */
export const HELP_WIDTH = 100;
const INDENT = '  ';
const SAYS_INDENT = ' '.repeat(6);

/** One line each where all fit beside their explanation; the explanation of a longer one stands below it. */
function exampleLines(examples: readonly CommandExample[]): string[] {
  const room = Math.max(...examples.map(({ says }) => says.length)) + 2;
  const columns = HELP_WIDTH - INDENT.length - room - 'sipdiag '.length;
  const widest = Math.max(0, ...examples.map(({ line }) => line.length).filter((length) => length <= columns));
  return examples.flatMap(({ line, says }) =>
    line.length <= columns
      ? [`${INDENT}sipdiag ${line.padEnd(widest)}  ${says}`]
      : [`${INDENT}sipdiag ${line}`, ...wrap(says, HELP_WIDTH - SAYS_INDENT.length).map((text) => SAYS_INDENT + text)],
  );
}

/** What the help says behind the options: examples, and what each exit code means. Ends without a line end. */
export function helpTail({ examples, exits }: { examples: readonly CommandExample[]; exits: ExitWords }): string {
  const codes = Object.entries(exits).flatMap(([code, says]) => hang(`${INDENT}${code}  `, says, HELP_WIDTH));
  const rows = codes.map(({ lead, text }) => lead + text);
  return ['', 'Examples:', ...exampleLines(examples), '', 'Exit codes:', ...rows].join('\n');
}
