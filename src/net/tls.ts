import type { ConnectionOptions, SecureContext, SecureContextOptions, TLSSocket, TLSSocketOptions } from 'node:tls';
import type { ByteStream, OpensslVerdict, TlsFacts, TlsSettings, TlsStream, Wait } from '../world.ts';
import { showEndpoint } from './endpoint.ts';
import { limited } from './limit.ts';
import { judgingBy, type JudgingContext, type JudgingContexts } from './judging-contexts.ts';
import { createRootsGate, type RootsGate } from './roots-gate.ts';
import { streamOf } from './tcp.ts';
import { carrierOver, createRecording, recordOf, type Recording } from './tls-carrier.ts';
import { explainHandshakeError, explainTlsError } from './tls-error.ts';

/** Certificates that are taken from one chain. */
const CHAIN_LENGTH = 32;

/**
 * Runs the TLS handshake as client over any byte stream and accepts any certificate; no session is resumed. The stream is
 * closed when this throws. Throws NetError 'tls-alert', 'not-tls', 'tls-failed', 'malformed', 'too-large' and those of the stream.
 */
export async function startTlsOver(
  stream: ByteStream,
  settings: TlsSettings,
  { wait, contexts }: { wait: Wait; contexts: JudgingContexts },
): Promise<TlsStream> {
  const what = `TLS handshake with ${showEndpoint(stream.remote)}`;
  const recording = createRecording();
  const { roots } = settings;
  let socket: TLSSocket | undefined;
  let gate: RootsGate | undefined;
  let ocspStaple: Uint8Array | undefined;
  try {
    const tls = await import('node:tls');
    const context = contextFor(tls, settings, contexts);
    gate = createRootsGate({
      find: roots === undefined ? undefined : () => roots.find(recordOf(recording)),
      context,
      warmUp: () => contexts.loadRootStore(tls),
    });
    const carrier = carrierOver(stream, { recording, gate });
    const opened = tls.connect({ ...optionsOf(settings), secureContext: context.secure, socket: carrier });
    socket = opened;
    leaveChainUnread(opened);
    watchHandshake(opened, { sender: 'SERVER', keyLog: recording.keyLog });
    opened.on('OCSPResponse', (response: Buffer | null) => {
      if (response !== null && response.length > 0) ocspStaple = new Uint8Array(response);
    });
    await untilSecure(opened, { wait, what, recording });
  } catch (error) {
    socket?.destroy();
    stream.close();
    throw explainHandshakeError(error, what, recordOf(recording));
  }
  recording.phase = 'open';
  const verdict = gate.state() === 'asked' ? verdictOf(socket) : {};
  return tlsStreamOf(socket, stream, { ...factsOf(socket), ...verdict, handshake: recordOf(recording), ocspStaple });
}

interface Handshake {
  wait: Wait;
  what: string;
  recording: Recording;
}

function untilSecure(socket: TLSSocket, { wait, what, recording }: Handshake): Promise<void> {
  return limited<void>(wait, what, (settle) => {
    const onSecure = (): void => settle.resolve();
    const onError = (error: Error): void => settle.reject(recording.ended ?? explainTlsError(error, what));
    socket.once('secureConnect', onSecure).once('error', onError);
    return () => socket.off('secureConnect', onSecure).off('error', onError);
  });
}

function tlsStreamOf(socket: TLSSocket, under: ByteStream, facts: TlsFacts): TlsStream {
  const { local, remote } = under;
  const what = showEndpoint(remote);
  const over = streamOf({ socket, local, remote, explain: (error) => explainTlsError(error, what) });
  return { ...over, facts };
}

/** Settings that differ in nothing that a context holds share one. */
function contextFor(
  { createSecureContext }: typeof import('node:tls'),
  settings: TlsSettings,
  contexts: JudgingContexts,
): JudgingContext {
  const { roots, clientCert, minVersion, maxVersion, ciphers } = settings;
  const isUsual = [clientCert, minVersion, maxVersion, ciphers].every((one) => one === undefined);
  const make = (): SecureContext => createSecureContext(contextOf(settings));
  return roots !== undefined && isUsual ? contexts.of(roots.trust, make) : judgingBy(make());
}

/** What OpenSSL is told before it meets the peer. */
export function contextOf(settings: TlsSettings): SecureContextOptions {
  const { clientCert, clientKey, minVersion, maxVersion, ciphers } = settings;
  return {
    // An empty store: the 140 roots that Node would parse cost 20 ms.
    ca: [],
    ...(clientCert === undefined ? {} : { cert: clientCert }),
    ...(clientKey === undefined ? {} : { key: clientKey }),
    ...(minVersion === undefined ? {} : { minVersion }),
    ...(maxVersion === undefined ? {} : { maxVersion }),
    ...(ciphers === undefined ? {} : { ciphers }),
  };
}

/** How Node's TLS connects; nothing hangs on a verdict. */
export function optionsOf({
  serverName,
  alpn,
}: TlsSettings): ConnectionOptions & Pick<TLSSocketOptions, 'requestOCSP'> {
  return {
    rejectUnauthorized: false,
    requestOCSP: true,
    // OpenSSL judges the path alone: which name counts depends on the client.
    checkServerIdentity: () => undefined,
    ...(serverName !== undefined && isName(serverName) ? { servername: serverName } : {}),
    ...(alpn === undefined ? {} : { ALPNProtocols: [...alpn] }),
  };
}

function verdictOf({ authorized, authorizationError }: TLSSocket): Pick<TlsFacts, 'openssl'> {
  // A code, where Node's types have an Error.
  return opensslSays(authorized ? undefined : String(authorizationError));
}

/** What OpenSSL, which was asked, makes of the chain. */
export const opensslSays = (fault: string | undefined): { openssl: OpensslVerdict } => ({
  openssl: { version: process.versions.openssl ?? '', verdict: fault ?? 'ok' },
});

/** An address is no server name (RFC 6066 section 3). Node's own test compiles a regular expression that costs 2 ms. */
const isName = (text: string): boolean => text !== '' && !text.includes(':') && !/^[\d.]+$/.test(text);

/** Keeps the key log line that opens what the sender says in a handshake of TLS 1.3. */
export function watchHandshake(
  socket: TLSSocket,
  { sender, keyLog }: { sender: 'SERVER' | 'CLIENT'; keyLog: string[] },
): void {
  socket.on('error', () => undefined);
  socket.on('keylog', (line: Buffer) => {
    const text = line.toString('latin1').trim();
    if (text.startsWith(`${sender}_HANDSHAKE_TRAFFIC_SECRET `)) keyLog.push(text);
  });
}

/** Node reads every field of a chain, in milliseconds, for its own check of the name, which nothing hangs on here. */
function leaveChainUnread(socket: TLSSocket): void {
  Object.defineProperty(socket, 'getPeerCertificate', { value: () => ({}), configurable: true });
  socket.once('secureConnect', () => Reflect.deleteProperty(socket, 'getPeerCertificate'));
}

/**
 * The chain as Node has it. `getPeerX509Certificate` would be quicker, and in Node 20 it leaves every certificate but the first
 * behind in memory that nobody frees.
 */
function chainOf(socket: TLSSocket): Uint8Array[] {
  const chain: Uint8Array[] = [];
  const met = new Set<string>();
  let certificate = socket.getPeerCertificate(true);
  // A peer without certificate gives an empty object; a self-signed certificate names itself as its issuer.
  while (chain.length < CHAIN_LENGTH && certificate?.raw !== undefined && !met.has(certificate.fingerprint512)) {
    met.add(certificate.fingerprint512);
    chain.push(new Uint8Array(certificate.raw));
    certificate = certificate.issuerCertificate;
  }
  return chain;
}

/** What both sides have agreed on, and the way to the chain. */
export function factsOf(socket: TLSSocket): TlsFacts {
  const alpn = typeof socket.alpnProtocol === 'string' ? { alpn: socket.alpnProtocol } : {};
  return {
    version: socket.getProtocol() ?? '',
    cipher: socket.getCipher().name,
    readChain: () => chainOf(socket),
    ...alpn,
  };
}

/** What both sides have agreed on; '' for what is still open. */
export function agreedOf(socket: TLSSocket | undefined): Pick<TlsFacts, 'version' | 'cipher'> {
  const cipher: { name?: string } | undefined = socket?.getCipher();
  return { version: socket?.getProtocol() ?? '', cipher: cipher?.name ?? '' };
}
