/**
 * Writing DNS messages. dns-packet writes the header, the fixed fields, addresses and OPT. It takes each name as text that
 * it cuts at dots, so it cannot write a label that holds one, nor raw octets, and writes a wrong length for labels above 63
 * octets. Therefore it is handed the root for each name, and the octets of dns-name.ts are put in the place of that root.
 * All values are checked before, since dns-packet writes what it is given.
 */
import { encode, type Answer } from 'dns-packet';
import type { DnsRecord } from '../model/dns.ts';
import { nameToOctets } from './dns-name.ts';
import { HEADER_OCTETS } from './dns-reader.ts';
import { CLASS_IN, typeNumber, type DnsQuestion } from './dns-types.ts';
import { WireError } from './wire-error.ts';

/** Header bits that a writer sets by choice. RFC 1035 section 4.1.1. */
export type HeaderFlag = 'qr' | 'aa' | 'tc' | 'rd' | 'ra';

const FLAG_BITS: Readonly<Record<HeaderFlag, number>> = { qr: 0x8000, aa: 0x400, tc: 0x200, rd: 0x100, ra: 0x80 };

/** Everything that stands in a message that is written. */
export interface MessageContent {
  id: number;
  flags: readonly HeaderFlag[];
  /** 0 to 4095; above 15 only with an OPT record. */
  rcode: number;
  questions: readonly DnsQuestion[];
  sections: { answers: readonly DnsRecord[]; authority: readonly DnsRecord[]; additional: readonly DnsRecord[] };
  /** Octets; absent: no OPT record. */
  ednsSize?: number;
}

function checkRange(value: number, limit: number, what: string): number {
  if (!Number.isInteger(value) || value < 0 || value > limit) {
    throw new WireError('number-range', `${what} ${value} is not 0 to ${limit}`);
  }
  return value;
}

function u16(value: number, what: string): Buffer {
  const octets = Buffer.alloc(2);
  octets.writeUInt16BE(checkRange(value, 0xffff, what));
  return octets;
}

/** One octet for each character; more than 255 characters, or characters above U+00FF, are no character-string. */
function stringOctets(text: string): Buffer {
  const octets = Buffer.from(text, 'latin1');
  if (octets.toString('latin1') !== text || octets.length > 255) {
    throw new WireError('string-octets', 'text that is no character-string (255 octets)');
  }
  return Buffer.concat([Uint8Array.of(octets.length), octets]);
}

/** The names and numbers of an SOA are all in its text, in the order of the wire. RFC 1035 section 3.3.13. */
function soaOctets(text: string): Buffer {
  const [mname = '', rname = '', ...numbers] = text.split(' ');
  if (numbers.length !== 5) throw new WireError('soa-text', 'an SOA whose text does not have seven fields');
  const octets = Buffer.alloc(20);
  for (const [index, number] of numbers.entries()) {
    octets.writeUInt32BE(checkRange(Number(number), 0xffffffff, 'SOA number'), 4 * index);
  }
  return Buffer.concat([nameToOctets(mname), nameToOctets(rname), octets]);
}

/** The data of a record that holds names, whole: no compression, as RFC 2782 and RFC 3403 demand. */
function dataOctets(record: DnsRecord): Buffer {
  const { srv, naptr, host } = record;
  if (record.type === 'SOA') return soaOctets(record.text);
  if (record.type === 'SRV' && srv) {
    const numbers = [srv.priority, srv.weight, srv.port].map((number) => u16(number, 'SRV number'));
    return Buffer.concat([...numbers, nameToOctets(srv.target)]);
  }
  if (record.type === 'NAPTR' && naptr) {
    const numbers = [naptr.order, naptr.preference].map((number) => u16(number, 'NAPTR number'));
    const strings = [naptr.flags, naptr.services, naptr.regexp].map(stringOctets);
    return Buffer.concat([...numbers, ...strings, nameToOctets(naptr.replacement)]);
  }
  if ((record.type === 'CNAME' || record.type === 'NS') && host !== undefined) return Buffer.from(nameToOctets(host));
  throw new WireError('record-incomplete', `a ${record.type} record without its data`);
}

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

/** The URL standard refuses what is no IPv6 address; a zone such as %eth0 is refused too. */
function isIpv6(text: string): boolean {
  return /^[0-9a-f:.]+$/i.test(text) && URL.canParse(`http://[${text}]`);
}

/** The record as dns-packet takes it, its owner left out, and the octets of its data. */
function toAnswer(record: DnsRecord): { answer: Answer; dataLength: number } {
  const { type, address = '' } = record;
  const ttl = checkRange(record.ttl, 0x7fffffff, 'TTL');
  if (type === 'A' || type === 'AAAA') {
    if (!(type === 'A' ? IPV4.test(address) : isIpv6(address))) {
      throw new WireError('address', `'${address}' is no address of a record of type ${type}`);
    }
    return { answer: { name: '.', type, ttl, data: address }, dataLength: type === 'A' ? 4 : 16 };
  }
  const data = dataOctets(record);
  return { answer: { name: '.', type: opaqueType(typeNumber(type)), ttl, data }, dataLength: data.length };
}

/** How dns-packet names a type whose data it takes as octets. */
function opaqueType(number: number): 'NULL' {
  // `UNKNOWN_<n>` is missing in its type declarations; NULL is declared, and takes octets likewise.
  return `UNKNOWN_${number}` as 'NULL';
}

/** Puts the octets of the names where dns-packet has written the root. `after`: octets from that root to the next. */
function placeNames(frame: Uint8Array, names: readonly { name: string; after: number }[]): Uint8Array {
  const parts: Uint8Array[] = [frame.subarray(0, HEADER_OCTETS)];
  let at = HEADER_OCTETS;
  for (const { name, after } of names) {
    parts.push(nameToOctets(name), frame.subarray(at + 1, at + 1 + after));
    at += 1 + after;
  }
  parts.push(frame.subarray(at));
  return new Uint8Array(Buffer.concat(parts));
}

function optAnswer(size: number, rcode: number): Answer {
  checkRange(size, 0xffff, 'EDNS size');
  if (size < 512) throw new WireError('number-range', `EDNS size ${size} is below 512`);
  const fields = { udpPayloadSize: size, extendedRcode: rcode >>> 4, ednsVersion: 0, flags: 0, flag_do: false };
  return { name: '.', type: 'OPT', ...fields, options: [] };
}

/**
 * The octets of a message, without compression. Throws WireError 'number-range', 'address', 'string-octets', 'soa-text',
 * 'record-incomplete', 'rcode-needs-edns', 'class' (a question of another class than IN), 'message-too-long', and the codes of parseName. RFC 1035 section 4.1.
 */
export function writeMessage(content: MessageContent): Uint8Array {
  const { questions, ednsSize } = content;
  const rcode = checkRange(content.rcode, 0xfff, 'rcode');
  if (rcode > 15 && ednsSize === undefined) throw new WireError('rcode-needs-edns', `rcode ${rcode} without OPT`);
  const answers = content.sections.answers.map(toAnswer);
  const authority = content.sections.authority.map(toAnswer);
  const additional = content.sections.additional.map(toAnswer);
  const opt = ednsSize === undefined ? [] : [optAnswer(ednsSize, rcode)];
  const frame = encode({
    id: checkRange(content.id, 0xffff, 'id'),
    type: content.flags.includes('qr') ? 'response' : 'query',
    flags: content.flags.reduce((bits, flag) => bits | FLAG_BITS[flag], rcode & 0xf),
    questions: questions.map(toQuestion),
    answers: answers.map(({ answer }) => answer),
    authorities: authority.map(({ answer }) => answer),
    additionals: [...additional.map(({ answer }) => answer), ...opt],
  });
  const records = [...content.sections.answers, ...content.sections.authority, ...content.sections.additional];
  const lengths = [...answers, ...authority, ...additional];
  const bytes = placeNames(frame, [
    ...questions.map(({ name }) => ({ name, after: 4 })),
    ...records.map(({ name }, index) => ({ name, after: 10 + (lengths[index]?.dataLength ?? 0) })),
  ]);
  if (bytes.length > 0xffff) throw new WireError('message-too-long', `a message of ${bytes.length} octets`);
  return bytes;
}

function toQuestion(question: DnsQuestion): { name: string; type: 'NULL'; class: 'IN' } {
  if (question.class !== CLASS_IN) throw new WireError('class', `a question of class ${question.class}`);
  return { name: '.', type: opaqueType(checkRange(typeNumber(question.type), 0xffff, 'type')), class: 'IN' };
}
