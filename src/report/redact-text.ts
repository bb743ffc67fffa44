import type { NameBook } from './redact-names.ts';

/** Something that was found to tell who it was, wherever it stands in a text. */
export interface Identity {
  kind: 'user' | 'name' | 'host' | 'file';
  text: string;
}

/** Two letters stand in any text; a user or name of that length is replaced only where it stands in an address. */
const MIN_LITERAL = 3;
/** No name is longer; a pattern of tens of thousands of characters, which a hostile server may send as one, cannot be compiled. */
const MAX_LITERAL = 256;
/** More than a report names; what is beyond is found by its shape or not at all. */
const MAX_LITERALS = 5000;
/** Each costs time at every place of every text. */
const MAX_PHRASES = 200;
const SINGLE_WORD = /^[\p{L}\p{N}_]+$/u;

const LABEL = '[\\p{L}\\p{N}_](?:[\\p{L}\\p{N}_-]{0,61}[\\p{L}\\p{N}_])?';
const SHAPES = {
  /** The user of a SIP URI or of a mail address, with the colon or blank before it. */
  userPart: `(?<=^|[\\s:;<>"'(=,])(?!(?:sips?|tel|mailto|im|pres):)[^\\s:;<>"'@()=,]{1,128}(?=(?::[^\\s@;<>]{0,128})?@[\\p{L}\\p{N}[])|(?<=tel:)\\+?[\\d.-]{3,32}`,
  uuid: '\\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\\b',
  /** Fingerprints, serial numbers, MAC addresses. */
  pairs: '(?<![0-9a-fA-F:])[0-9a-fA-F]{2}(?::[0-9a-fA-F]{2}){5,63}(?![0-9a-fA-F:])',
  digits: '\\b[0-9a-fA-F]{20,}\\b',
  /** Feature tags (RFC 3840) such as +sip.instance are no names of hosts. */
  name: `(?<![\\p{L}\\p{N}_])(?<!\\+(?=(?:sip|g|u)\\.))(?:\\*\\.)?(?:${LABEL}\\.){1,126}(?:xn--[a-z0-9-]{1,59}|\\p{L}{2,63})(?![\\p{L}\\p{N}_-])`,
  ipv4: '(?<![\\d.])(?:\\d{1,3}\\.){3}\\d{1,3}(?!\\d|\\.\\d)',
  ipv6: '(?<![0-9a-zA-Z:.])(?:[0-9a-fA-F]{0,4}:){2,7}(?:[0-9a-fA-F]{0,4}|(?:\\d{1,3}\\.){3}\\d{1,3})(?![0-9a-zA-Z:]|\\.\\d)',
  /** What is left of a distinguished name that no evidence spells out: to the end of the attribute, or of the sentence. */
  attribute: '(?<=\\b(?:CN|O|OU|L|ST|STREET|GN|SN|UID|title|serialNumber|emailAddress)=)[^,+"|()\\n]{1,128}',
} as const;

/** Users that stand for nobody: the one that sipdiag makes up, and RFC 3323's. */
const NOBODY = /^(?:sipdiag|anonymous)$/i;

const escapePattern = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&');

/** Endings of files in advice: 'root.pem' is no host. Only names of two labels can be meant. */
const FILE_NAME = /^[^.]+\.(?:cer|cfg|conf|crt|csr|exe|json|key|log|md|pcap|pcapng|pem|pfx|reg|txt|xml)$/i;

/** Colons and hexadecimal digits also make a time of day: an address has '::' or eight groups. */
const isIpv6 = (text: string): boolean =>
  /^[^:]*(?::[^:]*)*::/.test(text) || text.split(':').length === 8 || /:.*\./.test(text);

const isIpv4 = (text: string): boolean => text.split('.').every((part) => Number(part) <= 255);

/**
 * A function that replaces in a text, by the book, every identity it is given and everything that has the shape of a host name, an
 * address, a user of a URI or a fingerprint. `checkIds` are the first halves of finding ids, which look like host names.
 */
export function createTextRedactor(
  book: NameBook,
  identities: readonly Identity[],
  checkIds: ReadonlySet<string>,
): (text: string) => string {
  const kinds = new Map<string, Identity['kind']>();
  for (const { kind, text } of identities) {
    const isName = text.length >= MIN_LITERAL && text.length <= MAX_LITERAL;
    if (isName && kinds.size < MAX_LITERALS) kinds.set(text.toLowerCase(), kind);
  }
  // A single word is looked up; only what has blanks or marks in it must be spelt out in the pattern.
  const phrases = [...kinds.keys()].filter((text) => !SINGLE_WORD.test(text)).slice(0, MAX_PHRASES);
  // The longest first: a name of an organisation may hold a shorter one.
  const literals = phrases.toSorted((a, b) => b.length - a.length).map(escapePattern);
  const phrase = literals.length === 0 ? '(?!)' : `(?<![\\p{L}\\p{N}_])(?:${literals.join('|')})(?![\\p{L}\\p{N}_])`;
  const { userPart, uuid, pairs, digits, name, ipv4, ipv6, attribute } = SHAPES;
  const groups = [`(?<user>${userPart})`, `(?<id>${uuid}|${pairs}|${digits})`, `(?<name>${name})`, `(?<four>${ipv4})`];
  const rest = [`(?<six>${ipv6})`, `(?<phrase>${phrase})`, `(?<attribute>${attribute})`, '(?<word>[\\p{L}\\p{N}_]+)'];
  const pattern = new RegExp([...groups, ...rest].join('|'), 'giu');
  const replace = (found: string, shape: string): string => {
    const kind = kinds.get(found.toLowerCase());
    if (NOBODY.test(found)) return found;
    if (kind === 'user' || shape === 'user') return book.user(found);
    if (kind !== undefined) return book.other(kind, found);
    if (shape === 'word') return found;
    if (shape === 'attribute') return book.other('name', found);
    if (shape === 'id') return book.other('id', found);
    if (shape === 'four') return isIpv4(found) ? book.address(found) : found;
    if (shape === 'six') return isIpv6(found) ? book.address(found) : found;
    const [first = '', ...rest] = found.split('.');
    const isOurs = (rest.length === 1 && checkIds.has(first)) || FILE_NAME.test(found);
    return isOurs ? found : book.domain(found);
  };
  return (text) =>
    text.replaceAll(pattern, (found: string, ...rest: unknown[]) => {
      const groups: Record<string, unknown> = Object(rest.at(-1));
      // Nearly everything is a word that names nobody, and a hostile server sends many of them.
      if (groups['word'] !== undefined) return kinds.has(found.toLowerCase()) ? replace(found, 'word') : found;
      const named = Object.entries(groups).find(([, value]) => value !== undefined);
      return replace(found, named?.[0] ?? 'word');
    });
}
