import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Command lines of this machine that name the text; zombies have none. */
export function processesNaming(text: string): string[] {
  const lines = readdirSync('/proc').map((entry) => {
    try {
      return readFileSync(join('/proc', entry, 'cmdline'), 'utf8').replaceAll('\0', ' ');
    } catch {
      // Not a process, or one that has ended meanwhile.
      return '';
    }
  });
  return lines.filter((line) => line.includes(text));
}
