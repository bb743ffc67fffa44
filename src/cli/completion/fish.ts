import type { CommandWords, OptionWords, ValueWords } from './command-words.ts';

const quoted = (text: string): string => `'${text.replaceAll(/[\\']/g, String.raw`\$&`)}'`;

function valueSwitches({ kind, words }: ValueWords): string {
  if (kind === 'words') return ` -x -a ${quoted(words.join(' '))}`;
  return kind === 'file' ? ' -r -F' : ' -x';
}

function optionLine(command: string, { flags, says, value }: OptionWords): string {
  const names = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
  const rest = value === undefined ? '' : valueSwitches(value);
  return `complete -c sipdiag -n '__fish_seen_subcommand_from ${command}' ${names.join(' ')}${rest} -d ${quoted(says)}`;
}

function argumentLines({ name, arguments: list }: CommandWords): string[] {
  const [first] = list;
  if (first === undefined || first.kind === 'text') return [];
  const what = first.kind === 'file' ? '-F' : `-a ${quoted(first.words.join(' '))}`;
  return [`complete -c sipdiag -n '__fish_seen_subcommand_from ${name}' ${what}`];
}

/** The script for fish 3. */
export function fishScript(commands: readonly CommandWords[]): string {
  const rows = [...commands, { name: 'help', says: 'display help for command' }];
  return [
    '# fish completion for sipdiag, made by: sipdiag completion fish',
    'complete -c sipdiag -f',
    ...rows.map(({ name, says }) => `complete -c sipdiag -n __fish_use_subcommand -a ${name} -d ${quoted(says)}`),
    "complete -c sipdiag -n __fish_use_subcommand -s h -l help -d 'display help'",
    "complete -c sipdiag -n __fish_use_subcommand -s V -l version -d 'print the version'",
    `complete -c sipdiag -n '__fish_seen_subcommand_from help' -a ${quoted(commands.map(({ name }) => name).join(' '))}`,
    ...commands.flatMap((command) => [
      ...argumentLines(command),
      ...command.options.map((option) => optionLine(command.name, option)),
    ]),
    '',
  ].join('\n');
}
