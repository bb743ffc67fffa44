import type {
  Attempt,
  Observation,
  Outcome,
  SipObservation,
  TcpObservation,
  TlsObservation,
  TlsSeen,
} from '../model.ts';
import { decodePem } from '../pki/pem.ts';
import { relevantRoots } from '../pki/roots.ts';
import { readServerFlight } from '../wire/tls-flight.ts';
import type { ByteStream, Endpoint, TlsFacts, TlsStream } from '../world.ts';
import { asBase64, attempt, failureOf, offsetMs, sinceMs, waitOf, type ProbeContext } from './context.ts';
import { datagramChannel, exchangeSip, formatEndpoint, streamChannel, type SipChannel } from './sip-exchange.ts';
import { planRequests, type Identity } from './sip-requests.ts';
import type { TrustStore } from './trust.ts';

export interface ServerPlan {
  about: Attempt;
  identity: Identity;
  tls: { sni: string | null; verifyName: string; domain?: string; judgeAt: string; trust: TrustStore };
  /** Whether SIP is spoken once the connection stands. */
  sip: 'asked' | 'left-out';
}

const endpointOf = ({ address, port }: Attempt): Endpoint => ({ address, port });
const subjectOf = (about: Attempt): string => `${about.transport} ${formatEndpoint(endpointOf(about))}`;

/** The chain octet for octet as it was sent; Node itself drops and reorders certificates that do not issue one another. */
function sentChain({ chain, handshake }: TlsFacts): Uint8Array[] {
  if (handshake === undefined) return chain;
  try {
    const { certificates } = readServerFlight(handshake);
    return certificates.length > 0 ? certificates : chain;
  } catch (error) {
    // A flight that this reader cannot follow was good enough for OpenSSL: its view of the chain is the next best.
    failureOf(error);
    return chain;
  }
}

async function seeTls(stream: TlsStream, trust: TrustStore): Promise<TlsSeen> {
  const { version, cipher, ocspStaple } = stream.facts;
  const chain = sentChain(stream.facts);
  const trusted = [...trust.added, ...(await trust.builtIn())].flatMap((pem) => decodePem(pem));
  return {
    version,
    cipher,
    chain: chain.map(asBase64),
    trustAnchors: relevantRoots(chain, trusted).map(asBase64),
    ...(ocspStaple && ocspStaple.length > 0 ? { ocspStaple: asBase64(ocspStaple) } : {}),
  };
}

async function askSip(context: ProbeContext, plan: ServerPlan, channel: SipChannel): Promise<SipObservation[]> {
  const at = offsetMs(context);
  const requests = planRequests(context, { ...plan, local: channel.local });
  const outcomes = await exchangeSip(context, channel, requests);
  return requests.map(({ method, requestUri }, index) => ({
    kind: 'sip',
    subject: `${method} ${requestUri} over ${subjectOf(plan.about)}`,
    at,
    about: { ...plan.about, method, requestUri, aor: plan.identity.aor },
    outcome: outcomes[index] ?? { ok: false, reason: 'other', detail: 'no outcome', ms: 0 },
  }));
}

interface Climb {
  observations: Observation[];
  stream: ByteStream | undefined;
}

async function climbTcp(context: ProbeContext, { about }: ServerPlan): Promise<Climb> {
  const at = offsetMs(context);
  let stream: ByteStream | undefined;
  const outcome = await attempt(context, async () => {
    stream = await context.world.net.connect(endpointOf(about), waitOf(context));
    return { localAddress: stream.local.address, localPort: stream.local.port };
  });
  const observation: TcpObservation = { kind: 'tcp', subject: subjectOf(about), at, about, outcome };
  return { observations: [observation], stream };
}

async function climbTls(context: ProbeContext, plan: ServerPlan, stream: ByteStream): Promise<Climb> {
  const { about } = plan;
  const { sni, verifyName, domain, judgeAt, trust } = plan.tls;
  const at = offsetMs(context);
  const from = context.world.now();
  let secured: TlsStream | undefined;
  let outcome: Outcome<TlsSeen>;
  try {
    secured = await context.world.net.startTls(stream, { serverName: sni ?? undefined }, waitOf(context));
    const ms = sinceMs(context, from);
    outcome = { ok: true, value: await seeTls(secured, trust), ms };
  } catch (error) {
    outcome = { ok: false, ...failureOf(error), ms: sinceMs(context, from) };
  }
  const observation: TlsObservation = {
    kind: 'tls',
    subject: subjectOf(about),
    at,
    about: { ...about, sni, verifyName, ...(domain === undefined ? {} : { domain }), judgeAt },
    outcome,
  };
  return { observations: [observation], stream: secured };
}

async function probeStream(context: ProbeContext, plan: ServerPlan): Promise<Observation[]> {
  const tcp = await climbTcp(context, plan);
  if (tcp.stream === undefined) return tcp.observations;
  try {
    const top =
      plan.about.transport === 'tls' ? await climbTls(context, plan, tcp.stream) : { ...tcp, observations: [] };
    const sip =
      top.stream === undefined || plan.sip === 'left-out' ? [] : await askSip(context, plan, streamChannel(top.stream));
    top.stream?.close();
    return [...tcp.observations, ...top.observations, ...sip];
  } finally {
    tcp.stream.close();
  }
}

async function probeDatagram(context: ProbeContext, plan: ServerPlan): Promise<Observation[]> {
  const to = endpointOf(plan.about);
  const opened = await attempt(context, () => context.world.net.openUdp(to));
  if (!opened.ok) {
    const about = { ...plan.about, ...plan.identity, method: 'OPTIONS' as const };
    return [{ kind: 'sip', subject: subjectOf(plan.about), at: offsetMs(context), about, outcome: opened }];
  }
  try {
    return await askSip(context, plan, datagramChannel(opened.value, to));
  } finally {
    opened.value.close();
  }
}

/** Climbs one server on one connection: TCP, TLS, then OPTIONS and REGISTER without credentials. */
export function probeServer(context: ProbeContext, plan: ServerPlan): Promise<Observation[]> {
  return plan.about.transport === 'udp' ? probeDatagram(context, plan) : probeStream(context, plan);
}
