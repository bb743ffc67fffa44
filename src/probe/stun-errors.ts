import type { Failure } from '../model.ts';
import type { StunErrorCode } from '../wire/stun-values.ts';

/** What the numbers mean, and who can change it. RFC 8489 section 14.8, RFC 8656 section 19, RFC 6062 section 6.3. */
const MEANINGS: Readonly<Record<number, string>> = {
  300: 'it sends its clients to another server',
  400: 'it calls the request malformed, or does not know this kind of allocation',
  401: 'it does not take this user name and password',
  403: 'its policy forbids it',
  420: 'it does not know an attribute of the request',
  437: 'it has lost the allocation, or has another one for the same connection',
  438: 'it calls each nonce stale, also the one that it has just given',
  440: 'it does not relay for this address family',
  441: 'the allocation belongs to another user',
  442: 'it does not relay this transport',
  443: 'the address of this machine is of another family than the relay',
  446: 'it has such a connection already',
  447: 'its connection failed or timed out',
  486: 'this user has as many allocations as it allows',
  500: 'it had a fault of its own and may be asked again later',
  508: 'it has no relay port left',
};

/** A server that says so does not help whoever asks; the other numbers are faults of a server. */
const DENIALS: ReadonlySet<number> = new Set([401, 403, 437, 438, 440, 441, 442, 443, 486, 508]);

const MAX_REASON = 128;

/** '486 Allocation Quota Reached: this user has as many allocations as it allows'; may hold remote text. */
function errorText({ code, reason }: StunErrorCode): string {
  const meaning = MEANINGS[code];
  const head = `${code} ${reason.slice(0, MAX_REASON)}`.trim();
  return meaning === undefined ? head : `${head}: ${meaning}`;
}

/** The failure of an attempt that was answered by an error response. */
export const errorFailure = (error: StunErrorCode): Omit<Failure, 'ok' | 'ms'> => ({
  reason: DENIALS.has(error.code) ? 'denied' : 'other',
  detail: errorText(error),
});
