import type { Command, CommanderError } from 'commander';
import { nearMatches } from './near-match.ts';

/** The command that the words lead to, as far as they are commands: 'batch dns'. */
function commandOf(program: Command, argv: readonly string[]): Command {
  const next = program.commands.find((one) => one.name() === argv[0]);
  return next === undefined ? program : commandOf(next, argv.slice(1));
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

function meant(typed: string, names: readonly string[], otherwise: string): string {
  const near = nearMatches(typed, names);
  return near.length > 0 ? `did you mean ${near.join(' or ')}?` : otherwise;
}

/** Commander's complaint in one line: what was wrong, and what is expected or was meant. */
export function usageText({ code, message }: CommanderError, program: Command, argv: readonly string[]): string {
  // The value of an option that does not exist may be a password.
  const text = message.replace(/^error: /, '').replace(/^(unknown option '[^'=]*)=.*'/s, "$1'");
  const typed = /'([^' ]*)/.exec(text)?.[1] ?? '';
  const command = commandOf(program, argv);
  const path = pathOf(command);
  switch (code) {
    case 'commander.unknownOption': {
      const options = command.options.flatMap(({ long }) => long ?? []);
      return `${text}; ${meant(typed, [...options, '--help'], `expected an option that ${path} --help lists`)}`;
    }
    case 'commander.unknownCommand': {
      if (/[.:@]/.test(typed)) return `${text}; expected a command before it, for example ${path} doctor ${typed}`;
      const names = command.commands.map((one) => one.name());
      return `${text}; ${meant(typed, names, `expected a command that ${path} --help lists`)}`;
    }
    case 'commander.missingArgument':
      return `${text.replace('required argument ', '')}; expected ${path} ${command.usage().replace('[options] ', '')}`;
    case 'commander.optionMissingArgument':
      return `${text.replace(/ argument missing$/, ' has no value')}; expected one, as ${path} --help shows`;
    case 'commander.excessArguments':
      return `${text.replace('. Expected', '; expected').replace(/\.$/, '')}${/Expected 0/.test(text) ? '' : ' (what holds blanks wants quotes)'}`;
    default:
      return text;
  }
}
