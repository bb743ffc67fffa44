/** The shapes of decoded DNS messages and the numbers of the registries (IANA "Domain Name System Parameters"). */
import type { DnsRecord, RecordType } from '../model/dns.ts';

/** A type that is asked for: a mnemonic of the types that sipdiag reads, or the number of any other (RFC 3597). */
export type QueryType = RecordType | number;

/** One entry of the question section. RFC 1035 section 4.1.2. */
export interface DnsQuestion {
  /** Presentation form without the final dot, letters as they were sent; the root is '.'. */
  name: string;
  type: QueryType;
  /** 1 is IN. */
  class: number;
}

/** A record whose type or class sipdiag does not read; `type` is a number, which tells it from a DnsRecord. RFC 3597. */
export interface OtherRecord {
  /** As in DnsRecord. */
  name: string;
  type: number;
  class: number;
  /** Seconds, after RFC 2181 section 8. */
  ttl: number;
  /** The record data as sent. Names in it may be compressed and then mean nothing outside the message. */
  raw: Uint8Array;
}

export type AnyRecord = DnsRecord | OtherRecord;

/** What the OPT record says. RFC 6891 section 6.1; the upper bits of the response code are part of `DnsMessage.rcode`. */
export interface Edns {
  version: number;
  /** Octets of the largest UDP message that the sender takes. */
  udpSize: number;
  /** The DO bit, RFC 3225. */
  dnssecOk: boolean;
  /** Extended errors, RFC 8914; `text` has non-printable octets as \DDD. */
  errors: { code: number; text: string }[];
}

/** A whole message, query or response. */
export interface DnsMessage {
  id: number;
  opcode: number;
  /** Header bits, RFC 1035 section 4.1.1 and RFC 4035 section 3.1.6: response, authoritative, truncated, … */
  qr: boolean;
  aa: boolean;
  tc: boolean;
  rd: boolean;
  ra: boolean;
  ad: boolean;
  cd: boolean;
  /** Response code with the eight upper bits of EDNS, 0 to 4095. */
  rcode: number;
  questions: DnsQuestion[];
  answers: AnyRecord[];
  authority: AnyRecord[];
  /** Without the OPT record, which is `edns`. */
  additional: AnyRecord[];
  edns?: Edns;
  /** The message is marked TC and ended, or could not be read on, before all the records that its header counts. */
  cut: boolean;
  /** Octets after the last record; ignored. */
  trailing: number;
}

export const CLASS_IN = 1;
export const TYPE_TXT = 16;
export const TYPE_OPT = 41;

const TYPE_NUMBERS: Readonly<Record<RecordType, number>> = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  AAAA: 28,
  SRV: 33,
  NAPTR: 35,
};

const TYPE_NAMES: ReadonlyMap<number, RecordType> = new Map([
  [1, 'A'],
  [2, 'NS'],
  [5, 'CNAME'],
  [6, 'SOA'],
  [28, 'AAAA'],
  [33, 'SRV'],
  [35, 'NAPTR'],
]);

/** The number of a type. */
export function typeNumber(type: QueryType): number {
  return typeof type === 'number' ? type : TYPE_NUMBERS[type];
}

/** The type with that number: a mnemonic where sipdiag reads the type, else the number itself. */
export function typeOf(number: number): QueryType {
  return TYPE_NAMES.get(number) ?? number;
}

/** Tells the records that sipdiag reads from the others. */
export function isRead(record: AnyRecord): record is DnsRecord {
  return typeof record.type === 'string';
}

/** Response codes by number, RFC 1035 section 4.1.1, RFC 2136, RFC 6891, RFC 7873. */
const RCODES: ReadonlyMap<number, string> = new Map([
  [0, 'NOERROR'],
  [1, 'FORMERR'],
  [2, 'SERVFAIL'],
  [3, 'NXDOMAIN'],
  [4, 'NOTIMP'],
  [5, 'REFUSED'],
  [6, 'YXDOMAIN'],
  [7, 'YXRRSET'],
  [8, 'NXRRSET'],
  [9, 'NOTAUTH'],
  [10, 'NOTZONE'],
  [11, 'DSOTYPENI'],
  [16, 'BADVERS'],
  [17, 'BADKEY'],
  [18, 'BADTIME'],
  [19, 'BADMODE'],
  [20, 'BADNAME'],
  [21, 'BADALG'],
  [22, 'BADTRUNC'],
  [23, 'BADCOOKIE'],
]);

/** The mnemonic of a response code, or `RCODE<n>` for one that has none here. */
export function rcodeName(rcode: number): string {
  return RCODES.get(rcode) ?? `RCODE${rcode}`;
}

/** The mnemonic of a type as dig writes it, or `TYPE<n>` (RFC 3597 section 5). */
export function typeName(type: QueryType): string {
  if (type === TYPE_TXT) return 'TXT';
  return typeof type === 'string' ? type : `TYPE${type}`;
}

/** The mnemonic of a class as dig writes it, or `CLASS<n>` (RFC 3597 section 5). */
export function className(number: number): string {
  if (number === CLASS_IN) return 'IN';
  if (number === 3) return 'CH';
  return number === 4 ? 'HS' : `CLASS${number}`;
}
