import type { Attempt, Transport } from '../model.ts';
import { parseSip } from '../wire/sip-message.ts';
import { buildRequest } from '../wire/sip-request.ts';
import type { ProbeContext } from './context.ts';
import type { SipAsk } from './sip-exchange.ts';

/** Who asks, and for which domain. */
export interface Identity {
  /** Request-URI of OPTIONS and REGISTER: the domain, without a user (RFC 3261 section 10.2). */
  requestUri: string;
  /** The address-of-record. */
  aor: string;
  /** What of it the user has not given. */
  madeUp?: 'user' | 'user-and-domain';
}

export interface PlannedRequest extends SipAsk {
  method: 'OPTIONS' | 'REGISTER';
  requestUri: string;
}

/** The requests of one method on one connection: they share Call-ID and From tag, and count on. RFC 3261 section 10.2. */
export interface Series {
  method: 'OPTIONS' | 'REGISTER';
  about: Attempt;
  identity: Identity;
  /** 'address:port' of this side. */
  local: string;
  callId: string;
  fromTag: string;
  /** Of the last request that was built. */
  cseq: number;
}

/** What a request has besides what its series gives it. */
interface Extra {
  /** The whole value of the Contact header. */
  contact?: string;
  headers?: readonly { name: string; value: string }[];
}

const VIA: Record<Transport, 'UDP' | 'TCP' | 'TLS'> = { udp: 'UDP', tcp: 'TCP', tls: 'TLS' };

export function sentByOf(local: string): { address: string; port: number } {
  const colon = local.lastIndexOf(':');
  return { address: local.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(local.slice(colon + 1)) };
}

/** The label of randomness: probes that run side by side stay repeatable. */
function labelOf({ about, method }: Pick<Series, 'about' | 'method'>): string {
  const by = about.redirectedBy !== undefined ? 'redirect/' : about.by === undefined ? '' : `${about.by}/`;
  return `sip/${by}${about.transport}/${about.address}/${about.port}/${method}`;
}

export function startSeries(
  context: ProbeContext,
  plan: Pick<Series, 'method' | 'about' | 'identity' | 'local'>,
): Series {
  const random = (use: string, bytes: number): string => context.world.randomHex(`${labelOf(plan)}/${use}`, bytes);
  const { method, about, identity, local } = plan;
  return { method, about, identity, local, callId: random('call-id', 16), fromTag: random('tag', 8), cseq: 0 };
}

/** The next request of a series; counts it up. Throws WireError as `buildRequest`. */
export function nextRequest(context: ProbeContext, series: Series, extra: Extra = {}): PlannedRequest {
  const { method, about, identity, local } = series;
  const { requestUri, aor } = identity;
  series.cseq += 1;
  const branch = `z9hG4bK${context.world.randomHex(`${labelOf(series)}/branch`, 12)}`;
  const bytes = buildRequest({
    method,
    uri: requestUri,
    transport: VIA[about.transport],
    sentBy: sentByOf(local),
    branch,
    fromUri: aor,
    fromTag: series.fromTag,
    toUri: method === 'REGISTER' ? aor : requestUri,
    callId: series.callId,
    cseq: series.cseq,
    ...(extra.contact === undefined ? {} : { contact: extra.contact }),
    extra: [...(method === 'OPTIONS' ? [{ name: 'Accept', value: 'application/sdp' }] : []), ...(extra.headers ?? [])],
  });
  return { method, requestUri, branch, bytes, message: parseSip(bytes) };
}
