import { createReadStream, createWriteStream } from 'node:fs';
import { truncate } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import type { Writable } from 'node:stream';
import { outStream } from '../output.ts';
import { UsageError } from '../usage-error.ts';
import type { Job } from './job.ts';
import { readLines } from './read-lines.ts';

/** A line may hold a whole report. */
const MAX_LINE = 64 * 1024 * 1024;

/** What an earlier run has written. */
export interface Earlier {
  done: ReadonlySet<string>;
  /** Octets up to the end of its last whole line. */
  octets: number;
}

/** Jobs are known again by what they ask, wherever the line stands now. */
export const jobKey = ({ target, args }: Pick<Job, 'target' | 'args'>): string => JSON.stringify([target, ...args]);

function keyIn(text: string, line: number): string {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && 'schema' in value && value.schema === 'sipdiag.batch/1') {
      const target = 'target' in value && typeof value.target === 'string' ? value.target : '';
      const args = 'options' in value && Array.isArray(value.options) ? value.options.map(String) : [];
      return jobKey({ target, args });
    }
  } catch {
    // Told below, as any other line that this program has not written.
  }
  throw new UsageError(`line ${line} of the file of --resume is no result of sipdiag batch; expected its output`);
}

/** What the file of --resume holds; a last line that was cut off does not count. Throws UsageError. */
export async function readEarlier(file: string): Promise<Earlier> {
  const done = new Set<string>();
  let octets = 0;
  let pending: { number: number; text: string | null } | undefined;
  const take = (): void => {
    if (pending?.text === null)
      throw new UsageError(`line ${pending.number} of ${file} is too long; expected a result of sipdiag batch`);
    if (pending === undefined) return;
    done.add(keyIn(pending.text, pending.number));
    octets += Buffer.byteLength(pending.text) + 1;
  };
  try {
    let endsWhole = true;
    const watched = (async function* () {
      for await (const chunk of createReadStream(file)) {
        const bytes = chunk as Buffer; // without an encoding a stream gives buffers
        endsWhole = bytes.at(-1) === 0x0a;
        yield bytes;
      }
    })();
    for await (const line of readLines(watched, MAX_LINE)) {
      take();
      pending = line;
    }
    if (endsWhole) take();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return { done, octets: 0 };
    throw error;
  }
  return { done, octets };
}

/** Where the results go. */
export interface Output {
  write(text: string): Promise<void>;
  close(): Promise<void>;
}

function outputOf(stream: Writable, end: 'end' | 'leave-open'): Output {
  let failure: Error | undefined;
  stream.on('error', (error) => {
    failure = error;
  });
  return {
    write: (text) =>
      new Promise((resolve, reject) => {
        if (failure !== undefined) return reject(failure);
        stream.write(text, (error) => (error ? reject(error) : resolve()));
      }),
    async close() {
      if (end === 'leave-open') return;
      stream.end();
      await finished(stream);
    },
  };
}

/** Standard output, a new file, or the end of that of an earlier run. */
export async function openOutput(file: string | undefined, earlier: Earlier | undefined): Promise<Output> {
  if (file === undefined) return outputOf(outStream(), 'leave-open');
  if (earlier !== undefined && earlier.octets > 0) await truncate(file, earlier.octets);
  return outputOf(createWriteStream(file, { flags: earlier === undefined ? 'w' : 'a' }), 'end');
}
