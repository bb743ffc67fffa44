import { WireError } from '../wire/wire-error.ts';
import { readSignatureAlgorithm, type SignatureAlgorithm } from './algorithms.ts';
import type { Certificate } from './certificate.ts';
import { contextTag, type DerValue, readChildren, readSequence, readSingleValue, tag } from './der.ts';
import { readBitString, readIntegerOctets, sameBytes, toHex } from './der-primitives.ts';
import { readTime } from './der-text.ts';
import { type DistinguishedName, readName } from './distinguished-name.ts';
import { extensionOid } from './extension-oids.ts';
import { type Extension, readExtensionList } from './extensions.ts';
import { decodePem } from './pem.ts';
import { checkSignature } from './signature.ts';

const MAX_CRL_OCTETS = 16_777_216;

/** A certificate revocation list (RFC 5280 section 5). */
export interface Crl {
  issuer: DistinguishedName;
  /** ISO 8601. */
  thisUpdate: string;
  nextUpdate?: string;
  extensions: Extension[];
  /** Serial numbers in hex, as Certificate.serial; an entry that only lifts a hold (delta lists) is counted too. */
  revoked: ReadonlySet<string>;
  /** A critical entry extension that is not understood: entries cannot be told apart then. */
  unknownCriticalEntry: boolean;
  signatureAlgorithm: SignatureAlgorithm;
  signature: Uint8Array;
  tbs: Uint8Array;
}

interface Fields {
  issuer: DerValue | undefined;
  thisUpdate: DerValue | undefined;
  nextUpdate: DerValue | undefined;
  revoked: DerValue | undefined;
  extensions: DerValue | undefined;
}

function splitFields(tbs: DerValue): Fields {
  const children = readSequence(tbs, 'TBSCertList');
  const [, issuer, thisUpdate, ...rest] = children[0]?.tag === tag.integer ? children.slice(1) : children;
  const isTime = rest[0]?.tag === tag.utcTime || rest[0]?.tag === tag.generalizedTime;
  const nextUpdate = isTime ? rest[0] : undefined;
  const tail = isTime ? rest.slice(1) : rest;
  return {
    issuer,
    thisUpdate,
    nextUpdate,
    revoked: tail.find((field) => field.tag === tag.sequence),
    extensions: tail.find((field) => field.tag === contextTag(0, 'constructed')),
  };
}

/** reasonCode, invalidityDate: do not change that the entry revokes. certificateIssuer (indirect lists) is not understood. */
const harmlessEntryExtensions = ['2.5.29.21', '2.5.29.24'];

function isUnknownCritical(entry: DerValue): boolean {
  const extensions = readChildren(entry).find((field) => field.tag === tag.sequence);
  if (extensions === undefined) return false;
  return readExtensionList(extensions).some(
    ({ extension }) => extension.critical && !harmlessEntryExtensions.includes(extension.oid),
  );
}

/** Reads one DER CRL of at most 16 MiB. Throws WireError. RFC 5280 section 5.1. */
export function readCrl(der: Uint8Array): Crl {
  if (der.length > MAX_CRL_OCTETS) throw new WireError('too-large', `CRL of ${der.length} octets`);
  const [tbs, algorithm, signature] = readSequence(readSingleValue(der), 'CertificateList');
  if (tbs === undefined) throw new WireError('truncated', 'TBSCertList is missing');
  const { issuer, thisUpdate, nextUpdate, revoked, extensions } = splitFields(tbs);
  const entries = revoked === undefined ? [] : readChildren(revoked);
  const list =
    extensions === undefined ? [] : readExtensionList(readSingleValue(extensions.content, extensions.contentOffset));
  return {
    issuer: readName(issuer, 'CRL issuer'),
    thisUpdate: readTime(thisUpdate, 'thisUpdate'),
    ...(nextUpdate === undefined ? {} : { nextUpdate: readTime(nextUpdate, 'nextUpdate') }),
    extensions: list.map(({ extension }) => extension),
    revoked: new Set(
      entries.map((entry) => toHex(readIntegerOctets(readSequence(entry, 'revoked certificate')[0], 'serial'))),
    ),
    unknownCriticalEntry: entries.some(isUnknownCritical),
    signatureAlgorithm: readSignatureAlgorithm(algorithm),
    signature: readBitString(signature, 'signatureValue').bytes,
    tbs: tbs.bytes,
  };
}

/** The CRLs of a PEM text. Throws WireError. */
export function readCrls(pem: string): Crl[] {
  return decodePem(pem, ['X509 CRL']).map(readCrl);
}

export type RevocationResult =
  { result: 'not-revoked' | 'no-list' } | { result: 'revoked' | 'unusable'; detail: string };

/** Why a list cannot be believed; undefined when it can. RFC 5280 sections 5.2 and 6.3.3. */
function objection(crl: Crl, issuer: Certificate, at: string): string | undefined {
  if (issuer.keyUsage !== undefined && !issuer.keyUsage.includes('cRLSign'))
    return 'its issuer may not sign lists (cRLSign)';
  if (checkSignature(crl, issuer.publicKey) !== 'good') return 'its signature is not good';
  if (Date.parse(crl.thisUpdate) > Date.parse(at)) return `it is not valid before ${crl.thisUpdate}`;
  if (crl.nextUpdate !== undefined && Date.parse(crl.nextUpdate) < Date.parse(at))
    return `it was replaced by ${crl.nextUpdate}`;
  const number = crl.extensions.find(({ oid }) => oid === extensionOid.crlNumber);
  if (number === undefined) return 'it has no CRL number';
  if (number.critical) return 'its CRL number is marked critical';
  const unknown = crl.extensions.find(({ critical }) => critical);
  if (unknown !== undefined) return `it has the critical extension ${unknown.oid}, which is not understood`;
  return crl.unknownCriticalEntry ? 'an entry has a critical extension that is not understood' : undefined;
}

/** Looks a certificate up in the lists of its issuer. `at` is ISO 8601. RFC 5280 section 6.3. */
export function checkRevocation(
  crls: readonly Crl[],
  { certificate, issuer }: { certificate: Certificate; issuer: Certificate },
  at: string,
): RevocationResult {
  const lists = crls.filter((crl) => sameBytes(crl.issuer.der, certificate.issuer.der));
  let result: RevocationResult = { result: 'no-list' };
  for (const crl of lists) {
    const detail = objection(crl, issuer, at);
    if (detail === undefined && crl.revoked.has(certificate.serial))
      return { result: 'revoked', detail: `list of ${crl.thisUpdate}` };
    if (detail === undefined) result = { result: 'not-revoked' };
    else if (result.result === 'no-list')
      result = { result: 'unusable', detail: `the list of ${crl.issuer.text}: ${detail}` };
  }
  return result;
}
