import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildStun } from '../../src/wire/stun-message.ts';
import { createStunFramer, encodeChannelData, isChannelData, type StunFrame } from '../../src/wire/stun-stream.ts';
import { WireError } from '../../src/wire/wire-error.ts';
import { octetsOf, RFC5769 } from './stun-vectors.ts';

const code = (expected: string): unknown => expect.objectContaining({ name: 'WireError', code: expected });
const stream = Buffer.concat([
  ...RFC5769.map(octetsOf),
  encodeChannelData({ channel: 0x4001, data: Buffer.from('hello') }),
  octetsOf(RFC5769[0] ?? { hex: '' }),
]);
const shown = (frame: StunFrame): string =>
  isChannelData(frame) ? Buffer.from(frame.data).toString() : frame.transactionId.slice(0, 4);
const EXPECTED = ['b7e7', 'b7e7', 'b7e7', '78ad', 'hello', 'b7e7'];

/** Every frame of the pieces, as they become whole. */
function framesOf(pieces: readonly Uint8Array[]): string[] {
  const framer = createStunFramer();
  const frames: string[] = [];
  for (const piece of pieces) {
    framer.push(piece);
    for (let next = framer.next(); next !== undefined; next = framer.next()) frames.push(shown(next));
  }
  return frames;
}

describe('frames on a stream', () => {
  test('come out the same in one piece and octet by octet', () => {
    expect(framesOf([stream])).toEqual(EXPECTED);
    expect(framesOf([...stream].map((octet) => Uint8Array.of(octet)))).toEqual(EXPECTED);
  });

  test('come out the same however the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: stream.length })), (cuts) => {
        const ends = [0, ...cuts.toSorted((a, b) => a - b), stream.length];
        expect(framesOf(ends.map((end, at) => stream.subarray(at === 0 ? 0 : ends[at - 1], end)))).toEqual(EXPECTED);
      }),
    );
  });

  test('leave what follows them', () => {
    const framer = createStunFramer();
    framer.push(Buffer.concat([octetsOf(RFC5769[0] ?? { hex: '' }), Buffer.from('SIP/2.0')]));
    expect(framer.next()).toMatchObject({ method: 1 });
    expect(Buffer.from(framer.rest()).toString()).toBe('SIP/2.0');
  });

  test.each([
    ['SIP', Buffer.from('SIP/2.0 200 OK'), 'not-stun'],
    ['a TLS record', Uint8Array.of(0x16, 3, 1, 0, 0), 'not-stun'],
    ['a reserved channel', Uint8Array.of(0x50, 0, 0, 0), 'not-stun'],
    ['a message with a wrong length', Uint8Array.of(1, 1, 0, 3, ...new Uint8Array(16)), 'length'],
    ['a message with a cut attribute', Uint8Array.of(1, 1, 0, 4, ...new Uint8Array(16), 0, 1, 0, 8), 'attribute-cut'],
  ])('that are %s end the reading for good', (_what, bytes, expected) => {
    const framer = createStunFramer();
    framer.push(bytes);
    expect(() => framer.next()).toThrow(code(expected));
    framer.push(octetsOf(RFC5769[0] ?? { hex: '' }));
    expect(() => framer.next()).toThrow(code(expected));
  });

  test('begin with no channel where none is bound', () => {
    const framer = createStunFramer({ channels: 'none' });
    framer.push(Buffer.from('HTTP/1.1 400 Bad Request'));
    expect(() => framer.next()).toThrow(code('not-stun'));
  });

  test('that are never taken are not kept without end', () => {
    const framer = createStunFramer();
    framer.push(new Uint8Array(131_072));
    expect(() => framer.push(Uint8Array.of(0))).toThrow(code('too-much'));
  });

  test('of the greatest length are read', () => {
    const value = new Uint8Array(65_528);
    const framer = createStunFramer();
    framer.push(
      buildStun({ class: 'indication', method: 7, transactionId: '0'.repeat(24), attributes: [{ type: 0x13, value }] }),
    );
    expect(framer.next()).toMatchObject({ class: 'indication', method: 7 });
    framer.push(encodeChannelData({ channel: 0x4fff, data: new Uint8Array(65_535) }));
    expect(framer.next()).toMatchObject({ channel: 0x4fff });
  });

  test.each([0x3fff, 0x5000])('are not written on the channel %i', (channel) => {
    expect(() => encodeChannelData({ channel, data: new Uint8Array() })).toThrow(code('channel'));
  });

  test('of any octets are read or refused by a WireError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        let result: unknown = new WireError('read', '');
        try {
          framesOf([bytes]);
        } catch (error) {
          result = error;
        }
        expect(result).toBeInstanceOf(WireError);
      }),
    );
  });
});
