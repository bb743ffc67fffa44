import { WireError } from '../wire/wire-error.ts';
import { readSequence, readValue, tag } from './der.ts';
import { readOid } from './der-primitives.ts';
import { decodePem } from './pem.ts';
import { readPkcs12 } from './pkcs12.ts';
import { readPkcs7 } from './pkcs7.ts';

export type CertificateFormat = 'PEM' | 'DER' | 'PKCS#12' | 'PKCS#7';

/** Certificates out of a file, DER, in its order; `keys` are private keys in PKCS#8 DER (PKCS#12 only). */
export interface CertificateFile {
  format: CertificateFormat;
  certificates: Uint8Array[];
  keys: Uint8Array[];
}

const EXPECTED = 'expected certificates as PEM, DER, PKCS#12 or PKCS#7';
const unusable = (what: string): WireError => new WireError('format', `${what}; ${EXPECTED}`);

/** What else is kept in files of this kind, so that the mix-up can be named. */
const OTHER_BLOCKS: readonly [RegExp, string][] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----/, 'it holds a private key and no certificate'],
  [/-----BEGIN (NEW )?CERTIFICATE REQUEST-----/, 'it is a certificate request, not yet a certificate'],
  [/-----BEGIN PUBLIC KEY-----/, 'it holds a public key and no certificate'],
  [/-----BEGIN X509 CRL-----/, 'it is a revocation list, not a certificate'],
];

/** PEM text, also as Windows tools write it with a byte order mark. */
function pemText(bytes: Uint8Array): string | undefined {
  const wide = bytes[0] === 0xff && bytes[1] === 0xfe;
  const text = wide ? new TextDecoder('utf-16le').decode(bytes) : Buffer.from(bytes).toString('latin1');
  return text.includes('-----BEGIN ') ? text : undefined;
}

function fromPem(text: string): CertificateFile {
  const certificates = decodePem(text);
  if (certificates.length > 0) return { format: 'PEM', certificates, keys: [] };
  const bundles = decodePem(text, ['PKCS7', 'CMS']);
  if (bundles.length > 0) return { format: 'PKCS#7', certificates: bundles.flatMap(readPkcs7), keys: [] };
  throw unusable(OTHER_BLOCKS.find(([pattern]) => pattern.test(text))?.[1] ?? 'it holds no certificate');
}

/** Identifier of the first element, also behind an indefinite length, and its content where the length is definite. */
function firstElement(bytes: Uint8Array): { tag: number | undefined; content: Uint8Array } {
  const indefinite = bytes[1] === 0x80;
  const inner = indefinite ? bytes.subarray(2) : readValue(bytes).content;
  return { tag: inner[0], content: inner[1] === 0x80 ? new Uint8Array() : readValue(inner).content };
}

/** The first element tells the formats apart: TBSCertificate, a version, or a content type. */
function fromDer(bytes: Uint8Array, password: string): CertificateFile {
  const first = firstElement(bytes);
  if (first.tag === tag.integer) {
    // Version 3 is PKCS#12; private keys count 0 or 1 (RFC 5958 section 2, RFC 8017 appendix A.1.2, RFC 5915 section 3).
    if (first.content[0] !== 3) throw unusable('it is a private key, not a certificate');
    return { format: 'PKCS#12', ...readPkcs12(bytes, password) };
  }
  if (first.tag === tag.oid) return { format: 'PKCS#7', certificates: readPkcs7(bytes), keys: [] };
  if (first.tag !== tag.sequence) throw unusable('it is not a certificate in DER');
  if (first.content[0] === tag.oid) throw unusable('it holds a public key and no certificate');
  return { format: 'DER', certificates: [bytes], keys: [] };
}

/** A request starts as a certificate does, with a version outside of [0] and without an issuer. RFC 2986 section 4.1. */
function isRequest(bytes: Uint8Array): boolean {
  try {
    const [info] = readSequence(readValue(bytes), 'request');
    const fields = readSequence(info, 'request info');
    const [algorithm] = readSequence(fields[2], 'public key');
    return (
      fields.length <= 4 &&
      fields[0]?.tag === tag.integer &&
      readOid(readSequence(algorithm, 'algorithm')[0], 'algorithm') !== ''
    );
  } catch (error) {
    // Whatever it is, it is no request; the certificate reader has the better words.
    if (error instanceof WireError) return false;
    throw error;
  }
}

/**
 * Reads a file with certificates: PEM in any order and count, DER, PKCS#12 or PKCS#7. Throws WireError: 'password' for PKCS#12,
 * 'format' when it is something else (the message says what), and those of the readers.
 */
export function readCertificateFile(bytes: Uint8Array, password: string): CertificateFile {
  if (bytes.length === 0) throw unusable('it is empty');
  const text = pemText(bytes);
  if (text !== undefined) return fromPem(text);
  if (bytes[0] === 0xfe && bytes[1] === 0xed) throw unusable('it is a Java key store (export it with keytool first)');
  if (bytes[0] !== tag.sequence) throw unusable('it is neither PEM nor DER');
  const read = fromDer(bytes, password);
  if (read.format === 'DER' && isRequest(bytes)) throw unusable('it is a certificate request, not yet a certificate');
  if (read.certificates.length === 0) throw unusable(`it is ${read.format} without a certificate`);
  return read;
}
