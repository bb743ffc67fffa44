import type { ClientCertRequest, TlsSeen } from '../model/tls.ts';
import { readSingleValue } from '../pki/der.ts';
import { readName } from '../pki/distinguished-name.ts';
import { readServerFlight, type CertificateRequest, type ServerFlight } from '../wire/tls-flight.ts';
import type { HandshakeRecord } from '../world.ts';

/** Names of authorities that a report lists: a server that trusts every public root names 140. */
const MAX_AUTHORITIES = 32;
/** Characters of one of them. */
const MAX_NAME = 256;

/** A server says no before the handshake has ended in these ways; anything else is no answer to a client certificate. */
export const REFUSALS: ReadonlySet<string> = new Set(['tls-alert', 'closed', 'reset']);

const isWireError = (error: unknown): boolean => error instanceof Error && error.name === 'WireError';

/** What the server sent, undefined where this reader cannot follow it (OpenSSL may have understood it all the same). */
export function flightOf(handshake: HandshakeRecord | undefined): ServerFlight | undefined {
  if (handshake === undefined) return undefined;
  try {
    return readServerFlight(handshake);
  } catch (error) {
    if (!isWireError(error)) throw error;
    return undefined;
  }
}

/** The handshake that an error of the network layer has kept. */
export function recordOfError(error: unknown): HandshakeRecord | undefined {
  const isNet = error instanceof Error && error.name === 'NetError' && 'handshake' in error;
  // The class of the error lives in net/; its shape is NetFailure.
  return isNet ? (error.handshake as HandshakeRecord | undefined) : undefined;
}

/** What the server had sent until then. */
export const flightOfError = (error: unknown): ServerFlight | undefined => flightOf(recordOfError(error));

function nameText(der: Uint8Array): string {
  try {
    return readName(readSingleValue(der), 'authority').text.slice(0, MAX_NAME);
  } catch (error) {
    if (!isWireError(error)) throw error;
    return '(a name that cannot be read)';
  }
}

/** How many certificates were sent, where not all of them were read. */
export const cutOf = ({ certificatesSent }: Pick<ServerFlight, 'certificatesSent'>): Pick<TlsSeen, 'chainSent'> =>
  certificatesSent === undefined ? {} : { chainSent: certificatesSent };

/** The request for a client certificate, as an observation holds it. */
export const describeRequest = ({ authorities }: CertificateRequest): ClientCertRequest => ({
  authorities: authorities.slice(0, MAX_AUTHORITIES).map(nameText),
  total: authorities.length,
});
