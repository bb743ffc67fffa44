import { readTextFile } from './files.ts';
import { UsageError } from './usage-error.ts';

/** Over plain TCP whoever listens can try tokens at leisure: shorter ones would be found. */
const SHORTEST = 16;
const LONGEST = 256;
const EXPECTED = `one line of ${SHORTEST} to ${LONGEST} characters, for example what openssl rand -hex 16 prints`;

/**
 * The token that an agent and those who ask it share. It is in a closure from here on, so that no report, log or error can come upon
 * it. Throws UsageError.
 */
export async function readToken(file: string): Promise<() => string> {
  const text = await readTextFile(file, EXPECTED, LONGEST * 4);
  const token = text.replace(/\r?\n$/, '');
  const fits = token.length >= SHORTEST && token.length <= LONGEST && !/[\r\n\0]/.test(token);
  if (!fits) throw new UsageError(`--token-file ${file} does not hold a token; expected ${EXPECTED}`);
  return () => token;
}
