import { createWriteStream, type WriteStream } from 'node:fs';
import { stat, truncate } from 'node:fs/promises';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import type { Writable } from 'node:stream';
import { codeOf } from '../../net/system-error.ts';
import { checkWritable, explain, explainWriting } from '../files.ts';
import { outStream } from '../output.ts';
import { UsageError } from '../usage-error.ts';
import type { Earlier } from './earlier.ts';

/** Where the results go. */
export interface Output {
  /** Gives whether somebody still reads. Throws UsageError when there is no room. */
  write(text: string): Promise<'taken' | 'reader-gone'>;
  close(): Promise<void>;
}

function outputOf(stream: Writable, name: string): Pick<Output, 'write'> {
  let failure: Error | undefined;
  stream.on('error', (error) => {
    failure = error;
  });
  const send = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      if (failure !== undefined) return reject(failure);
      stream.write(text, (error) => (error ? reject(error) : resolve()));
    });
  return {
    async write(text) {
      try {
        await send(text);
        return 'taken';
      } catch (error) {
        if (codeOf(error) === 'EPIPE') return 'reader-gone';
        throw new UsageError(`cannot write ${name}: ${explain(error)}`);
      }
    },
  };
}

/** Opened before the first target is looked at: a batch is not run for results that have no place to go to. */
async function openStream(file: string, earlier: Earlier | undefined): Promise<WriteStream> {
  try {
    if (earlier !== undefined) await truncate(file, earlier.octets).catch(passOver('ENOENT'));
    const stream = createWriteStream(file, { flags: earlier === undefined ? 'w' : 'a' });
    await once(stream, 'open');
    return stream;
  } catch (error) {
    throw new UsageError(`cannot write ${file}: ${explainWriting(file, error)}`);
  }
}

const passOver =
  (code: string) =>
  (error: unknown): void => {
    if (codeOf(error) !== code) throw error;
  };

/** A slip that would cost the list: it would be emptied before it is read. */
async function refuseList(file: string, list: string): Promise<void> {
  if (list === '-') return;
  const [results, targets] = await Promise.all([file, list].map((one) => stat(one).catch(passOver('ENOENT'))));
  if (results?.isFile() === true && results.ino === targets?.ino && results.dev === targets.dev)
    throw new UsageError(`the results would be written over the list in ${file}; expected another file`);
}

/** Standard output, a new file, or the end of that of an earlier run. `list`: where the targets are. Throws UsageError. */
export async function openOutput(
  file: string | undefined,
  { earlier, list }: { earlier: Earlier | undefined; list: string },
): Promise<Output> {
  if (file === undefined) return { ...outputOf(outStream(), 'the output'), close: () => Promise.resolve() };
  await checkWritable(file);
  await refuseList(file, list);
  const stream = await openStream(file, earlier);
  return {
    ...outputOf(stream, file),
    async close() {
      stream.end();
      // A write that failed was told by that write.
      await finished(stream).catch(() => undefined);
    },
  };
}
