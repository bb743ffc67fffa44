import { parseAddress } from './ip-address.ts';

/**
 * private: exists only inside somebody's network. link-local: on one link only; services of the machine's host among them.
 * unusable: nobody's own, or no address at all.
 */
export type AddressKind = 'public' | 'private' | 'link-local' | 'loopback' | 'multicast' | 'unusable';

type Block = readonly [octets: readonly number[], bits: number, kind: AddressKind];

/** RFC 6890, RFC 1918, RFC 6598, RFC 3927, RFC 5771. */
const IPV4: readonly Block[] = [
  [[0], 8, 'unusable'],
  [[10], 8, 'private'],
  [[100, 64], 10, 'private'],
  [[127], 8, 'loopback'],
  [[169, 254], 16, 'link-local'],
  [[172, 16], 12, 'private'],
  [[192, 168], 16, 'private'],
  [[224], 4, 'multicast'],
  [[240], 4, 'unusable'],
];
/** RFC 4291, RFC 4193; fec0::/10 is the site-local of RFC 3879. */
const IPV6: readonly Block[] = [
  [[0xfc], 7, 'private'],
  [[0xfe, 0x80], 10, 'link-local'],
  [[0xfe, 0xc0], 10, 'private'],
  [[0xff], 8, 'multicast'],
];
/** Where an IPv6 address holds an IPv4 one: mapped (RFC 4291), NAT64 (RFC 6052), 6to4 (RFC 3056), compatible (RFC 4291). */
const EMBEDDED: readonly (readonly [octets: readonly number[], bits: number, at: number])[] = [
  [[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff], 96, 12],
  [[0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0], 96, 12],
  [[0x20, 0x02], 16, 2],
  [[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 96, 12],
];

function isIn(address: Uint8Array, octets: readonly number[], bits: number): boolean {
  return octets.every((octet, at) => {
    const significant = Math.min(8, bits - at * 8);
    const mask = (0xff << (8 - significant)) & 0xff;
    return ((address[at] ?? 0) & mask) === (octet & mask);
  });
}

const kindIn = (blocks: readonly Block[], address: Uint8Array): AddressKind =>
  blocks.find(([octets, bits]) => isIn(address, octets, bits))?.[2] ?? 'public';

function kindOfOctets(address: Uint8Array): AddressKind {
  if (address.length === 4) return kindIn(IPV4, address);
  if (address.every((octet, at) => octet === (at === 15 ? 1 : 0))) return 'loopback';
  const embedded = EMBEDDED.find(([octets, bits]) => isIn(address, octets, bits));
  if (embedded !== undefined) return kindIn(IPV4, address.subarray(embedded[2], embedded[2] + 4));
  return kindIn(IPV6, address);
}

/** Kinds that have a meaning inside of somebody's network alone. */
const INSIDE: ReadonlySet<AddressKind> = new Set(['private', 'link-local']);

/** A zone ('%eth0') says on which link an address is, not what it is. */
export const octetsOf = (address: string): Uint8Array | undefined => parseAddress(address.replace(/%.*$/, ''));

/** What an address is for, whatever dress it comes in; 'unusable' also for what is no address. */
export function kindOfAddress(address: string): AddressKind {
  const octets = octetsOf(address);
  return octets === undefined ? 'unusable' : kindOfOctets(octets);
}

/** Whether an address leads to a host inside of somebody's network, and to nobody or to another one outside of it. */
export const isInside = (address: string): boolean => INSIDE.has(kindOfAddress(address));
