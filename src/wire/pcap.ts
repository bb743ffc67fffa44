import { maskSip } from './mask.ts';
import { internetChecksum, ipPacket, parsePacketEnd, pseudoHeader, type PacketEnd } from './pcap-octets.ts';
import type { TracedMessage } from './traced-message.ts';

const SECTION_HEADER = 0x0a0d0d0a;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const INTERFACE_DESCRIPTION = 1;
const ENHANCED_PACKET = 6;
/** LINKTYPE_RAW: the packet begins with its IP header. */
const LINKTYPE_RAW = 101;
const OPTION_COMMENT = 1;
const OPTION_APPLICATION = 4;
/** Octets of one segment: what fits an IP packet with any header of this file. */
const MAX_SEGMENT = 65_000;
const TCP_HEADER = 20;
const UDP_HEADER = 8;
const SYN = 0x02;
const SYN_ACK = 0x12;
const ACK = 0x10;
const PSH_ACK = 0x18;
const WINDOW = 65_535;

interface Packet {
  at: number;
  octets: Buffer;
  comment?: string;
}

/** One connection, told from its first message on. */
interface Connection {
  here: PacketEnd;
  there: PacketEnd;
  /** The next sequence number of each side. */
  next: { sent: number; received: number };
}

interface Segment {
  direction: TracedMessage['direction'];
  flags: number;
  payload: Uint8Array;
}

function udpPacket(from: PacketEnd, to: PacketEnd, bytes: Uint8Array): Buffer {
  const payload = bytes.subarray(0, MAX_SEGMENT);
  const segment = Buffer.concat([Buffer.alloc(UDP_HEADER), payload]);
  segment.writeUInt16BE(from.port, 0);
  segment.writeUInt16BE(to.port, 2);
  segment.writeUInt16BE(segment.length, 4);
  const sum = internetChecksum([pseudoHeader(from, to, { protocol: 'udp', length: segment.length }), segment]);
  // RFC 768: a sum of zero is sent as all ones, for zero means that there is none.
  segment.writeUInt16BE(sum === 0 ? 0xffff : sum, 6);
  return ipPacket(from, to, { protocol: 'udp', segment });
}

/** One segment; moves the sequence number of its side on. RFC 9293 section 3.1. */
function tcpPacket(connection: Connection, { direction, flags, payload }: Segment): Buffer {
  const { here, there, next } = connection;
  const [from, to] = direction === 'sent' ? [here, there] : [there, here];
  const other = direction === 'sent' ? 'received' : 'sent';
  const segment = Buffer.concat([Buffer.alloc(TCP_HEADER), payload]);
  segment.writeUInt16BE(from.port, 0);
  segment.writeUInt16BE(to.port, 2);
  segment.writeUInt32BE(next[direction], 4);
  segment.writeUInt32BE(flags === SYN ? 0 : next[other], 8);
  segment[12] = (TCP_HEADER / 4) << 4;
  segment[13] = flags;
  segment.writeUInt16BE(WINDOW, 14);
  const sum = internetChecksum([pseudoHeader(from, to, { protocol: 'tcp', length: segment.length }), segment]);
  segment.writeUInt16BE(sum, 16);
  next[direction] = (next[direction] + payload.length + ((flags & SYN) === 0 ? 0 : 1)) >>> 0;
  return ipPacket(from, to, { protocol: 'tcp', segment });
}

const NOTHING = new Uint8Array(0);

/** The handshake is not in the trace; a reader that follows the stream wants to see one. */
function openConnection(connection: Connection, at: number): Packet[] {
  const comment = 'Made up by sipdiag: the handshake of the connection was not recorded.';
  return (
    [
      { direction: 'sent', flags: SYN, payload: NOTHING },
      { direction: 'received', flags: SYN_ACK, payload: NOTHING },
      { direction: 'sent', flags: ACK, payload: NOTHING },
    ] as const
  ).map((segment) => ({ at, octets: tcpPacket(connection, segment), comment }));
}

function streamPackets(connections: Map<string, Connection>, message: TracedMessage, bytes: Uint8Array): Packet[] {
  const key = `${message.transport} ${message.local} ${message.remote}`;
  const known = connections.get(key);
  const connection = known ?? {
    here: parsePacketEnd(message.local),
    there: parsePacketEnd(message.remote),
    next: { sent: 1, received: 1 },
  };
  connections.set(key, connection);
  const packets = known === undefined ? openConnection(connection, message.at) : [];
  const clear = message.transport === 'tls' ? { comment: 'This message went over TLS; here it stands in clear.' } : {};
  for (let from = 0; from < bytes.length; from += MAX_SEGMENT) {
    const payload = bytes.subarray(from, from + MAX_SEGMENT);
    const octets = tcpPacket(connection, { direction: message.direction, flags: PSH_ACK, payload });
    packets.push({ at: message.at, octets, ...clear });
  }
  return packets;
}

function datagramPacket(message: TracedMessage, bytes: Uint8Array): Packet {
  const [here, there] = [parsePacketEnd(message.local), parsePacketEnd(message.remote)];
  const [from, to] = message.direction === 'sent' ? [here, there] : [there, here];
  return { at: message.at, octets: udpPacket(from, to, bytes) };
}

function u16(...values: number[]): Buffer {
  const octets = Buffer.alloc(values.length * 2);
  values.forEach((value, index) => octets.writeUInt16LE(value, index * 2));
  return octets;
}

function u32(...values: number[]): Buffer {
  const octets = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => octets.writeUInt32LE(value, index * 4));
  return octets;
}

const padded = (octets: Uint8Array): Buffer => Buffer.concat([octets, Buffer.alloc((4 - (octets.length % 4)) % 4)]);

function option(code: number, text: string): Buffer {
  const value = Buffer.from(text);
  return Buffer.concat([u16(code, value.length), padded(value)]);
}

function block(type: number, parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const length = body.length + 12;
  return Buffer.concat([u32(type, length), body, u32(length)]);
}

const END_OF_OPTIONS = [0, 0] as const;

function packetBlock({ at, octets, comment }: Packet, startedAt: number): Buffer {
  const micros = BigInt(Math.round((startedAt + at) * 1000));
  const head = u32(0, Number(micros >> 32n), Number(micros & 0xffff_ffffn), octets.length, octets.length);
  const options = comment === undefined ? [] : [option(OPTION_COMMENT, comment), u16(...END_OF_OPTIONS)];
  return block(ENHANCED_PACKET, [head, padded(octets), ...options]);
}

const ABOUT =
  'SIP messages as sipdiag sent and received them, with secrets masked. Messages that went over TLS stand here in clear as if they had gone over TCP; TCP handshakes and sequence numbers are made up.';

/**
 * Writes a trace as a capture file (pcapng) that Wireshark, tshark and sngrep open, with secrets masked by `maskSip`. `startedAt` is
 * milliseconds since 1970. Messages are in the order given. Throws WireError 'address' when a message has no usable
 * addresses. draft-ietf-opsawg-pcapng sections 4.1 to 4.3.
 */
export function formatPcap(
  messages: readonly TracedMessage[],
  { startedAt, application }: { startedAt: number; application: string },
): Uint8Array {
  const connections = new Map<string, Connection>();
  const packets = messages.flatMap((message) => {
    const bytes = maskSip(message.bytes);
    return message.transport === 'udp' ? [datagramPacket(message, bytes)] : streamPackets(connections, message, bytes);
  });
  const options = [option(OPTION_COMMENT, ABOUT), option(OPTION_APPLICATION, application), u16(...END_OF_OPTIONS)];
  const unknownLength = u32(0xffff_ffff, 0xffff_ffff);
  return Buffer.concat([
    block(SECTION_HEADER, [u32(BYTE_ORDER_MAGIC), u16(1, 0), unknownLength, ...options]),
    block(INTERFACE_DESCRIPTION, [u16(LINKTYPE_RAW, 0), u32(0)]),
    ...packets.map((packet) => packetBlock(packet, startedAt)),
  ]);
}
