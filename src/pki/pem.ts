import { WireError } from '../wire/wire-error.ts';
import { type Certificate, readCertificate } from './certificate.ts';

/** Characters of PEM text that are read; the bundle of all public roots has about 250,000. */
const MAX_PEM_LENGTH = 16_777_216;
const MAX_BLOCKS = 10_000;

/**
 * The DER of every PEM block with one of the labels, in order; what stands between the blocks is passed over. Throws WireError
 * 'too-large', 'pem' (broken base64, or a block without end). RFC 7468.
 */
export function decodePem(
  pem: string,
  labels: readonly string[] = ['CERTIFICATE', 'X509 CERTIFICATE', 'TRUSTED CERTIFICATE'],
): Uint8Array[] {
  if (pem.length > MAX_PEM_LENGTH) throw new WireError('too-large', `PEM text of ${pem.length} characters`);
  const blocks: Uint8Array[] = [];
  const begin = /-----BEGIN ([A-Z0-9 ]{1,40})-----/g;
  for (let match = begin.exec(pem); match !== null; match = begin.exec(pem)) {
    const end = pem.indexOf(`-----END ${match[1]}-----`, begin.lastIndex);
    if (end < 0) throw new WireError('pem', `PEM block ${match[1]} has no end`, match.index);
    if (blocks.length === MAX_BLOCKS)
      throw new WireError('too-many', `more than ${MAX_BLOCKS} PEM blocks`, match.index);
    if (labels.includes(match[1] ?? '')) blocks.push(decodeBase64(pem.slice(begin.lastIndex, end), match.index));
    begin.lastIndex = end;
  }
  return blocks;
}

function decodeBase64(text: string, offset: number): Uint8Array {
  const digits = text.replaceAll(/\s+/g, '');
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(digits) || digits.length % 4 !== 0) {
    throw new WireError('pem', 'PEM block is not base64', offset);
  }
  return new Uint8Array(Buffer.from(digits, 'base64'));
}

/** The certificates of a PEM bundle in order; text around the blocks and other blocks are passed over. Throws WireError. */
export function readCertificates(pem: string): Certificate[] {
  return decodePem(pem).map(readCertificate);
}
