import { WireError } from './wire-error.ts';

/** Address and port of one side; the address as 4 or 16 octets. */
export interface PacketEnd {
  address: Uint8Array;
  port: number;
}

const PROTOCOLS = { tcp: 6, udp: 17 } as const;
/** Hops that most systems give their packets. */
const HOP_LIMIT = 64;
const IPV4_HEADER = 20;
const IPV6_HEADER = 40;
const DO_NOT_FRAGMENT = 0x4000;

function ipv4Octets(text: string): number[] | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255)) return undefined;
  return parts.map(Number);
}

/** Groups of one side of '::', an IPv4 address at the end included. */
function groupOctets(text: string): number[] | undefined {
  if (text === '') return [];
  const groups = text.split(':').map((group, index, all) => {
    if (index === all.length - 1 && group.includes('.')) return ipv4Octets(group);
    if (!/^[0-9a-f]{1,4}$/i.test(group)) return undefined;
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
  return groups.some((group) => group === undefined) ? undefined : groups.flatMap((group) => group ?? []);
}

function ipv6Octets(text: string): number[] | undefined {
  const [left = '', right, more] = text.split('::');
  const [head, tail] = [groupOctets(left), groupOctets(right ?? '')];
  if (head === undefined || tail === undefined || more !== undefined) return undefined;
  const gap = 16 - head.length - tail.length;
  if (right === undefined ? gap !== 0 : gap < 2) return undefined;
  return [...head, ...Array.from({ length: gap }, () => 0), ...tail];
}

/** Reads '192.0.2.1:5060' or '[2001:db8::1]:5060', zone identifiers passed over. Throws WireError 'address'. */
export function parsePacketEnd(text: string): PacketEnd {
  const [, bracketed, plain = '', digits = ''] =
    /^(?:\[([^\]%]+)(?:%[^\]]*)?\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const octets = bracketed === undefined ? ipv4Octets(plain) : ipv6Octets(bracketed);
  const port = Number(digits);
  if (octets === undefined || digits === '' || port > 65_535)
    throw new WireError('address', 'A traced message has no IP address and port');
  return { address: Uint8Array.from(octets), port };
}

function wordSum(octets: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < octets.length; i += 2) sum += ((octets[i] ?? 0) << 8) | (octets[i + 1] ?? 0);
  return sum;
}

/** The Internet checksum over the parts; every part but the last has an even length. RFC 1071. */
export function internetChecksum(parts: readonly Uint8Array[]): number {
  let sum = parts.reduce((before, part) => before + wordSum(part), 0);
  while (sum > 0xffff) sum = (sum % 0x1_0000) + Math.floor(sum / 0x1_0000);
  return ~sum & 0xffff;
}

/** What the checksums of TCP and UDP cover besides the segment. RFC 9293 section 3.1, RFC 8200 section 8.1. */
export function pseudoHeader(
  from: PacketEnd,
  to: PacketEnd,
  about: { protocol: 'tcp' | 'udp'; length: number },
): Buffer {
  const rest = Buffer.alloc(8);
  rest.writeUInt32BE(about.length, 0);
  rest[7] = PROTOCOLS[about.protocol];
  return Buffer.concat([from.address, to.address, rest]);
}

/** Puts an IP header in front of a segment. Throws WireError 'address' when the two ends are of different families. */
export function ipPacket(
  from: PacketEnd,
  to: PacketEnd,
  content: { protocol: 'tcp' | 'udp'; segment: Buffer },
): Buffer {
  const { protocol, segment } = content;
  if (from.address.length !== to.address.length)
    throw new WireError('address', 'A traced message goes from one address family to the other');
  if (from.address.length === 16) {
    const header = Buffer.alloc(8);
    header[0] = 0x60;
    header.writeUInt16BE(segment.length, 4);
    header[6] = PROTOCOLS[protocol];
    header[7] = HOP_LIMIT;
    return Buffer.concat([header, from.address, to.address, segment], IPV6_HEADER + segment.length);
  }
  const header = Buffer.alloc(IPV4_HEADER);
  header[0] = 0x45;
  header.writeUInt16BE(IPV4_HEADER + segment.length, 2);
  header.writeUInt16BE(DO_NOT_FRAGMENT, 6);
  header[8] = HOP_LIMIT;
  header[9] = PROTOCOLS[protocol];
  header.set(from.address, 12);
  header.set(to.address, 16);
  header.writeUInt16BE(internetChecksum([header]), 10);
  return Buffer.concat([header, segment]);
}
