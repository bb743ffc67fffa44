import { Command, CommanderError } from 'commander';
import { escapeTerminal } from '../report/escape.ts';
import { commandsFor } from './commands.ts';
import { EXIT_UNKNOWN, EXIT_USAGE, VERDICT_EXITS } from './exit-code.ts';
import { HELP_WIDTH, helpTail } from './help-text.ts';
import { writeErr, writeOut } from './output.ts';
import type { CommandExample } from './rows/command-row.ts';
import { UsageError } from './usage-error.ts';
import { VERSION } from './version.ts';

/** Of the help of all commands; each command has its own. */
const EXAMPLES: readonly CommandExample[] = [
  { line: 'doctor sip:toml@fuzzybunny.local', says: 'why can this user not sign in?' },
  { line: 'doctor --lab cert-expired', says: 'learn on a fault of your choice, on loopback' },
  { line: 'explain cert-dates.expired', says: 'what a finding means and what to do' },
  { line: 'doctor --help', says: 'options, examples and exit codes of one command' },
];

function buildProgram(argv: readonly string[], settle: (code: number) => void): Command {
  const program = new Command('sipdiag');
  program
    .description('Finds out why a SIP client cannot sign in: the first broken rung, its cause, and what to do next.')
    .version(VERSION, '-V, --version')
    .exitOverride()
    .configureOutput({
      writeOut,
      writeErr: () => undefined,
      getOutHelpWidth: () => HELP_WIDTH,
      // The help has no colours; to ask the terminal would load what describes terminals.
      getOutHasColors: () => false,
    })
    .showSuggestionAfterError(false)
    .addHelpText('after', helpTail({ examples: EXAMPLES, exits: VERDICT_EXITS }));
  for (const { name, description, declare, examples, exits } of commandsFor(argv)) {
    const command = program.command(name).description(description);
    command.addHelpText('after', () => helpTail({ examples, exits }));
    declare(command, settle);
  }
  return program;
}

/** `help batch dns` and `batch help dns` ask what `batch dns --help` asks. */
function plainly(argv: readonly string[]): readonly string[] {
  const at = argv[0] === 'batch' && argv[1] === 'help' ? 1 : 0;
  const isNamed = argv[at + 1]?.startsWith('-') === false;
  return argv[at] === 'help' && isNamed ? [...argv.toSpliced(at, 1), '--help'] : argv;
}

/** Commander answers a question for the help of a command that does not exist with the help of all. */
function refuseStrayHelp(command: Command, [word, ...rest]: readonly string[]): void {
  const next = command.commands.find((one) => one.name() === word);
  if (next !== undefined) return refuseStrayHelp(next, rest);
  const isFree = command.commands.length === 0 || word === undefined || word === 'help' || word.startsWith('-');
  if (!isFree && (rest.includes('--help') || rest.includes('-h')))
    throw new CommanderError(1, 'commander.unknownCommand', `error: unknown command '${word}'`);
}

/** A monitor reads the first line of standard output, and takes 2 for an outage. */
const isForMonitor = (argv: readonly string[]): boolean =>
  argv.includes('--format=nagios') || argv.some((word, at) => word === '--format' && argv[at + 1] === 'nagios');

/** Says what was wrong, where the caller looks for it; gives the exit code. */
async function complain(text: string, argv: readonly string[], code: number): Promise<number> {
  // What was typed, and what stands in a file, may hold line ends and terminal controls.
  writeErr(`sipdiag: ${escapeTerminal(text)}\n`);
  if (!isForMonitor(argv)) return code;
  const { renderNagiosUnknown } = await import('../report/nagios.ts');
  try {
    writeOut(renderNagiosUnknown(text));
  } catch (error) {
    // Nothing more can be said there than that nothing can be written there.
    if (!(error instanceof UsageError)) throw error;
  }
  return EXIT_UNKNOWN;
}

/** Runs one command line; gives the exit code. Never throws for what the user or a remote did. */
export async function runProgram(typed: readonly string[]): Promise<number> {
  const argv = plainly(typed);
  let code = 0;
  const program = buildProgram(argv, (result) => {
    code = result;
  });
  try {
    refuseStrayHelp(program, argv);
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0;
      if (error.code === 'commander.help') {
        // A command of commands, such as batch, that was typed alone.
        const parent = program.commands.find((one) => one.name() === argv[0]);
        writeErr((parent ?? program).helpInformation());
        return EXIT_USAGE;
      }
      const { usageText } = await import('./usage-text.ts');
      return complain(usageText(error, program, argv), argv, EXIT_USAGE);
    }
    if (error instanceof UsageError) return complain(error.message, argv, EXIT_USAGE);
    // Not the user and not a remote: our own fault, named as such.
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const end = await complain('this is a bug in sipdiag, please report it', argv, EXIT_UNKNOWN);
    writeErr(`${text}\n`);
    return end;
  }
}
