import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addFingerprint,
  buildStun,
  parseStun,
  unknownRequired,
  type StunClass,
  type StunContent,
} from '../../src/wire/stun-message.ts';
import { STUN_ATTRIBUTE, STUN_METHOD } from '../../src/wire/stun-registry.ts';
import { WireError } from '../../src/wire/wire-error.ts';
import { octetsOf, RFC5769, vectorOf } from './stun-vectors.ts';

const code = (expected: string): unknown => expect.objectContaining({ name: 'WireError', code: expected });
const ID = 'b7e7a701bc34d686fa87dfae';
const binding: StunContent = { class: 'request', method: STUN_METHOD.BINDING, transactionId: ID, attributes: [] };

/** The octets with one of them changed. */
const patched = (bytes: Uint8Array, at: number, value: number): Uint8Array =>
  bytes.map((octet, index) => (index === at ? value : octet));

describe('a STUN message', () => {
  test.each(RFC5769)('of $id is read attribute for attribute', (vector) => {
    const message = parseStun(octetsOf(vector));
    expect(message).toMatchObject({ class: vector.class, method: 1, transactionId: vector.transaction_id });
    expect(message.cookie).toBe('present');
    const seen = message.attributes.map(({ type, value }) => [type, Buffer.from(value).toString('hex')]);
    expect(seen).toEqual(vector.attributes.map(({ type, value }) => [Number(type), value]));
  });

  test.each(RFC5769)('of $id is refused when it is cut at any octet', (vector) => {
    const bytes = octetsOf(vector);
    for (let length = 0; length < bytes.length; length += 1) {
      expect(() => parseStun(bytes.subarray(0, length)), `cut at ${length}`).toThrow(code('cut'));
    }
  });

  test.each(RFC5769.filter(({ id }) => id !== 'rfc5769-2.4-long-term'))(
    'of $id is refused when any octet of it has changed, but for the type that makes a fingerprint of the last attribute',
    (vector) => {
      const bytes = octetsOf(vector);
      for (const at of bytes.keys()) {
        if (at === bytes.length - 8 || at === bytes.length - 7) continue;
        expect(() => parseStun(patched(bytes, at, (bytes[at] ?? 0) ^ 0x55)), `octet ${at}`).toThrow(WireError);
      }
    },
  );

  test('whose length counts the header too, as RFC 8489 prints one, is refused', () => {
    expect(() => parseStun(octetsOf(vectorOf('rfc8489-B.1-as-published')))).toThrow(code('cut'));
  });

  test.each([
    ['SIP', Uint8Array.from(Buffer.from('SIP/2.0 200 OK\r\nVia: x')), 'not-stun'],
    ['ChannelData', Uint8Array.from([0x40, 0, 0, 0, ...Array.from({ length: 16 }, () => 0)]), 'not-stun'],
    ['a length that is no multiple of four', patched(buildStun(binding), 3, 2), 'length'],
    ['octets behind its end', Uint8Array.of(...buildStun(binding), 0), 'length'],
    [
      'an attribute longer than itself',
      Uint8Array.of(...patched(buildStun(binding), 3, 4), 0, 6, 0, 1),
      'attribute-cut',
    ],
    [
      'a fingerprint of two octets',
      Uint8Array.of(...patched(buildStun(binding), 3, 8), 0x80, 0x28, 0, 2, 0, 0, 0, 0),
      'fingerprint',
    ],
  ])('with %s is refused', (_what, bytes, expected) => {
    expect(() => parseStun(bytes)).toThrow(code(expected));
  });

  test('says where reading stopped', () => {
    const bytes = Uint8Array.of(...patched(buildStun(binding), 3, 8), 0x80, 0x22, 0, 0, 0, 6, 0, 1);
    expect(() => parseStun(bytes)).toThrow(expect.objectContaining({ code: 'attribute-cut', offset: 24 }));
  });

  test('with a thousand attributes is refused', () => {
    const attributes = Array.from({ length: 1000 }, () => ({ type: 0x8022, value: new Uint8Array() }));
    expect(() => parseStun(buildStun({ ...binding, attributes }))).toThrow(code('too-many-attributes'));
  });

  test('that ends with a fingerprint which is not the last attribute is refused', () => {
    const bytes = addFingerprint(buildStun(binding));
    const more = Uint8Array.of(...patched(bytes, 3, 16), 0x80, 0x22, 0, 4, 65, 65, 65, 65);
    expect(() => parseStun(more)).toThrow(code('fingerprint'));
  });

  test('is looked at only as far as its integrity reaches', () => {
    const attribute = (type: number, octets: number) => ({ type, value: new Uint8Array(octets) });
    const attributes = [
      attribute(STUN_ATTRIBUTE.REALM, 4),
      attribute(STUN_ATTRIBUTE.MESSAGE_INTEGRITY, 20),
      attribute(STUN_ATTRIBUTE.XOR_MAPPED_ADDRESS, 8),
      attribute(STUN_ATTRIBUTE.MESSAGE_INTEGRITY_SHA256, 32),
      attribute(STUN_ATTRIBUTE.SOFTWARE, 4),
    ];
    const bytes = addFingerprint(buildStun({ ...binding, attributes }));
    const types = parseStun(bytes).attributes.map(({ type }) => type);
    expect(types).toEqual([0x14, 0x08, 0x1c, 0x8028]);
  });

  test('names the attributes that must be known and are not', () => {
    const attributes = [0x7777, 0x8777, 0x0020, 0x7777].map((type) => ({ type, value: new Uint8Array(8) }));
    expect(unknownRequired(parseStun(buildStun({ ...binding, attributes })))).toEqual([0x7777]);
  });

  test('of RFC 3489 has no magic cookie, and a transaction id of 128 bits', () => {
    const transactionId = '00112233445566778899aabbccddeeff';
    const message = parseStun(buildStun({ ...binding, transactionId }));
    expect(message).toMatchObject({ cookie: 'absent', transactionId });
  });

  test.each([
    [{ transactionId: 'b7e7' }, 'transaction-id'],
    [{ transactionId: ID.toUpperCase() }, 'transaction-id'],
    [{ method: 0x100 }, 'method'],
    [{ method: -1 }, 'method'],
    [{ attributes: [{ type: 1, value: new Uint8Array(65_536) }] }, 'attribute-too-long'],
    [{ attributes: [1, 2].map((type) => ({ type, value: new Uint8Array(40_000) })) }, 'message-too-long'],
  ])('that cannot be is not built: %o', (change, expected) => {
    expect(() => buildStun({ ...binding, ...change })).toThrow(code(expected));
  });
});

const anyContent = fc.record({
  class: fc.constantFrom<StunClass>('request', 'indication', 'success', 'error'),
  method: fc.integer({ min: 0, max: 0xff }),
  transactionId: fc.uint8Array({ minLength: 12, maxLength: 12 }).map((id) => Buffer.from(id).toString('hex')),
  attributes: fc.array(
    fc.record({
      type: fc.integer({ min: 0, max: 0xffff }).filter((type) => ![0x08, 0x1c, 0x8028].includes(type)),
      value: fc.uint8Array({ maxLength: 50 }),
    }),
    { maxLength: 12 },
  ),
});

describe('properties', () => {
  test('whatever is built is read back, with and without a fingerprint', () => {
    fc.assert(
      fc.property(anyContent, (content) => {
        const bytes = buildStun(content);
        const { attributes, bytes: _bytes, cookie, ...rest } = parseStun(bytes);
        const plain = attributes.map(({ type, value }) => ({ type, value }));
        expect({ ...rest, attributes: plain }).toEqual(content);
        expect(cookie).toBe('present');
        expect(parseStun(addFingerprint(bytes)).attributes).toHaveLength(content.attributes.length + 1);
      }),
    );
  });

  test('any octets are read or refused by a WireError', () => {
    const anyOctets = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.uint8Array({ maxLength: 100 }).map((body) => {
        const whole = body.subarray(0, body.length & ~3);
        return Uint8Array.of(1, 1, 0, whole.length, 0x21, 0x12, 0xa4, 0x42, ...new Uint8Array(12), ...whole);
      }),
    );
    fc.assert(
      fc.property(anyOctets, (bytes) => {
        let result: unknown;
        try {
          result = parseStun(bytes);
        } catch (error) {
          result = error;
        }
        const isFault = result instanceof Error;
        expect(isFault ? result : new WireError('read', '')).toBeInstanceOf(WireError);
      }),
      { numRuns: 500 },
    );
  });
});
