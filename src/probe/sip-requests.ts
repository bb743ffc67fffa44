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
}

export interface PlannedRequest extends SipAsk {
  method: 'OPTIONS' | 'REGISTER';
  requestUri: string;
}

const VIA: Record<Transport, 'UDP' | 'TCP' | 'TLS'> = { udp: 'UDP', tcp: 'TCP', tls: 'TLS' };

function sentByOf(local: string): { address: string; port: number } {
  const colon = local.lastIndexOf(':');
  return { address: local.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(local.slice(colon + 1)) };
}

/**
 * OPTIONS, and a REGISTER without credentials and without Contact: a query that changes no binding (RFC 3261 section
 * 10.2.3), which a registrar challenges all the same.
 */
export function planRequests(
  context: ProbeContext,
  plan: { about: Attempt; identity: Identity; local: string },
): PlannedRequest[] {
  const { about, identity, local } = plan;
  const { requestUri, aor } = identity;
  const label = `sip/${about.transport}/${about.address}/${about.port}`;
  return (['OPTIONS', 'REGISTER'] as const).map((method) => {
    const random = (use: string, bytes: number): string => context.world.randomHex(`${label}/${method}/${use}`, bytes);
    const branch = `z9hG4bK${random('branch', 12)}`;
    const bytes = buildRequest({
      method,
      uri: requestUri,
      transport: VIA[about.transport],
      sentBy: sentByOf(local),
      branch,
      fromUri: aor,
      fromTag: random('tag', 8),
      toUri: method === 'REGISTER' ? aor : requestUri,
      callId: random('call-id', 16),
      cseq: 1,
      extra: method === 'OPTIONS' ? [{ name: 'Accept', value: 'application/sdp' }] : [],
    });
    return { method, requestUri, branch, bytes, message: parseSip(bytes) };
  });
}
