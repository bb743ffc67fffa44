/** The values of STUN and TURN attributes. RFC 8489 section 14, RFC 8656 section 18, RFC 6062 section 6.2, RFC 5780 section 7. */
import { formatAddress, parseAddress } from '../pki/ip-address.ts';
import type { Endpoint } from '../world.ts';
import { attributeValue, MAGIC_COOKIE, type StunAttribute, type StunMessage } from './stun-message.ts';
import { STUN_ATTRIBUTE } from './stun-registry.ts';
import { WireError } from './wire-error.ts';

/** RFC 8489 section 14.1. */
const FAMILIES: Readonly<Record<number, number>> = { 1: 4, 2: 16 };
/** RFC 8489 sections 14.9, 14.10 and 14.14: fewer than 763 octets. Servers keep to it; what is longer serves nothing here. */
const MAX_TEXT = 763;
const MAX_UNKNOWN = 64;

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function numberOctets(value: number, octets: 2 | 4): Uint8Array {
  const bytes = new Uint8Array(octets);
  if (octets === 2) viewOf(bytes).setUint16(0, value);
  else viewOf(bytes).setUint32(0, value);
  return bytes;
}

/** What an XOR address is combined with: the magic cookie, then the transaction id. */
const maskOf = (transactionId: string): Uint8Array => Buffer.from(MAGIC_COOKIE.toString(16) + transactionId, 'hex');

const xor = (bytes: Uint8Array, mask: Uint8Array): Uint8Array => bytes.map((octet, at) => octet ^ (mask[at] ?? 0));

function readAddress(value: Uint8Array, mask: Uint8Array): Endpoint {
  const octets = value.length < 4 ? undefined : FAMILIES[value[1] ?? 0];
  const address = octets === value.length - 4 ? formatAddress(xor(value.subarray(4), mask)) : undefined;
  if (address === undefined) throw new WireError('address', `an address attribute of ${value.length} octets`);
  return { address, port: viewOf(xor(value.subarray(2, 4), mask)).getUint16(0) };
}

/** Address and port of an attribute such as XOR-MAPPED-ADDRESS; undefined: it is not there. Throws WireError 'address'. */
export function xorAddressOf(message: StunMessage, type: number): Endpoint | undefined {
  const value = attributeValue(message, type);
  return value === undefined ? undefined : readAddress(value, maskOf(message.transactionId));
}

/** The same for attributes in clear, such as MAPPED-ADDRESS and OTHER-ADDRESS. Throws WireError 'address'. */
export function plainAddressOf(message: StunMessage, type: number): Endpoint | undefined {
  const value = attributeValue(message, type);
  return value === undefined ? undefined : readAddress(value, new Uint8Array());
}

function encodeAddress({ address, port }: Endpoint, mask: Uint8Array): Uint8Array {
  const octets = parseAddress(address);
  if (octets === undefined || !Number.isInteger(port) || port < 0 || port > 0xffff)
    throw new WireError('address', `'${address}' with port ${port} is no address`);
  const head = Uint8Array.of(0, octets.length === 4 ? 1 : 2, ...xor(numberOctets(port, 2), mask));
  return Uint8Array.of(...head, ...xor(octets, mask));
}

/** Throws WireError 'address'. */
export const xorAddressAttribute = (type: number, endpoint: Endpoint, transactionId: string): StunAttribute => ({
  type,
  value: encodeAddress(endpoint, maskOf(transactionId)),
});

/** Throws WireError 'address'. */
export const plainAddressAttribute = (type: number, endpoint: Endpoint): StunAttribute => ({
  type,
  value: encodeAddress(endpoint, new Uint8Array()),
});

/** A text as UTF-8; undefined: it is not there. Octets that are no UTF-8 become U+FFFD. Throws WireError 'text-too-long'. */
export function textOf(message: StunMessage, type: number): string | undefined {
  const value = attributeValue(message, type);
  if (value === undefined) return undefined;
  if (value.length > MAX_TEXT) throw new WireError('text-too-long', `a text of ${value.length} octets`);
  return Buffer.from(value).toString('utf8');
}

export const textAttribute = (type: number, text: string): StunAttribute => ({ type, value: Buffer.from(text) });

export interface StunErrorCode {
  /** 300 to 699. */
  code: number;
  /** As the server words it; remote text. */
  reason: string;
}

/** ERROR-CODE; undefined: it is not there. Throws WireError 'error-code', 'text-too-long'. RFC 8489 section 14.8. */
export function errorCodeOf(message: StunMessage): StunErrorCode | undefined {
  const value = attributeValue(message, STUN_ATTRIBUTE.ERROR_CODE);
  if (value === undefined) return undefined;
  const [, , hundreds = 0, rest = 0] = value;
  // The reserved bits above the class are passed over.
  const code = (hundreds & 7) * 100 + rest;
  if (value.length < 4 || rest > 99 || code < 300 || code > 699)
    throw new WireError('error-code', 'an ERROR-CODE without a number from 300 to 699');
  if (value.length > 4 + MAX_TEXT) throw new WireError('text-too-long', `a reason of ${value.length - 4} octets`);
  return { code, reason: Buffer.from(value.subarray(4)).toString('utf8') };
}

export const errorCodeAttribute = ({ code, reason }: StunErrorCode): StunAttribute => ({
  type: STUN_ATTRIBUTE.ERROR_CODE,
  value: Uint8Array.of(0, 0, Math.trunc(code / 100), code % 100, ...Buffer.from(reason)),
});

/** UNKNOWN-ATTRIBUTES: the types that the server does not know, the first 64. RFC 8489 section 14.13. */
export function unknownAttributesOf(message: StunMessage): number[] {
  const value = attributeValue(message, STUN_ATTRIBUTE.UNKNOWN_ATTRIBUTES) ?? new Uint8Array();
  const count = Math.min(MAX_UNKNOWN, value.length >> 1);
  return Array.from({ length: count }, (_, at) => viewOf(value).getUint16(2 * at));
}

/** An attribute of 32 bits, such as LIFETIME and CONNECTION-ID; undefined: it is not there. Throws WireError 'number-octets'. */
export function numberOf(message: StunMessage, type: number): number | undefined {
  const value = attributeValue(message, type);
  if (value === undefined) return undefined;
  if (value.length !== 4) throw new WireError('number-octets', `a number of ${value.length} octets`);
  return viewOf(value).getUint32(0);
}

export const numberAttribute = (type: number, value: number): StunAttribute => ({
  type,
  value: numberOctets(value, 4),
});

/** Protocol numbers of IP. RFC 8656 section 18.8, RFC 6062 section 4.1. */
const PROTOCOLS = { udp: 17, tcp: 6 } as const;

/** REQUESTED-TRANSPORT. */
export const requestedTransport = (protocol: keyof typeof PROTOCOLS): StunAttribute => ({
  type: STUN_ATTRIBUTE.REQUESTED_TRANSPORT,
  value: Uint8Array.of(PROTOCOLS[protocol], 0, 0, 0),
});

/** REQUESTED-ADDRESS-FAMILY. RFC 8656 section 18.6. */
export const requestedFamily = (family: 4 | 6): StunAttribute => ({
  type: STUN_ATTRIBUTE.REQUESTED_ADDRESS_FAMILY,
  value: Uint8Array.of(family === 4 ? 1 : 2, 0, 0, 0),
});

/** From where the answer shall come. */
export type Change = 'address-and-port' | 'port';

const CHANGE_ADDRESS = 0x04;
const CHANGE_PORT = 0x02;

/** CHANGE-REQUEST. RFC 5780 section 7.2. */
export const changeRequest = (change: Change): StunAttribute =>
  numberAttribute(STUN_ATTRIBUTE.CHANGE_REQUEST, change === 'port' ? CHANGE_PORT : CHANGE_ADDRESS | CHANGE_PORT);

/**
 * The rules by which a server that answers goes. One of RFC 3489 knows no XOR-MAPPED-ADDRESS; its answer bears the magic cookie
 * all the same, because it gives back the transaction id as it came.
 */
export function dialectOf(answer: StunMessage): 'rfc8489' | 'rfc3489' {
  const isOld = answer.cookie === 'absent' || attributeValue(answer, STUN_ATTRIBUTE.XOR_MAPPED_ADDRESS) === undefined;
  return isOld && answer.class === 'success' && answer.method === 1 ? 'rfc3489' : 'rfc8489';
}
