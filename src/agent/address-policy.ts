import { networkInterfaces } from 'node:os';
import { isInside, kindOfAddress, octetsOf, type AddressKind } from '../pki/address-kind.ts';

/** Who may be connected back to, by nothing but the source address of the control connection. */
export interface AddressPolicy {
  /** Addresses that only exist inside somebody's network: RFC 1918, CGNAT, ULA, link-local. */
  private: 'allowed' | 'refused';
  /** Allowed only to an agent that listens on loopback, where nobody else is. */
  loopback: 'allowed' | 'refused';
  /** The addresses of the machine of the agent. */
  own: () => readonly string[];
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
  'link-local': 'a private address',
  loopback: 'a loopback address',
  multicast: 'a multicast address',
  unusable: 'no address that can be connected to',
};

/** Why the agent does not connect to an address; undefined: it may. */
export function refusalOf(address: string, policy: AddressPolicy): string | undefined {
  const kind = kindOfAddress(address);
  if (kind === 'loopback' && policy.loopback === 'allowed') return undefined;
  if (policy.own().includes(plainAddress(address).replace(/%.*$/, '')))
    return `${address} is an address of the agent itself`;
  if (kind === 'public' || (isInside(address) && policy.private === 'allowed')) return undefined;
  return `${address} is ${REFUSED[kind]}, and this agent does not connect to such`;
}

/** The addresses of this machine; they change while an agent runs. */
export const ownAddresses = (): string[] =>
  Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => plainAddress(address)));
