import type { Attempt, Outcome } from '../model.ts';
import type { TlsObservation, TlsSeen } from '../model/tls.ts';
import type { ServerFlight } from '../wire/tls-flight.ts';
import type { ByteStream, HandshakeRecord, TlsSettings, TlsStream } from '../world.ts';
import type { ClientCertificate } from './client-certificate.ts';
import { subjectOf } from './climb-tcp.ts';
import { asBase64, failureOf, offsetMs, sinceMs, waitOf, type ProbeContext } from './context.ts';
import { REFUSALS, cutOf, describeRequest, flightOf, flightOfError } from './handshake-facts.ts';
import { isJudgedNow, pemOf, trustAnchorsFor } from './trust-anchors.ts';
import type { TrustStore } from './trust.ts';

/** How TLS is spoken with one server, and with what it is judged. */
export interface TlsPlan {
  about: Attempt;
  tls: Omit<TlsObservation['about'], keyof Attempt> & { trust: TrustStore };
  clientCertificate?: ClientCertificate | undefined;
}

export interface TlsClimb {
  observation: TlsObservation;
  stream: TlsStream | undefined;
}

type Refusal = NonNullable<TlsSeen['refusal']>;

/** An alert comes one round trip after the handshake, which took one or two: three times that is ample. */
const AFTER_HANDSHAKE_FACTOR = 3;
const AFTER_HANDSHAKE_LEAST_MS = 300;

/** The chain of one connection with the roots that its names point to, read and looked up once: a server sends one chain. */
function createChainReader(trust: TrustStore) {
  let flight: ServerFlight | undefined;
  let seen: Promise<Pick<TlsSeen, 'chain' | 'trustAnchors' | 'publicAnchors'>> | undefined;
  const look = async (chain: readonly Uint8Array[]) => ({
    chain: chain.map(asBase64),
    ...(await trustAnchorsFor(chain, trust)),
  });
  const read = (chain: readonly Uint8Array[]) => (seen ??= look(chain));
  return {
    read,
    async rootsFor(handshake: HandshakeRecord): Promise<string[] | undefined> {
      flight = flightOf(handshake);
      if (flight === undefined || flight.certificates.length === 0) return undefined;
      return pemOf(await read(flight.certificates));
    },
    /** In TLS 1.3 the certificates are the last that is looked at; before, a request may follow them. */
    flightOf: (handshake: HandshakeRecord | undefined): ServerFlight | undefined =>
      flight?.version === 'TLSv1.3' && flight.certificates.length > 0 ? flight : flightOf(handshake),
  };
}
type ChainReader = ReturnType<typeof createChainReader>;

function settingsOf(context: ProbeContext, { tls, clientCertificate }: TlsPlan, reader: ChainReader): TlsSettings {
  return {
    serverName: tls.sni ?? undefined,
    clientCert: clientCertificate?.certPem,
    clientKey: clientCertificate?.keyPem,
    ...(isJudgedNow(context, tls.judgeAt) ? { roots: { trust: tls.trust, find: reader.rootsFor } } : {}),
  };
}

async function seeStream({ facts }: TlsStream, reader: ChainReader): Promise<TlsSeen> {
  const { version, cipher, ocspStaple, openssl } = facts;
  const flight = reader.flightOf(facts.handshake);
  // Node itself drops and reorders certificates that do not issue one another: the flight has them octet for octet.
  const sent = flight === undefined || flight.certificates.length === 0 ? facts.readChain() : flight.certificates;
  const request = flight?.certificateRequest;
  return {
    version,
    cipher,
    ...(await reader.read(sent)),
    ...(flight === undefined ? {} : cutOf(flight)),
    ...(ocspStaple && ocspStaple.length > 0 ? { ocspStaple: asBase64(ocspStaple) } : {}),
    ...(request === undefined ? {} : { clientCertRequest: describeRequest(request) }),
    ...(openssl === undefined ? {} : { openssl }),
  };
}

/** Up to TLS 1.2 the refusal of the client's certificate ends the handshake: what was seen until then counts all the same. */
async function seeRefused(error: unknown, refusal: Refusal, reader: ChainReader): Promise<TlsSeen | undefined> {
  const flight = REFUSALS.has(refusal.reason) ? flightOfError(error) : undefined;
  const request = flight?.certificateRequest;
  if (flight?.end !== 'said' || request === undefined || flight.certificates.length === 0) return undefined;
  const { version, certificates, ocspStaple } = flight;
  return {
    version,
    cipher: '',
    ...(await reader.read(certificates)),
    ...cutOf(flight),
    ...(ocspStaple && ocspStaple.length > 0 ? { ocspStaple: asBase64(ocspStaple) } : {}),
    clientCertRequest: describeRequest(request),
    refusal,
  };
}

function refusalOf(failure: ReturnType<typeof failureOf>): Refusal {
  const { reason, detail, alert } = failure;
  return { reason, detail, ...(alert === undefined ? {} : { alert }) };
}

/** Makes ready for `climbTls` while the connection is awaited. */
export async function prepareTls({ world }: ProbeContext, { tls }: TlsPlan): Promise<void> {
  await world.net.prepareTls?.();
  // Whoever needs the roots waits for the same reading.
  await (tls.trust.pool ?? tls.trust.builtIn)();
}

/** Climbs the rung TLS on an open connection: one handshake shows all. */
export async function climbTls(context: ProbeContext, plan: TlsPlan, under: ByteStream): Promise<TlsClimb> {
  const { about, clientCertificate } = plan;
  const { trust: _trust, ...particulars } = plan.tls;
  const at = offsetMs(context);
  const from = context.world.now();
  const reader = createChainReader(plan.tls.trust);
  let stream: TlsStream | undefined;
  let outcome: Outcome<TlsSeen>;
  try {
    stream = await context.world.net.startTls(under, settingsOf(context, plan, reader), waitOf(context));
    const ms = sinceMs(context, from);
    outcome = { ok: true, value: await seeStream(stream, reader), ms };
  } catch (error) {
    const failure = failureOf(error);
    const ms = sinceMs(context, from);
    const value = await seeRefused(error, refusalOf(failure), reader);
    outcome = value === undefined ? { ok: false, ...failure, ms } : { ok: true, value, ms };
  }
  const offered = clientCertificate === undefined ? {} : { offered: clientCertificate.subject };
  const observation: TlsObservation = {
    kind: 'tls',
    subject: subjectOf(about),
    at,
    about: { ...about, ...particulars, ...offered },
    outcome,
  };
  context.seen?.(observation);
  return { observation, stream };
}

/** The observation with what became known of the connection after its handshake. */
export function withRefusal(observation: TlsObservation, refusal: Refusal): TlsObservation {
  const { outcome } = observation;
  return outcome.ok ? { ...observation, outcome: { ...outcome, value: { ...outcome.value, refusal } } } : observation;
}

/**
 * The server asked for a client certificate, and ended the connection: that was its answer. After a handshake in which one was
 * offered, only an alert says so: the connection may end for other reasons, as when a proxy does not reach its server.
 */
export function isRefusal({ about, outcome }: TlsObservation, { reason }: Pick<Refusal, 'reason'>): boolean {
  if (!outcome.ok || outcome.value.clientCertRequest === undefined) return false;
  return about.offered === undefined ? REFUSALS.has(reason) : reason === 'tls-alert';
}

/**
 * Reads once after the handshake where the server has asked for a client certificate: in TLS 1.3 its refusal comes only now
 * (RFC 8446 section 4.4.2.4). Servers that asked for none cost no time.
 */
export async function awaitRefusal(context: ProbeContext, { observation, stream }: TlsClimb): Promise<TlsObservation> {
  const { outcome } = observation;
  if (stream === undefined || !outcome.ok || outcome.value.clientCertRequest === undefined) return observation;
  const limit = Math.max(AFTER_HANDSHAKE_LEAST_MS, AFTER_HANDSHAKE_FACTOR * outcome.ms);
  try {
    await stream.receive({ timeoutMs: Math.min(limit, context.timeoutMs), signal: context.signal });
  } catch (error) {
    const failure = failureOf(error);
    if (isRefusal(observation, failure)) return withRefusal(observation, refusalOf(failure));
  }
  return observation;
}
