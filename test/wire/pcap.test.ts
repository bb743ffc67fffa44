import { describe, expect, test } from 'vitest';
import { formatPcap } from '../../src/wire/pcap.ts';
import { internetChecksum, parsePacketEnd } from '../../src/wire/pcap-octets.ts';
import type { TracedMessage } from '../../src/wire/traced-message.ts';
import { dataOf, readPcapng } from './pcap-reader.ts';

const startedAt = Date.UTC(2026, 10, 23, 12, 0, 0);
const application = 'sipdiag test';
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function traced(change: Partial<TracedMessage>): TracedMessage {
  const base = {
    at: 0,
    direction: 'sent',
    transport: 'tcp',
    local: '192.0.2.1:5070',
    remote: '192.0.2.10:5060',
  } as const;
  return { ...base, bytes: bytes('OPTIONS'), ...change };
}
const write = (...messages: TracedMessage[]) => readPcapng(formatPcap(messages, { startedAt, application }));

describe('the file', () => {
  test('is a section, an interface of raw IP, and a packet for each message', () => {
    const { linkType, comment, packets } = write(
      traced({ transport: 'udp' }),
      traced({ transport: 'udp', at: 12.345 }),
    );
    expect(linkType).toBe(101);
    expect(comment).toContain('as if they had gone over TCP');
    expect(packets.map(({ micros }) => micros)).toEqual([
      BigInt(startedAt) * 1000n,
      BigInt(startedAt) * 1000n + 12_345n,
    ]);
  });

  test('is a section without packets when nothing was traced', () => {
    expect(write().packets).toEqual([]);
  });

  test('holds no secret', () => {
    const message = 'REGISTER sip:a SIP/2.0\r\nAuthorization: Digest username="alice", response="5ecret"\r\n\r\n';
    const [packet] = write(traced({ transport: 'udp', bytes: bytes(message) })).packets;
    expect(packet && new TextDecoder().decode(packet.payload)).toBe(message.replace('5ecret', 'xxxxxx'));
  });

  test('says of each message that went over TLS that it stands there in clear', () => {
    const { packets } = write(traced({ transport: 'tls', remote: '192.0.2.10:5061' }));
    expect(packets.at(-1)?.comment).toContain('went over TLS');
    expect(packets.at(-1)).toMatchObject({ protocol: 6, to: { port: 5061 } });
  });
});

describe('the packets', () => {
  test.each([
    ['192.0.2.1:5070', '192.0.2.10:5060', 4],
    ['[2001:db8::1]:5070', '[2001:db8::ff00:10]:5060', 6],
  ])('from %s to %s go both ways, with right checksums', (local, remote, version) => {
    const ends = { local, remote, transport: 'udp' } as const;
    const { packets } = write(traced(ends), traced({ ...ends, direction: 'received', bytes: bytes('odd') }));
    const [sent, received] = packets;
    expect(packets.map((packet) => [packet.version, packet.protocol, packet.checksums])).toEqual([
      [version, 17, 'right'],
      [version, 17, 'right'],
    ]);
    expect([sent?.from, sent?.to]).toEqual([parsePacketEnd(local), parsePacketEnd(remote)]);
    expect([received?.from, received?.to]).toEqual([parsePacketEnd(remote), parsePacketEnd(local)]);
  });

  test('of one connection begin with a handshake and have sequence numbers that follow', () => {
    const { packets } = write(
      traced({ bytes: bytes('one') }),
      traced({ direction: 'received', bytes: bytes('four') }),
      traced({ bytes: bytes('two') }),
    );
    expect(packets.map(({ tcp, payload }) => [tcp?.flags, tcp?.sequence, tcp?.acknowledged, payload.length])).toEqual([
      [0x02, 1, 0, 0],
      [0x12, 1, 2, 0],
      [0x10, 2, 2, 0],
      [0x18, 2, 2, 3],
      [0x18, 2, 5, 4],
      [0x18, 5, 6, 3],
    ]);
    expect(packets.map(({ checksums }) => checksums)).toEqual(packets.map(() => 'right'));
  });

  test('of two connections are counted apart', () => {
    const { packets } = write(traced({}), traced({ local: '192.0.2.1:5071' }));
    expect(packets.filter(({ tcp }) => tcp?.flags === 0x02)).toHaveLength(2);
  });

  test('carry a message that fits no packet in several', () => {
    const long = new Uint8Array(150_000).fill(0x61);
    const { packets } = write(traced({ bytes: long }));
    expect(packets.map(({ payload }) => payload.length)).toEqual([0, 0, 0, 65_000, 65_000, 20_000]);
    expect(dataOf(packets)).toEqual(Buffer.from(long));
  });
});

describe('addresses', () => {
  test.each([
    ['192.0.2.1:5060', 'c0000201', 5060],
    ['[::]:1', '00000000000000000000000000000000', 1],
    ['[2001:db8::1]:65535', '20010db8000000000000000000000001', 65_535],
    ['[fe80::1%eth0]:5060', 'fe800000000000000000000000000001', 5060],
    ['[::ffff:192.0.2.1]:5060', '00000000000000000000ffffc0000201', 5060],
    ['[1:2:3:4:5:6:7:8]:9', '00010002000300040005000600070008', 9],
  ])('%s is read', (text, hex, port) => {
    const end = parsePacketEnd(text);
    expect([Buffer.from(end.address).toString('hex'), end.port]).toEqual([hex, port]);
  });

  test.each([
    '',
    'sip.example:5060',
    '192.0.2.256:1',
    '192.0.2.1',
    '192.0.2.1:65536',
    '[1::2::3]:1',
    '[12345::]:1',
    '[1:2]:1',
  ])('%j is refused', (text) => {
    expect(() => parsePacketEnd(text)).toThrow(expect.objectContaining({ name: 'WireError', code: 'address' }));
  });

  test('of two families in one message are refused', () => {
    expect(() => write(traced({ remote: '[::1]:5060' }))).toThrow(expect.objectContaining({ code: 'address' }));
  });
});

test('the checksum of RFC 1071 section 3', () => {
  expect(internetChecksum([Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7)])).toBe(0x220d);
});
