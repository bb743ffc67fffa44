import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { StringDecoder } from 'node:string_decoder';
import { addAbortSignal, type Readable } from 'node:stream';
import { explain } from '../files.ts';
import { UsageError } from '../usage-error.ts';

/** The octets of a list, and how much of it has been read: 0 to 1, undefined where its length is not known. */
export interface Input {
  /** In UTF-8; they end where the signal says so, whatever their source still waits for. */
  chunks(signal: AbortSignal): AsyncIterable<Uint8Array>;
  share(): number | undefined;
}

const EXPECTED = 'expected a file with one target a line, or - for standard input';

async function* untilEnded(file: string, stream: Readable, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of addAbortSignal(signal, stream)) yield chunk as Buffer; // without an encoding a stream gives buffers
  } catch (error) {
    if (signal.aborted) return;
    throw new UsageError(`cannot read ${file}: ${explain(error)}; ${EXPECTED}`);
  }
}

/** Windows PowerShell writes UTF-16 where it is not told otherwise; the mark at the start says so. RFC 2781 section 3.2. */
async function* asUtf8(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let decoder: StringDecoder | undefined;
  let isFirst = true;
  for await (const chunk of chunks) {
    if (isFirst && chunk[0] === 0xff && chunk[1] === 0xfe) decoder = new StringDecoder('utf16le');
    isFirst = false;
    yield decoder === undefined ? chunk : Buffer.from(decoder.write(Buffer.from(chunk)));
  }
}

/** Throws UsageError for a file that is not there. */
export async function openInput(file: string): Promise<Input> {
  if (file === '-')
    return {
      chunks: (signal) => asUtf8(untilEnded('standard input', process.stdin, signal)),
      share: () => undefined,
    };
  const size = await stat(file).then(
    (found) => (found.isDirectory() ? undefined : found.size),
    (error: unknown) => {
      throw new UsageError(`cannot read ${file}: ${explain(error)}; ${EXPECTED}`);
    },
  );
  if (size === undefined) throw new UsageError(`cannot read ${file}: it is a directory; ${EXPECTED}`);
  let octets = 0;
  async function* counted(signal: AbortSignal): AsyncGenerator<Uint8Array> {
    for await (const chunk of untilEnded(file, createReadStream(file), signal)) {
      octets += chunk.length;
      yield chunk;
    }
  }
  return {
    chunks: (signal) => asUtf8(counted(signal)),
    share: () => (size === 0 ? undefined : Math.min(1, octets / size)),
  };
}
