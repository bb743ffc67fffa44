import { contextTag, tag } from './der.ts';
import {
  writeBitString,
  writeNull,
  writeOctetString,
  writeOid,
  writeSequence,
  writeSet,
  writeText,
  writeTrue,
  writeUnsigned,
  writeValue,
} from './der-writer.ts';
import { extensionOid, purposeOid } from './extension-oids.ts';

/** RFC 5280 appendix A.1, ub-common-name. */
export const MAX_COMMON_NAME = 64;

export type RequestName = { type: 'dns' | 'uri'; value: string } | { type: 'ip'; octets: Uint8Array };

/** What a certificate request asks for. */
export interface RequestFields {
  /** At most 64 characters. */
  commonName: string;
  altNames: readonly RequestName[];
  usages: readonly ('serverAuth' | 'clientAuth')[];
}

/** The key that the certificate is for. */
export interface RequestKey {
  /** SubjectPublicKeyInfo, DER. */
  spki: Uint8Array;
  algorithm: 'sha256WithRSAEncryption' | 'ecdsa-with-SHA256' | 'ecdsa-with-SHA384';
  /** Signs with the private key by that algorithm; ECDSA signatures as DER (RFC 3279 section 2.2.3). */
  sign: (octets: Uint8Array) => Uint8Array;
}

const OID = {
  commonName: '2.5.4.3',
  extensionRequest: '1.2.840.113549.1.9.14',
  sha256WithRSAEncryption: '1.2.840.113549.1.1.11',
  'ecdsa-with-SHA256': '1.2.840.10045.4.3.2',
  'ecdsa-with-SHA384': '1.2.840.10045.4.3.3',
} as const;

/** RSA algorithms carry NULL, ECDSA none (RFC 4055 section 5, RFC 5758 section 3.2). */
function signatureAlgorithm(name: RequestKey['algorithm']): Uint8Array {
  return name === 'sha256WithRSAEncryption'
    ? writeSequence(writeOid(OID[name]), writeNull())
    : writeSequence(writeOid(OID[name]));
}

function subjectOf(commonName: string): Uint8Array {
  return writeSequence(writeSet(writeSequence(writeOid(OID.commonName), writeText(tag.utf8String, commonName))));
}

/** Context tags of GeneralName (RFC 5280 section 4.2.1.6). */
function generalName(name: RequestName): Uint8Array {
  if (name.type === 'ip') return writeValue(contextTag(7, 'primitive'), name.octets);
  return writeText(contextTag(name.type === 'dns' ? 2 : 6, 'primitive'), name.value);
}

function extension(oid: string, value: Uint8Array, critical: 'critical' | 'plain' = 'plain'): Uint8Array {
  return writeSequence(writeOid(oid), ...(critical === 'critical' ? [writeTrue()] : []), writeOctetString(value));
}

/** digitalSignature, and keyEncipherment for RSA, which TLS 1.2 without ECDHE needs. */
function keyUsage({ algorithm }: RequestKey): Uint8Array {
  return algorithm === 'sha256WithRSAEncryption'
    ? writeBitString(Uint8Array.of(0xa0), 5)
    : writeBitString(Uint8Array.of(0x80), 7);
}

function extensionsOf({ altNames, usages }: RequestFields, key: RequestKey): Uint8Array {
  const purposes = usages.map((usage) => writeOid(purposeOid[usage]));
  return writeSequence(
    extension(extensionOid.keyUsage, keyUsage(key), 'critical'),
    ...(purposes.length === 0 ? [] : [extension(extensionOid.extendedKeyUsage, writeSequence(...purposes))]),
    ...(altNames.length === 0
      ? []
      : [extension(extensionOid.subjectAltName, writeSequence(...altNames.map(generalName)))]),
  );
}

/** A PKCS#10 certificate request, DER. RFC 2986 section 4; the extensions travel as RFC 2985 section 5.4.2 says. */
export function buildRequest(fields: RequestFields, key: RequestKey): Uint8Array {
  const attribute = writeSequence(writeOid(OID.extensionRequest), writeSet(extensionsOf(fields, key)));
  const info = writeSequence(
    writeUnsigned(Uint8Array.of(0)),
    subjectOf(fields.commonName),
    key.spki,
    writeValue(contextTag(0, 'constructed'), attribute),
  );
  return writeSequence(info, signatureAlgorithm(key.algorithm), writeBitString(key.sign(info)));
}
