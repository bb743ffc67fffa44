import { headerValues, sipHeader, type SipHeader, type SipResponse } from '../wire/sip-message.ts';
import type { Endpoint } from '../world.ts';

/**
 * What the server, or something before it, does to the addresses of its clients: it writes back what it was sent and has seen;
 * it gives the Via or the Contact back with another address; or it sees all clients behind a NAT.
 */
export type Habit = 'truthful' | 'other-via' | 'other-contact' | 'behind-nat';

/** Of a router that stands nowhere (TEST-NET-2, RFC 5737): what clients are seen under behind a NAT. */
export const SEEN_ADDRESS = '198.51.100.7';

/** Where a request came from, in the eyes of that server. */
export function seenFrom(habit: Habit, from: Endpoint): Endpoint {
  return habit === 'behind-nat' ? { ...from, address: SEEN_ADDRESS } : from;
}

/** The host of the first address in a Via, or in a Contact, replaced. */
export const moved = (value: string): string =>
  value.replace(/(?<=@|\/(?:TCP|TLS|UDP) )(?:\[[^\]]*\]|[\w.-]+)/i, SEEN_ADDRESS);

const renamed = (headers: readonly SipHeader[], name: string): SipHeader[] =>
  headers.map((one) => (one.name === name ? sipHeader(one.written, moved(one.value)) : one));

/** The answer as the client gets it. */
export function writtenBy(habit: Habit, response: SipResponse): SipResponse {
  if (habit !== 'other-via' && habit !== 'other-contact') return response;
  const name = habit === 'other-via' ? 'via' : 'contact';
  const isThere = headerValues(response, name).length > 0;
  return isThere ? { ...response, headers: renamed(response.headers, name) } : response;
}
