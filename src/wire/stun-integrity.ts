/** Who has sent a message: credentials, keys, MESSAGE-INTEGRITY and MESSAGE-INTEGRITY-SHA256. RFC 8489 sections 9, 14.5 and 14.6. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { saslPrepared } from './saslprep.ts';
import {
  ATTRIBUTE_HEADER_OCTETS,
  encodeAttribute,
  setStunLength,
  STUN_HEADER_OCTETS,
  type StunMessage,
} from './stun-message.ts';
import { STUN_ATTRIBUTE } from './stun-registry.ts';
import { WireError } from './wire-error.ts';

/** Of the HMAC over a message. */
export type IntegrityHash = 'sha1' | 'sha256';

export interface StunKey {
  octets: Uint8Array;
  hash: IntegrityHash;
}

/** How the key of a long-term credential is made. RFC 8489 section 18.5. */
export type PasswordAlgorithm = 'MD5' | 'SHA-256';

export interface LongTermCredential {
  user: string;
  password: string;
  realm: string;
  algorithm: PasswordAlgorithm;
}

const ATTRIBUTES = {
  sha1: { type: STUN_ATTRIBUTE.MESSAGE_INTEGRITY, least: 20, most: 20 },
  // A truncated HMAC is allowed. RFC 8489 section 14.6.
  sha256: { type: STUN_ATTRIBUTE.MESSAGE_INTEGRITY_SHA256, least: 16, most: 32 },
} as const;

/** Throws WireError 'saslprep'. RFC 8489 section 9.1.1. */
export async function shortTermKey(password: string, hash: IntegrityHash): Promise<StunKey> {
  return { octets: Buffer.from(await saslPrepared(password)), hash };
}

/** The key of user, realm and password; `hash` is that of the HMAC. Throws WireError 'saslprep'. RFC 8489 section 9.2.2. */
export async function longTermKey(credential: LongTermCredential, hash: IntegrityHash): Promise<StunKey> {
  const { realm, algorithm } = credential;
  const [user, password] = [await saslPrepared(credential.user), await saslPrepared(credential.password)];
  const octets = createHash(algorithm === 'MD5' ? 'md5' : 'sha256')
    .update(`${user}:${realm}:${password}`)
    .digest();
  return { octets, hash };
}

function hmacOver(covered: Uint8Array, valueOctets: number, { octets, hash }: StunKey): Uint8Array {
  const message = covered.slice();
  // The length counts the integrity itself, and nothing behind it.
  setStunLength(message, message.length - STUN_HEADER_OCTETS + ATTRIBUTE_HEADER_OCTETS + valueOctets);
  return createHmac(hash, octets).update(message).digest();
}

/** The message, which ends with neither integrity nor fingerprint, with its integrity. */
export function addIntegrity(message: Uint8Array, key: StunKey): Uint8Array {
  const { type, most } = ATTRIBUTES[key.hash];
  const attribute = encodeAttribute({ type, value: hmacOver(message, most, key) });
  const whole = Buffer.concat([message, attribute]);
  setStunLength(whole, whole.length - STUN_HEADER_OCTETS);
  return whole;
}

/**
 * Throws WireError unless whoever has sent the message knows the key: 'integrity-missing' when it has no integrity of that hash,
 * 'integrity' when it is wrong. What comes behind the integrity is not in `attributes` (RFC 8489 section 14.5).
 */
export function verifyIntegrity({ attributes, bytes }: StunMessage, key: StunKey): void {
  const { type, least, most } = ATTRIBUTES[key.hash];
  const found = attributes.find((one) => one.type === type);
  if (found === undefined) throw new WireError('integrity-missing', 'the message has no integrity');
  const { value, offset } = found;
  if (value.length < least || value.length > most || value.length % 4 !== 0)
    throw new WireError('integrity', `an integrity of ${value.length} octets`, offset);
  const wanted = hmacOver(bytes.subarray(0, offset), value.length, key).subarray(0, value.length);
  if (!timingSafeEqual(wanted, value))
    throw new WireError('integrity', 'the integrity is not that of this message and key', offset);
}
