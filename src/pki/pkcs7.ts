import { WireError } from '../wire/wire-error.ts';
import { normalizeBer } from './ber.ts';
import { contextTag, expectTag, readChildren, readSequence, readSingleValue, tag } from './der.ts';
import { readOid } from './der-primitives.ts';

const SIGNED_DATA = '1.2.840.113549.1.7.2';
/** A bundle of a whole authority has some dozens. */
const MAX_CERTIFICATES = 1000;

/** Certificates of a PKCS#7 / CMS SignedData (a .p7b file), DER, in the order of the file. Throws WireError. RFC 5652 section 5.1. */
export function readPkcs7(bytes: Uint8Array): Uint8Array[] {
  const [type, content] = readSequence(readSingleValue(normalizeBer(bytes)), 'ContentInfo');
  const oid = readOid(type, 'contentType');
  if (oid !== SIGNED_DATA) throw new WireError('content-type', `PKCS#7 of type ${oid} holds no certificates`);
  const explicit = expectTag(content, contextTag(0, 'constructed'), 'SignedData');
  const fields = readSequence(readSingleValue(explicit.content, explicit.contentOffset), 'SignedData');
  const set = fields.find((field) => field.tag === contextTag(0, 'constructed'));
  const all = set === undefined ? [] : readChildren(set);
  if (all.length > MAX_CERTIFICATES) throw new WireError('too-many', `${all.length} certificates`);
  // CertificateChoices: attribute certificates and the like carry context tags and are no X.509 certificates.
  return all.filter((one) => one.tag === tag.sequence).map((one) => one.bytes);
}
