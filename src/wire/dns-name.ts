/**
 * Domain names between octets and presentation form. In presentation form each name has exactly one spelling but for the
 * case of its letters: what is not a plain printable character is escaped, so that no label can pass for two, for an end
 * of line or for another script. RFC 1035 sections 2.3.4, 3.1 and 5.1; RFC 4343 section 2.1.
 */
import { WireError } from './wire-error.ts';

/** Octets of a label, RFC 1035 section 2.3.4. */
const MAX_LABEL = 63;
/** Octets of a name with its length octets and the root, RFC 1035 section 2.3.4. */
const MAX_NAME = 255;
/** Four characters for each octet is the longest spelling of a name; more need not be read. */
const MAX_TEXT = 4 * MAX_NAME;

/** Characters with a meaning of their own in a zone file; dig writes them with a backslash. RFC 1035 section 5.1. */
const SPECIAL = '".;\\()@$';

/** Characters that a shell acts on: names stand in commands that are told to be typed. Their numbers are another spelling of the same. */
const ACTIVE = "`'&|<>";

/** Names of letters, digits, hyphens and underscores are spelled as they are read: nearly all, and worth a short way. */
const PLAIN = /^(?:[a-z\d_-]{1,63}\.)*[a-z\d_-]{1,63}$/i;

/** Plain, and short enough with the length octets of its first label and the root. */
const isPlain = (text: string): boolean => text.length <= MAX_NAME - 2 && PLAIN.test(text);

/** How each octet is written inside a label. */
const SPELLING: readonly string[] = Array.from({ length: 256 }, (_, octet) => {
  const character = String.fromCodePoint(octet);
  if (SPECIAL.includes(character)) return `\\${character}`;
  return octet > 0x20 && octet < 0x7f && !ACTIVE.includes(character)
    ? character
    : `\\${String(octet).padStart(3, '0')}`;
});

/** The octets of one label in presentation form, letters as they are. RFC 4343 section 2.1. */
export function formatLabel(label: Uint8Array): string {
  let text = '';
  for (const octet of label) text += SPELLING[octet] ?? '';
  return text;
}

/** Labels, without the root, to presentation form without the final dot; no label: '.'. */
export function formatName(labels: readonly Uint8Array[]): string {
  return labels.length === 0 ? '.' : labels.map(formatLabel).join('.');
}

interface Reading {
  text: string;
  at: number;
}

/** The octet behind a backslash: three digits are its number, anything else stands for itself. RFC 1035 section 5.1. */
function readEscape(reading: Reading): number {
  const digits = /^\d{3}/.exec(reading.text.slice(reading.at, reading.at + 3))?.[0];
  if (digits !== undefined) {
    const octet = Number(digits);
    if (octet > 255) throw new WireError('name-escape', `\\${digits} is no octet`, reading.at);
    reading.at += 3;
    return octet;
  }
  const code = reading.text.charCodeAt(reading.at);
  if (!(code > 0x1f && code < 0x7f) || (code >= 0x30 && code <= 0x39)) {
    throw new WireError('name-escape', 'a backslash in the name stands before nothing that can be escaped', reading.at);
  }
  reading.at += 1;
  return code;
}

function readLabel(reading: Reading): Uint8Array {
  const octets: number[] = [];
  const start = reading.at;
  while (reading.at < reading.text.length && reading.text[reading.at] !== '.') {
    const code = reading.text.charCodeAt(reading.at);
    reading.at += 1;
    if (code > 0x7f) throw new WireError('name-not-ascii', 'a name with other than ASCII characters', reading.at - 1);
    if (code <= 0x20 || code === 0x7f) {
      throw new WireError('name-character', 'a space or control character that is not escaped', reading.at - 1);
    }
    octets.push(code === 0x5c ? readEscape(reading) : code);
  }
  if (octets.length === 0) throw new WireError('name-empty-label', 'an empty label', start);
  if (octets.length > MAX_LABEL) throw new WireError('label-too-long', `a label of ${octets.length} octets`, start);
  return Uint8Array.from(octets);
}

/**
 * Presentation form, with or without the final dot, to labels without the root; '.' gives none. Throws WireError
 * 'name-empty-label', 'label-too-long' (63 octets), 'name-too-long' (255 octets), 'name-escape', 'name-character',
 * 'name-not-ascii' (see toAsciiDomain); the offset is that of the character. RFC 1035 sections 2.3.4 and 5.1.
 */
export function parseName(text: string): Uint8Array[] {
  if (text === '.') return [];
  if (text.length > MAX_TEXT + 1) throw new WireError('name-too-long', `a name of ${text.length} characters`);
  const reading: Reading = { text, at: 0 };
  const labels: Uint8Array[] = [];
  let octets = 1;
  do {
    const label = readLabel(reading);
    octets += label.length + 1;
    if (octets > MAX_NAME) throw new WireError('name-too-long', 'a name of more than 255 octets', reading.at);
    labels.push(label);
    reading.at += 1;
  } while (reading.at < text.length);
  return labels;
}

/** Each dot, and what would be one before the name, is the place of a length. */
function plainOctets(text: string): Uint8Array {
  const octets = new Uint8Array(Buffer.from(`.${text}.`, 'latin1'));
  let place = 0;
  for (const label of text.split('.')) {
    octets[place] = label.length;
    place += label.length + 1;
  }
  octets[place] = 0;
  return octets;
}

/** Presentation form to the octets of an uncompressed name, root included. Throws WireError as parseName. RFC 1035 section 3.1. */
export function nameToOctets(text: string): Uint8Array {
  if (isPlain(text)) return plainOctets(text);
  const octets: number[] = [];
  for (const label of parseName(text)) octets.push(label.length, ...label);
  octets.push(0);
  return Uint8Array.from(octets);
}

/**
 * The one spelling of a name that is compared and shown: escapes as this module writes them, ASCII letters in lower case,
 * no final dot. Throws WireError as parseName. RFC 4343 section 3.
 */
export function canonicalName(text: string): string {
  return (isPlain(text) ? text : formatName(parseName(text))).toLowerCase();
}

/** Whether two names in presentation form are the same name, whatever their case, escapes and final dot. Throws WireError as parseName. */
export function sameName(a: string, b: string): boolean {
  return a === b || canonicalName(a) === canonicalName(b);
}

/** Whether `name` is `zone` or lies below it, by whole labels. Throws WireError as parseName. RFC 1034 section 3.1. */
export function isUnder(name: string, zone: string): boolean {
  if (isPlain(name) && isPlain(zone)) return `.${name}`.toLowerCase().endsWith(`.${zone}`.toLowerCase());
  const child = parseName(name).map((label) => formatLabel(label).toLowerCase());
  const parent = parseName(zone).map((label) => formatLabel(label).toLowerCase());
  return child.length >= parent.length && child.slice(child.length - parent.length).join('.') === parent.join('.');
}

/** Characters that end the host of a URL, or are decoded in it, so that the URL parser would see another host. */
const NOT_IN_HOST = /[\u0000-\u0020\u007f%"#/:<>?@[\\\]^`{|}]/;
/** Keeps the URL parser from taking a name that ends in a number for an IPv4 address. */
const GUARD = '.invalid';

/**
 * What a user typed to a canonical name: labels in other scripts become A-labels (UTS #46 as the URL standard runs it,
 * RFC 5890 section 2.3.2.1), the rest goes through canonicalName. The conversion is that of the global URL, because
 * node:url is not for this room. Throws WireError 'name-idn' for what is no internationalized name, else as parseName.
 */
export function toAsciiDomain(text: string): string {
  if (text.length > MAX_TEXT + 1) throw new WireError('name-too-long', `a name of ${text.length} characters`);
  if (/^[\0-\x7f]*$/.test(text)) return canonicalName(text);
  const host = text.replace(/[.\u3002\uff0e\uff61]$/u, '');
  const url = `http://${host}${GUARD}`;
  if (NOT_IN_HOST.test(host) || !URL.canParse(url)) {
    throw new WireError('name-idn', 'a name that has no form in ASCII');
  }
  return canonicalName(new URL(url).hostname.slice(0, -GUARD.length));
}

/** Parameters of RFC 3492 section 5. */
const PUNYCODE = { base: 36, tMin: 1, tMax: 26, skew: 38, damp: 700, firstBias: 72, firstCode: 128 } as const;

/** RFC 3492 section 6.1. */
function adaptBias(delta: number, points: number): number {
  const { base, tMin, tMax, skew } = PUNYCODE;
  let rest = delta + Math.floor(delta / points);
  let bias = 0;
  for (; rest > ((base - tMin) * tMax) / 2; bias += base) rest = Math.floor(rest / (base - tMin));
  return bias + Math.floor(((base - tMin + 1) * rest) / (rest + skew));
}

/** One number of variable length; undefined when the digits end, are none or lead too far. RFC 3492 section 3.3. */
function readNumber(reading: Reading, bias: number): number | undefined {
  const { base, tMin, tMax } = PUNYCODE;
  let value = 0;
  let weight = 1;
  for (let position = base; ; position += base) {
    const digit = 'abcdefghijklmnopqrstuvwxyz0123456789'.indexOf(reading.text[reading.at] ?? '?');
    reading.at += 1;
    value += digit * weight;
    if (digit < 0 || value > 0x7fffffff) return undefined;
    const threshold = Math.min(tMax, Math.max(tMin, position - bias));
    if (digit < threshold) return value;
    weight *= base - threshold;
  }
}

/** The characters behind `xn--`; undefined when it is not Punycode. RFC 3492 section 6.2. */
function decodePunycode(text: string): string | undefined {
  const plain = Math.max(0, text.lastIndexOf('-'));
  const points = Array.from(text.slice(0, plain), (character) => character.charCodeAt(0));
  const reading: Reading = { text, at: plain === 0 ? 0 : plain + 1 };
  let code: number = PUNYCODE.firstCode;
  let bias: number = PUNYCODE.firstBias;
  let divisor: number = PUNYCODE.damp;
  let at = 0;
  while (reading.at < text.length) {
    const number = readNumber(reading, bias);
    if (number === undefined) return undefined;
    const size = points.length + 1;
    bias = adaptBias(Math.floor(number / divisor), size);
    divisor = 2;
    code += Math.floor((at + number) / size);
    at = (at + number) % size;
    if (code > 0x10ffff) return undefined;
    points.splice(at, 0, code);
    at += 1;
  }
  return String.fromCodePoint(...points);
}

/** A label that does not come back the same is not shown in another script: it would name something else. */
function toUnicodeLabel(label: string): string {
  const decoded = label.startsWith('xn--') ? decodePunycode(label.slice(4)) : undefined;
  if (decoded === undefined) return label;
  try {
    return toAsciiDomain(decoded) === label ? decoded : label;
  } catch (error) {
    if (error instanceof WireError) return label;
    throw error;
  }
}

/**
 * A canonical name for display: A-labels that are valid become the script they stand for, all else stays. Show it beside the
 * name, never instead of it: letters of other scripts look alike, and right-to-left scripts turn the order round. Throws
 * WireError as parseName.
 */
export function toUnicodeDomain(name: string): string {
  const labels = parseName(name);
  if (labels.length === 0) return '.';
  return labels.map((label) => toUnicodeLabel(formatLabel(label))).join('.');
}
