import type { Endpoint } from '../world.ts';

/** Whether a host is given as an address: names never consist of digits and dots alone, and never hold a colon. */
export const isAddress = (host: string): boolean => /^[\d.]+$/.test(host) || host.includes(':');

export const familyOf = (address: string): 4 | 6 => (address.includes(':') ? 6 : 4);

/** '192.0.2.1:5060', '[2001:db8::1]:5061'. */
export const formatEndpoint = ({ address, port }: Endpoint): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
