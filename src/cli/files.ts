import { randomBytes } from 'node:crypto';
import { close, closeSync, constants, open, openSync, read, readSync, statSync } from 'node:fs';
import { access, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { codeOf } from '../net/system-error.ts';
import { UsageError } from './usage-error.ts';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a directory',
  ENOTDIR: 'a part of the path is not a directory',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
};

/** Why the system refuses a file that the user named, in words. */
export function explain(error: unknown): string {
  return REASONS[codeOf(error)] ?? (error instanceof Error ? error.message : String(error));
}

/** Reads a text file that the user named. Throws UsageError. */
export async function readTextFile(file: string, expected: string, maxBytes: number): Promise<string> {
  return (await readBinaryFile(file, expected, maxBytes)).toString('utf8');
}

const CHUNK = 64 * 1024;

interface Source {
  read(into: Buffer): number | Promise<number>;
  close(): void | Promise<void>;
}

/** A file on a disk is there at once: to have it read by another thread takes longer than to read it. */
function openFile(file: string): Source {
  const descriptor = openSync(file, 'r');
  return { read: (into) => readSync(descriptor, into), close: () => closeSync(descriptor) };
}

/** Pipes and devices may keep a reader waiting, who is to hear Ctrl-C all the while. */
async function openStream(file: string): Promise<Source> {
  const descriptor = await promisify(open)(file, 'r');
  return {
    read: async (into) => (await promisify(read)(descriptor, into, 0, into.length, null)).bytesRead,
    close: () => promisify(close)(descriptor),
  };
}

/** Little more than allowed at most: pipes and devices do not tell their size. Without the streams of Node, which take a tenth of its start to load. */
async function readBounded(file: string, maxBytes: number): Promise<Buffer> {
  const source = statSync(file).isFile() ? openFile(file) : await openStream(file);
  try {
    const chunks: Buffer[] = [];
    for (let octets = 0; octets <= maxBytes;) {
      const chunk = Buffer.alloc(Math.min(CHUNK, maxBytes + 1 - octets));
      const bytesRead = await source.read(chunk);
      if (bytesRead === 0) break;
      chunks.push(chunk.subarray(0, bytesRead));
      octets += bytesRead;
    }
    return Buffer.concat(chunks);
  } finally {
    await source.close();
  }
}

/** Reads a file that the user named as it is. Throws UsageError. */
export async function readBinaryFile(file: string, expected: string, maxBytes: number): Promise<Buffer> {
  try {
    const bytes = await readBounded(file, maxBytes);
    if (bytes.length > maxBytes)
      throw new UsageError(`cannot read ${file}: it is too long; expected ${expected} of at most ${maxBytes} octets`);
    return bytes;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`cannot read ${file}: ${explain(error)}; expected ${expected}`);
  }
}

/** A new file fails for want of its folder only. */
export const explainWriting = (file: string, error: unknown): string =>
  codeOf(error) === 'ENOENT'
    ? `the folder ${dirname(file)} does not exist; expected a file in a folder that does`
    : explain(error);

const PERMISSIONS = 0o777;

/** What is there already: where a link leads to, and with which rights; undefined when there is nothing. */
async function existing(
  file: string,
): Promise<{ path: string; kind: 'file' | 'folder' | 'other'; mode: number } | undefined> {
  try {
    const path = await realpath(file);
    const found = await stat(path);
    return {
      path,
      kind: found.isFile() ? 'file' : found.isDirectory() ? 'folder' : 'other',
      mode: found.mode & PERMISSIONS,
    };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function replaceFile(path: string, text: string | Uint8Array, mode: number): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await writeFile(temporary, text, { mode, flag: 'wx' });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/**
 * Writes a file whole or not at all: a runbook never reads half a report. A link is followed, the rights of a file stay, and
 * a pipe or a device such as /dev/null is written to, never replaced. Throws UsageError.
 */
export async function writeTextFile(file: string, text: string | Uint8Array): Promise<void> {
  try {
    const found = await existing(file);
    if (found !== undefined && found.kind !== 'file') await writeFile(file, text);
    else await replaceFile(found?.path ?? file, text, found?.mode ?? 0o644);
  } catch (error) {
    throw new UsageError(`cannot write ${file}: ${explainWriting(file, error)}`);
  }
}

/** A run is not made for a report that has no place to go to. Throws UsageError. */
export async function checkWritable(file: string): Promise<void> {
  try {
    const found = await existing(file);
    if (found?.kind === 'folder') throw Object.assign(new Error('a directory'), { code: 'EISDIR' });
    if (found?.kind !== 'other') await access(dirname(found?.path ?? file), constants.W_OK);
  } catch (error) {
    throw new UsageError(`cannot write ${file}: ${explainWriting(file, error)}`);
  }
}
