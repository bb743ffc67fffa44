import { addOutputOptions, type OutputOptions } from '../common-options.ts';
import type { ExplainOptions } from '../explain.ts';
import type { CommandRow } from './command-row.ts';

export const judgeRow: CommandRow = {
  name: 'judge',
  description: 'judge and draw a saved run again, without a network',
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
