import { Duplex } from 'node:stream';
import type { ByteStream } from '../world.ts';

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
  const pass = async (chunk: Uint8Array, done: (error?: Error) => void): Promise<void> => {
    try {
      await stream.send(chunk);
      done();
    } catch (error) {
      done(fail(error));
    }
  };
  const duplex = new Duplex({
    read: () => void pull(),
    write: (chunk: Buffer, _encoding, done) => void pass(chunk, done),
    destroy(error, done) {
      stream.close();
      done(error);
    },
  });
  // Without a listener an error of the duplex ends the process.
  duplex.on('error', () => undefined);
  return { duplex, failure: () => failure };
}
