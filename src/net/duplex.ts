import { Duplex } from 'node:stream';
import type { ByteStream } from '../world.ts';
import { UNREAD } from './limit.ts';

/**
 * A byte stream as Node's HTTP wants it. Its first error, whether of the stream or of a write, is kept in `failure()`: HTTP
 * only says that the socket was lost.
 */
export interface StreamDuplex {
  duplex: Duplex;
  failure(): unknown;
}

/** The duplex owns the stream from now on. */
export function duplexOver(stream: ByteStream): StreamDuplex {
  let failure: unknown;
  const fail = (error: unknown): Error => {
    failure ??= error;
    return error instanceof Error ? error : new Error(String(error));
  };
  const pull = async (): Promise<void> => {
    try {
      duplex.push(await stream.receive({ timeoutMs: Infinity }));
    } catch (error) {
      fail(error);
      duplex.push(null);
    }
  };
  // Done at once: HTTP/1.1 of Node hands out a connection twice when an answer arrives before its request counts as written.
  // What goes up are small requests; that one could not be sent is heard as the end of the stream.
  const pass = (chunk: Uint8Array, done: () => void): void => {
    stream.send(chunk, UNREAD).catch((error: unknown) => duplex.destroy(fail(error)));
    done();
  };
  const duplex = new Duplex({
    read: () => void pull(),
    write: (chunk: Buffer, _encoding, done) => pass(chunk, done),
    destroy(error, done) {
      stream.close();
      done(error);
    },
  });
  // Without a listener an error of the duplex ends the process.
  duplex.on('error', () => undefined);
  return { duplex, failure: () => failure };
}
