import { WireError } from '../wire/wire-error.ts';
import { contextTag, type DerValue, readChildren, readSingleValue } from './der.ts';
import { decodeOid, readOid, toHex } from './der-primitives.ts';
import { looseText } from './der-text.ts';
import { type DistinguishedName, readName } from './distinguished-name.ts';
import { formatAddress } from './ip-address.ts';

/** A GeneralName (RFC 5280 section 4.2.1.6). */
export type GeneralName =
  | { type: 'dns' | 'uri' | 'email'; value: string }
  | { type: 'ip'; value: string; bytes: Uint8Array }
  | { type: 'dirName'; name: DistinguishedName }
  /** otherName and registeredID with their identifier; x400Address and ediPartyName without. `value` is hex. */
  | { type: 'other'; form: 'otherName' | 'x400Address' | 'ediPartyName' | 'registeredID'; oid?: string; value: string };

const primitive = (number: number): number => contextTag(number, 'primitive');
const constructed = (number: number): number => contextTag(number, 'constructed');

/** What the eight octets or more of an address are when they belong to a name constraint: address and mask. */
export type AddressUse = 'name' | 'constraint';

function addressName(value: DerValue, use: AddressUse): GeneralName {
  const { content } = value;
  if (use === 'constraint') return { type: 'ip', value: toHex(content), bytes: content };
  const text = formatAddress(content);
  if (text === undefined) {
    throw new WireError('general-name', `iPAddress has ${content.length} octets, not 4 or 16`, value.contentOffset);
  }
  return { type: 'ip', value: text, bytes: content };
}

/** Reads one GeneralName. Throws WireError 'general-name' and those of the DER reader. */
export function readGeneralName(value: DerValue, use: AddressUse = 'name'): GeneralName {
  switch (value.tag) {
    case constructed(0): {
      const [type] = readChildren(value);
      return { type: 'other', form: 'otherName', oid: readOid(type, 'otherName'), value: toHex(value.content) };
    }
    case primitive(1):
      return { type: 'email', value: looseText(value.content) };
    case primitive(2):
      return { type: 'dns', value: looseText(value.content) };
    case constructed(3):
      return { type: 'other', form: 'x400Address', value: toHex(value.content) };
    case constructed(4): {
      // directoryName is explicitly tagged, because Name is a CHOICE (X.680 section 31.2.7).
      return { type: 'dirName', name: readName(readSingleValue(value.content, value.contentOffset), 'directoryName') };
    }
    case constructed(5):
      return { type: 'other', form: 'ediPartyName', value: toHex(value.content) };
    case primitive(6):
      return { type: 'uri', value: looseText(value.content) };
    case primitive(7):
      return addressName(value, use);
    case primitive(8): {
      const oid = decodeOid(value.content, value.contentOffset);
      return { type: 'other', form: 'registeredID', oid, value: oid };
    }
    default:
      throw new WireError('general-name', `GeneralName with the tag 0x${value.tag.toString(16)}`, value.offset);
  }
}
