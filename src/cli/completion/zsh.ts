import type { CommandWords, OptionWords, ValueWords } from './command-words.ts';

const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;
/** Inside of a specification for _arguments. */
const escaped = (text: string): string => text.replaceAll(/[\\[\]:]/g, String.raw`\$&`);

function action({ kind, words }: ValueWords): string {
  if (kind === 'words') return `(${words.join(' ')})`;
  return kind === 'file' ? '_files' : ' ';
}

function optionSpecs({ flags, says, value }: OptionWords): string[] {
  const long = (flag: string): string => (value !== undefined && flag.startsWith('--') ? `${flag}=` : flag);
  const message =
    value === undefined ? '' : `${value.needed === 'yes' ? ':' : '::'}${escaped(value.name)}:${action(value)}`;
  // The star: many options may be repeated, and who repeats another one is told by the program.
  return flags.map((flag) => quoted(`*${long(flag)}[${escaped(says)}]${message}`));
}

function caseOf({ name, options, arguments: list }: CommandWords): string[] {
  const positional = list.map((value) =>
    quoted(`${value.many === 'yes' ? '*' : '1'}:${escaped(value.name)}:${action(value)}`),
  );
  return [
    `        ${name})`,
    `          _arguments -s \\`,
    `            ${[...options.flatMap(optionSpecs), ...positional].join(' \\\n            ')} ;;`,
  ];
}

/** The script for zsh, to be sourced or put into a folder of fpath. */
export function zshScript(commands: readonly CommandWords[]): string {
  const rows = [...commands, { name: 'help', says: 'display help for command' }];
  return [
    '#compdef sipdiag',
    '# zsh completion for sipdiag, made by: sipdiag completion zsh',
    '_sipdiag() {',
    '  local curcontext="$curcontext" state line',
    '  local -a commands',
    '  commands=(',
    ...rows.map(({ name, says }) => `    ${quoted(`${name}:${says.replaceAll(':', String.raw`\:`)}`)}`),
    '  )',
    "  _arguments -C '(- *)'{-h,--help}'[display help]' '(- *)'{-V,--version}'[print the version]' '1: :->command' '*:: :->rest'",
    '  case $state in',
    "    command) _describe -t commands 'sipdiag command' commands ;;",
    '    rest)',
    '      case $words[1] in',
    `        help) _arguments '1:command:(${commands.map(({ name }) => name).join(' ')})' ;;`,
    ...commands.flatMap(caseOf),
    '      esac ;;',
    '  esac',
    '}',
    '# As a file of fpath this is the function itself; sourced, it only declares it.',
    'if [[ $funcstack[1] == _sipdiag ]]; then _sipdiag "$@"; else compdef _sipdiag sipdiag; fi',
    '',
  ].join('\n');
}
