import type { OutputOptions } from './common-options.ts';
import { checkWritable } from './files.ts';
import { UsageError } from './usage-error.ts';

type Places = Pick<OutputOptions, 'format' | 'json' | 'output'> & {
  save?: string;
  trace?: string;
  tracePcap?: string;
};

/** Refuses before a run what its report could not be written as, or to. Throws UsageError. */
export async function checkOutput({ format, json, output, save, trace, tracePcap }: Places): Promise<void> {
  if (json === true && format !== 'json' && format !== 'human')
    throw new UsageError(`--json and --format ${format} exclude each other; expected one of them`);
  for (const file of [output, save, trace, tracePcap]) if (file !== undefined) await checkWritable(file);
}
