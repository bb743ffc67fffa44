import { networkInterfaces } from 'node:os';
import { parseAddress } from '../pki/ip-address.ts';

/** Who may be connected back to, by nothing but the source address of the control connection. */
export interface AddressPolicy {
  /** Addresses that only exist inside somebody's network: RFC 1918, CGNAT, ULA, link-local. */
  private: 'allowed' | 'refused';
  /** Allowed only to an agent that listens on loopback, where nobody else is. */
  loopback: 'allowed' | 'refused';
  /** The addresses of the machine of the agent. */
  own: () => readonly string[];
}

export type AddressKind = 'public' | 'private' | 'loopback' | 'multicast' | 'unusable';

type Block = readonly [octets: readonly number[], bits: number, kind: AddressKind];

/** RFC 6890, RFC 1918, RFC 6598, RFC 3927, RFC 5771. */
const IPV4: readonly Block[] = [
  [[0], 8, 'unusable'],
  [[10], 8, 'private'],
  [[100, 64], 10, 'private'],
  [[127], 8, 'loopback'],
  [[169, 254], 16, 'private'],
  [[172, 16], 12, 'private'],
  [[192, 168], 16, 'private'],
  [[224], 4, 'multicast'],
  [[240], 4, 'unusable'],
];
/** RFC 4291, RFC 4193; fec0::/10 is the site-local of RFC 3879. */
const IPV6: readonly Block[] = [
  [[0xfc], 7, 'private'],
  [[0xfe, 0x80], 10, 'private'],
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

/** A zone ('%eth0') says on which link an address is, not what it is. */
const octetsOf = (address: string): Uint8Array | undefined => parseAddress(address.replace(/%.*$/, ''));

/** What an address is for, whatever dress it comes in; 'unusable' also for what is no address. */
export function kindOfAddress(address: string): AddressKind {
  const octets = octetsOf(address);
  return octets === undefined ? 'unusable' : kindOfOctets(octets);
}

/** The IPv4 address that an IPv4-mapped one stands for, any other as it is. RFC 4291 section 2.5.5.2. */
export const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '');

/** Whose limits count: an IPv4 address, or the /64 of an IPv6 one, of which anybody has 2^64. */
export function sourceKey(address: string): string {
  const octets = octetsOf(plainAddress(address));
  if (octets === undefined || octets.length === 4) return plainAddress(address);
  return Buffer.from(octets.subarray(0, 8)).toString('hex');
}

const REFUSED: Readonly<Record<AddressKind, string>> = {
  public: '',
  private: 'a private address',
  loopback: 'a loopback address',
  multicast: 'a multicast address',
  unusable: 'no address that can be connected to',
};

/** Why the agent does not connect to an address; undefined: it may. */
export function refusalOf(address: string, policy: AddressPolicy): string | undefined {
  const kind = kindOfAddress(address);
  if (kind === 'loopback' && policy.loopback === 'allowed') return undefined;
  if (policy.own().includes(plainAddress(address))) return `${address} is an address of the agent itself`;
  if (kind === 'public' || (kind === 'private' && policy.private === 'allowed')) return undefined;
  return `${address} is ${REFUSED[kind]}, and this agent does not connect to such`;
}

/** The addresses of this machine; they change while an agent runs. */
export const ownAddresses = (): string[] =>
  Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => plainAddress(address)));
