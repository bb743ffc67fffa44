/** The data of the record types that sipdiag reads. Each must fill its RDLENGTH to the octet, which dns-packet does not see to. */
import type { DnsRecord, RecordType } from '../model/dns.ts';
import { readName, readOctets, readString, readU16, readU32, readU8, take, within, type Cursor } from './dns-reader.ts';
import { absolute, printable, recordText, type RecordData } from './dns-text.ts';
import { CLASS_IN, TYPE_TXT, typeOf, type AnyRecord, type Edns } from './dns-types.ts';
import { WireError } from './wire-error.ts';

/** What stands before the data of every record. RFC 1035 section 3.2.1. */
export interface RecordHead {
  name: string;
  type: number;
  class: number;
  /** The four octets as sent: OPT keeps other things in them. */
  ttl: number;
  data: Cursor;
}

/** Reads up to the data and sets a bound around it; the cursor stands behind the record. Throws WireError as readName, 'cut'. */
export function readHead(cursor: Cursor): RecordHead {
  const name = readName(cursor);
  const type = readU16(cursor);
  const recordClass = readU16(cursor);
  const ttl = readU32(cursor);
  return { name, type, class: recordClass, ttl, data: within(cursor, readU16(cursor)) };
}

function readIpv4(data: Cursor): string {
  return readOctets(data, 4).join('.');
}

/** RFC 5952; the embedded form of section 5 for mapped addresses, as dig prints them. */
function readIpv6(data: Cursor): string {
  const octets = readOctets(data, 16);
  const view = new DataView(octets.buffer);
  const groups = Array.from({ length: 8 }, (_, index) => view.getUint16(2 * index).toString(16));
  if (groups.slice(0, 6).join(':') === '0:0:0:0:0:ffff') return `::ffff:${octets.slice(12).join('.')}`;
  // The URL standard writes IPv6 addresses by the rules of RFC 5952.
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}

function readSrv(data: Cursor): RecordData {
  const priority = readU16(data);
  const weight = readU16(data);
  const port = readU16(data);
  return { type: 'SRV', srv: { priority, weight, port, target: readName(data) } };
}

function readNaptr(data: Cursor): RecordData {
  const order = readU16(data);
  const preference = readU16(data);
  const flags = readString(data);
  const services = readString(data);
  const regexp = readString(data);
  return { type: 'NAPTR', naptr: { order, preference, flags, services, regexp, replacement: readName(data) } };
}

function readSoa(data: Cursor): RecordData & { text: string } {
  const mname = readName(data);
  const rname = readName(data);
  const numbers = [readU32(data), readU32(data), readU32(data), readU32(data), readU32(data)] as const;
  const text = [absolute(mname), absolute(rname), ...numbers].join(' ');
  return { type: 'SOA', soa: { serial: numbers[0], mname }, text };
}

const READERS: Readonly<Record<RecordType, (data: Cursor) => RecordData & { text?: string }>> = {
  A: (data) => ({ type: 'A', address: readIpv4(data) }),
  AAAA: (data) => ({ type: 'AAAA', address: readIpv6(data) }),
  CNAME: (data) => ({ type: 'CNAME', host: readName(data) }),
  NS: (data) => ({ type: 'NS', host: readName(data) }),
  SRV: readSrv,
  NAPTR: readNaptr,
  SOA: readSoa,
};

/** Names that are compared are kept in lower case; `text` keeps the letters as sent. */
function lowerNames(data: RecordData): RecordData {
  const { type, address, host, srv, naptr, soa } = data;
  return {
    type,
    ...(address === undefined ? {} : { address }),
    ...(host === undefined ? {} : { host: host.toLowerCase() }),
    ...(srv ? { srv: { ...srv, target: srv.target.toLowerCase() } } : {}),
    ...(naptr ? { naptr: { ...naptr, replacement: naptr.replacement.toLowerCase() } } : {}),
    ...(soa ? { soa: { ...soa, mname: soa.mname.toLowerCase() } } : {}),
  };
}

/** A TTL with the top bit set is zero. RFC 2181 section 8. */
function soundTtl(ttl: number): number {
  return ttl > 0x7fffffff ? 0 : ttl;
}

/**
 * A record from its head. A type or class that sipdiag does not read becomes an OtherRecord; TXT strings are checked, not
 * read. Throws WireError 'rdata-length' when data is left over, 'cut' when it is too short, and as readName.
 */
export function readRecord(head: RecordHead): AnyRecord {
  const { data } = head;
  const type = typeOf(head.type);
  const name = head.name.toLowerCase();
  const ttl = soundTtl(head.ttl);
  if (head.class !== CLASS_IN || typeof type === 'number') {
    const raw = data.bytes.slice(data.offset, data.end);
    while (head.type === TYPE_TXT && head.class === CLASS_IN && data.offset < data.end) take(data, readU8(data));
    return { name, type: head.type, class: head.class, ttl, raw };
  }
  const read = READERS[type](data);
  if (data.offset !== data.end) {
    throw new WireError('rdata-length', `${data.end - data.offset} octets too many in ${type} data`, data.offset);
  }
  const record: DnsRecord = { name, ttl, text: read.text ?? recordText(read), ...lowerNames(read) };
  return record;
}

const OPTION_EXTENDED_ERROR = 15;

/**
 * The EDNS facts of an OPT record and the upper bits of the response code; options that are not known are stepped over.
 * The owner should be the root and is not looked at. Throws WireError 'cut'. RFC 6891 section 6.1, RFC 8914 section 2.
 */
export function readOpt(head: RecordHead): { edns: Edns; rcodeBits: number } {
  const { data } = head;
  const errors: Edns['errors'] = [];
  while (data.offset < data.end) {
    const code = readU16(data);
    const option = within(data, readU16(data));
    if (code !== OPTION_EXTENDED_ERROR) continue;
    const info = readU16(option);
    const text = Buffer.from(readOctets(option, option.end - option.offset)).toString('latin1');
    errors.push({ code: info, text: printable(text) });
  }
  const version = (head.ttl >>> 16) & 0xff;
  const dnssecOk = (head.ttl & 0x8000) !== 0;
  return { edns: { version, udpSize: head.class, dnssecOk, errors }, rcodeBits: head.ttl >>> 24 };
}
