import { fstatSync, statSync, writeSync } from 'node:fs';
import { codeOf } from '../net/system-error.ts';
import { explain } from './files.ts';
import { UsageError } from './usage-error.ts';

type Descriptor = 1 | 2;

/** The reader of a pipe may leave early, as `head -1` does: what is left to say then interests nobody. */
function forgiveClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

function streamOf(descriptor: Descriptor): NodeJS.WriteStream {
  const stream = descriptor === 1 ? process.stdout : process.stderr;
  if (!stream.listeners('error').includes(forgiveClosedPipe)) stream.on('error', forgiveClosedPipe);
  return stream;
}

/** Past the streams of Node, which take a tenth of its start to load. */
function write(descriptor: Descriptor, text: string): void {
  const octets = Buffer.from(text);
  // A console of Windows takes no octets.
  if (process.platform === 'win32') return void streamOf(descriptor).write(octets);
  let at = 0;
  try {
    while (at < octets.length) at += writeSync(descriptor, octets, at);
  } catch (error) {
    // Where complaints cannot be written, that is nothing to complain about.
    if (codeOf(error) === 'EPIPE' || (descriptor === 2 && codeOf(error) !== 'EAGAIN')) return;
    // Somebody who shares it has made it non-blocking, and it is full: the stream waits.
    if (codeOf(error) === 'EAGAIN') return void streamOf(descriptor).write(octets.subarray(at));
    throw new UsageError(`cannot write the output: ${explain(error)}`);
  }
}

/** Writes to standard output. Throws UsageError when there is no room. */
export const writeOut = (text: string): void => write(1, text);

/** Writes to standard error; lost where it cannot be written. */
export const writeErr = (text: string): void => write(2, text);

/** Standard output as a stream, for what is written bit by bit; whoever takes it hears its errors: a reader that left is EPIPE. */
export const outStream = (): NodeJS.WriteStream => process.stdout;

function isNullDevice(device: number): boolean {
  try {
    return statSync('/dev/null').rdev === device;
  } catch {
    return false;
  }
}

/** The terminal behind standard output or standard error; undefined for a file, a pipe and /dev/null. */
export function terminalAt(descriptor: Descriptor): NodeJS.WriteStream | undefined {
  if (process.platform !== 'win32') {
    const found = fstatSync(descriptor);
    if (!found.isCharacterDevice() || isNullDevice(found.rdev)) return undefined;
  }
  const stream = streamOf(descriptor);
  return stream.isTTY ? stream : undefined;
}
