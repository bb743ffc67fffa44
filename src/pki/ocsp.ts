import { createHash } from 'node:crypto';
import { WireError } from '../wire/wire-error.ts';
import { readSignatureAlgorithm } from './algorithms.ts';
import { type Certificate, readCertificate } from './certificate.ts';
import { contextTag, type DerValue, expectTag, readChildren, readSequence, readSingleValue, tag } from './der.ts';
import { readBitString, readIntegerOctets, readOid, sameBytes, toHex } from './der-primitives.ts';
import { readTime } from './der-text.ts';
import { writeNull, writeOctetString, writeOid, writeSequence, writeValue } from './der-writer.ts';
import { checkSignature } from './signature.ts';

/** Responders answer for one certificate; the largest of practice carry a chain of their own. */
const MAX_RESPONSE_OCTETS = 262_144;
const SHA1 = '1.3.14.3.2.26';
/** Hashes that a responder may name its issuer by. */
const CERT_ID_HASHES: Readonly<Record<string, string>> = {
  [SHA1]: 'sha1',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};
/** A responder's clock may be ahead by that much, as OpenSSL has it. */
const CLOCK_SKEW_MS = 300_000;
const BASIC_RESPONSE = '1.3.6.1.5.5.7.48.1.1';
const OCSP_SIGNING = '1.3.6.1.5.5.7.3.9';

/** A certificate and the one that issued it. */
export interface Issued {
  certificate: Certificate;
  issuer: Certificate;
}

const digest = (hash: string, bytes: Uint8Array): Uint8Array => createHash(hash).update(bytes).digest();

/** CertID with SHA-1, which every responder knows (RFC 5019 section 2.1.1). */
export function ocspCertId({ certificate, issuer }: Issued): Uint8Array {
  return writeSequence(
    writeSequence(writeOid(SHA1), writeNull()),
    writeOctetString(digest('sha1', issuer.subject.der)),
    writeOctetString(digest('sha1', issuer.publicKey.key)),
    writeValue(tag.integer, Buffer.from(certificate.serial, 'hex')),
  );
}

/** An OCSP request for one certificate, DER, without nonce or signature. RFC 6960 section 4.1. */
export function buildOcspRequest(issued: Issued): Uint8Array {
  return writeSequence(writeSequence(writeSequence(writeSequence(ocspCertId(issued)))));
}

/** What a responder says about a certificate. Times are ISO 8601. */
export interface OcspAnswer {
  status: 'good' | 'revoked' | 'unknown';
  revokedAt?: string;
  thisUpdate: string;
  nextUpdate?: string;
}

const FAILURES: Readonly<Record<number, string>> = {
  1: 'malformedRequest',
  2: 'internalError',
  3: 'tryLater',
  5: 'sigRequired',
  6: 'unauthorized',
};

/** The BasicOCSPResponse inside. Throws WireError 'ocsp' when the responder refuses. */
function basicResponse(der: Uint8Array): DerValue[] {
  const [status, bytes] = readSequence(readSingleValue(der), 'OCSPResponse');
  const code = expectTag(status, tag.enumerated, 'responseStatus').content[0] ?? 255;
  if (code !== 0) throw new WireError('ocsp', `the responder says ${FAILURES[code] ?? `error ${code}`}`);
  const explicit = expectTag(bytes, contextTag(0, 'constructed'), 'responseBytes');
  const [type, response] = readSequence(readSingleValue(explicit.content, explicit.contentOffset), 'ResponseBytes');
  const oid = readOid(type, 'responseType');
  if (oid !== BASIC_RESPONSE) throw new WireError('ocsp', `the response is of the type ${oid}`);
  const { content, contentOffset } = expectTag(response, tag.octetString, 'response');
  return readSequence(readSingleValue(content, contentOffset), 'BasicOCSPResponse');
}

/** Whose key may sign: the issuer's own, or one that it certified for this (RFC 6960 section 4.2.2.2). */
function signers(certs: DerValue | undefined, issuer: Certificate, at: string): Certificate[] {
  const list = certs === undefined ? [] : readChildren(readSingleValue(certs.content, certs.contentOffset));
  const delegated = list.slice(0, 4).map(({ bytes }) => readCertificate(bytes));
  const fit = delegated.filter(
    (one) =>
      one.extendedKeyUsage?.includes(OCSP_SIGNING) === true &&
      sameBytes(one.issuer.der, issuer.subject.der) &&
      Date.parse(one.notBefore) <= Date.parse(at) &&
      Date.parse(at) <= Date.parse(one.notAfter) &&
      checkSignature(one, issuer.publicKey) === 'good',
  );
  return [issuer, ...fit];
}

function isAbout(single: DerValue, { certificate, issuer }: Issued): boolean {
  const [algorithm, nameHash, keyHash, serial] = readSequence(readChildren(single)[0], 'CertID');
  const hash = CERT_ID_HASHES[readOid(readSequence(algorithm, 'hash')[0], 'hash')];
  return (
    hash !== undefined &&
    toHex(readIntegerOctets(serial, 'serialNumber')) === certificate.serial &&
    sameBytes(expectTag(nameHash, tag.octetString, 'issuerNameHash').content, digest(hash, issuer.subject.der)) &&
    sameBytes(expectTag(keyHash, tag.octetString, 'issuerKeyHash').content, digest(hash, issuer.publicKey.key))
  );
}

function singleAnswer(single: DerValue): OcspAnswer {
  const [, status, thisUpdate, ...rest] = readSequence(single, 'SingleResponse');
  if (status === undefined) throw new WireError('truncated', 'certStatus is missing', single.offset);
  const next = rest.find((field) => field.tag === contextTag(0, 'constructed'));
  const times = {
    thisUpdate: readTime(thisUpdate, 'thisUpdate'),
    ...(next === undefined
      ? {}
      : { nextUpdate: readTime(readSingleValue(next.content, next.contentOffset), 'nextUpdate') }),
  };
  if (status.tag === contextTag(0, 'primitive')) return { status: 'good', ...times };
  if (status.tag !== contextTag(1, 'constructed')) return { status: 'unknown', ...times };
  return { status: 'revoked', revokedAt: readTime(readChildren(status)[0], 'revocationTime'), ...times };
}

/** ResponseData: version [0] and the responder's identity stand before producedAt and the list of answers. */
function answersIn(data: DerValue): DerValue[] {
  const list = readSequence(data, 'ResponseData').find(({ tag: identifier }) => identifier === tag.sequence);
  return readSequence(list, 'responses');
}

/**
 * Reads and verifies an OCSP response. `at` is ISO 8601. Throws WireError: 'ocsp' when the responder refuses or speaks of another
 * certificate, 'signature' when nobody entitled signed it, 'expired' when it is out of date. RFC 6960 section 3.2.
 */
export function readOcspResponse(der: Uint8Array, issued: Issued, at: string): OcspAnswer {
  if (der.length > MAX_RESPONSE_OCTETS) throw new WireError('too-large', `OCSP response of ${der.length} octets`);
  const [data, algorithm, signature, certs] = basicResponse(der);
  if (data === undefined) throw new WireError('truncated', 'ResponseData is missing');
  const signed = {
    tbs: data.bytes,
    signature: readBitString(signature, 'signature').bytes,
    signatureAlgorithm: readSignatureAlgorithm(algorithm),
  };
  const entitled = signers(certs, issued.issuer, at).some(
    ({ publicKey }) => checkSignature(signed, publicKey) === 'good',
  );
  if (!entitled) throw new WireError('signature', 'nobody who is entitled to has signed the response');
  const single = answersIn(data).find((one) => isAbout(one, issued));
  if (single === undefined) throw new WireError('ocsp', 'the response is about another certificate');
  const answer = singleAnswer(single);
  const now = Date.parse(at);
  if (Date.parse(answer.thisUpdate) > now + CLOCK_SKEW_MS)
    throw new WireError('expired', `the response is valid from ${answer.thisUpdate} on`);
  if (answer.nextUpdate !== undefined && Date.parse(answer.nextUpdate) < now)
    throw new WireError('expired', `the response was valid until ${answer.nextUpdate}`);
  return answer;
}
