import type { Attempt, Failure } from '../model.ts';
import { climbTcp } from './climb-tcp.ts';
import { climbTls, type TlsPlan } from './climb-tls.ts';
import { leftOf, type ProbeContext } from './context.ts';
import type { Credentials } from './sign-in.ts';
import { streamChannel, type SipChannel } from './sip-channel.ts';
import type { Identity } from './sip-requests.ts';
import { doubtOf } from './trusted-peer.ts';

/** A way to a SIP server on which a client can register. */
export interface SipWay extends TlsPlan {
  about: Attempt & { transport: 'tcp' | 'tls' };
  identity: Identity;
  /** Absent: this server asks for none. */
  credentials: Credentials | undefined;
  /** Who the server has to prove to be, over TLS. */
  host?: string | undefined;
  domain?: string | undefined;
}

/** One more connection on a way that was climbed before. */
export interface SipLine {
  channel: SipChannel;
  close(): void;
}

export type Dialled = { ok: true; line: SipLine } | { ok: false; reason: 'refused-here' | 'failed'; detail: string };

export type NotDialled = Exclude<Dialled, { ok: true }>;

/** Why a server on a line that could not be opened bears no witness. */
export const inVain = ({ reason, detail }: NotDialled): Pick<Failure, 'reason' | 'detail'> => ({
  reason: reason === 'failed' ? 'unreachable' : 'denied',
  detail,
});

/** Opens a connection within one step, and over TLS makes sure again that it is the right server before anything follows from the password. */
export async function openLine(context: ProbeContext, way: SipWay): Promise<Dialled> {
  const from = context.world.now();
  const tcp = await climbTcp(context, way.about);
  const { stream } = tcp;
  if (stream === undefined)
    return { ok: false, reason: 'failed', detail: tcp.observation.outcome.ok ? '' : tcp.observation.outcome.detail };
  const close = (): void => stream.close();
  if (way.about.transport === 'tcp')
    return { ok: true, line: { channel: streamChannel(context, 'tcp', stream), close } };
  const tls = await climbTls(leftOf(context, from), way, stream);
  const { outcome } = tls.observation;
  if (!outcome.ok || tls.stream === undefined) {
    close();
    return { ok: false, reason: 'failed', detail: outcome.ok ? 'TLS ended' : outcome.detail };
  }
  const doubt = doubtOf(outcome.value, {
    ...(way.host === undefined ? {} : { host: way.host }),
    ...(way.domain === undefined ? {} : { domain: way.domain }),
    at: new Date(context.world.now()).toISOString(),
  });
  if (doubt !== undefined && way.credentials?.unverified === 'refused') {
    close();
    return { ok: false, reason: 'refused-here', detail: `the server has not proved who it is: ${doubt}` };
  }
  return { ok: true, line: { channel: streamChannel(context, 'tls', tls.stream), close } };
}
