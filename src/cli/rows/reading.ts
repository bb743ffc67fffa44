import { Argument } from 'commander';
import { addOutputOptions, type OutputOptions } from '../common-options.ts';
import type { ExplainOptions } from '../explain.ts';
import { parseChoice } from '../parse-values.ts';
import { VERDICT_EXITS } from '../exit-code.ts';
import type { CommandRow } from './command-row.ts';

export const judgeRow: CommandRow = {
  name: 'judge',
  description: 'judge and draw a saved run again, without a network',
  examples: [
    { line: 'judge run.json', says: 'draw a run that doctor --save run.json has saved' },
    { line: 'judge run.json --json', says: 'as JSON' },
    { line: 'judge run.json --format html --output run.html', says: 'as one page for a colleague' },
  ],
  exits: VERDICT_EXITS,
  declare(command, settle) {
    addOutputOptions(command.argument('<run.json>', 'file written by --save')).action(
      async (file: string, options: OutputOptions) => {
        const { judgeCommand } = await import('../judge.ts');
        settle(await judgeCommand(file, options));
      },
    );
  },
};

export const explainRow: CommandRow = {
  name: 'explain',
  description: 'what a finding or a code means and what to do; without an id, the list',
  examples: [
    { line: 'explain', says: 'list every finding' },
    { line: 'explain cert-dates.expired', says: 'one of them' },
    { line: 'explain 403', says: 'a SIP status; also 1009 (ms-diagnostics), 0x80EE0042' },
    { line: 'explain alert 116', says: 'a TLS alert; also Q.850 17' },
  ],
  exits: { 0: 'it is explained', 2: 'nothing is known under these words' },
  declare(command, settle) {
    command
      .argument('[id...]', 'cert-dates.expired, 403, 1009 (ms-diagnostics), 0x80EE0042, alert 116, Q.850 17')
      .option('--json', 'for a script')
      .action(async (words: string[], options: ExplainOptions) => {
        const { explainCommand } = await import('../explain.ts');
        settle(explainCommand(words, options));
      });
  },
};

const SHELLS = ['bash', 'zsh', 'fish'] as const;

export const completionRow: CommandRow = {
  name: 'completion',
  description: 'a script that lets a shell complete commands, options and finding ids',
  examples: [
    { line: 'completion bash > /etc/bash_completion.d/sipdiag', says: 'for everybody on this machine' },
    { line: 'completion zsh > ~/.zsh/_sipdiag', says: 'a folder of fpath' },
    { line: 'completion fish > ~/.config/fish/completions/sipdiag.fish', says: 'for one user' },
  ],
  exits: { 0: 'the script is printed', 2: 'no such shell' },
  declare(command, settle) {
    command
      .addArgument(new Argument('<shell>', SHELLS.join(', ')).argParser(parseChoice('the shell', SHELLS)))
      .action(async (shell: (typeof SHELLS)[number]) => {
        const { completionCommand } = await import('../completion/completion.ts');
        settle(completionCommand(shell));
      });
  },
};
