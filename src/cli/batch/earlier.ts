import { createReadStream } from 'node:fs';
import { codeOf } from '../../net/system-error.ts';
import { explain } from '../files.ts';
import { UsageError } from '../usage-error.ts';
import type { Job, ResultLine } from './job.ts';
import { readLines } from './read-lines.ts';

/** A line may hold a whole report. */
const MAX_LINE = 64 * 1024 * 1024;

/** What every result begins with. */
const START = '{"schema":"sipdiag.batch/1"';

type Status = ResultLine['status'];

/** What an earlier run has written. */
export interface Earlier {
  /** The status of a result that stands there; each result is given once, so that targets that stand twice in the list stay two. */
  take(key: string): Status | undefined;
  /** Octets up to the end of its last whole line. */
  octets: number;
}

/** Jobs are known again by what they ask, wherever the line stands now. */
export const jobKey = ({ target, args }: Pick<Job, 'target' | 'args'>): string => JSON.stringify([target, ...args]);

function refuse(line: number): never {
  throw new UsageError(`line ${line} of the file of --resume is no result of sipdiag batch; expected its output`);
}

const STATUSES: ReadonlySet<unknown> = new Set<Status>(['healthy', 'degraded', 'broken', 'unknown', 'error']);
const isStatus = (value: unknown): value is Status => STATUSES.has(value);

/** What could not be run is known by the whole line: it says why. */
function resultIn(text: string, line: number): { key: string; status: Status } {
  try {
    const value: unknown = JSON.parse(text);
    const isResult = text.startsWith(START) && typeof value === 'object' && value !== null && 'status' in value;
    if (isResult && isStatus(value.status)) {
      const { status } = value;
      const target = 'target' in value && typeof value.target === 'string' ? value.target : '';
      const args = 'options' in value && Array.isArray(value.options) ? value.options.map(String) : [];
      return { key: status === 'error' ? text : jobKey({ target, args }), status };
    }
  } catch {
    // Told below, as any other line that this program has not written.
  }
  return refuse(line);
}

/** The octets of a file, how many they are, and how many stand before and in its last line end, whoever wrote that. */
function watch(file: string): { chunks: AsyncIterable<Uint8Array>; count: () => { all: number; whole: number } } {
  let all = 0;
  let whole = 0;
  const chunks = (async function* () {
    for await (const chunk of createReadStream(file)) {
      const bytes = chunk as Buffer; // without an encoding a stream gives buffers
      const end = bytes.lastIndexOf(0x0a);
      if (end >= 0) whole = all + end + 1;
      all += bytes.length;
      yield bytes;
    }
  })();
  return { chunks, count: () => ({ all, whole }) };
}

/** Calls `note` for each result; gives the octets of the whole lines. Throws UsageError. */
async function readResults(file: string, note: (result: ReturnType<typeof resultIn>) => void): Promise<number> {
  const { chunks, count } = watch(file);
  let last: { number: number; text: string } | undefined;
  const take = (): void => {
    if (last !== undefined) note(resultIn(last.text, last.number));
  };
  for await (const { number, text } of readLines(chunks, MAX_LINE)) {
    if (text === null)
      throw new UsageError(`line ${number} of ${file} is too long; expected a result of sipdiag batch`);
    take();
    last = { number, text };
  }
  const { all, whole } = count();
  if (all === whole) take();
  else if (last !== undefined && !last.text.startsWith(START) && !START.startsWith(last.text)) refuse(last.number);
  return whole;
}

/** What the file of --resume holds; a last line that was cut off does not count. Throws UsageError. */
export async function readEarlier(file: string): Promise<Earlier> {
  const done = new Map<string, Status[]>();
  const take = (key: string): Status | undefined => done.get(key)?.shift();
  try {
    const octets = await readResults(file, ({ key, status }) => {
      const known = done.get(key);
      if (known === undefined) done.set(key, [status]);
      else known.push(status);
    });
    return { take, octets };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return { take, octets: 0 };
    if (error instanceof UsageError) throw error;
    throw new UsageError(`cannot read ${file}: ${explain(error)}; expected the output of sipdiag batch, or a new file`);
  }
}
