import { WireError } from '../wire/wire-error.ts';
import { type DerValue, expectTag, readSequence, readSingleValue, tag } from './der.ts';
import { readBoolean, readOid } from './der-primitives.ts';
import { extensionOid } from './extension-oids.ts';
import {
  type AuthorityKeyId,
  type BasicConstraints,
  type KeyUsage,
  MAX_NAMES,
  type NameConstraints,
  readAuthorityInfo,
  readAuthorityKeyId,
  readBasicConstraints,
  readCrlUrls,
  readGeneralNames,
  readKeyUsage,
  readNameConstraints,
  readOidList,
  readPolicies,
  readSubjectKeyId,
} from './extension-values.ts';
import type { GeneralName } from './general-name.ts';

/** More extensions than any certificate has. */
const MAX_EXTENSIONS = 128;

export interface Extension {
  oid: string;
  critical: boolean;
  /** The octets inside the OCTET STRING. */
  value: Uint8Array;
}

/** Something that breaks RFC 5280 and still leaves the certificate readable. */
export interface CertificateFault {
  code: 'malformed-extension' | 'duplicate-extension' | 'too-many-names';
  /** The extension at fault. */
  oid: string;
  detail: string;
}

/** The extensions that are understood; undefined: absent, or malformed and then named in `faults`. */
interface ExtensionValues {
  keyUsage?: KeyUsage[];
  extendedKeyUsage?: string[];
  basicConstraints?: BasicConstraints;
  nameConstraints?: NameConstraints;
  subjectAltNames?: GeneralName[];
  subjectKeyId?: string;
  authorityKeyId?: AuthorityKeyId;
  policies?: string[];
  crlUrls?: string[];
  authorityInfo?: { ocsp: string[]; caIssuers: string[] };
}

export interface ExtensionReading {
  list: Extension[];
  values: ExtensionValues;
  faults: CertificateFault[];
}

type Reader = (value: DerValue, into: ExtensionValues) => string | undefined;

function store<K extends keyof ExtensionValues>(
  key: K,
  read: (value: DerValue) => NonNullable<ExtensionValues[K]>,
): Reader {
  return (value, into) => {
    into[key] = read(value);
    return undefined;
  };
}

function readAltNames(value: DerValue, into: ExtensionValues): string | undefined {
  const { names, total } = readGeneralNames(value);
  into.subjectAltNames = names;
  return total > MAX_NAMES ? `${total} names, of which ${MAX_NAMES} were read` : undefined;
}

const readers: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  [extensionOid.keyUsage, store('keyUsage', readKeyUsage)],
  [extensionOid.extendedKeyUsage, store('extendedKeyUsage', readOidList)],
  [extensionOid.basicConstraints, store('basicConstraints', readBasicConstraints)],
  [extensionOid.nameConstraints, store('nameConstraints', readNameConstraints)],
  [extensionOid.subjectAltName, readAltNames],
  [extensionOid.subjectKeyId, store('subjectKeyId', readSubjectKeyId)],
  [extensionOid.authorityKeyId, store('authorityKeyId', readAuthorityKeyId)],
  [extensionOid.certificatePolicies, store('policies', readPolicies)],
  [extensionOid.crlDistributionPoints, store('crlUrls', readCrlUrls)],
  [extensionOid.authorityInfoAccess, store('authorityInfo', readAuthorityInfo)],
]);

function readExtension(value: DerValue): { extension: Extension; offset: number } {
  const [type, second, third, extra] = readSequence(value, 'Extension');
  const critical = second?.tag === tag.boolean && readBoolean(second);
  const content = expectTag(second?.tag === tag.boolean ? third : second, tag.octetString, 'extnValue');
  if (extra !== undefined) throw new WireError('trailing', 'Extension has too many fields', extra.offset);
  return {
    extension: { oid: readOid(type, 'extension'), critical, value: content.content },
    offset: content.contentOffset,
  };
}

function interpret(entry: { extension: Extension; offset: number }, reading: ExtensionReading): void {
  const { oid, value } = entry.extension;
  try {
    const excess = readers.get(oid)?.(readSingleValue(value, entry.offset), reading.values);
    if (excess !== undefined) reading.faults.push({ code: 'too-many-names', oid, detail: excess });
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    reading.faults.push({ code: 'malformed-extension', oid, detail: error.message });
  }
}

/** The extensions of a certificate or CRL as a plain list. Throws WireError. */
export function readExtensionList(sequence: DerValue): { extension: Extension; offset: number }[] {
  const all = readSequence(sequence, 'Extensions');
  if (all.length > MAX_EXTENSIONS) throw new WireError('too-many', `${all.length} extensions`, sequence.offset);
  return all.map(readExtension);
}

/** Reads Extensions. A malformed or repeated one becomes a fault; a broken list throws WireError. RFC 5280 section 4.2. */
export function readExtensions(sequence: DerValue): ExtensionReading {
  const entries = readExtensionList(sequence);
  const reading: ExtensionReading = { list: entries.map(({ extension }) => extension), values: {}, faults: [] };
  const seen = new Set<string>();
  for (const entry of entries) {
    const { oid } = entry.extension;
    if (seen.has(oid))
      reading.faults.push({ code: 'duplicate-extension', oid, detail: `${oid} occurs more than once` });
    else if (readers.has(oid)) interpret(entry, reading);
    seen.add(oid);
  }
  return reading;
}
