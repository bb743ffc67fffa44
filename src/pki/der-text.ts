import { WireError } from '../wire/wire-error.ts';
import { type DerValue, tag } from './der.ts';
import { toHex } from './der-primitives.ts';

/** Octets as characters of ISO 8859-1, which keeps every octet apart. */
function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

function bmpText(bytes: Uint8Array): string | undefined {
  return bytes.length % 2 === 0 ? new TextDecoder('utf-16be').decode(bytes) : undefined;
}

function universalText(bytes: Uint8Array): string | undefined {
  if (bytes.length % 4 !== 0) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let text = '';
  for (let i = 0; i < bytes.length; i += 4) {
    const point = view.getUint32(i);
    text += point > 0x10_ff_ff ? '\uFFFD' : String.fromCodePoint(point);
  }
  return text;
}

/** UTF-8, or ISO 8859-1 when it is not: shown as well as can be, for what breaks the rule is evidence too. */
export function looseText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // Not UTF-8, and there is no other way to ask; the octets themselves are still worth showing.
    return latin1(bytes);
  }
}

/** The text of a string type, control characters kept as they are; '#' and the hex of the value for other types (RFC 4514 section 2.4). */
export function readText(value: DerValue): string {
  switch (value.tag) {
    case tag.utf8String:
    case tag.printableString:
    case tag.ia5String:
    case tag.numericString:
    case tag.visibleString:
      return looseText(value.content);
    case tag.teletexString:
      return latin1(value.content);
    case tag.bmpString:
      return bmpText(value.content) ?? `#${toHex(value.bytes)}`;
    case tag.universalString:
      return universalText(value.content) ?? `#${toHex(value.bytes)}`;
    default:
      return `#${toHex(value.bytes)}`;
  }
}

/** Years below 50 of a UTCTime are of this century (RFC 5280 section 4.1.2.5.1). */
const UTC_TIME_PIVOT = 50;

function fullDigits(value: DerValue): string | undefined {
  const text = latin1(value.content);
  if (value.tag === tag.generalizedTime) return /^\d{14}Z$/.test(text) ? text : undefined;
  if (value.tag !== tag.utcTime || !/^\d{12}Z$/.test(text)) return undefined;
  return `${Number(text.slice(0, 2)) < UTC_TIME_PIVOT ? '20' : '19'}${text}`;
}

/** UTCTime or GeneralizedTime with seconds and Z, as ISO 8601 without fractions. Throws WireError 'time'. RFC 5280 section 4.1.2.5. */
export function readTime(value: DerValue | undefined, what: string): string {
  const digits = value === undefined ? undefined : fullDigits(value);
  const iso = digits?.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z');
  const millis = iso === undefined ? Number.NaN : Date.parse(iso);
  // Date.parse turns 30 February into 1 March: only a date that comes back unchanged is one.
  if (iso === undefined || Number.isNaN(millis) || new Date(millis).toISOString() !== iso.replace('Z', '.000Z')) {
    throw new WireError('time', `${what} is not a time`, value?.contentOffset);
  }
  return iso;
}
