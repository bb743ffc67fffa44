import { parseNameAddr } from '../wire/sip-fields.ts';
import {
  formatSip,
  headerValue,
  headerValues,
  sipHeader,
  type SipHeader,
  type SipRequest,
} from '../wire/sip-message.ts';
import { paramValue } from '../wire/sip-params.ts';
import { WireError } from '../wire/wire-error.ts';

/** What this side takes: OPTIONS alone. RFC 3261 section 20.5. */
const ALLOW = sipHeader('Allow', 'OPTIONS');
/** Requests that belong to a dialog, a subscription or a transaction, of which there is none here. RFC 3261 section 12.2.2, RFC 6665 section 4.1.3. */
const NEEDS_DIALOG: ReadonlySet<string> = new Set(['NOTIFY', 'BYE', 'CANCEL', 'INFO', 'PRACK', 'UPDATE', 'REFER']);

function statusFor({ method }: SipRequest): { status: number; reason: string; headers: SipHeader[] } {
  if (method === 'OPTIONS') return { status: 200, reason: 'OK', headers: [ALLOW] };
  if (NEEDS_DIALOG.has(method)) return { status: 481, reason: 'Call/Transaction Does Not Exist', headers: [] };
  // A call must go on ringing at the endpoints where somebody can pick it up.
  if (method === 'INVITE') return { status: 480, reason: 'Temporarily Unavailable', headers: [] };
  // MESSAGE too: a 2xx would take from the user what was sent to him.
  return { status: 405, reason: 'Method Not Allowed', headers: [ALLOW] };
}

/** RFC 3261 section 8.2.6.2: a tag in every answer but 100. */
function tagged(to: string, tag: string): string {
  try {
    return paramValue(parseNameAddr(to).params, 'tag') === undefined ? `${to};tag=${tag}` : to;
  } catch (error) {
    // What cannot be read is given back as it came.
    if (error instanceof WireError) return to;
    throw error;
  }
}

/**
 * The answer to a request that arrives while this side waits for its own answers; undefined: none is due (ACK), or none can be
 * written because the request lacks what every answer copies. RFC 3261 section 8.2.
 */
export function answerRequest(request: SipRequest, tag: string): Uint8Array | undefined {
  if (request.method === 'ACK') return undefined;
  const to = headerValue(request, 'to');
  const copied = ['From', 'Call-ID', 'CSeq'].flatMap((written) => {
    const value = headerValue(request, written);
    return value === undefined ? [] : [sipHeader(written, value)];
  });
  const vias = headerValues(request, 'via').map((value) => sipHeader('Via', value));
  if (to === undefined || copied.length < 3 || vias.length === 0) return undefined;
  const { status, reason, headers } = statusFor(request);
  try {
    return formatSip({
      kind: 'response',
      status,
      reason,
      headers: [...vias, sipHeader('To', tagged(to, tag)), ...copied, ...headers],
      body: new Uint8Array(0),
      faults: [],
    });
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}
