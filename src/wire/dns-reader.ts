/** Bounded reading of the primitives of a DNS message. Every read checks the end first, so nothing undefined can leak into a value. */
import { formatLabel } from './dns-name.ts';
import { WireError } from './wire-error.ts';

/** A part of a name: its labels in presentation form, and the octets that they take with their lengths. */
interface Suffix {
  text: string;
  octets: number;
}

/** What was read of names in one message, shared by all cursors over it. */
interface NameMemory {
  /** By the offset that a pointer led to. */
  suffixes: Map<number, Suffix>;
  /** Octets of labels that were read so far. */
  octets: number;
}

/** A place in a message. `end` bounds what may be read in line: the message, or the data of one record. */
export interface Cursor {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly end: number;
  readonly names: NameMemory;
  offset: number;
}

/** Octets of the header, RFC 1035 section 4.1.1: no name can begin in it. */
export const HEADER_OCTETS = 12;
const MAX_NAME = 255;
/** A name has at most 127 labels, and a pointer that adds no label serves nothing: more jumps only cost time. */
const MAX_JUMPS = 127;
const POINTER = 0xc0;
/**
 * Octets of labels that are read in one message: twice its largest size, once in line and once by way of pointers. What many
 * names share is read once, so honest messages stay far below; pointers into pointers could cost a hundred times the size.
 */
const MAX_NAME_OCTETS = 131_072;

/** A cursor over a whole message. */
export function openCursor(bytes: Uint8Array): Cursor {
  return {
    bytes,
    view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    end: bytes.byteLength,
    names: { suffixes: new Map(), octets: 0 },
    offset: 0,
  };
}

/** Steps over `count` octets and gives the offset of the first. Throws WireError 'cut' when they are not there. */
export function take(cursor: Cursor, count: number): number {
  const at = cursor.offset;
  if (count > cursor.end - at) {
    throw new WireError('cut', `${count} octets are wanted and ${cursor.end - at} are there`, at);
  }
  cursor.offset = at + count;
  return at;
}

/** The next octet. Throws WireError 'cut'. */
export function readU8(cursor: Cursor): number {
  return cursor.view.getUint8(take(cursor, 1));
}

/** The next two octets, high octet first. Throws WireError 'cut'. */
export function readU16(cursor: Cursor): number {
  return cursor.view.getUint16(take(cursor, 2));
}

/** The next four octets, high octet first. Throws WireError 'cut'. */
export function readU32(cursor: Cursor): number {
  return cursor.view.getUint32(take(cursor, 4));
}

/** A copy of the next `count` octets. Throws WireError 'cut'. */
export function readOctets(cursor: Cursor, count: number): Uint8Array {
  const at = take(cursor, count);
  return cursor.bytes.slice(at, at + count);
}

/** A cursor over the next `count` octets, which the given one steps over. Throws WireError 'cut'. */
export function within(cursor: Cursor, count: number): Cursor {
  const at = take(cursor, count);
  return { ...cursor, offset: at, end: at + count };
}

/** A character-string, one character for each octet so that no two strings look alike. Throws WireError 'cut'. RFC 1035 section 3.3. */
export function readString(cursor: Cursor): string {
  return Buffer.from(readOctets(cursor, readU8(cursor))).toString('latin1');
}

/** A pointer must lead to before the labels that it follows: so each jump goes backwards and reading ends. */
function pointerTarget(place: Cursor, high: number, start: number): number {
  const at = place.offset - 1;
  const target = ((high & 0x3f) << 8) | readU8(place);
  if (target < HEADER_OCTETS) throw new WireError('pointer-to-header', 'a name that points into the header', at);
  if (target >= start) throw new WireError('pointer-forward', 'a name that does not point to a prior name', at);
  return target;
}

function readLabelOctets(place: Cursor, length: number): Uint8Array {
  if (length > 63) throw new WireError('label-type', 'a label of a reserved type', place.offset - 1);
  place.names.octets += length + 1;
  if (place.names.octets > MAX_NAME_OCTETS) {
    throw new WireError('names-too-long', 'a message whose names are many times its size', place.offset);
  }
  const at = take(place, length);
  return place.bytes.subarray(at, at + length);
}

/** Puts a suffix behind the labels before it. Root and length octets included, a name has at most 255 octets. */
function joined(before: Suffix, after: Suffix, at: number): Suffix {
  const octets = before.octets + after.octets;
  if (octets + 1 > MAX_NAME) throw new WireError('name-too-long', 'a name of more than 255 octets', at);
  if (before.text === '' || after.text === '') return { text: before.text + after.text, octets };
  return { text: `${before.text}.${after.text}`, octets };
}

const NO_LABELS: Readonly<Suffix> = { text: '', octets: 0 };

/** Labels that stand in line, up to the root or to a pointer, whose target is given. */
function readLabels(place: Cursor): { labels: Suffix; target?: number } {
  const start = place.offset;
  let labels: Suffix = NO_LABELS;
  for (;;) {
    const length = readU8(place);
    if (length === 0) return { labels };
    if (length >= POINTER) return { labels, target: pointerTarget(place, length, start) };
    const label = { text: formatLabel(readLabelOctets(place, length)), octets: length + 1 };
    labels = joined(labels, label, place.offset);
  }
}

/** The rest of a name from where a pointer leads. Each place is read once, so chains of pointers cost no more than lines. */
function suffixAt(cursor: Cursor, offset: number, jumps = 1): Suffix {
  const known = cursor.names.suffixes.get(offset);
  if (known) return known;
  if (jumps > MAX_JUMPS) throw new WireError('pointer-chain', 'a name of too many pointers', offset);
  const { labels, target } = readLabels({ ...cursor, offset, end: cursor.bytes.byteLength });
  const suffix = target === undefined ? labels : joined(labels, suffixAt(cursor, target, jumps + 1), offset);
  cursor.names.suffixes.set(offset, suffix);
  return suffix;
}

/**
 * A name, compressed or not, in presentation form with its letters as sent; the root is '.'. The cursor stands behind it
 * afterwards. Throws WireError 'cut', 'label-type', 'name-too-long', 'pointer-forward', 'pointer-to-header',
 * 'pointer-chain', 'names-too-long'. RFC 1035 section 4.1.4.
 */
export function readName(cursor: Cursor): string {
  const { labels, target } = readLabels(cursor);
  const { text } = target === undefined ? labels : joined(labels, suffixAt(cursor, target), cursor.offset);
  return text === '' ? '.' : text;
}
