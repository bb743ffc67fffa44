import { createHash } from 'node:crypto';

/**
 * How SHA-512-256 is computed: 'standard' is the hash function of that name (FIPS 180-4 section 6.7, erratum 4897 of RFC 7616);
 * 'truncated' cuts SHA-512 to 256 bits, as the example printed in RFC 7616 section 3.9.2 has it and some servers do.
 */
export type Sha512Form = 'standard' | 'truncated';

/** A Digest algorithm that can be computed. */
export interface DigestAlgorithm {
  /** Spelt as in the IANA registry of Digest hash algorithms: 'MD5', 'SHA-256-sess', … */
  name: string;
  hash: 'MD5' | 'SHA-256' | 'SHA-512-256';
  /** 'session': the -sess form, whose key depends on the first nonce and cnonce. RFC 7616 section 3.4.2. */
  key: 'plain' | 'session';
}

const HASHES = ['MD5', 'SHA-256', 'SHA-512-256'] as const;
const OPENSSL_NAMES = { MD5: 'md5', 'SHA-256': 'sha256', 'SHA-512-256': 'sha512-256' } as const;
/** Hexadecimal digits of 256 bits. */
const HEX_OF_256_BITS = 64;

/** The algorithm of that name, in any case; undefined when it cannot be computed. No name means MD5: RFC 7616 section 3.3. */
export function digestAlgorithm(name: string | undefined): DigestAlgorithm | undefined {
  const wanted = (name ?? 'MD5').toUpperCase();
  for (const hash of HASHES) {
    if (wanted === hash) return { name: hash, hash, key: 'plain' };
    if (wanted === `${hash}-SESS`) return { name: `${hash}-sess`, hash, key: 'session' };
  }
  return undefined;
}

/** H(data) of RFC 7616 section 3.4 in lower-case hexadecimal digits; texts are hashed as UTF-8. */
export function digestHash(
  { hash }: Pick<DigestAlgorithm, 'hash'>,
  data: string | Uint8Array,
  form: Sha512Form = 'standard',
): string {
  if (hash === 'SHA-512-256' && form === 'truncated')
    return createHash('sha512').update(data).digest('hex').slice(0, HEX_OF_256_BITS);
  return createHash(OPENSSL_NAMES[hash]).update(data).digest('hex');
}
