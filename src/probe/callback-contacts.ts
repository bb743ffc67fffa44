import { formatHostPort } from '../wire/sip-host.ts';
import { createSipFramer } from '../wire/sip-stream.ts';
import type { SipMessage, SipRequest } from '../wire/sip-message.ts';
import { headerValue } from '../wire/sip-message.ts';
import { parseSipUri } from '../wire/sip-uri.ts';
import { WireError } from '../wire/wire-error.ts';
import { answerRequest } from './answer-request.ts';
import type { Wanted } from './arrivals.ts';
import { instanceFrom } from './binding.ts';
import type { ProbeContext } from './context.ts';

/** A Contact that this run registers for one port of this machine. */
export interface CallbackContact {
  address: string;
  port: number;
  uri: string;
  instance: string;
}

/** Other endpoints of the user come first. RFC 3261 section 20.10. */
const LOW_Q = '0.1';

const userOf = (aor: string): string => /^sips?:(.*)@[^@]*$/.exec(aor)?.[1] ?? 'sipdiag';

/**
 * A Contact on a port of this machine, as a client writes it that listens there (tcp), or that names the connection which it
 * keeps open (tls).
 */
export function callbackContact(
  context: ProbeContext,
  aor: string,
  at: { address: string; port: number; transport: 'tcp' | 'tls' },
): CallbackContact {
  const { address, port, transport } = at;
  const host = formatHostPort({ host: address, port });
  const isSips = aor.startsWith('sips:');
  const uri = `${isSips ? 'sips' : 'sip'}:${userOf(aor)}@${host}${isSips ? '' : `;transport=${transport}`}`;
  return { address, port, uri, instance: instanceFrom(context.world.randomHex('sip/callback/instance', 16)) };
}

/** The Contact header that makes or refreshes all bindings, or with 0 removes them and no other. RFC 3261 section 10.2. */
export const contactHeader = (contacts: readonly CallbackContact[], expires: number): string =>
  contacts
    .map(({ uri, instance }) => `<${uri}>;q=${LOW_Q};+sip.instance="<${instance}>";expires=${expires}`)
    .join(', ');

/** The port in the Request-URI, where it is that of one of the Contacts. */
export function portOf(request: SipRequest, contacts: readonly CallbackContact[]): number | undefined {
  try {
    const { host, port } = parseSipUri(request.uri);
    const bare = host.replace(/^\[|\]$/g, '');
    return contacts.find((one) => one.address === bare && one.port === port)?.port;
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

/** OPTIONS that this run has sent to itself: by its Call-ID, or, behind a server that writes a new one, by our Contact. */
export function isOurs(message: SipMessage, callId: string, contacts: readonly CallbackContact[]): boolean {
  if (message.kind !== 'request' || message.method !== 'OPTIONS') return false;
  return headerValue(message, 'call-id') === callId || portOf(message, contacts) !== undefined;
}

function firstMessage(bytes: Uint8Array): SipMessage | undefined {
  try {
    return createSipFramer()
      .push(bytes)
      .find((one) => one !== 'keep-alive');
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

/** What a listener has to hear: the OPTIONS of this run, which is answered with 200. */
export function wantOptions(context: ProbeContext, callId: string, contacts: readonly CallbackContact[]): Wanted {
  return {
    matches: (bytes) => {
      const message = firstMessage(bytes);
      return message !== undefined && isOurs(message, callId, contacts);
    },
    answer: (bytes) => {
      const message = firstMessage(bytes);
      return message?.kind === 'request'
        ? answerRequest(message, context.world.randomHex('sip/callback/tag', 8))
        : undefined;
    },
  };
}
