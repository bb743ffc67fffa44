import { WireError } from '../wire/wire-error.ts';
import { tag } from './der.ts';
import { writeValue } from './der-writer.ts';

/** PKCS#12 files of practice nest about 15 levels deep, their strings one or two more. */
const MAX_DEPTH = 40;
const CONSTRUCTED = 0x20;

interface Parsed {
  /** The same value with definite lengths. */
  der: Uint8Array;
  /** Octets of the input that it took. */
  taken: number;
}

interface Header {
  identifier: number;
  /** Undefined: indefinite. */
  length: number | undefined;
  size: number;
}

function readHeader(bytes: Uint8Array, base: number): Header {
  const [identifier, first] = bytes;
  if (identifier === undefined || first === undefined) throw new WireError('truncated', 'a BER value is missing', base);
  if ((identifier & 0x1f) === 0x1f) throw new WireError('tag', 'BER tag in the high-number form', base);
  if (first < 0x80) return { identifier, length: first, size: 2 };
  if (first === 0x80) return { identifier, length: undefined, size: 2 };
  const count = first - 0x80;
  if (count > 4 || bytes.length < 2 + count) throw new WireError('length', 'BER length is too large or cut off', base);
  const length = bytes.subarray(2, 2 + count).reduce((sum, octet) => sum * 256 + octet, 0);
  return { identifier, length, size: 2 + count };
}

/** The pieces of a constructed OCTET STRING put together: DER knows the primitive form only (X.690 section 10.2). */
function joinPieces(children: readonly Uint8Array[], base: number): Uint8Array {
  const pieces = children.map((child) => {
    const { identifier, size } = readHeader(child, base);
    if (identifier !== tag.octetString) throw new WireError('tag', 'a piece of an OCTET STRING is none', base);
    return child.subarray(size);
  });
  return writeValue(tag.octetString, ...pieces);
}

interface Place {
  base: number;
  depth: number;
}

function readChildren(
  content: Uint8Array,
  end: 'counted' | 'marked',
  { base, depth }: Place,
): Parsed & { list: Uint8Array[] } {
  const list: Uint8Array[] = [];
  let position = 0;
  while (position < content.length) {
    if (end === 'marked' && content[position] === 0 && content[position + 1] === 0)
      return { list, der: new Uint8Array(), taken: position + 2 };
    const child = readOne(content.subarray(position), { base: base + position, depth: depth + 1 });
    list.push(child.der);
    position += child.taken;
  }
  if (end === 'marked') throw new WireError('truncated', 'BER value of indefinite length has no end', base);
  return { list, der: new Uint8Array(), taken: position };
}

function readOne(bytes: Uint8Array, place: Place): Parsed {
  const { base, depth } = place;
  if (depth > MAX_DEPTH) throw new WireError('depth', `BER values nest deeper than ${MAX_DEPTH} levels`, base);
  const { identifier, length, size } = readHeader(bytes, base);
  if (length !== undefined && bytes.length - size < length)
    throw new WireError('truncated', `BER value of ${length} octets has only ${bytes.length - size}`, base);
  if ((identifier & CONSTRUCTED) === 0) {
    if (length === undefined) throw new WireError('length', 'a primitive value has no length', base);
    return { der: writeValue(identifier, bytes.subarray(size, size + length)), taken: size + length };
  }
  const content = bytes.subarray(size, length === undefined ? undefined : size + length);
  const { list, taken } = readChildren(content, length === undefined ? 'marked' : 'counted', {
    base: base + size,
    depth,
  });
  const isString = identifier === (tag.octetString | CONSTRUCTED);
  return { der: isString ? joinPieces(list, base) : writeValue(identifier, ...list), taken: size + taken };
}

/**
 * One BER value, as PKCS#12 and PKCS#7 files may be written, with definite lengths and whole strings. Throws WireError
 * 'truncated', 'length', 'tag', 'depth' or 'trailing'. X.690 sections 8.1.3 and 8.7.
 */
export function normalizeBer(bytes: Uint8Array): Uint8Array {
  const { der, taken } = readOne(bytes, { base: 0, depth: 0 });
  if (taken !== bytes.length) throw new WireError('trailing', 'octets follow the BER value', taken);
  return der;
}
