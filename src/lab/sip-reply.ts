import { createHash } from 'node:crypto';
import { parseNameAddr, parseVia } from '../wire/sip-fields.ts';
import {
  headerValue,
  headerValues,
  sipHeader,
  type SipHeader,
  type SipRequest,
  type SipResponse,
} from '../wire/sip-message.ts';
import { WireError } from '../wire/wire-error.ts';
import type { Endpoint } from '../world.ts';

/** How the lab names itself. */
const SERVER = 'sipdiag-lab';

/** What an answer says; the rest is copied from the request. */
export interface ReplyContent {
  status: number;
  reason: string;
  headers?: readonly SipHeader[];
}

/**
 * The top Via with what the server has seen: `received` when the client asked with rport or named another address, and the
 * source port in `rport`. RFC 3581 section 4, RFC 3261 section 18.2.1.
 */
function stampVia(value: string, from: Endpoint): string {
  const { host, rport } = parseVia(value);
  if (rport === null) return `${value.replace(/;\s*rport\s*(?=;|$)/i, `;rport=${from.port}`)};received=${from.address}`;
  return host === from.address ? value : `${value};received=${from.address}`;
}

function stampOrKeep(value: string, from: Endpoint): string {
  try {
    return stampVia(value, from);
  } catch (error) {
    if (error instanceof WireError) return value;
    throw error;
  }
}

function hasTag(to: string): boolean {
  try {
    return parseNameAddr(to).params.some(({ name }) => name.toLowerCase() === 'tag');
  } catch (error) {
    // What cannot be read is given back as it came.
    if (error instanceof WireError) return true;
    throw error;
  }
}

/** The same for every repetition of a request, as a server without transactions has to do (RFC 3261 section 8.2.7). */
function tagOf(request: SipRequest): string {
  const key = `${headerValue(request, 'call-id') ?? ''}\n${headerValue(request, 'from') ?? ''}`;
  return createHash('sha256').update(key).digest('hex').slice(0, 16);
}

/** The answer to a request that came from that address. RFC 3261 section 8.2.6.2. */
export function replyTo(request: SipRequest, from: Endpoint, content: ReplyContent): SipResponse {
  const [top, ...below] = headerValues(request, 'via');
  const vias = top === undefined ? [] : [stampOrKeep(top, from), ...below];
  const to = headerValue(request, 'to');
  const copied = (written: string): SipHeader[] => {
    const value = headerValue(request, written);
    return value === undefined ? [] : [sipHeader(written, value)];
  };
  return {
    kind: 'response',
    status: content.status,
    reason: content.reason,
    headers: [
      ...vias.map((value) => sipHeader('Via', value)),
      ...copied('From'),
      ...(to === undefined ? [] : [sipHeader('To', hasTag(to) ? to : `${to};tag=${tagOf(request)}`)]),
      ...copied('Call-ID'),
      ...copied('CSeq'),
      ...(content.headers ?? []),
      sipHeader('Server', SERVER),
    ],
    body: new Uint8Array(0),
    faults: [],
  };
}

/** Where an answer over UDP goes: to the source port when the client asked for it, else to the port that its Via names. */
export function replyAddress(request: SipRequest, from: Endpoint): Endpoint {
  const via = headerValue(request, 'via');
  try {
    const { rport, port } = parseVia(via ?? '');
    return rport === undefined ? { address: from.address, port: port ?? 5060 } : from;
  } catch (error) {
    if (error instanceof WireError) return from;
    throw error;
  }
}
