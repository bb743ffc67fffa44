import { Command, CommanderError } from 'commander';
import type { DoctorOptions } from '../doctor.ts';
import { UsageError } from '../usage-error.ts';
import type { CommandRow } from '../rows/command-row.ts';

/** Options that make sense for one run alone, or that the batch has in a way of its own. */
const NOT_FOR_ONE_OF_MANY: ReadonlySet<string> = new Set([
  // Every target would want the same ports of this machine.
  'agent',
  'idle',
  'mediaPorts',
  'ports',
  'stun',
  'tokenFile',
  'turn',
  'turnPasswordFile',
  'turnUser',
  'via',
  'file',
  'format',
  'json',
  'key',
  'lab',
  'listen',
  'name',
  'output',
  'quiet',
  'save',
  'tlsCert',
  'tlsKey',
  'trace',
  'tracePcap',
  'verbose',
]);

/** Declares the options of the command that a batch runs, without those that fit no batch. */
export function declareRunOptions(command: Command, row: CommandRow): Command {
  const whole = new Command(row.name);
  row.declare(whole, () => undefined);
  for (const option of whole.options) if (!NOT_FOR_ONE_OF_MANY.has(option.attributeName())) command.addOption(option);
  return command;
}

/** What a line of the input adds to the options of the whole batch. Throws UsageError. */
export type LineOptions = (args: readonly string[]) => DoctorOptions;

/** A line that wants one family of addresses gets it, whatever the batch wants. */
function withoutRivals(ofBatch: DoctorOptions, given: readonly (readonly [string, unknown])[]): DoctorOptions {
  const { ipv4: _four, ipv6: _six, ...rest } = ofBatch;
  return given.some(([name]) => name === 'ipv4' || name === 'ipv6') ? rest : ofBatch;
}

/** Without the value: where there is no such option, it may be a password. */
function refusalText({ message }: CommanderError, command: Command): string {
  const name = /unknown option '--([^'=]*)/.exec(message)?.[1];
  if (name === undefined) return message.replace(/^error: /, '');
  if (command.options.some(({ long }) => long === `--${name}`)) return `'${name}' is a switch; expected true or false`;
  const passwords = /pass|secret|pwd/.test(name) ? '; passwords come from password-file or SIPDIAG_PASSWORD' : '';
  return `'${name}' is no option of a line; expected those of sipdiag batch ${command.name()} --help${passwords}`;
}

/** Different rows of options in one batch that are kept parsed: files have few. */
const MAX_PARSED = 256;

/** Reads the options of lines, which go before those of the batch. */
export function createLineOptions(row: CommandRow, ofBatch: DoctorOptions): LineOptions {
  const parsed = new Map<string, DoctorOptions>();
  const parse = (args: readonly string[]): DoctorOptions => {
    const command = declareRunOptions(new Command(row.name), row)
      .exitOverride()
      .showSuggestionAfterError(false)
      .configureOutput({ writeErr: () => undefined, writeOut: () => undefined })
      .helpOption(false)
      .action(() => undefined);
    try {
      command.parse(args, { from: 'user' });
    } catch (error) {
      if (!(error instanceof CommanderError)) throw error;
      throw new UsageError(refusalText(error, command));
    }
    const given = Object.entries(command.opts()).filter(([name]) => command.getOptionValueSource(name) === 'cli');
    return { ...withoutRivals(ofBatch, given), ...Object.fromEntries(given) };
  };
  return (args) => {
    if (args.length === 0) return ofBatch;
    const key = args.join('\0');
    const known = parsed.get(key);
    if (known !== undefined) return known;
    const options = parse(args);
    if (parsed.size >= MAX_PARSED) parsed.clear();
    parsed.set(key, options);
    return options;
  };
}
