import { describe, expect, test } from 'vitest';
import { normalizeBer } from '../../src/pki/ber.ts';
import { writeOid, writeUnsigned } from '../../src/pki/der-writer.ts';
import { toHex } from '../../src/pki/der-primitives.ts';

const hex = (text: string): Uint8Array => Buffer.from(text.replaceAll(' ', ''), 'hex');

describe('normalizeBer', () => {
  test.each([
    ['what is DER already', '30 03 02 01 05', '3003020105'],
    ['an indefinite length', '30 80 02 01 05 00 00', '3003020105'],
    ['a length in more octets than needed', '30 82 00 03 02 01 05', '3003020105'],
    ['a string in pieces', '24 80 04 01 61 04 01 62 00 00', '04026162'],
    ['pieces of pieces', '24 80 24 80 04 01 61 00 00 04 01 62 00 00', '04026162'],
    ['an empty string of no pieces', '24 80 00 00', '0400'],
  ])('%s', (...[, from, to]) => {
    expect(toHex(normalizeBer(hex(from)))).toBe(to);
  });

  test.each([
    ['nothing', '', 'truncated'],
    ['a value that is cut off', '30 03 02 01', 'truncated'],
    ['an indefinite length without end', '30 80 02 01 05', 'truncated'],
    ['an indefinite length of a primitive value', '04 80 61 00 00', 'length'],
    ['octets behind the value', '30 00 00', 'trailing'],
    ['a string with a piece of another type', '24 80 02 01 61 00 00', 'tag'],
    ['a tag in the high-number form', '1f 85 01 00', 'tag'],
    ['a thousand levels', '3080'.repeat(1000), 'depth'],
  ])('refuses %s', (...[, from, code]) => {
    expect(() => normalizeBer(hex(from))).toThrow(expect.objectContaining({ code }));
  });
});

test.each([
  ['2.5.29.37.0', '0604551d2500'],
  ['1.2.840.113549.1.1.11', '06092a864886f70d01010b'],
])('writeOid writes %s', (dotted, expected) => {
  expect(toHex(writeOid(dotted))).toBe(expected);
});

test.each([
  ['00', '020100'],
  ['0000', '020100'],
  ['7f', '02017f'],
  ['80', '02020080'],
  ['000102', '02020102'],
])('writeUnsigned writes %s', (octets, expected) => {
  expect(toHex(writeUnsigned(hex(octets)))).toBe(expected);
});
