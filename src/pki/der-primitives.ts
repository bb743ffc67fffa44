import { WireError } from '../wire/wire-error.ts';
import { type DerValue, expectTag, tag } from './der.ts';

/** The longest object identifier that is read, in octets; 2.25 identifiers (a UUID) need 20. */
const MAX_OID_OCTETS = 128;
/** An arc holds at most 128 bits (X.667), 19 groups of seven. */
const MAX_ARC_OCTETS = 19;

/** Octets as lower-case hex. */
export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}

/** BOOLEAN: FALSE is 00, TRUE is FF (X.690 section 11.1). Throws WireError 'boolean'. */
export function readBoolean(value: DerValue): boolean {
  const { content } = expectTag(value, tag.boolean, 'BOOLEAN');
  const octet = content[0];
  if (content.length !== 1 || (octet !== 0 && octet !== 0xff)) {
    throw new WireError('boolean', 'BOOLEAN is neither 00 nor FF', value.contentOffset);
  }
  return octet === 0xff;
}

/** The octets of an INTEGER, two's complement, in the shortest form (X.690 section 8.3.2). Throws WireError 'integer'. */
export function readIntegerOctets(value: DerValue | undefined, what: string): Uint8Array {
  const { content, contentOffset } = expectTag(value, tag.integer, what);
  const [first, second] = content;
  if (first === undefined) throw new WireError('integer', `${what} is empty`, contentOffset);
  const padded = second !== undefined && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80));
  if (padded) throw new WireError('integer', `${what} is not in its shortest form`, contentOffset);
  return content;
}

/** A non-negative INTEGER below 2^31. Throws WireError 'integer'. */
export function readSmallInteger(value: DerValue | undefined, what: string): number {
  const octets = readIntegerOctets(value, what);
  const number = octets.reduce((sum, octet) => sum * 256 + octet, 0);
  if (octets.length > 4 || (octets[0] ?? 0) >= 0x80) {
    throw new WireError('integer', `${what} is out of range`, value?.contentOffset);
  }
  return number;
}

/** The bits of a BIT STRING and the count of unused bits, which must be 0 to 7 and zero bits (X.690 section 11.2.1). Throws WireError 'bit-string'. */
export function readBitString(value: DerValue | undefined, what: string): { bytes: Uint8Array; unused: number } {
  const { content, contentOffset } = expectTag(value, tag.bitString, what);
  const unused = content[0];
  const last = content.at(-1) ?? 0;
  if (unused === undefined || unused > 7 || (unused > 0 && content.length === 1)) {
    throw new WireError('bit-string', `${what} has a wrong count of unused bits`, contentOffset);
  }
  if (unused > 0 && (last & ((1 << unused) - 1)) !== 0) {
    throw new WireError('bit-string', `${what} has unused bits that are not zero`, contentOffset);
  }
  return { bytes: content.subarray(1), unused };
}

/** The arcs of an OBJECT IDENTIFIER in dotted form, or undefined when the content is not one (X.690 section 8.19). */
function decodeArcs(content: Uint8Array): string | undefined {
  const arcs: bigint[] = [];
  let arc = 0n;
  let octets = 0;
  for (const octet of content) {
    if (octets === 0 && octet === 0x80) return undefined;
    octets++;
    if (octets > MAX_ARC_OCTETS) return undefined;
    arc = arc * 128n + BigInt(octet & 0x7f);
    if (octet >= 0x80) continue;
    arcs.push(arc);
    arc = 0n;
    octets = 0;
  }
  const [head, ...rest] = arcs;
  if (octets !== 0 || head === undefined) return undefined;
  const root = head < 40n ? 0n : head < 80n ? 1n : 2n;
  return [root, head - root * 40n, ...rest].join('.');
}

/** An OBJECT IDENTIFIER in dotted form from its content octets. Throws WireError 'oid'. */
export function decodeOid(content: Uint8Array, offset: number): string {
  const oid = content.length > MAX_OID_OCTETS ? undefined : decodeArcs(content);
  if (oid === undefined) throw new WireError('oid', 'malformed OBJECT IDENTIFIER', offset);
  return oid;
}

/** An OBJECT IDENTIFIER in dotted form. Throws WireError 'tag' or 'oid'. */
export function readOid(value: DerValue | undefined, what: string): string {
  const { content, contentOffset } = expectTag(value, tag.oid, what);
  return decodeOid(content, contentOffset);
}
