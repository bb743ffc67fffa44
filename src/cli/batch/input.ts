import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { explain } from '../files.ts';
import { UsageError } from '../usage-error.ts';

/** The octets of a list, and how much of it has been read: 0 to 1, undefined where its length is not known. */
export interface Input {
  chunks: AsyncIterable<Uint8Array>;
  share(): number | undefined;
}

const EXPECTED = 'expected a file with one target a line, or - for standard input';

/** Throws UsageError for a file that is not there. */
export async function openInput(file: string): Promise<Input> {
  if (file === '-') return { chunks: process.stdin, share: () => undefined };
  const size = await stat(file).then(
    (found) => (found.isDirectory() ? undefined : found.size),
    (error: unknown) => {
      throw new UsageError(`cannot read ${file}: ${explain(error)}; ${EXPECTED}`);
    },
  );
  if (size === undefined) throw new UsageError(`cannot read ${file}: it is a directory; ${EXPECTED}`);
  let octets = 0;
  const chunks = (async function* () {
    for await (const chunk of createReadStream(file)) {
      const bytes = chunk as Buffer; // without an encoding a stream gives buffers
      octets += bytes.length;
      yield bytes;
    }
  })();
  return { chunks, share: () => (size === 0 ? undefined : Math.min(1, octets / size)) };
}
