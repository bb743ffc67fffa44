import { expect, test } from 'vitest';
import { contextTag, readChildren, readSingleValue, readValue } from '../../src/pki/der.ts';
import { readBitString, readBoolean, readOid, readSmallInteger, toHex } from '../../src/pki/der-primitives.ts';
import { readText, readTime } from '../../src/pki/der-text.ts';
import { der, text } from './make-certificate.ts';

const value = (hex: string): ReturnType<typeof readSingleValue> => readSingleValue(Buffer.from(hex, 'hex'));

test('readValue gives tag, content and places, and leaves what follows', () => {
  const first = readValue(Buffer.from('0203010203ff', 'hex'), 10);
  expect(first).toMatchObject({ tag: 2, offset: 10, contentOffset: 12 });
  expect(toHex(first.content)).toBe('010203');
});

test.each([
  ['', 'truncated', 0],
  ['30', 'truncated', 1],
  ['3003', 'truncated', 2],
  ['30800000', 'indefinite-length', 1],
  ['308101', 'length', 1],
  ['30820001', 'length', 1],
  ['3085010000000000', 'length', 1],
  ['1f8101', 'tag', 0],
  ['0500ff', 'trailing', 2],
])('%j is refused as %s at octet %i', (hex, code, offset) => {
  expect(() => value(hex)).toThrow(expect.objectContaining({ name: 'WireError', code, offset }));
});

test('readChildren names the place of a broken child in the whole input', () => {
  expect(() => readChildren(value('300402010130'))).toThrow(expect.objectContaining({ code: 'truncated', offset: 6 }));
});

test('readChildren refuses a list of more than 100,000 values', () => {
  const list = der(0x30, Buffer.alloc(200_002, Buffer.from([0x05, 0x00])));
  expect(() => readChildren(readSingleValue(list))).toThrow(expect.objectContaining({ code: 'too-many' }));
});

test('contextTag makes the identifier octet', () => {
  expect([contextTag(0, 'constructed'), contextTag(2, 'primitive')]).toEqual([0xa0, 0x82]);
});

test.each([
  ['06032a8686', 'oid'],
  ['06022a80', 'oid'],
  ['060480018001', 'oid'],
  ['0600', 'oid'],
])('the identifier %s is refused', (hex, code) => {
  expect(() => readOid(value(hex), 'x')).toThrow(expect.objectContaining({ code }));
});

test.each([
  ['06092a864886f70d01010b', '1.2.840.113549.1.1.11'],
  ['0603551d11', '2.5.29.17'],
  ['06032b6570', '1.3.101.112'],
  ['0603883703', '2.999.3'],
])('the identifier %s is %s', (hex, dotted) => {
  expect(readOid(value(hex), 'x')).toBe(dotted);
});

test.each(['02020001', '0202ffff', '0200', '02050100000000', '0201ff'])('the integer %s is refused', (hex) => {
  expect(() => readSmallInteger(value(hex), 'x')).toThrow(expect.objectContaining({ code: 'integer' }));
});

test.each(['010101', '0100', '01020000'])('the boolean %s is refused', (hex) => {
  expect(() => readBoolean(value(hex))).toThrow(expect.objectContaining({ code: 'boolean' }));
});

test.each(['0300', '030108', '030101', '03020101'])('the bit string %s is refused', (hex) => {
  expect(() => readBitString(value(hex), 'x')).toThrow(expect.objectContaining({ code: 'bit-string' }));
});

test.each([
  [0x17, '260229000000Z'],
  [0x17, '2601010000Z'],
  [0x17, '260101000000+0000'],
  [0x18, '20260101000000.5Z'],
  [0x18, '20260101240001Z'],
  [0x16, '260101000000Z'],
])('the time of tag %i, %s, is refused', (tag, digits) => {
  expect(() => readTime(readSingleValue(text(tag, digits)), 'x')).toThrow(expect.objectContaining({ code: 'time' }));
});

test.each([
  [0x17, '491231235959Z', '2049-12-31T23:59:59Z'],
  [0x17, '500101000000Z', '1950-01-01T00:00:00Z'],
  [0x18, '20240229000000Z', '2024-02-29T00:00:00Z'],
])('the time of tag %i, %s, is %s', (tag, digits, iso) => {
  expect(readTime(readSingleValue(text(tag, digits)), 'x')).toBe(iso);
});

test.each([
  ['0c02c3a9', 'é'],
  ['0c01e9', 'é'],
  ['1401e9', 'é'],
  ['1e0400e90041', 'éA'],
  ['1e0300e900', '#1e0300e900'],
  ['1c040001f61c', '😜'],
  ['1c047fffffff', '\uFFFD'],
  ['020105', '#020105'],
])('the string %s reads %j', (hex, read) => {
  expect(readText(value(hex))).toBe(read);
});
