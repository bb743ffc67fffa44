import { isIP } from 'node:net';
import type { Endpoint } from '../world.ts';
import { NetError } from './net-error.ts';

/** 'address:port' as people write it; IPv6 in brackets. */
export function showEndpoint({ address, port }: Endpoint): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** 4 or 6. Throws NetError 'address' for what is no IP literal or no port that one can send to. */
export function familyOf(to: Endpoint): 4 | 6 {
  const family = isIP(to.address);
  // Which link is meant is anybody's guess, and versions of Node guess differently (RFC 4007 section 11).
  if (/^fe[89ab][^%]*$/i.test(to.address))
    throw new NetError('address', `${showEndpoint(to)} needs a zone, as in fe80::1%eth0`);
  const usable = Number.isInteger(to.port) && to.port > 0 && to.port < 65_536;
  if (family === 0 || !usable)
    throw new NetError('address', `${showEndpoint(to)} is not an address and port to send to`);
  return family === 4 ? 4 : 6;
}
