import { describe, expect, test } from 'vitest';
import { createDnsFramer, frameDnsMessage } from '../../src/wire/dns-stream.ts';

const message = (length: number, octet: number): Uint8Array => new Uint8Array(length).fill(octet);
const code = (expected: string): unknown => expect.objectContaining({ name: 'WireError', code: expected });

describe('framing', () => {
  test('puts the length before the message, high octet first', () => {
    expect([...frameDnsMessage(message(300, 7)).subarray(0, 3)]).toEqual([1, 44, 7]);
  });

  test('refuses a message that its length cannot tell', () => {
    expect(() => frameDnsMessage(message(65_536, 0))).toThrow(code('message-too-long'));
  });
});

describe('a stream', () => {
  const messages = [message(12, 1), message(65_535, 2), message(40, 3)];
  const stream = new Uint8Array(Buffer.concat(messages.map(frameDnsMessage)));

  test.each([1, 2, 3, 13, 14, 15, 1460, 65_537, stream.length])(
    'gives the same messages in pieces of %i octets',
    (size) => {
      const framer = createDnsFramer();
      const given: Uint8Array[] = [];
      for (let at = 0; at < stream.length; at += size) given.push(...framer.push(stream.subarray(at, at + size)));
      framer.end();
      expect(given.map(({ length }) => length)).toEqual([12, 65_535, 40]);
      expect(given.map((one) => new Set(one))).toEqual([new Set([1]), new Set([2]), new Set([3])]);
    },
  );

  test.each([1, 2, 5, 13])('that ends after %i octets, in the length or inside a message, is cut', (cut) => {
    const framer = createDnsFramer();
    expect(framer.push(stream.subarray(0, cut))).toEqual([]);
    expect(() => framer.end()).toThrow(code('frame-cut'));
  });

  test('gives messages that do not change when the caller uses its buffer again', () => {
    const chunk = frameDnsMessage(message(12, 9));
    const [given] = createDnsFramer().push(chunk);
    chunk.fill(0);
    expect(given).toEqual(message(12, 9));
  });

  test.each([0, 1, 11])('refuses a message of %i octets, which holds no header', (length) => {
    expect(() => createDnsFramer().push(Uint8Array.of(0, length, 1, 1))).toThrow(code('frame-short'));
  });

  test('gives no more messages than it was told', () => {
    const two = new Uint8Array(Buffer.concat([frameDnsMessage(message(12, 1)), frameDnsMessage(message(12, 2))]));
    expect(createDnsFramer({ messages: 2 }).push(two)).toHaveLength(2);
    expect(() => createDnsFramer({ messages: 1 }).push(two)).toThrow(code('too-many-messages'));
  });
});
