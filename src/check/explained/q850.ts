/** One cause of ISDN, and the SIP status that gateways make of it. */
export interface IsdnCause {
  name: string;
  /** RFC 3398 section 7.2.4.1; absent where the section has none. */
  status?: number;
}

export const Q850_SOURCE = 'ITU-T Q.850, RFC 3398 section 7.2.4.1';

/** Causes of Q.850 as they stand in Reason headers (RFC 3326). */
export const Q850: Readonly<Record<number, IsdnCause>> = {
  1: { name: 'unallocated number', status: 404 },
  2: { name: 'no route to network', status: 404 },
  3: { name: 'no route to destination', status: 404 },
  16: { name: 'normal call clearing' },
  17: { name: 'user busy', status: 486 },
  18: { name: 'no user responding', status: 408 },
  19: { name: 'no answer from the user', status: 480 },
  20: { name: 'subscriber absent', status: 480 },
  21: { name: 'call rejected', status: 403 },
  22: { name: 'number changed', status: 410 },
  26: { name: 'non-selected user clearing', status: 404 },
  27: { name: 'destination out of order', status: 502 },
  28: { name: 'address incomplete', status: 484 },
  29: { name: 'facility rejected', status: 501 },
  31: { name: 'normal, unspecified', status: 480 },
  34: { name: 'no circuit available', status: 503 },
  38: { name: 'network out of order', status: 503 },
  41: { name: 'temporary failure', status: 503 },
  42: { name: 'switching equipment congestion', status: 503 },
  47: { name: 'resource unavailable', status: 503 },
  55: { name: 'incoming calls barred in the closed user group', status: 403 },
  57: { name: 'bearer capability not authorized', status: 403 },
  58: { name: 'bearer capability not available', status: 503 },
  65: { name: 'bearer capability not implemented', status: 488 },
  70: { name: 'only restricted digital information is available', status: 488 },
  79: { name: 'service or option not implemented', status: 501 },
  87: { name: 'user not member of the closed user group', status: 403 },
  88: { name: 'incompatible destination', status: 503 },
  102: { name: 'recovery of timer expiry', status: 504 },
  111: { name: 'protocol error', status: 500 },
  127: { name: 'interworking, unspecified', status: 500 },
};
