import { Duplex } from 'node:stream';
import type { ByteStream, HandshakeRecord } from '../world.ts';
import { showEndpoint } from './endpoint.ts';
import { UNREAD } from './limit.ts';
import type { NetError } from './net-error.ts';
import type { RootsGate } from './roots-gate.ts';
import { explainTlsError } from './tls-error.ts';

/** Octets of the peer's handshake that are kept. */
const FLIGHT_BYTES = 512 * 1024;

/** What is gathered while a handshake runs. */
export interface Recording {
  chunks: Uint8Array[];
  bytes: number;
  keyLog: string[];
  /** How the stream under the handshake ended: says more than OpenSSL, which only sees that it ended. */
  ended?: NetError;
  phase: 'handshake' | 'open';
}

export const createRecording = (): Recording => ({ chunks: [], bytes: 0, keyLog: [], phase: 'handshake' });

export const recordOf = ({ chunks, keyLog }: Recording): HandshakeRecord => ({
  serverFlight: new Uint8Array(Buffer.concat(chunks)),
  keyLog,
});

/** What stands between the peer and OpenSSL. */
interface Between {
  recording: Recording;
  gate: RootsGate;
}

/** The byte stream as Node's TLS wants it, with an ear for what the peer sends during the handshake. */
export function carrierOver(stream: ByteStream, { recording, gate }: Between): Duplex {
  let pulled = Promise.resolve();
  const carrier = new Duplex({
    // One after the other: while one read waits for the roots, the next would overtake it.
    read: () => void (pulled = pulled.then(pull)),
    write: (chunk: Buffer, _encoding, done) => void pass(chunk, done),
    destroy(error, done) {
      stream.close();
      done(error);
    },
  });
  const pull = async (): Promise<void> => {
    try {
      const bytes = await stream.receive({ timeoutMs: Infinity });
      keep(recording, bytes);
      if (recording.phase === 'open') carrier.push(bytes);
      else await gate.pass(bytes, (part) => carrier.push(part));
    } catch (error) {
      // What this side has closed itself says nothing of the peer.
      if (carrier.destroyed) return;
      const known = explainTlsError(error, showEndpoint(stream.remote));
      recording.ended ??= known;
      if (known.code === 'closed') carrier.push(null);
      else carrier.destroy(known);
    }
  };
  const pass = async (chunk: Buffer, done: (error?: Error) => void): Promise<void> => {
    try {
      await stream.send(chunk, UNREAD);
      done();
    } catch (error) {
      done(explainTlsError(error, showEndpoint(stream.remote)));
    }
  };
  carrier.on('error', () => undefined);
  return carrier;
}

function keep(recording: Recording, bytes: Uint8Array): void {
  if (recording.phase === 'open' || recording.bytes >= FLIGHT_BYTES) return;
  const part = bytes.subarray(0, FLIGHT_BYTES - recording.bytes);
  recording.chunks.push(part);
  recording.bytes += part.length;
}
