import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildStun, parseStun, type StunAttribute, type StunMessage } from '../../src/wire/stun-message.ts';
import { STUN_ATTRIBUTE as A } from '../../src/wire/stun-registry.ts';
import {
  changeRequest,
  dialectOf,
  errorCodeAttribute,
  errorCodeOf,
  numberAttribute,
  numberOf,
  plainAddressAttribute,
  plainAddressOf,
  requestedFamily,
  requestedTransport,
  textAttribute,
  textOf,
  unknownAttributesOf,
  xorAddressAttribute,
  xorAddressOf,
} from '../../src/wire/stun-values.ts';
import { octetsOf, RFC5769 } from './stun-vectors.ts';

const code = (expected: string): unknown => expect.objectContaining({ name: 'WireError', code: expected });
const ID = '78ad3433c6ad72c029da412e';

const answer = (attributes: readonly StunAttribute[], transactionId = ID): StunMessage =>
  parseStun(buildStun({ class: 'success', method: 1, transactionId, attributes }));
const raw = (type: number, ...octets: number[]): StunMessage => answer([{ type, value: Uint8Array.from(octets) }]);

describe('an address', () => {
  test.each(RFC5769.filter(({ mapped }) => mapped !== undefined))(
    'of $id is undone',
    ({ mapped, software, ...vector }) => {
      const message = parseStun(octetsOf(vector));
      expect(xorAddressOf(message, A.XOR_MAPPED_ADDRESS)).toEqual({ address: mapped?.address, port: mapped?.port });
      expect(textOf(message, A.SOFTWARE)).toBe(software);
    },
  );

  test('is read back as it was written, hidden and in clear', () => {
    const anyAddress = fc.oneof(fc.ipV4(), fc.constantFrom('::1', '2001:db8::1', 'fe80::1:2:3:4'));
    fc.assert(
      fc.property(anyAddress, fc.integer({ min: 0, max: 65_535 }), (address, port) => {
        const message = answer([
          xorAddressAttribute(A.XOR_PEER_ADDRESS, { address, port }, ID),
          plainAddressAttribute(A.OTHER_ADDRESS, { address, port }),
        ]);
        expect(xorAddressOf(message, A.XOR_PEER_ADDRESS)).toEqual({ address, port });
        expect(plainAddressOf(message, A.OTHER_ADDRESS)).toEqual({ address, port });
      }),
    );
  });

  test.each([
    ['of no octets', []],
    ['of a family that there is not', [0, 3, 0, 1, 1, 2, 3, 4]],
    ['of IPv4 with the octets of IPv6', [0, 1, 0, 1, ...Array.from({ length: 16 }, () => 1)]],
    ['of IPv6 with the octets of IPv4', [0, 2, 0, 1, 1, 2, 3, 4]],
    ['without a port', [0, 1, 0]],
  ])('%s is refused', (_what, octets) => {
    expect(() => xorAddressOf(raw(A.XOR_MAPPED_ADDRESS, ...octets), A.XOR_MAPPED_ADDRESS)).toThrow(code('address'));
    expect(() => plainAddressOf(raw(A.MAPPED_ADDRESS, ...octets), A.MAPPED_ADDRESS)).toThrow(code('address'));
  });

  test('that is none is not written', () => {
    expect(() => plainAddressAttribute(A.OTHER_ADDRESS, { address: 'localhost', port: 1 })).toThrow(code('address'));
    expect(() => plainAddressAttribute(A.OTHER_ADDRESS, { address: '::1', port: 65_536 })).toThrow(code('address'));
  });

  test('that is not there is no error', () => {
    expect(xorAddressOf(answer([]), A.XOR_MAPPED_ADDRESS)).toBeUndefined();
  });
});

describe('other values', () => {
  test('an error code is read back, and the reserved bits above it are passed over', () => {
    expect(errorCodeOf(answer([errorCodeAttribute({ code: 438, reason: 'Stale' })]))).toEqual({
      code: 438,
      reason: 'Stale',
    });
    expect(errorCodeOf(raw(A.ERROR_CODE, 0, 0, 0xfc, 1))).toEqual({ code: 401, reason: '' });
    expect(errorCodeOf(answer([]))).toBeUndefined();
  });

  test.each([[[]], [[0, 0, 4]], [[0, 0, 2, 0]], [[0, 0, 7, 0]], [[0, 0, 4, 100]]])(
    'an error code of %j is refused',
    (octets) => {
      expect(() => errorCodeOf(raw(A.ERROR_CODE, ...octets))).toThrow(code('error-code'));
    },
  );

  test('a text is bounded', () => {
    expect(textOf(answer([textAttribute(A.REALM, 'x'.repeat(763))]), A.REALM)).toHaveLength(763);
    expect(() => textOf(answer([textAttribute(A.REALM, 'x'.repeat(764))]), A.REALM)).toThrow(code('text-too-long'));
    const long = errorCodeAttribute({ code: 400, reason: 'x'.repeat(764) });
    expect(() => errorCodeOf(answer([long]))).toThrow(code('text-too-long'));
  });

  test('a number has four octets', () => {
    expect(numberOf(answer([numberAttribute(A.CONNECTION_ID, 0xdead_beef)]), A.CONNECTION_ID)).toBe(0xdead_beef);
    expect(() => numberOf(raw(A.LIFETIME, 1), A.LIFETIME)).toThrow(code('number-octets'));
  });

  test('the first of two attributes of a type counts', () => {
    const message = answer([numberAttribute(A.LIFETIME, 1), numberAttribute(A.LIFETIME, 2)]);
    expect(numberOf(message, A.LIFETIME)).toBe(1);
  });

  test('the attributes that a server does not know are listed, half ones left out', () => {
    expect(unknownAttributesOf(raw(A.UNKNOWN_ATTRIBUTES, 0, 25, 0, 23, 7))).toEqual([25, 23]);
    expect(unknownAttributesOf(answer([]))).toEqual([]);
  });

  test('requests have the octets of their RFC', () => {
    expect([...changeRequest('address-and-port').value]).toEqual([0, 0, 0, 6]);
    expect([...changeRequest('port').value]).toEqual([0, 0, 0, 2]);
    expect([...requestedTransport('tcp').value]).toEqual([6, 0, 0, 0]);
    expect([...requestedTransport('udp').value]).toEqual([17, 0, 0, 0]);
    expect([...requestedFamily(6).value]).toEqual([2, 0, 0, 0]);
  });
});

describe('a server of RFC 3489', () => {
  const MAPPED = { address: '192.0.2.1', port: 4000 };

  test('is known by an answer that has MAPPED-ADDRESS and CHANGED-ADDRESS only', () => {
    const old = answer([
      plainAddressAttribute(A.MAPPED_ADDRESS, MAPPED),
      plainAddressAttribute(A.CHANGED_ADDRESS, MAPPED),
    ]);
    expect(dialectOf(old)).toBe('rfc3489');
  });

  test('is known by an answer without the magic cookie', () => {
    const attributes = [xorAddressAttribute(A.XOR_MAPPED_ADDRESS, MAPPED, ID)];
    expect(dialectOf(answer(attributes, '00112233445566778899aabbccddeeff'))).toBe('rfc3489');
  });

  test('is not one that sends the old attributes beside the new one', () => {
    const both = [
      xorAddressAttribute(A.XOR_MAPPED_ADDRESS, MAPPED, ID),
      plainAddressAttribute(A.MAPPED_ADDRESS, MAPPED),
      plainAddressAttribute(A.CHANGED_ADDRESS, MAPPED),
    ];
    expect(dialectOf(answer(both))).toBe('rfc8489');
  });
});
