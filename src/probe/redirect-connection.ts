import type { Attempt, Failure } from '../model.ts';
import type { TlsObservation } from '../model/tls.ts';
import { climbTcp, endpointOf } from './climb-tcp.ts';
import { climbTls, type TlsPlan } from './climb-tls.ts';
import { attempt, type ProbeContext } from './context.ts';
import { isAddress } from './endpoint-text.ts';
import { datagramChannel, streamChannel, type SipChannel } from './sip-channel.ts';

/** A connection to where a registration was sent. */
export interface Opened {
  ok: true;
  channel: SipChannel;
  /** Over TLS: what its handshake has shown. */
  tls?: TlsObservation;
  close(): void;
}

const failure = (detail: string): Failure => ({ ok: false, reason: 'other', detail, ms: 0 });

async function openUdp(context: ProbeContext, about: Attempt): Promise<Opened | Failure> {
  const to = endpointOf(about);
  const socket = await attempt(context, () => context.world.net.openUdp(to));
  if (!socket.ok) return socket;
  return { ok: true, channel: datagramChannel(context, socket.value, to), close: () => socket.value.close() };
}

/** Opens a connection for SIP; what a server did wrong is handed over as the failure that it is. */
export async function openFor(
  context: ProbeContext,
  about: Attempt,
  { tls, clientCertificate }: Pick<TlsPlan, 'tls' | 'clientCertificate'>,
): Promise<Opened | Failure> {
  if (about.transport === 'udp') return openUdp(context, about);
  const { observation, stream } = await climbTcp(context, about);
  if (stream === undefined) return observation.outcome.ok ? failure('no connection') : observation.outcome;
  if (about.transport === 'tcp')
    return { ok: true, channel: streamChannel(context, 'tcp', stream), close: () => stream.close() };
  const named = { ...tls, sni: isAddress(about.host) ? null : about.host, verifyName: about.host };
  const climb = await climbTls(context, { about, tls: named, clientCertificate }, stream);
  const over = climb.stream;
  if (over !== undefined) {
    const channel = streamChannel(context, 'tls', over);
    return { ok: true, channel, tls: climb.observation, close: () => over.close() };
  }
  stream.close();
  const { outcome } = climb.observation;
  // A handshake that was refused for want of a client certificate has shown the certificate of the server.
  if (!outcome.ok) return outcome;
  return failure(outcome.value.refusal?.detail ?? 'the handshake did not come to its end');
}
