import { constants, createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { PublicKeyInfo, SignatureAlgorithm } from './algorithms.ts';
import type { Certificate } from './certificate.ts';

/** A check costs at most some milliseconds below these sizes, and no authority goes beyond them. */
const MAX_RSA_BITS = 16_384;
const MAX_DSA_BITS = 4096;
const MAX_EXPONENT_BITS = 64;

export type SignatureResult = 'good' | 'bad' | 'unsupported';

/** Something signed: a certificate or a CRL. */
export interface Signed {
  tbs: Uint8Array;
  signature: Uint8Array;
  signatureAlgorithm: SignatureAlgorithm;
}

const schemesOf: Record<PublicKeyInfo['type'], SignatureAlgorithm['scheme'][]> = {
  rsa: ['rsa', 'rsa-pss'],
  'rsa-pss': ['rsa-pss'],
  ec: ['ecdsa'],
  dsa: ['dsa'],
  ed25519: ['eddsa'],
  ed448: ['eddsa'],
  x25519: [],
  x448: [],
  unknown: [],
};

/** False for a key that a stranger made large to keep this machine busy, and for EC parameters of his own. */
function isAffordable({ type, bits = 0, exponentBits = 0, curve }: PublicKeyInfo): boolean {
  if (type === 'dsa') return bits <= MAX_DSA_BITS;
  if (type === 'ec') return curve !== 'explicit';
  return bits <= MAX_RSA_BITS && exponentBits <= MAX_EXPONENT_BITS;
}

function loadKey({ spki }: PublicKeyInfo): KeyObject | undefined {
  try {
    return createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
  } catch {
    // OpenSSL throws for keys that it cannot read or does not know; both mean that nothing can be verified with it.
    return undefined;
  }
}

/** Verifies one signature. 'unsupported': the key or the algorithm cannot be used here, or do not belong together. */
export function checkSignature(signed: Signed, issuerKey: PublicKeyInfo): SignatureResult {
  const { scheme, hash } = signed.signatureAlgorithm;
  if (!schemesOf[issuerKey.type].includes(scheme)) return 'unsupported';
  if (!isAffordable(issuerKey) || (scheme !== 'eddsa' && hash === undefined)) return 'unsupported';
  const key = loadKey(issuerKey);
  if (key === undefined) return 'unsupported';
  const padding = scheme === 'rsa-pss' ? constants.RSA_PKCS1_PSS_PADDING : constants.RSA_PKCS1_PADDING;
  const isRsa = scheme === 'rsa' || scheme === 'rsa-pss';
  try {
    const good = verify(hash ?? null, signed.tbs, isRsa ? { key, padding } : key, signed.signature);
    return good ? 'good' : 'bad';
  } catch {
    // As above: a hash or a curve that this OpenSSL does not offer.
    return 'unsupported';
  }
}

/** Checks signatures of one validation: each pair once, and no more than the limit. */
export interface SignatureChecker {
  /** 'limit' when the number of checks is used up. */
  check(certificate: Certificate, issuer: Certificate): SignatureResult | 'limit';
}

/** A checker that does at most `limit` signature operations. */
export function signatureChecker(limit: number): SignatureChecker {
  const known = new Map<string, SignatureResult>();
  return {
    check(certificate, issuer) {
      const pair = `${certificate.fingerprint256} ${issuer.fingerprint256}`;
      const earlier = known.get(pair);
      if (earlier !== undefined) return earlier;
      if (known.size >= limit) return 'limit';
      const result = checkSignature(certificate, issuer.publicKey);
      known.set(pair, result);
      return result;
    },
  };
}
