import type { OutputOptions } from './common-options.ts';
import { terminalAt } from './output.ts';
import { escapeTerminal } from '../report/escape.ts';

/** A run that is over sooner needs no spinner, and does not pay for loading it. */
const SHOW_AFTER_MS = 400;

/** Shows that something happens, on a terminal only, and on stderr only. Gives the function that ends it. */
export function startProgress(text: string, { quiet }: OutputOptions): () => void {
  const stream = quiet === true ? undefined : terminalAt(2);
  if (stream === undefined) return () => undefined;
  let stop = (): void => undefined;
  let ended = false;
  const show = async (): Promise<void> => {
    const { default: ora } = await import('ora');
    if (ended) return;
    const spinner = ora({ text: escapeTerminal(text), stream, discardStdin: false }).start();
    stop = () => void spinner.stop();
  };
  const timer = setTimeout(() => void show(), SHOW_AFTER_MS);
  return () => {
    ended = true;
    clearTimeout(timer);
    stop();
  };
}
