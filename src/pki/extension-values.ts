import { WireError } from '../wire/wire-error.ts';
import { contextTag, type DerValue, readChildren, readSequence, tag } from './der.ts';
import { readBitString, readBoolean, readIntegerOctets, readOid, readSmallInteger, toHex } from './der-primitives.ts';
import { type AddressUse, type GeneralName, readGeneralName } from './general-name.ts';

/** Names of one kind that are kept of one extension; public certificates carry at most some hundreds. */
export const MAX_NAMES = 4096;
/** Entries of one list of identifiers or addresses. */
const MAX_LIST = 256;

/** RFC 5280 section 4.2.1.3, in the order of the bits. */
const keyUsages = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const;
export type KeyUsage = (typeof keyUsages)[number];

export interface BasicConstraints {
  ca: boolean;
  pathLength?: number;
}

/** What a certificate authority may certify (RFC 5280 section 4.2.1.10). Absent lists are empty. */
export interface NameConstraints {
  permitted: GeneralName[];
  excluded: GeneralName[];
}

export interface AuthorityKeyId {
  /** Hex. */
  keyId?: string;
  issuer?: GeneralName[];
  /** Hex. */
  serial?: string;
}

function bounded<T>(list: T[], limit: number, value: DerValue): T[] {
  if (list.length > limit)
    throw new WireError('too-many', `list of ${list.length} entries, more than ${limit}`, value.offset);
  return list;
}

function nonEmpty<T>(list: T[], value: DerValue): T[] {
  if (list.length === 0) throw new WireError('empty', 'a list that must not be empty is empty', value.offset);
  return list;
}

export function readKeyUsage(value: DerValue): KeyUsage[] {
  const { bytes } = readBitString(value, 'KeyUsage');
  return keyUsages.filter((_, bit) => ((bytes[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0);
}

/** BasicConstraints; DEFAULT FALSE spelt out breaks DER but is common, and harms nobody. */
export function readBasicConstraints(value: DerValue): BasicConstraints {
  const [first, second, ...rest] = readSequence(value, 'BasicConstraints');
  const ca = first?.tag === tag.boolean && readBoolean(first);
  const length = first?.tag === tag.boolean ? second : first;
  const extra = first?.tag === tag.boolean ? rest[0] : second;
  if (extra !== undefined) throw new WireError('trailing', 'BasicConstraints has too many fields', extra.offset);
  return length === undefined ? { ca } : { ca, pathLength: readSmallInteger(length, 'pathLenConstraint') };
}

/** A non-empty list of identifiers: ExtKeyUsageSyntax. */
export function readOidList(value: DerValue): string[] {
  const list = bounded(readSequence(value, 'list of identifiers'), MAX_LIST, value);
  return nonEmpty(list, value).map((item) => readOid(item, 'identifier'));
}

/** CertificatePolicies: the identifiers alone. */
export function readPolicies(value: DerValue): string[] {
  const list = bounded(readSequence(value, 'CertificatePolicies'), MAX_LIST, value);
  return nonEmpty(list, value).map((item) => readOid(readSequence(item, 'PolicyInformation')[0], 'policy'));
}

/** GeneralNames, at most MAX_NAMES of them; `total` counts all. */
export function readGeneralNames(value: DerValue): { names: GeneralName[]; total: number } {
  const all = nonEmpty(readSequence(value, 'GeneralNames'), value);
  return { names: all.slice(0, MAX_NAMES).map((item) => readGeneralName(item)), total: all.length };
}

function readSubtrees(list: DerValue | undefined): GeneralName[] {
  if (list === undefined) return [];
  const use: AddressUse = 'constraint';
  return nonEmpty(bounded(readChildren(list), MAX_NAMES, list), list).map((subtree) => {
    const [base, ...distances] = readSequence(subtree, 'GeneralSubtree');
    if (base === undefined) throw new WireError('truncated', 'GeneralSubtree is empty', subtree.offset);
    // minimum is 0 by default and maximum absent; no other value is allowed (RFC 5280 section 4.2.1.10).
    const [distance] = distances;
    if (distance !== undefined)
      throw new WireError('subtree', 'GeneralSubtree has a minimum or maximum', distance.offset);
    return readGeneralName(base, use);
  });
}

/** NameConstraints with at least one subtree. */
export function readNameConstraints(value: DerValue): NameConstraints {
  const fields = nonEmpty(readSequence(value, 'NameConstraints'), value);
  const [permitted, excluded] = [contextTag(0, 'constructed'), contextTag(1, 'constructed')];
  const stray = fields.find((field) => field.tag !== permitted && field.tag !== excluded);
  if (stray !== undefined) throw new WireError('tag', 'NameConstraints has an unknown field', stray.offset);
  return {
    permitted: readSubtrees(fields.find((field) => field.tag === permitted)),
    excluded: readSubtrees(fields.find((field) => field.tag === excluded)),
  };
}

export function readAuthorityKeyId(value: DerValue): AuthorityKeyId {
  const id: AuthorityKeyId = {};
  for (const field of readSequence(value, 'AuthorityKeyIdentifier')) {
    if (field.tag === contextTag(0, 'primitive')) id.keyId = toHex(field.content);
    else if (field.tag === contextTag(1, 'constructed')) {
      id.issuer = bounded(readChildren(field), MAX_LIST, field).map((item) => readGeneralName(item));
    } else if (field.tag === contextTag(2, 'primitive')) {
      id.serial = toHex(readIntegerOctets({ ...field, tag: tag.integer }, 'authorityCertSerialNumber'));
    } else throw new WireError('tag', 'AuthorityKeyIdentifier has an unknown field', field.offset);
  }
  return id;
}

export function readSubjectKeyId(value: DerValue): string {
  if (value.tag !== tag.octetString)
    throw new WireError('tag', 'SubjectKeyIdentifier is no OCTET STRING', value.offset);
  return toHex(value.content);
}

const uris = (names: GeneralName[]): string[] => names.flatMap((name) => (name.type === 'uri' ? [name.value] : []));

/** AuthorityInfoAccess: the addresses of the OCSP responders and of the issuer's certificate (RFC 5280 section 4.2.2.1). */
export function readAuthorityInfo(value: DerValue): { ocsp: string[]; caIssuers: string[] } {
  const list = nonEmpty(bounded(readSequence(value, 'AuthorityInfoAccess'), MAX_LIST, value), value);
  const entries = list.map((item) => {
    const [method, location] = readSequence(item, 'AccessDescription');
    if (location === undefined) throw new WireError('truncated', 'accessLocation is missing', item.offset);
    return { method: readOid(method, 'accessMethod'), name: readGeneralName(location) };
  });
  const of = (oid: string): string[] => uris(entries.flatMap(({ method, name }) => (method === oid ? [name] : [])));
  return { ocsp: of('1.3.6.1.5.5.7.48.1'), caIssuers: of('1.3.6.1.5.5.7.48.2') };
}

/** The addresses in CRLDistributionPoints (RFC 5280 section 4.2.1.13). */
export function readCrlUrls(value: DerValue): string[] {
  const points = nonEmpty(bounded(readSequence(value, 'CRLDistributionPoints'), MAX_LIST, value), value);
  return points.flatMap((point) => {
    const field = readSequence(point, 'DistributionPoint').find((part) => part.tag === contextTag(0, 'constructed'));
    const names =
      field === undefined ? [] : readChildren(field).filter((part) => part.tag === contextTag(0, 'constructed'));
    return names.flatMap((part) =>
      uris(bounded(readChildren(part), MAX_LIST, part).map((item) => readGeneralName(item))),
    );
  });
}
