import { tag } from './der.ts';

/** One value: identifier octet, length in the shortest form, content (X.690 section 10.1). */
export function writeValue(identifier: number, ...content: readonly Uint8Array[]): Uint8Array {
  const body = Buffer.concat(content);
  if (body.length < 0x80) return Buffer.concat([Buffer.from([identifier, body.length]), body]);
  const digits = body.length.toString(16);
  const length = Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex');
  return Buffer.concat([Buffer.from([identifier, 0x80 | length.length]), length, body]);
}

export const writeSequence = (...items: readonly Uint8Array[]): Uint8Array => writeValue(tag.sequence, ...items);
export const writeSet = (...items: readonly Uint8Array[]): Uint8Array => writeValue(tag.set, ...items);
export const writeOctetString = (content: Uint8Array): Uint8Array => writeValue(tag.octetString, content);
export const writeNull = (): Uint8Array => writeValue(tag.null);
export const writeTrue = (): Uint8Array => writeValue(tag.boolean, Uint8Array.of(0xff));

/** A text in one of the string types, UTF-8. The caller answers for characters that the type does not allow. */
export const writeText = (identifier: number, text: string): Uint8Array => writeValue(identifier, Buffer.from(text));

/** A non-negative number from its big-endian octets; a zero octet is put in front where the sign bit would be set. */
export function writeUnsigned(octets: Uint8Array): Uint8Array {
  const start = octets.findIndex((octet) => octet !== 0);
  const shortest = start < 0 ? Uint8Array.of(0) : octets.subarray(start);
  const sign = (shortest[0] ?? 0) >= 0x80 ? Uint8Array.of(0) : new Uint8Array();
  return writeValue(tag.integer, sign, shortest);
}

/** A BIT STRING; `unused` bits at the end do not count. */
export const writeBitString = (bytes: Uint8Array, unused = 0): Uint8Array =>
  writeValue(tag.bitString, Uint8Array.of(unused), bytes);

function arcOctets(arc: number): number[] {
  const octets = [arc % 128];
  for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) octets.unshift((left % 128) | 0x80);
  return octets;
}

/** An OBJECT IDENTIFIER from its dotted form, the arcs below 2^53 (X.690 section 8.19). */
export function writeOid(dotted: string): Uint8Array {
  const [root = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return writeValue(tag.oid, Uint8Array.from([root * 40 + second, ...rest].flatMap(arcOctets)));
}
