import type { CommandWords, ValueWords } from './command-words.ts';

const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

const FILES = `local IFS=$'\\n'; compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur"))`;
const among = (words: readonly string[]): string => `COMPREPLY=($(compgen -W ${quoted(words.join(' '))} -- "$cur"))`;

/** What completes a value; nothing where nothing can be listed. */
function reply({ kind, words }: ValueWords): string {
  if (kind === 'words') return among(words);
  return kind === 'file' ? FILES : ':';
}

function caseOf({ name, options, arguments: [first] }: CommandWords): string[] {
  const flags = options.flatMap((option) => option.flags);
  const valued = options.flatMap(({ flags, value }) => (value === undefined ? [] : [{ flags, value }]));
  const rows = valued.map(({ flags, value }) => {
    // Where the value may be left out, another option may follow.
    const guard = value.needed === 'yes' ? '' : `[[ $cur == -* ]] || `;
    const rest = value.needed === 'yes' ? `${reply(value)}; return` : `{ ${reply(value)}; return; }`;
    return `        ${flags.join('|')}) ${guard}${rest} ;;`;
  });
  return [
    `    ${name})`,
    ...(rows.length === 0 ? [] : ['      case $prev in', ...rows, '      esac']),
    `      if [[ $cur == -* ]]; then ${among(flags)}`,
    `      else ${first === undefined ? ':' : reply(first)}; fi ;;`,
  ];
}

/** The script for bash 3.2 and later; it needs nothing of the package bash-completion. */
export function bashScript(commands: readonly CommandWords[]): string {
  const names = commands.map(({ name }) => name);
  return [
    '# bash completion for sipdiag, made by: sipdiag completion bash',
    '_sipdiag() {',
    String.raw`  local IFS=$' \t\n' cur=${'$'}{COMP_WORDS[COMP_CWORD]} prev=${'$'}{COMP_WORDS[COMP_CWORD-1]} command= i`,
    '  # Readline takes --format=json for three words.',
    '  if [[ $cur == = ]]; then cur=; elif [[ $prev == = ]]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi',
    '  for ((i = 1; i < COMP_CWORD; i++)); do',
    `    case \${COMP_WORDS[i]} in ${[...names, 'help'].join('|')}) command=\${COMP_WORDS[i]}; break ;; esac`,
    '  done',
    '  COMPREPLY=()',
    '  case $command in',
    `    '') ${among([...names, 'help', '--help', '--version'])} ;;`,
    `    help) ${among(names)} ;;`,
    ...commands.flatMap(caseOf),
    '  esac',
    '}',
    'complete -F _sipdiag sipdiag',
    '',
  ].join('\n');
}
