/**
 * DNS messages between octets and values. RFC 1035 section 4.
 *
 * Reading is done here to the octet: dns-packet goes by the type and not by RDLENGTH, reads on behind the end of a record
 * or of the message, leaves dots inside a label as they are and knows no response code above 15, so nothing of its reading
 * could be kept. A query is written here too: it is short, and dns-packet takes longer to load than a server to answer.
 */
import { nameToOctets } from './dns-name.ts';
import { readHead, readOpt, readRecord } from './dns-record.ts';
import { HEADER_OCTETS, openCursor, readName, readU16, type Cursor } from './dns-reader.ts';
import {
  CLASS_IN,
  TYPE_OPT,
  typeNumber,
  typeOf,
  type DnsMessage,
  type DnsQuestion,
  type QueryType,
} from './dns-types.ts';
import { WireError } from './wire-error.ts';

/** Octets of a message: the length field of TCP allows no more (RFC 1035 section 4.2.2). */
const MAX_MESSAGE = 65_535;
/** Records of one message that are read; the largest honest answers hold some hundreds. */
const MAX_RECORDS = 4000;
/** Octets of a UDP answer that is asked for: fits into one packet of nearly every path (DNS flag day 2020). */
export const EDNS_SIZE = 1232;

/** What a query asks. */
export interface QueryContent {
  /** 0 to 65535; unpredictable to a remote (RFC 5452 section 4.4), so chosen by the caller. */
  id: number;
  /** Presentation form, with or without the final dot. */
  name: string;
  type: QueryType;
  /** 'desired' of a resolver, 'not-desired' of an authority. */
  recursion: 'desired' | 'not-desired';
  /** Octets of a UDP answer, 512 to 65535; absent: the query has no OPT record. */
  ednsSize?: number;
}

const FLAG_RD = 0x0100;
/** Type and class behind the name of a question. */
const QUESTION_FIELDS = 4;
/** An OPT record without options. RFC 6891 section 6.1.2. */
const OPT_OCTETS = 11;

function checkRange(value: number, { least, most, what }: { least: number; most: number; what: string }): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new WireError('number-range', `${what} ${value} is not ${least} to ${most}`);
}

/**
 * A query of class IN with one question. Throws WireError 'name-…' and 'label-too-long' for a name that cannot be asked
 * (see parseName), and 'number-range'. RFC 1035 section 4.1, RFC 6891 section 6.1.
 */
export function encodeQuery({ id, name, type, recursion, ednsSize }: QueryContent): Uint8Array {
  const question = nameToOctets(name);
  const opt = ednsSize === undefined ? 0 : OPT_OCTETS;
  const octets = Buffer.alloc(HEADER_OCTETS + question.length + QUESTION_FIELDS + opt);
  octets.writeUInt16BE(checkRange(id, { least: 0, most: 0xffff, what: 'id' }), 0);
  octets.writeUInt16BE(recursion === 'desired' ? FLAG_RD : 0, 2);
  octets.writeUInt16BE(1, 4);
  octets.set(question, HEADER_OCTETS);
  const fields = HEADER_OCTETS + question.length;
  octets.writeUInt16BE(checkRange(typeNumber(type), { least: 0, most: 0xffff, what: 'type' }), fields);
  octets.writeUInt16BE(CLASS_IN, fields + 2);
  if (ednsSize !== undefined) {
    octets.writeUInt16BE(1, 10);
    // The root as owner, then the size in the place of the class.
    octets.writeUInt16BE(TYPE_OPT, fields + QUESTION_FIELDS + 1);
    octets.writeUInt16BE(
      checkRange(ednsSize, { least: 512, most: 0xffff, what: 'EDNS size' }),
      fields + QUESTION_FIELDS + 3,
    );
  }
  return new Uint8Array(octets);
}

interface Header {
  bits: number;
  counts: { questions: number; answers: number; authority: number; additional: number };
  id: number;
}

function readHeader(cursor: Cursor): Header {
  const id = readU16(cursor);
  const bits = readU16(cursor);
  const questions = readU16(cursor);
  const answers = readU16(cursor);
  const authority = readU16(cursor);
  return { id, bits, counts: { questions, answers, authority, additional: readU16(cursor) } };
}

function emptyMessage({ id, bits }: Header): DnsMessage {
  const flag = (shift: number): boolean => ((bits >>> shift) & 1) === 1;
  const flags = { qr: flag(15), aa: flag(10), tc: flag(9), rd: flag(8), ra: flag(7), ad: flag(5), cd: flag(4) };
  const sections = { questions: [], answers: [], authority: [], additional: [] };
  return { id, opcode: (bits >>> 11) & 0xf, ...flags, rcode: bits & 0xf, ...sections, cut: false, trailing: 0 };
}

function readQuestion(cursor: Cursor): DnsQuestion {
  const name = readName(cursor);
  const type = typeOf(readU16(cursor));
  return { name, type, class: readU16(cursor) };
}

/** Reads the three sections of records into the message, as far as they go when it is marked TC. */
function readSections(cursor: Cursor, counts: Header['counts'], message: DnsMessage): void {
  for (const section of ['answers', 'authority', 'additional'] as const) {
    for (let index = 0; index < counts[section]; index += 1) {
      const head = readHead(cursor);
      if (head.type !== TYPE_OPT) {
        message[section].push(readRecord(head));
        continue;
      }
      if (section !== 'additional') throw new WireError('opt-section', 'an OPT record outside the additional section');
      if (message.edns) throw new WireError('opt-twice', 'two OPT records', head.data.offset);
      const { edns, rcodeBits } = readOpt(head);
      message.edns = edns;
      message.rcode |= rcodeBits << 4;
    }
  }
}

/**
 * Reads a query or a response. A response that is marked TC and cannot be read to its end keeps what came before
 * (`cut: true`), because its sender cut it off on purpose (RFC 2181 section 9). Octets behind the last record are counted
 * and ignored. Throws nothing but WireError: 'message-too-long' (64 KiB), 'too-many-records' (4000), 'cut',
 * 'rdata-length', 'opt-twice', 'opt-section', and the codes of readName. Takes time linear in the octets.
 */
export function decodeMessage(bytes: Uint8Array): DnsMessage {
  if (bytes.byteLength > MAX_MESSAGE)
    throw new WireError('message-too-long', `a message of ${bytes.byteLength} octets`);
  const cursor = openCursor(bytes);
  const header = readHeader(cursor);
  const { counts } = header;
  const message = emptyMessage(header);
  if (counts.questions + counts.answers + counts.authority + counts.additional > MAX_RECORDS) {
    throw new WireError('too-many-records', 'a message whose header counts more than 4000 records', 4);
  }
  while (message.questions.length < counts.questions) message.questions.push(readQuestion(cursor));
  try {
    readSections(cursor, counts, message);
  } catch (error) {
    if (!(error instanceof WireError) || !message.tc) throw error;
    return { ...message, cut: true };
  }
  return { ...message, trailing: cursor.end - cursor.offset };
}
