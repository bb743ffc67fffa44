import type { Attempt } from '../model.ts';
import type { CleartextObservation, TlsObservation } from '../model/tls.ts';
import { beginsAsSip } from '../wire/sip-first-line.ts';
import { buildRequest } from '../wire/sip-request.ts';
import { endpointOf } from './climb-tcp.ts';
import { attempt, offsetMs, waitOf, type ProbeContext } from './context.ts';
import { formatEndpoint } from './endpoint-text.ts';

/** Three times T1 (RFC 3261 section 17.1.1.1): a server that is there answers OPTIONS at once, and the handshake has waited already. */
const ANSWER_LIMIT_MS = 1500;
/** Octets of the first line that are kept. */
const MAX_LINE = 120;

/** An alert, and a failure on this side, come after an answer that was TLS. */
const WITHOUT_TLS: ReadonlySet<string> = new Set(['timeout', 'closed', 'reset', 'not-tls']);

function mayBeClear({ outcome }: TlsObservation): boolean {
  if (outcome.ok || !WITHOUT_TLS.has(outcome.reason) || outcome.octets !== undefined) return false;
  // An answer that is a SIP message says all there is to know.
  const received = Buffer.from(outcome.received ?? '', 'base64').toString('latin1');
  return !beginsAsSip(received);
}

function requestTo(context: ProbeContext, about: Attempt, local: { address: string; port: number }): Uint8Array {
  const label = `sip/clear/${about.address}/${about.port}`;
  const host = about.host.includes(':') ? `[${about.host}]` : about.host;
  return buildRequest({
    method: 'OPTIONS',
    uri: `sip:${host}`,
    transport: 'TCP',
    sentBy: local,
    branch: `z9hG4bK${context.world.randomHex(`${label}/branch`, 12)}`,
    fromUri: `sip:sipdiag@${host}`,
    fromTag: context.world.randomHex(`${label}/tag`, 8),
    toUri: `sip:${host}`,
    callId: context.world.randomHex(`${label}/call-id`, 16),
    cseq: 1,
    extra: [],
  });
}

/** One OPTIONS in clear on a connection of its own, where TLS got no answer that is TLS. */
export async function tryCleartext(context: ProbeContext, failed: TlsObservation): Promise<CleartextObservation[]> {
  if (!mayBeClear(failed)) return [];
  const { transport, host, address, port, published, set } = failed.about;
  const about: Attempt = { transport, host, address, port, published, set };
  const at = offsetMs(context);
  const wait = { ...waitOf(context), timeoutMs: Math.min(ANSWER_LIMIT_MS, context.timeoutMs) };
  const outcome = await attempt(context, async () => {
    const stream = await context.world.net.connect(endpointOf(about), wait);
    try {
      await stream.send(requestTo(context, about, stream.local), wait);
      const text = Buffer.from(await stream.receive(wait)).toString('latin1');
      return { received: text.split('\r\n', 1)[0]?.slice(0, MAX_LINE) ?? '' };
    } finally {
      stream.close();
    }
  });
  return [{ kind: 'cleartext', subject: `SIP in clear to ${formatEndpoint(endpointOf(about))}`, at, about, outcome }];
}
