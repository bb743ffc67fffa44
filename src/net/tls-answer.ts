import { createSecureContext, rootCertificates, type SecureContextOptions, TLSSocket } from 'node:tls';
import type { ByteStream, TlsFacts, TlsServerSettings, TlsStream, Wait } from '../world.ts';
import { showEndpoint } from './endpoint.ts';
import { limited } from './limit.ts';
import { judgingBy, type JudgingContexts } from './judging-contexts.ts';
import { createRootsGate, type RootsGate } from './roots-gate.ts';
import { streamOf } from './tcp.ts';
import { carrierOver, createRecording, recordOf } from './tls-carrier.ts';
import { explainHandshakeError, explainTlsError } from './tls-error.ts';
import { agreedOf, factsOf, opensslSays, watchHandshake } from './tls.ts';

/** OpenSSL's level 0 allows every key size and digest, which the versions before 1.2 need. */
const ANY_STRENGTH = 'ALL:@SECLEVEL=0';

/** Any certificate is asked for, and accepted. */
const ASKING = { isServer: true, requestCert: true, rejectUnauthorized: false };

/**
 * Node reads the verdict for the connections of its own servers alone, and hands out no context of theirs to put roots into. Its
 * servers ask the handle, as is done here; without that OpenSSL is not asked.
 */
function verdictOf(socket: TLSSocket): Pick<TlsFacts, 'openssl'> {
  const handle: { verifyError?: () => (Error & { code?: string }) | null } | null = Reflect.get(socket, '_handle');
  if (typeof handle?.verifyError !== 'function') return {};
  const fault = handle.verifyError();
  return opensslSays(fault === null || fault === undefined ? undefined : (fault.code ?? fault.message));
}

/**
 * Runs the TLS handshake as server over any byte stream: asks for a certificate of any authority, accepts whatever comes. The
 * stream is closed when this throws. Throws NetError 'tls-alert', 'not-tls', 'tls-failed', 'malformed', 'too-large' and those of the
 * stream.
 */
export async function answerTlsOver(
  stream: ByteStream,
  settings: TlsServerSettings,
  { wait, contexts }: { wait: Wait; contexts: JudgingContexts },
): Promise<TlsStream> {
  const { local, remote } = stream;
  const what = `TLS handshake with ${showEndpoint(remote)}`;
  const recording = createRecording();
  const { rootsFor } = settings;
  let socket: TLSSocket | undefined;
  let gate: RootsGate;
  try {
    const context = judgingBy(createSecureContext(contextOf(settings)));
    gate = createRootsGate({
      find: rootsFor === undefined ? undefined : () => rootsFor({ ...recordOf(recording), ...agreedOf(socket) }),
      context,
      warmUp: () => contexts.loadRootStore({ createSecureContext, rootCertificates }),
    });
    const carrier = carrierOver(stream, { recording, gate });
    const opened = new TLSSocket(carrier, { ...ASKING, secureContext: context.secure });
    socket = opened;
    watchHandshake(opened, { sender: 'CLIENT', keyLog: recording.keyLog });
    await limited<void>(wait, what, (settle) => {
      const onSecure = (): void => settle.resolve();
      const onError = (error: unknown): void => settle.reject(recording.ended ?? explainTlsError(error, what));
      // A peer that ends the connection makes no error on this side. OpenSSL first: the alert that came before the end says more.
      carrier.once('end', () => setImmediate(() => onError(recording.ended)));
      opened.once('secure', onSecure).once('error', onError);
      return () => opened.off('secure', onSecure).off('error', onError);
    });
  } catch (error) {
    socket?.destroy();
    stream.close();
    throw explainHandshakeError(error, what, recordOf(recording));
  }
  recording.phase = 'open';
  const explain = (error: unknown) => explainTlsError(error, showEndpoint(remote));
  const verdict = gate.state() === 'asked' ? verdictOf(socket) : {};
  const facts = { ...factsOf(socket), ...verdict, handshake: recordOf(recording) };
  return { ...streamOf({ socket, local, remote, explain }), facts };
}

/** What the client is shown; no authority is named to it, so that it does not choose its certificate by one. */
const contextOf = ({ certificate, key }: TlsServerSettings): SecureContextOptions => ({
  cert: certificate,
  key,
  ca: [],
  minVersion: 'TLSv1',
  ciphers: ANY_STRENGTH,
});
