import { createHash, sign, type KeyObject } from 'node:crypto';
import type { Certificate } from '../pki/certificate.ts';
import { contextTag, tag } from '../pki/der.ts';
import { writeBitString, writeOctetString, writeOid, writeSequence, writeText, writeValue } from '../pki/der-writer.ts';
import { ocspCertId, type Issued } from '../pki/ocsp.ts';

const BASIC_RESPONSE = '1.3.6.1.5.5.7.48.1.1';
const ECDSA_SHA256 = '1.2.840.10045.4.3.2';

/** What the responder says, and since when and until when it holds: milliseconds since the Unix epoch. */
export interface OcspWord {
  status: 'good' | 'revoked' | 'unknown';
  from: number;
  until: number;
}

/** GeneralizedTime. RFC 5280 section 4.1.2.5.2. */
const timeOf = (ms: number): Uint8Array => {
  const digits = new Date(ms).toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  return writeText(tag.generalizedTime, digits);
};

const explicit = (number: number, value: Uint8Array): Uint8Array =>
  writeValue(contextTag(number, 'constructed'), value);

function statusOf({ status, from }: OcspWord): Uint8Array {
  if (status === 'revoked') return writeValue(contextTag(1, 'constructed'), timeOf(from));
  return writeValue(contextTag(status === 'good' ? 0 : 2, 'primitive'));
}

/** An answer about one certificate, signed by the key of its issuer (EC). RFC 6960 section 4.2.1. */
export function buildOcspResponse(issued: Issued, key: KeyObject, word: OcspWord): Uint8Array {
  const { issuer }: { issuer: Certificate } = issued;
  const single = writeSequence(ocspCertId(issued), statusOf(word), timeOf(word.from), explicit(0, timeOf(word.until)));
  const responder = explicit(2, writeOctetString(createHash('sha1').update(issuer.publicKey.key).digest()));
  const data = writeSequence(responder, timeOf(word.from), writeSequence(single));
  const basic = writeSequence(data, writeSequence(writeOid(ECDSA_SHA256)), writeBitString(sign('sha256', data, key)));
  const bytes = writeSequence(writeOid(BASIC_RESPONSE), writeOctetString(basic));
  return writeSequence(writeValue(tag.enumerated, Uint8Array.of(0)), explicit(0, bytes));
}
