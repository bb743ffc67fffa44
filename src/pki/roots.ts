import { WireError } from '../wire/wire-error.ts';
import { MAX_CERTIFICATE_OCTETS } from './certificate.ts';
import { contextTag, readSingleValue, readValue } from './der.ts';

/** Roots that are taken for one chain; several generations of one authority share a name. */
const MAX_RELEVANT = 32;

/** Names of a certificate, DER, found by walking over its fields, without reading what they hold. */
interface Outline {
  subject: Uint8Array;
  issuer: Uint8Array;
}

/** Issuer and subject in TBSCertificate: fields 3 and 5 after the optional version. Throws WireError. */
function outlineOf(der: Uint8Array): Outline {
  if (der.length > MAX_CERTIFICATE_OCTETS) throw new WireError('too-large', `certificate of ${der.length} octets`);
  const tbs = readValue(readSingleValue(der).content);
  const names: Uint8Array[] = [];
  let position = 0;
  while (names.length < 5) {
    const field = readValue(tbs.content.subarray(position), position);
    position += field.bytes.length;
    if (names.length > 0 || field.tag !== contextTag(0, 'constructed')) names.push(field.bytes);
  }
  return { issuer: names[2] ?? new Uint8Array(), subject: names[4] ?? new Uint8Array() };
}

function tryOutline(der: Uint8Array): Outline | undefined {
  try {
    return outlineOf(der);
  } catch (error) {
    // One unreadable certificate must not take the others away.
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

/** Issuers and subjects of a chain, each once. */
function namesIn(chain: readonly Uint8Array[]): Buffer[] {
  const names = chain.flatMap((der) => {
    const outline = tryOutline(der);
    return outline === undefined ? [] : [Buffer.from(outline.issuer), Buffer.from(outline.subject)];
  });
  return names.filter((name, place) => names.findIndex((other) => other.equals(name)) === place);
}

/** What may be a root, and the place of the text that it stands in. */
export interface RootBlock {
  der: Uint8Array;
  text: number;
}

/** Trusted roots that are looked at only when a chain names them. */
export interface RootPool {
  /**
   * The roots whose subject is the issuer or the subject of a certificate in `chain` (DER), in the order in which they were given,
   * 32 at most. What cannot be read is passed over.
   */
  namedBy(chain: readonly Uint8Array[]): RootBlock[];
}

const BEGIN = '-----BEGIN CERTIFICATE-----';
const END = '-----END CERTIFICATE-----';

function blocksOf(text: string): Buffer[] {
  const blocks: Buffer[] = [];
  let begin = text.indexOf(BEGIN);
  while (begin >= 0) {
    const end = text.indexOf(END, begin);
    if (end < 0) break;
    blocks.push(Buffer.from(text.slice(begin + BEGIN.length, end), 'base64'));
    begin = text.indexOf(BEGIN, end);
  }
  return blocks;
}

/** All certificates in one stretch: a name is looked for in all of them at once. */
interface Stretch {
  octets: Buffer;
  blocks: RootBlock[];
  /** Where each block ends in `octets`. */
  ends: number[];
}

function stretchOf(texts: readonly string[]): Stretch {
  const ders = texts.map(blocksOf);
  const octets = Buffer.concat(ders.flat());
  const blocks: RootBlock[] = [];
  const ends: number[] = [];
  for (const [text, list] of ders.entries()) {
    for (const { length } of list) {
      const start = ends.at(-1) ?? 0;
      blocks.push({ der: octets.subarray(start, start + length), text });
      ends.push(start + length);
    }
  }
  return { octets, blocks, ends };
}

/** The places of the blocks in which the octets of a name stand. */
function placesOf(name: Buffer, { octets, ends }: Stretch): number[] {
  const places: number[] = [];
  let place = 0;
  for (let at = octets.indexOf(name); at >= 0; at = octets.indexOf(name, ends[place])) {
    while ((ends[place] ?? octets.length) <= at) place += 1;
    places.push(place);
  }
  return places;
}

/** The certificate blocks of PEM texts, whatever else they hold: quick for the bundles of a platform, and lenient. RFC 7468. */
export function poolRoots(texts: readonly string[]): RootPool {
  const stretch = stretchOf(texts);
  return {
    namedBy(chain) {
      const wanted = namesIn(chain);
      const places = new Set(wanted.flatMap((name) => placesOf(name, stretch)));
      return [...places]
        .toSorted((a, b) => a - b)
        .flatMap((place) => stretch.blocks[place] ?? [])
        .filter(({ der }) => isSubject(der, wanted))
        .slice(0, MAX_RELEVANT)
        .map(({ der, text }) => ({ der: new Uint8Array(der), text }));
    },
  };
}

function isSubject(der: Uint8Array, wanted: readonly Buffer[]): boolean {
  const subject = tryOutline(der)?.subject;
  return subject !== undefined && wanted.some((name) => name.equals(subject));
}
