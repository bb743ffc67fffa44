/** Reading and writing STUN messages. RFC 8489 sections 5, 6 and 14. */
import { crc32 } from 'node:zlib';
import { isUnknownRequired, STUN_ATTRIBUTE } from './stun-registry.ts';
import { WireError } from './wire-error.ts';

export type StunClass = 'request' | 'indication' | 'success' | 'error';

/** One attribute. `value` is without its padding. */
export interface StunAttribute {
  type: number;
  value: Uint8Array;
}

/** An attribute as it was read; `offset`: of its type, in the octets of the message. */
export interface PlacedAttribute extends StunAttribute {
  offset: number;
}

export interface StunContent {
  class: StunClass;
  /** A value of STUN_METHOD, or any other from 0 to 255. */
  method: number;
  /** 96 bits, 24 hexadecimal digits; 128 bits in a message without the magic cookie (RFC 3489 section 11.1). */
  transactionId: string;
  attributes: readonly StunAttribute[];
}

export interface StunMessage extends StunContent {
  /** Those that may be looked at: what follows the integrity is left out, but for the fingerprint. RFC 8489 section 14.5. */
  attributes: readonly PlacedAttribute[];
  /** Whether the magic cookie is there. */
  cookie: 'present' | 'absent';
  /** The message octet for octet: the integrity covers them. */
  bytes: Uint8Array;
}

export const STUN_HEADER_OCTETS = 20;
export const MAGIC_COOKIE = 0x2112_a442;
export const ATTRIBUTE_HEADER_OCTETS = 4;
/** Honest messages have a dozen. */
const MAX_ATTRIBUTES = 128;
const FINGERPRINT_OCTETS = 4;
/** RFC 8489 section 14.7. */
const FINGERPRINT_MASK = 0x5354_554e;
const MAX_LENGTH = 0xfffc;
/** What lies above is reserved, so that the first octet tells STUN from all else on the same port. RFC 7983 sections 4 and 7. */
const MAX_METHOD = 0xff;
/** The first octet of any message. */
export const LAST_FIRST_OCTET = 3;
const CLASSES: readonly StunClass[] = ['request', 'indication', 'success', 'error'];

export const paddedTo4 = (octets: number): number => (octets + 3) & ~3;

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** The bits of class and method stand one inside the other. RFC 8489 section 5, figure 3. */
function readType(type: number): Pick<StunContent, 'class' | 'method'> {
  const method = (type & 0x000f) | ((type & 0x00e0) >> 1) | ((type & 0x0200) >> 2);
  return { class: CLASSES[((type & 0x0100) >> 7) | ((type & 0x0010) >> 4)] ?? 'request', method };
}

function typeOf(content: Pick<StunContent, 'class' | 'method'>): number {
  const { method } = content;
  if (!Number.isInteger(method) || method < 0 || method > MAX_METHOD)
    throw new WireError('method', `a STUN method is 0 to ${MAX_METHOD}, not ${method}`);
  const kind = CLASSES.indexOf(content.class);
  const bits = (method & 0x000f) | ((method & 0x0070) << 1) | ((method & 0x0080) << 2);
  return bits | ((kind & 2) << 7) | ((kind & 1) << 4);
}

/**
 * Whether the octets of a message begin as STUN does, and how long it is in all. RFC 8489 section 6.3. Throws WireError 'not-stun',
 * 'length'.
 */
export function stunLength(header: Uint8Array): number {
  const view = viewOf(header);
  if (view.getUint8(0) > LAST_FIRST_OCTET) throw new WireError('not-stun', 'this is not STUN');
  const length = view.getUint16(2);
  if (length % 4 !== 0) throw new WireError('length', `a length of ${length} is no multiple of 4`, 2);
  return STUN_HEADER_OCTETS + length;
}

function readAttributes(bytes: Uint8Array): PlacedAttribute[] {
  const view = viewOf(bytes);
  const attributes: PlacedAttribute[] = [];
  for (let at = STUN_HEADER_OCTETS; at < bytes.length;) {
    const length = view.getUint16(at + 2);
    const from = at + ATTRIBUTE_HEADER_OCTETS;
    if (from + paddedTo4(length) > bytes.length)
      throw new WireError('attribute-cut', `an attribute of ${length} octets does not fit into its message`, at);
    if (attributes.length === MAX_ATTRIBUTES)
      throw new WireError('too-many-attributes', `a message of more than ${MAX_ATTRIBUTES} attributes`, at);
    attributes.push({ type: view.getUint16(at), value: bytes.slice(from, from + length), offset: at });
    at = from + paddedTo4(length);
  }
  return attributes;
}

const FINAL: readonly number[] = [
  STUN_ATTRIBUTE.MESSAGE_INTEGRITY,
  STUN_ATTRIBUTE.MESSAGE_INTEGRITY_SHA256,
  STUN_ATTRIBUTE.FINGERPRINT,
];

/** What stands behind an integrity is not covered by it: only the stronger integrity and the fingerprint may. */
function coveredAttributes(attributes: readonly PlacedAttribute[]): PlacedAttribute[] {
  let reached = -1;
  return attributes.filter(({ type }) => {
    const rank = FINAL.indexOf(type);
    if (rank < reached || (rank === reached && rank >= 0)) return false;
    reached = Math.max(reached, rank);
    return true;
  });
}

const fingerprintOver = (bytes: Uint8Array): number => (crc32(bytes) ^ FINGERPRINT_MASK) >>> 0;

/** RFC 8489 section 14.7: the last attribute, and a CRC-32 over all before it. */
function checkFingerprint(bytes: Uint8Array, attributes: readonly PlacedAttribute[]): void {
  const found = attributes.find(({ type }) => type === STUN_ATTRIBUTE.FINGERPRINT);
  if (found === undefined) return;
  const { value, offset } = found;
  if (found !== attributes.at(-1))
    throw new WireError('fingerprint', 'the FINGERPRINT is not the last attribute', offset);
  if (value.length !== FINGERPRINT_OCTETS)
    throw new WireError('fingerprint', `a FINGERPRINT of ${value.length} octets`, offset);
  if (viewOf(value).getUint32(0) !== fingerprintOver(bytes.subarray(0, offset)))
    throw new WireError('fingerprint', 'the FINGERPRINT is not that of this message', offset);
}

/**
 * Reads one message, which has to fill the octets; a FINGERPRINT is verified. Throws WireError 'cut', 'not-stun', 'length',
 * 'attribute-cut', 'too-many-attributes', 'fingerprint'.
 */
export function parseStun(octets: Uint8Array): StunMessage {
  if (octets.length < STUN_HEADER_OCTETS)
    throw new WireError('cut', `a STUN header has ${STUN_HEADER_OCTETS} octets, not ${octets.length}`, octets.length);
  const length = stunLength(octets);
  if (octets.length < length)
    throw new WireError('cut', `a message of ${length} octets of which ${octets.length} are there`, octets.length);
  if (octets.length > length) throw new WireError('length', 'octets behind the end of the message', length);
  const bytes = octets.slice();
  const all = readAttributes(bytes);
  checkFingerprint(bytes, all);
  const view = viewOf(bytes);
  const cookie = view.getUint32(4) === MAGIC_COOKIE ? 'present' : 'absent';
  const id = bytes.subarray(cookie === 'present' ? 8 : 4, STUN_HEADER_OCTETS);
  return {
    ...readType(view.getUint16(0)),
    transactionId: Buffer.from(id).toString('hex'),
    attributes: coveredAttributes(all),
    cookie,
    bytes,
  };
}

/** The octets of one attribute with its padding. Throws WireError 'attribute-too-long'. */
export function encodeAttribute({ type, value }: StunAttribute): Uint8Array {
  if (value.length > 0xffff)
    throw new WireError('attribute-too-long', `an attribute of ${value.length} octets is too long`);
  const octets = new Uint8Array(ATTRIBUTE_HEADER_OCTETS + paddedTo4(value.length));
  viewOf(octets).setUint16(0, type);
  viewOf(octets).setUint16(2, value.length);
  octets.set(value, ATTRIBUTE_HEADER_OCTETS);
  return octets;
}

function transactionOctets(transactionId: string): Uint8Array {
  const digits = /^(?:[0-9a-f]{24}|[0-9a-f]{32})$/.test(transactionId) ? transactionId : undefined;
  if (digits === undefined)
    throw new WireError('transaction-id', 'a transaction id has 24 hexadecimal digits, or 32 without the magic cookie');
  return Buffer.from(digits.length === 24 ? MAGIC_COOKIE.toString(16) + digits : digits, 'hex');
}

/** Says in the header how many octets of attributes follow it. */
export function setStunLength(bytes: Uint8Array, attributeOctets: number): void {
  if (attributeOctets > MAX_LENGTH)
    throw new WireError('message-too-long', `a message with ${attributeOctets} octets of attributes`);
  viewOf(bytes).setUint16(2, attributeOctets);
}

/**
 * The octets of a message, without integrity and fingerprint; paddings are zero. Throws WireError 'method', 'transaction-id',
 * 'attribute-too-long', 'message-too-long'.
 */
export function buildStun({ transactionId, attributes, ...kind }: StunContent): Uint8Array {
  const body = Buffer.concat(attributes.map(encodeAttribute));
  const bytes = new Uint8Array(STUN_HEADER_OCTETS + body.length);
  viewOf(bytes).setUint16(0, typeOf(kind));
  bytes.set(transactionOctets(transactionId), 4);
  bytes.set(body, STUN_HEADER_OCTETS);
  setStunLength(bytes, body.length);
  return bytes;
}

/** The message with a FINGERPRINT behind it. RFC 8489 section 14.7. */
export function addFingerprint(message: Uint8Array): Uint8Array {
  const value = new Uint8Array(FINGERPRINT_OCTETS);
  const attribute = { type: STUN_ATTRIBUTE.FINGERPRINT, value };
  const covered = message.slice();
  // The length counts the fingerprint already when it is computed.
  setStunLength(covered, message.length - STUN_HEADER_OCTETS + ATTRIBUTE_HEADER_OCTETS + FINGERPRINT_OCTETS);
  viewOf(value).setUint32(0, fingerprintOver(covered));
  return Buffer.concat([covered, encodeAttribute(attribute)]);
}

/** The value of the first attribute of a type; further ones of the same type are passed over (RFC 8489 section 14). */
export const attributeValue = ({ attributes }: StunMessage, type: number): Uint8Array | undefined =>
  attributes.find((one) => one.type === type)?.value;

/** Types of the attributes for whose sake a receiver must not act on the message. RFC 8489 section 6.3. */
export const unknownRequired = ({ attributes }: StunMessage): number[] => [
  ...new Set(attributes.map(({ type }) => type).filter(isUnknownRequired)),
];
