import type { Attempt, Observation, Outcome, TcpObservation } from '../model.ts';
import type { ClientHelloSeen, TlsObservation, TlsSeen } from '../model/tls.ts';
import { readClientCertificates } from '../wire/tls-client-flight.ts';
import { readClientHello } from '../wire/tls-client-hello.ts';
import type { SentCertificates } from '../wire/tls-messages.ts';
import type { ByteStream, HandshakeRecord, Listener, TlsServerSettings, TlsStream } from '../world.ts';
import { asBase64, failureOf, offsetMs, sinceMs, waitOf, type ProbeContext } from './context.ts';
import { isJudgedNow, pemOf, trustAnchorsFor } from './trust-anchors.ts';
import { cutOf, recordOfError } from './handshake-facts.ts';
import type { TrustStore } from './trust.ts';
import { formatEndpoint } from './endpoint-text.ts';

/** What a peer that connects is shown and judged by. */
export interface ListenPlan {
  listener: Listener;
  server: TlsServerSettings;
  shown: 'throw-away' | 'own';
  trust: TrustStore;
  /** Absent: when the peer connects. */
  judgeAt?: string | undefined;
  profile: string;
  /** The name that the peer's certificate must carry; ''; none is asked for. */
  verifyName: string;
  /** Milliseconds to wait for somebody to connect. */
  patienceMs: number;
}

const MAX_NAME = 256;

function helloOf(flight: Uint8Array | undefined): { hello?: ClientHelloSeen } {
  if (flight === undefined) return {};
  try {
    const { serverName, ...hello } = readClientHello(flight);
    return { hello: { ...hello, serverName: serverName?.slice(0, MAX_NAME) ?? null } };
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'WireError') throw error;
    return {};
  }
}

type Overheard = HandshakeRecord & Pick<TlsStream['facts'], 'version' | 'cipher'>;

/** As sent; undefined: none, or nothing that this reader can follow. */
function sentBy({ serverFlight: clientFlight, ...overheard }: Overheard): SentCertificates | undefined {
  try {
    const sent = readClientCertificates({ clientFlight, ...overheard });
    return sent.certificates.length === 0 ? undefined : sent;
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'WireError') throw error;
    return undefined;
  }
}

async function rootsFor(overheard: Overheard, trust: TrustStore): Promise<string[] | undefined> {
  const sent = sentBy(overheard);
  return sent === undefined ? undefined : pemOf(await trustAnchorsFor(sent.certificates, trust));
}

async function seePeer({ facts }: TlsStream, trust: TrustStore): Promise<TlsSeen> {
  const { version, cipher, handshake, openssl } = facts;
  // Node itself drops what issued nothing.
  const sent = (handshake && sentBy({ ...handshake, version, cipher })) ?? { certificates: facts.readChain() };
  return {
    version,
    cipher,
    chain: sent.certificates.map(asBase64),
    ...cutOf(sent),
    ...(await trustAnchorsFor(sent.certificates, trust)),
    ...helloOf(handshake?.serverFlight),
    ...(openssl === undefined ? {} : { openssl }),
  };
}

/** A peer that goes away before its first message is whole has not refused anything. */
function peerFailureOf(error: unknown): ReturnType<typeof failureOf> {
  const failure = failureOf(error);
  const { reason, octets } = failure;
  if (octets === undefined || (reason !== 'closed' && reason !== 'reset')) return failure;
  if (helloOf(recordOfError(error)?.serverFlight).hello !== undefined) return failure;
  return { ...failure, reason: 'malformed', detail: 'it ended the connection in the middle of its ClientHello' };
}

function attemptOf({ remote }: Pick<ByteStream, 'remote'>): Attempt {
  const { address, port } = remote;
  return { transport: 'tls', host: address, address, port, published: true, set: 'the peer' };
}

async function acceptOne(
  context: ProbeContext,
  { listener, patienceMs }: ListenPlan,
): Promise<{ observation: TcpObservation; stream: ByteStream | undefined }> {
  const at = offsetMs(context);
  const from = context.world.now();
  const about = { ...attemptOf({ remote: listener.local }), host: 'the peer' };
  try {
    const stream = await listener.accept({ timeoutMs: patienceMs, signal: context.signal });
    const value = { localAddress: stream.local.address, localPort: stream.local.port };
    const subject = `a connection from ${formatEndpoint(stream.remote)}`;
    // The wait for somebody to come is no time of the connection.
    const outcome = { ok: true as const, value, ms: 0 };
    return { observation: { kind: 'tcp', subject, at: offsetMs(context), about: attemptOf(stream), outcome }, stream };
  } catch (error) {
    const failure = failureOf(error);
    // Nobody came: that says nothing of anybody's TCP.
    const why = failure.reason === 'timeout' ? { reason: 'cancelled' as const, detail: 'nobody connected' } : failure;
    const outcome = { ok: false as const, ...why, ms: sinceMs(context, from) };
    const subject = `a connection to ${formatEndpoint(listener.local)}`;
    return { observation: { kind: 'tcp', subject, at, about, outcome }, stream: undefined };
  }
}

async function shakeHands(context: ProbeContext, plan: ListenPlan, under: ByteStream): Promise<TlsObservation> {
  const at = offsetMs(context);
  const from = context.world.now();
  const { trust, verifyName, profile, shown, judgeAt = new Date(from).toISOString() } = plan;
  const asked = isJudgedNow(context, judgeAt) ? { rootsFor: (seen: Overheard) => rootsFor(seen, trust) } : {};
  let outcome: Outcome<TlsSeen>;
  try {
    const stream = await context.world.net.answerTls(under, { ...plan.server, ...asked }, waitOf(context));
    const ms = sinceMs(context, from);
    outcome = { ok: true, value: await seePeer(stream, trust), ms };
    stream.close();
  } catch (error) {
    outcome = { ok: false, ...peerFailureOf(error), ms: sinceMs(context, from) };
  }
  const sni = outcome.ok ? (outcome.value.hello?.serverName ?? null) : null;
  const name = verifyName === '' ? {} : { domain: verifyName };
  return {
    kind: 'tls',
    subject: `tls from ${formatEndpoint(under.remote)}`,
    at,
    about: { ...attemptOf(under), sni, verifyName, ...name, judgeAt, profile, peer: 'client', shown },
    outcome,
  };
}

/** Waits for one peer to connect, asks it for its certificate, and writes down what it presents as a client. */
export async function probePeer(context: ProbeContext, plan: ListenPlan): Promise<Observation[]> {
  const { observation, stream } = await acceptOne(context, plan);
  if (stream === undefined) return [observation];
  try {
    return [observation, await shakeHands(context, plan, stream)];
  } finally {
    stream.close();
  }
}
