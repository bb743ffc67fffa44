import { WireError } from '../wire/wire-error.ts';
import { type DerValue, expectTag, readChildren, readSequence, tag } from './der.ts';
import { readOid } from './der-primitives.ts';
import { readText } from './der-text.ts';

/** Attributes of one name that are read; the largest names of practice have about 20. */
const MAX_ATTRIBUTES = 4096;
/** Characters of the text form. A report needs the name, not a megabyte of it. */
const MAX_TEXT_LENGTH = 4096;

const shortNames: ReadonlyMap<string, string> = new Map([
  ['2.5.4.3', 'CN'],
  ['2.5.4.4', 'SN'],
  ['2.5.4.5', 'serialNumber'],
  ['2.5.4.6', 'C'],
  ['2.5.4.7', 'L'],
  ['2.5.4.8', 'ST'],
  ['2.5.4.9', 'STREET'],
  ['2.5.4.10', 'O'],
  ['2.5.4.11', 'OU'],
  ['2.5.4.12', 'title'],
  ['2.5.4.42', 'GN'],
  ['2.5.4.97', 'organizationIdentifier'],
  ['0.9.2342.19200300.100.1.1', 'UID'],
  ['0.9.2342.19200300.100.1.25', 'DC'],
  ['1.2.840.113549.1.9.1', 'emailAddress'],
]);

export interface NameAttribute {
  oid: string;
  /** The short name of RFC 4514 ('CN', 'O', …), or the dotted identifier. */
  type: string;
  /** Control characters kept as they are. */
  value: string;
  /** Identifier octet of the string type. */
  tag: number;
}

/** A Name (RFC 5280 section 4.1.2.4). */
export interface DistinguishedName {
  /** The relative distinguished names in the order of the certificate, most general first. */
  rdns: NameAttribute[][];
  /** One key for each relative name: equal keys, equal names (RFC 5280 section 7.1: case and runs of spaces do not count). */
  keys: string[];
  /** RFC 4514 text, most specific first, at most 4,096 characters; control characters are not escaped. */
  text: string;
  der: Uint8Array;
}

function readAttribute(value: DerValue): NameAttribute {
  const [type, content] = readSequence(value, 'AttributeTypeAndValue');
  const oid = readOid(type, 'attribute type');
  if (content === undefined) throw new WireError('truncated', 'attribute value is missing', value.offset);
  return { oid, type: shortNames.get(oid) ?? oid, value: readText(content), tag: content.tag };
}

function attributeKey({ oid, value }: NameAttribute): string {
  return `${oid}=${value.trim().replaceAll(/\s+/g, ' ').toLowerCase()}`;
}

const rdnKey = (rdn: NameAttribute[]): string => rdn.map(attributeKey).sort().join('+');

function escapeText(value: string): string {
  return value.replaceAll(/["+,;<>\\]/g, String.raw`\$&`).replace(/^[ #]| $/g, String.raw`\$&`);
}

function nameText(rdns: NameAttribute[][]): string {
  const parts: string[] = [];
  let length = 0;
  for (const rdn of rdns.toReversed()) {
    const text = rdn.map(({ type, value }) => `${type}=${value.startsWith('#') ? value : escapeText(value)}`).join('+');
    length += text.length + 1;
    if (length > MAX_TEXT_LENGTH) return [...parts, '…'].join(',').slice(-MAX_TEXT_LENGTH);
    parts.push(text);
  }
  return parts.join(',');
}

/** Reads a Name. Throws WireError 'tag', 'name', 'too-many' and those of the DER reader. */
export function readName(value: DerValue | undefined, what: string): DistinguishedName {
  const sequence = expectTag(value, tag.sequence, what);
  let count = 0;
  const rdns = readChildren(sequence).map((set) => {
    const attributes = readChildren(expectTag(set, tag.set, 'RelativeDistinguishedName')).map(readAttribute);
    if (attributes.length === 0) throw new WireError('name', 'RelativeDistinguishedName is empty', set.offset);
    count += attributes.length;
    if (count > MAX_ATTRIBUTES) throw new WireError('too-many', 'name has too many attributes', sequence.offset);
    return attributes;
  });
  return { rdns, keys: rdns.map(rdnKey), text: nameText(rdns), der: sequence.bytes };
}

/** The values of one attribute type, most specific first. */
export function attributeValues(name: DistinguishedName, type: string): string[] {
  return name.rdns
    .toReversed()
    .flat()
    .flatMap((attribute) => (attribute.type === type ? [attribute.value] : []));
}
