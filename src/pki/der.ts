import { WireError } from '../wire/wire-error.ts';

/** Identifier octets of the universal types that certificates are made of (X.690 section 8, X.680 section 8.6). */
export const tag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  numericString: 0x12,
  printableString: 0x13,
  teletexString: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  visibleString: 0x1a,
  universalString: 0x1c,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const;

/** More children than any certificate or CRL of practice has; a list that is longer is refused, not cut. */
const MAX_CHILDREN = 100_000;
const LONG_FORM = 0x80;
const LARGEST_LENGTH_OCTETS = 4;

/** One tag, length, value. All arrays are views of the input, nothing is copied. */
export interface DerValue {
  /** The identifier octet as it stands: class, constructed bit and number. */
  tag: number;
  /** Where the identifier stands, counted from the start of the outermost input. */
  offset: number;
  /** Identifier, length and content. */
  bytes: Uint8Array;
  content: Uint8Array;
  /** Where the content starts, counted from the start of the outermost input. */
  contentOffset: number;
}

function readLength(bytes: Uint8Array, base: number): { length: number; header: number } {
  const first = bytes[1];
  if (first === undefined) throw new WireError('truncated', 'DER value ends before its length', base + 1);
  if (first < LONG_FORM) return { length: first, header: 2 };
  if (first === LONG_FORM) throw new WireError('indefinite-length', 'DER forbids the indefinite length', base + 1);
  const count = first - LONG_FORM;
  if (count > LARGEST_LENGTH_OCTETS)
    throw new WireError('length', `DER length of ${count} octets is too large`, base + 1);
  if (bytes.length < 2 + count)
    throw new WireError('truncated', 'DER value ends inside its length', base + bytes.length);
  let length = 0;
  for (let i = 0; i < count; i++) length = length * 256 + (bytes[2 + i] ?? 0);
  const minimal = length >= LONG_FORM && bytes[2] !== 0;
  if (!minimal) throw new WireError('length', 'DER length is not in its shortest form', base + 1);
  return { length, header: 2 + count };
}

/**
 * The first value of `bytes`; `base` is the place of `bytes` in the outermost input, for error offsets. Throws WireError
 * 'truncated', 'length', 'indefinite-length' or 'tag'. X.690 section 10.1 (DER).
 */
export function readValue(bytes: Uint8Array, base = 0): DerValue {
  const first = bytes[0];
  if (first === undefined) throw new WireError('truncated', 'a DER value is missing', base);
  // Tag numbers above 30 do not occur in RFC 5280.
  if ((first & 0x1f) === 0x1f) throw new WireError('tag', 'DER tag in the high-number form', base);
  const { length, header } = readLength(bytes, base);
  if (bytes.length - header < length) {
    throw new WireError(
      'truncated',
      `DER value of ${length} octets has only ${bytes.length - header}`,
      base + bytes.length,
    );
  }
  return {
    tag: first,
    offset: base,
    bytes: bytes.subarray(0, header + length),
    content: bytes.subarray(header, header + length),
    contentOffset: base + header,
  };
}

/** The one value that fills `bytes`. Throws WireError as readValue does, and 'trailing' when octets follow. */
export function readSingleValue(bytes: Uint8Array, base = 0): DerValue {
  const value = readValue(bytes, base);
  if (value.bytes.length !== bytes.length) {
    throw new WireError('trailing', 'octets follow the DER value', base + value.bytes.length);
  }
  return value;
}

/** The values inside a constructed value, in order. Throws WireError as readValue does, and 'too-many' past 100,000. */
export function readChildren(parent: DerValue): DerValue[] {
  const children: DerValue[] = [];
  let position = 0;
  while (position < parent.content.length) {
    if (children.length === MAX_CHILDREN) throw new WireError('too-many', 'DER list is too long', parent.offset);
    const child = readValue(parent.content.subarray(position), parent.contentOffset + position);
    children.push(child);
    position += child.bytes.length;
  }
  return children;
}

/** `value` when its identifier is `wanted`. Throws WireError 'truncated' when it is absent, 'tag' when it is another. */
export function expectTag(value: DerValue | undefined, wanted: number, what: string): DerValue {
  if (value === undefined) throw new WireError('truncated', `${what} is missing`);
  if (value.tag !== wanted) {
    throw new WireError(
      'tag',
      `${what} has the tag 0x${value.tag.toString(16)}, not 0x${wanted.toString(16)}`,
      value.offset,
    );
  }
  return value;
}

/** The children of a SEQUENCE. Throws WireError 'tag' and as readChildren does. */
export function readSequence(value: DerValue | undefined, what: string): DerValue[] {
  return readChildren(expectTag(value, tag.sequence, what));
}

/** Identifier octet of the context-specific tag `[number]` (X.690 section 8.1.2). */
export function contextTag(number: number, form: 'primitive' | 'constructed'): number {
  return (form === 'constructed' ? 0xa0 : 0x80) | number;
}
