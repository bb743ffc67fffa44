/** What is seen of SIP and of sign-ins: the rungs sip and auth. */
import type { Attempt, Observed, Reason } from '../model.ts';

export interface SipSeen {
  status: number;
  reason: string;
  /** Lower-case name to values, in the order received; bounded. */
  headers: Record<string, string[]>;
  /** Where the answer came from, 'address:port'. */
  from: string;
  local: string;
  /** Requests that were sent until the answer came. */
  tries: number;
  /** Date of the server minus the clock of this machine, in milliseconds; the header counts whole seconds. RFC 3261 section 20.17. */
  aheadMs?: number;
  /**
   * After credentials: what the further challenge was. Only the same nonce is beyond doubt. endless: each answer was asked for
   * again, as stale or for another realm, and never judged. RFC 7616 section 3.3.
   */
  refusal?: 'same-nonce' | 'new-nonce' | 'endless';
  /** After credentials: the algorithms they were computed with, 'MD5', 'SHA-512-256', 'SHA-512-256 (truncated)', … */
  answered?: string[];
  /** Whether the server has proved that it knows the password too. RFC 7616 section 3.5. */
  serverProof?: 'right' | 'wrong';
}

/** One SIP request and its final answer. */
export type SipObservation = Observed<
  'sip',
  SipSeen,
  Attempt & {
    method: 'OPTIONS' | 'REGISTER';
    requestUri: string;
    aor: string;
    /** What of the address-of-record the user has not given: a registrar need not know it. */
    madeUp?: 'user' | 'user-and-domain';
    /** A REGISTER with credentials, or the one that takes its Contact back. Absent: neither credentials nor Contact. */
    step?: 'sign-in' | 'sign-out';
    /** The name that the password belongs to. */
    account?: string;
    /** The Contact that was registered; absent: the request only asked for the bindings. */
    contact?: string;
    /** Marks the endpoint that this run registers. RFC 5626 section 4.1. */
    instance?: string;
    /** Seconds that the registrar wanted at the least, and was then asked for. RFC 3261 section 10.2.8. */
    raisedTo?: number;
  }
>;

/** What a REGISTER without credentials was answered with where a registration was sent on to. */
export interface RedirectSeen {
  status: number;
  reason: string;
  /** Lower-case name to values, as in SipSeen. */
  headers: Record<string, string[]>;
  from: string;
  /** Over TLS: why the server has not proved to be the one that was named; a client ends the connection. */
  doubt?: string;
}

/**
 * One step of a registration that was answered with 3xx: the Contact that was followed, and what came of it. RFC 3261 section
 * 8.1.3.4. The particulars of the attempt are those of the way that was redirected.
 */
export type RedirectObservation = Observed<
  'redirect',
  RedirectSeen,
  Attempt & {
    aor: string;
    madeUp?: 'user' | 'user-and-domain';
    /** Who sent it on, 'tcp 192.0.2.1:5060', and the status line of that answer. */
    sender: string;
    status: number;
    reason: string;
    /** The Contact of that answer, and the one of the first answer. */
    target: string;
    first: string;
    /** 1 for the first step. */
    hop: number;
    /** Where the Contact leads, 'tls 192.0.2.7:5061'; absent: nowhere. */
    server?: string;
    /** Why the way ends here: it came back to where it had been, or had too many steps. */
    ended?: 'loop' | 'too-many';
  }
>;

/** A password that was given and not sent on this way, and why. */
export type WithheldObservation = Observed<
  'withheld',
  { why: 'no-scheme' | 'unverified' | 'refused-before' | 'unanswered-before'; detail: string },
  Attempt & { aor: string; account: string }
>;

/** The addresses that a name of the matrix leads to, as a client on this machine finds them. */
export type PathObservation = Observed<
  'path',
  { addresses: string[] },
  Pick<Attempt, 'transport' | 'host' | 'port' | 'published' | 'set'> & {
    /** The operating system, a DNS server, or --resolve. */
    source: 'system' | 'dns' | 'pinned';
    /** What DNS gave for the same name. */
    expected: string[];
  }
>;

/** OPTIONS, repeated one after the other on one connection. */
export interface LatencySeen {
  /** Milliseconds from the first sending to the answer, of the answered ones, in order. */
  samples: number[];
  sent: number;
  /** Unanswered within the limit of one step. */
  lost: number;
  /** Further sendings of the same request (UDP). */
  retransmissions: number;
}

export type LatencyObservation = Observed<'latency', LatencySeen, Attempt & { count: number }>;

/** Whether a Kerberos client could get a ticket: the key distribution centres of a realm. RFC 4120 section 7.2.3. */
export interface KdcSeen {
  centres: { host: string; port: number; address: string; reached: 'open' | Reason }[];
  /** Why there is none to try. */
  detail: string;
}

export type KdcObservation = Observed<'kdc', KdcSeen, { realm: string; account: string; given: 'account' | 'address' }>;
