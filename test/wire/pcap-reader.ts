/** A reader of capture files of its own, so that the writer is not judged by itself. Wireshark 4 reads the same files. */
export interface ReadPacket {
  micros: bigint;
  comment: string | undefined;
  version: number;
  protocol: number;
  from: { address: Uint8Array; port: number };
  to: { address: Uint8Array; port: number };
  checksums: 'right' | 'wrong';
  tcp: { sequence: number; acknowledged: number; flags: number } | undefined;
  payload: Buffer;
}

interface Block {
  type: number;
  body: Buffer;
}

function blocksOf(file: Buffer): Block[] {
  const blocks: Block[] = [];
  for (let at = 0; at < file.length;) {
    const length = file.readUInt32LE(at + 4);
    if (length % 4 !== 0 || file.readUInt32LE(at + length - 4) !== length) throw new Error(`bad block at ${at}`);
    blocks.push({ type: file.readUInt32LE(at), body: file.subarray(at + 8, at + length - 4) });
    at += length;
  }
  return blocks;
}

/** The text of the option with code 1, opt_comment. */
function commentOf(options: Buffer): string | undefined {
  for (let at = 0; at + 4 <= options.length;) {
    const [code, length] = [options.readUInt16LE(at), options.readUInt16LE(at + 2)];
    if (code === 0) return undefined;
    if (code === 1) return options.toString('utf8', at + 4, at + 4 + length);
    at += 4 + Math.ceil(length / 4) * 4;
  }
  return undefined;
}

/** Sums to 0xffff over everything that a right checksum covers, itself included. */
function sumsUp(...parts: Buffer[]): boolean {
  const all = Buffer.concat(parts);
  const even = all.length % 2 === 0 ? all : Buffer.concat([all, Buffer.of(0)]);
  let sum = 0;
  for (let at = 0; at < even.length; at += 2) sum += even.readUInt16BE(at);
  return sum > 0 && sum % 0xffff === 0;
}

function readPacket(octets: Buffer): Omit<ReadPacket, 'micros' | 'comment'> {
  const version = (octets[0] ?? 0) >> 4;
  const four = version === 4;
  const [headerLength, size] = four ? [20, 4] : [40, 16];
  const total = four ? octets.readUInt16BE(2) : 40 + octets.readUInt16BE(4);
  if (total !== octets.length) throw new Error(`length ${total} of a packet of ${octets.length} octets`);
  const protocol = octets[four ? 9 : 6] ?? 0;
  const source = octets.subarray(four ? 12 : 8, (four ? 12 : 8) + size);
  const destination = octets.subarray((four ? 12 : 8) + size, headerLength);
  const segment = octets.subarray(headerLength);
  const pseudo = Buffer.concat([
    source,
    destination,
    Buffer.of(0, protocol, segment.length >> 8, segment.length & 255),
  ]);
  const tcp = protocol === 6;
  const dataAt = tcp ? ((segment[12] ?? 0) >> 4) * 4 : 8;
  return {
    version,
    protocol,
    from: { address: new Uint8Array(source), port: segment.readUInt16BE(0) },
    to: { address: new Uint8Array(destination), port: segment.readUInt16BE(2) },
    checksums: (!four || sumsUp(octets.subarray(0, 20))) && sumsUp(pseudo, segment) ? 'right' : 'wrong',
    tcp: tcp
      ? { sequence: segment.readUInt32BE(4), acknowledged: segment.readUInt32BE(8), flags: segment[13] ?? 0 }
      : undefined,
    payload: segment.subarray(dataAt),
  };
}

export function readPcapng(file: Uint8Array): { linkType: number; comment: string | undefined; packets: ReadPacket[] } {
  const [section, link, ...rest] = blocksOf(Buffer.from(file));
  if (section?.type !== 0x0a0d0d0a || section.body.readUInt32LE(0) !== 0x1a2b3c4d) throw new Error('no section header');
  if (link?.type !== 1) throw new Error('no interface description');
  const packets = rest.map(({ type, body }): ReadPacket => {
    if (type !== 6) throw new Error(`unexpected block ${type}`);
    const length = body.readUInt32LE(12);
    const octets = body.subarray(20, 20 + length);
    const micros = (BigInt(body.readUInt32LE(4)) << 32n) + BigInt(body.readUInt32LE(8));
    return { micros, comment: commentOf(body.subarray(20 + Math.ceil(length / 4) * 4)), ...readPacket(octets) };
  });
  return { linkType: link.body.readUInt16LE(0), comment: commentOf(section.body.subarray(16)), packets };
}

/** What a reader of the stream would see. */
export const dataOf = (packets: readonly ReadPacket[]): Buffer => Buffer.concat(packets.map(({ payload }) => payload));
