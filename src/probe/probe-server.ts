import type { Observation } from '../model.ts';
import type { TlsObservation, VariantObservation } from '../model/tls.ts';
import { tryCleartext } from './cleartext.ts';
import { climbTcp, endpointOf, subjectOf } from './climb-tcp.ts';
import {
  awaitRefusal,
  climbTls,
  isRefusal,
  prepareTls,
  withRefusal,
  type TlsClimb,
  type TlsPlan,
} from './climb-tls.ts';
import { attempt, offsetMs, type ProbeContext } from './context.ts';
import { datagramChannel, streamChannel } from './sip-channel.ts';
import { converse, type SipPlan } from './sip-conversation.ts';
import { openLine } from './sip-line.ts';
import { TLS_VERSIONS, tryByAddress, tryLegacy, tryVersions } from './tls-variant.ts';
import { isAddress } from './endpoint-text.ts';

export interface ServerPlan extends TlsPlan, SipPlan {
  /** Whether SIP is spoken once the connection stands. */
  sip: 'asked' | 'left-out';
  /** TLS in further ways, each on a connection of its own beside the first. Default: none. */
  ways?: readonly ('by-address' | 'versions')[] | undefined;
}

/** The way to this server once more, for what has to be told on a connection of its own. */
function redialOf({ about, signIn, identity, tls, clientCertificate }: ServerPlan): SipPlan['redial'] {
  const { transport } = about;
  if (signIn === undefined || transport === 'udp') return undefined;
  const { credentials, host, domain } = signIn;
  const way = { about: { ...about, transport }, identity, tls, clientCertificate, credentials, host, domain };
  return (context) => openLine(context, way);
}

/** What may explain a handshake that failed: a server of another age, or one that speaks SIP in clear. */
async function explainFailure(context: ProbeContext, failed: TlsObservation): Promise<Observation[]> {
  const tries = await Promise.all([tryLegacy(context, failed), tryCleartext(context, failed)]);
  return tries.flat();
}

/** SIP over a stream; a connection that ends because of the client's certificate has never come to speak it. */
async function speakSip(context: ProbeContext, plan: ServerPlan, climb: TlsClimb): Promise<Observation[]> {
  const { observation, stream } = climb;
  if (stream === undefined) return [observation];
  // What is sent into a connection that the server is closing would destroy the alert that tells why.
  const heard = await awaitRefusal(context, climb);
  if (plan.sip === 'left-out' || (heard.outcome.ok && heard.outcome.value.refusal !== undefined)) return [heard];
  const speaking = { ...plan, redial: redialOf(plan) };
  const sip = await converse(context, speaking, { channel: streamChannel(context, 'tls', stream), tls: observation });
  const failures = sip.flatMap(({ outcome }) => (outcome.ok ? [] : [outcome]));
  const [failure] = failures;
  if (failure === undefined || failures.length < sip.length || !isRefusal(observation, failure)) {
    return [observation, ...sip];
  }
  const { reason, detail, alert } = failure;
  return [withRefusal(observation, { reason, detail, ...(alert === undefined ? {} : { alert }) })];
}

async function probeTls(context: ProbeContext, plan: ServerPlan): Promise<Observation[]> {
  const connecting = climbTcp(context, plan.about);
  void prepareTls(context, plan);
  const tcp = await connecting;
  if (tcp.stream === undefined) return [tcp.observation];
  try {
    const climb = await climbTls(context, plan, tcp.stream);
    const seen = await speakSip(context, plan, climb);
    climb.stream?.close();
    const why = climb.observation.outcome.ok ? [] : await explainFailure(context, climb.observation);
    return [tcp.observation, ...seen, ...why];
  } finally {
    tcp.stream.close();
  }
}

async function probeWays(context: ProbeContext, { about, ways = [], tls }: ServerPlan): Promise<VariantObservation[]> {
  const byAddress = ways.includes('by-address') && !isAddress(about.host) && tls.sni !== null;
  const tries = await Promise.all([
    ...(byAddress ? [tryByAddress(context, about).then((one) => [one])] : []),
    ...(ways.includes('versions') ? [tryVersions(context, about, tls.sni)] : []),
  ]);
  return tries.flat();
}

/** A port that takes no connection is told once. */
async function probeTlsInAllWays(context: ProbeContext, plan: ServerPlan): Promise<Observation[]> {
  const [seen, ways] = await Promise.all([probeTls(context, plan), probeWays(context, plan)]);
  const isOpen = seen.some(({ kind, outcome }) => kind === 'tcp' && outcome.ok);
  return isOpen ? [...seen, ...ways] : seen;
}

async function probeTcp(context: ProbeContext, plan: ServerPlan): Promise<Observation[]> {
  const { observation, stream } = await climbTcp(context, plan.about);
  if (stream === undefined) return [observation];
  try {
    return [
      observation,
      ...(plan.sip === 'left-out'
        ? []
        : await converse(
            context,
            { ...plan, redial: redialOf(plan) },
            { channel: streamChannel(context, 'tcp', stream) },
          )),
    ];
  } finally {
    stream.close();
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
    return await converse(context, plan, { channel: datagramChannel(context, opened.value, to) });
  } finally {
    opened.value.close();
  }
}

/** Connections that a probe may have open at the same time; two where a failed handshake is to be explained. */
export function connectionsOf({ about, ways = [] }: Pick<ServerPlan, 'about' | 'ways'>): number {
  if (about.transport !== 'tls') return 1;
  const versions = ways.includes('versions') ? TLS_VERSIONS.length : 0;
  return 2 + versions;
}

/**
 * Climbs one server on one connection: TCP, TLS, then OPTIONS and REGISTER without credentials. Further connections are made
 * only for the ways that were asked for, and to explain a TLS handshake that failed.
 */
export function probeServer(context: ProbeContext, plan: ServerPlan): Promise<Observation[]> {
  switch (plan.about.transport) {
    case 'udp':
      return probeDatagram(context, plan);
    case 'tcp':
      return probeTcp(context, plan);
    case 'tls':
      return probeTlsInAllWays(context, plan);
  }
}
