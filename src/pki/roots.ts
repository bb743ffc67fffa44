import { createHash } from 'node:crypto';
import { WireError } from '../wire/wire-error.ts';
import { type Certificate, MAX_CERTIFICATE_OCTETS, readCertificate } from './certificate.ts';
import { contextTag, readSingleValue, readValue } from './der.ts';
import { decodePem } from './pem.ts';

/** Roots that are taken for one chain; several generations of one authority share a name. */
const MAX_RELEVANT = 32;

/** Names of a certificate, DER, found by walking over its fields, without reading what they hold. */
interface Outline {
  subject: Uint8Array;
  issuer: Uint8Array;
}

const keyOf = (name: Uint8Array): string => createHash('sha256').update(name).digest('base64');

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

/**
 * Of `roots`, those whose subject is the issuer or the subject of a certificate in `chain`, in the order given, at most 32.
 * Unreadable certificates are passed over. DER in, DER out.
 */
export function relevantRoots(chain: readonly Uint8Array[], roots: readonly Uint8Array[]): Uint8Array[] {
  const wanted = namesIn(chain);
  return roots.filter((der) => isSubject(der, wanted)).slice(0, MAX_RELEVANT);
}

/** Issuers and subjects of a chain, each once. */
function namesIn(chain: readonly Uint8Array[]): Buffer[] {
  const names = chain.flatMap((der) => {
    const outline = tryOutline(der);
    return outline === undefined ? [] : [Buffer.from(outline.issuer), Buffer.from(outline.subject)];
  });
  return names.filter((name, place) => names.findIndex((other) => other.equals(name)) === place);
}

/** Looks for the octets first: of 300 roots, all but a few are done with then. */
function isSubject(der: Uint8Array, wanted: readonly Buffer[]): boolean {
  const octets = Buffer.from(der.buffer, der.byteOffset, der.length);
  const held = wanted.filter((name) => octets.includes(name));
  if (held.length === 0) return false;
  const subject = tryOutline(der)?.subject;
  return subject !== undefined && held.some((name) => name.equals(subject));
}

/** What may be a root, and the place of the text that it stands in. */
export interface RootBlock {
  der: Uint8Array;
  text: number;
}

const BEGIN = '-----BEGIN CERTIFICATE-----';
const END = '-----END CERTIFICATE-----';

/** The octets of every certificate block in PEM texts, read or not: quick for the bundles of a platform, and lenient. RFC 7468. */
export function decodeRoots(texts: readonly string[]): RootBlock[] {
  const blocks: RootBlock[] = [];
  for (const [place, text] of texts.entries()) {
    let begin = text.indexOf(BEGIN);
    while (begin >= 0) {
      const end = text.indexOf(END, begin);
      if (end < 0) break;
      blocks.push({ der: Buffer.from(text.slice(begin + BEGIN.length, end), 'base64'), text: place });
      begin = text.indexOf(BEGIN, end);
    }
  }
  return blocks;
}

/** As `relevantRoots`, of decoded blocks: one that is no certificate is passed over. */
export function rootsNamedBy(chain: readonly Uint8Array[], blocks: readonly RootBlock[]): RootBlock[] {
  const wanted = namesIn(chain);
  const found: RootBlock[] = [];
  for (const { der, text } of blocks) {
    if (found.length >= MAX_RELEVANT) break;
    if (isSubject(der, wanted)) found.push({ der: new Uint8Array(der), text });
  }
  return found;
}

/** Trusted roots that are read only when a chain asks for them. */
export interface RootStore {
  /** Certificates that were given, readable or not. */
  size: number;
  /** The roots with this subject (the DER of the Name), in the order given; those that cannot be read are left out. */
  bySubject(subject: Uint8Array): Certificate[];
}

/**
 * Indexes roots given as DER, or as PEM text with any number of them. Only their subjects are looked at; a root is read when it
 * is first asked for. Unreadable roots are passed over. Throws WireError when a PEM text is broken.
 */
export function indexRoots(roots: readonly (Uint8Array | string)[]): RootStore {
  const ders = roots.flatMap((root) => (typeof root === 'string' ? decodePem(root) : [root]));
  const index = new Map<string, { unread: Uint8Array[]; read: Certificate[] }>();
  for (const der of ders) {
    const outline = tryOutline(der);
    if (outline === undefined) continue;
    const subject = keyOf(outline.subject);
    const entry = index.get(subject);
    if (entry === undefined) index.set(subject, { unread: [der], read: [] });
    else entry.unread.push(der);
  }
  return {
    size: ders.length,
    bySubject(subject) {
      const entry = index.get(keyOf(subject));
      if (entry === undefined) return [];
      for (const der of entry.unread.splice(0)) entry.read.push(...tryRead(der));
      return entry.read;
    },
  };
}

function tryRead(der: Uint8Array): Certificate[] {
  try {
    return [readCertificate(der)];
  } catch (error) {
    // As for the outline: the other roots still count.
    if (error instanceof WireError) return [];
    throw error;
  }
}
