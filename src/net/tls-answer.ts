import { TLSSocket } from 'node:tls';
import type { ByteStream, HandshakeRecord, TlsServerSettings, TlsStream, Wait } from '../world.ts';
import { duplexOver } from './duplex.ts';
import { showEndpoint } from './endpoint.ts';
import { limited } from './limit.ts';
import { streamOf } from './tcp.ts';
import { explainHandshakeError, explainTlsError } from './tls-error.ts';
import { factsOf, watchHandshake } from './tls.ts';

/** Octets of the client's handshake that are kept. */
const FLIGHT_BYTES = 512 * 1024;
/** OpenSSL's level 0 allows every key size and digest, which the versions before 1.2 need. */
const ANY_STRENGTH = 'ALL:@SECLEVEL=0';

/** What is heard of the client beside OpenSSL. */
interface Ear {
  chunks: Uint8Array[];
  onEnd(error: unknown): void;
}

/** The stream, with an ear for what the client sends. */
function overhear(stream: ByteStream, ear: Ear): ByteStream {
  let bytes = 0;
  return {
    ...stream,
    async receive(wait) {
      try {
        const chunk = await stream.receive(wait);
        if (bytes < FLIGHT_BYTES) ear.chunks.push(chunk.subarray(0, FLIGHT_BYTES - bytes));
        bytes += chunk.length;
        return chunk;
      } catch (error) {
        // OpenSSL first: the alert that came before the end says more.
        setImmediate(() => ear.onEnd(error));
        throw error;
      }
    },
  };
}

/**
 * Runs the TLS handshake as server over any byte stream: asks for a certificate of any authority, accepts whatever comes. The
 * stream is closed when this throws. Throws NetError 'tls-alert', 'not-tls', 'tls-failed', 'malformed', 'too-large' and those of the
 * stream.
 */
export async function answerTlsOver(stream: ByteStream, settings: TlsServerSettings, wait: Wait): Promise<TlsStream> {
  const { local, remote } = stream;
  const what = `TLS handshake with ${showEndpoint(remote)}`;
  const ear: Ear = { chunks: [], onEnd: () => undefined };
  const { duplex, failure } = duplexOver(overhear(stream, ear));
  const keyLog: string[] = [];
  const record = (): HandshakeRecord => ({ serverFlight: new Uint8Array(Buffer.concat(ear.chunks)), keyLog });
  let socket: TLSSocket | undefined;
  try {
    const opened = new TLSSocket(duplex, {
      isServer: true,
      requestCert: true,
      rejectUnauthorized: false,
      cert: settings.certificate,
      key: settings.key,
      ca: [],
      minVersion: 'TLSv1',
      ciphers: ANY_STRENGTH,
    });
    socket = opened;
    watchHandshake(opened, { sender: 'CLIENT', keyLog });
    await limited<void>(wait, what, (settle) => {
      const onSecure = (): void => settle.resolve();
      const onError = (error: Error): void => settle.reject(explainTlsError(failure() ?? error, what));
      // A peer that ends the connection makes no error on this side, and does not close it.
      ear.onEnd = (error) => settle.reject(explainTlsError(error, what));
      opened.once('secure', onSecure).once('error', onError);
      return () => opened.off('secure', onSecure).off('error', onError);
    });
  } catch (error) {
    socket?.destroy();
    stream.close();
    throw explainHandshakeError(error, what, record());
  }
  const explain = (error: unknown) => explainTlsError(error, showEndpoint(remote));
  const facts = { ...factsOf(socket), handshake: record() };
  return { ...streamOf({ socket, local, remote, explain }), facts };
}
