import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { WireError } from '../wire/wire-error.ts';
import type { Certificate } from './certificate.ts';
import { sameBytes } from './der-primitives.ts';

/**
 * Reads a private key: PEM (PKCS#1, SEC 1, PKCS#8, encrypted or not) or DER (PKCS#8, PKCS#1, SEC 1). Throws WireError 'password'
 * when it is encrypted and the password does not open it, 'key' when it is no private key.
 */
export function readPrivateKey(bytes: Uint8Array, password: string): KeyObject {
  const text = Buffer.from(bytes).toString('latin1');
  if (text.includes('-----BEGIN ')) {
    try {
      return createPrivateKey({ key: text, format: 'pem', passphrase: password });
    } catch {
      // OpenSSL's words ("bad decrypt", "interrupted or cancelled") name its own functions, not what is wrong with the file.
      const sealed = text.includes('ENCRYPTED');
      if (sealed)
        throw new WireError('password', password === '' ? 'it needs a password' : 'the password does not open it');
      throw new WireError('key', 'it holds no private key that can be read');
    }
  }
  for (const type of ['pkcs8', 'pkcs1', 'sec1'] as const) {
    try {
      return createPrivateKey({ key: Buffer.from(bytes), format: 'der', type });
    } catch {
      // Not this form; the next is tried.
    }
  }
  throw new WireError('key', 'it holds no private key that can be read');
}

/** Whether the private key is the one whose public half the certificate carries. */
export function belongsTo(key: KeyObject, certificate: Certificate): boolean {
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  if (sameBytes(spki, certificate.publicKey.spki)) return true;
  // Certificates may encode the same key in another way (missing NULL, point compression): OpenSSL compares the keys themselves.
  try {
    const own = createPublicKey({ key: Buffer.from(certificate.publicKey.spki), format: 'der', type: 'spki' });
    return own.equals(createPublicKey(key));
  } catch {
    // A key that cannot be loaded is no key that this private key could belong to.
    return false;
  }
}
