/** DNS as dig prints it: record data, records, whole messages. All of it is printable ASCII, whatever the remote sent. */
import type { DnsRecord } from '../model/dns.ts';
import {
  CLASS_IN,
  TYPE_TXT,
  className,
  isRead,
  rcodeName,
  typeName,
  type AnyRecord,
  type DnsMessage,
  type DnsQuestion,
  type OtherRecord,
} from './dns-types.ts';

/** The fields of a record that its presentation is made from. */
export type RecordData = Pick<DnsRecord, 'type' | 'address' | 'host' | 'srv' | 'naptr' | 'soa'>;

/** What an SOA holds besides `DnsRecord.soa`, where nothing else is known: names and seconds that a small zone would use. */
const SOA_REST = { rname: 'hostmaster', timers: '3600 600 86400 300' };

/** A name in presentation form with the final dot that dig writes. */
export function absolute(name: string): string {
  return name === '.' ? name : `${name}.`;
}

/** One character for each octet to printable ASCII; what is not printable becomes \DDD, RFC 1035 section 5.1. */
export function printable(octets: string): string {
  return octets.replace(/[^ -~]/g, (character) => `\\${String(character.charCodeAt(0) & 0xff).padStart(3, '0')}`);
}

/** A character-string in quotes; quote and backslash are escaped. RFC 1035 section 5.1. */
export function quoted(octets: string): string {
  return `"${printable(octets.replace(/["\\]/g, String.raw`\$&`))}"`;
}

/**
 * The presentation form of the record data, which is `DnsRecord.text`. An SOA made here has a customary mailbox and timers,
 * because DnsRecord does not keep them.
 */
export function recordText(data: RecordData): string {
  const { address, host, srv, naptr, soa } = data;
  if (srv) return `${srv.priority} ${srv.weight} ${srv.port} ${absolute(srv.target)}`;
  if (naptr) {
    const strings = [naptr.flags, naptr.services, naptr.regexp].map(quoted).join(' ');
    return `${naptr.order} ${naptr.preference} ${strings} ${absolute(naptr.replacement)}`;
  }
  if (soa) return `${absolute(soa.mname)} ${absolute(SOA_REST.rname)} ${soa.serial} ${SOA_REST.timers}`;
  return address ?? (host === undefined ? '' : absolute(host));
}

function hex(octets: Uint8Array): string {
  return Buffer.from(octets).toString('hex').toUpperCase();
}

/** TXT as its strings, anything else in the form of RFC 3597 section 5. */
function otherText(record: OtherRecord): string {
  if (record.type === TYPE_TXT && record.class === CLASS_IN && record.raw.length > 0) {
    const all = Buffer.from(record.raw).toString('latin1');
    const strings: string[] = [];
    for (let at = 0; at < all.length; at += 1 + all.charCodeAt(at)) {
      strings.push(quoted(all.slice(at + 1, at + 1 + all.charCodeAt(at))));
    }
    return strings.join(' ');
  }
  return record.raw.length === 0 ? String.raw`\# 0` : String.raw`\# ${record.raw.length} ${hex(record.raw)}`;
}

/** The owner with tabs up to the column where dig begins the next field. */
function ownerColumn(name: string): string {
  return name + '\t'.repeat(Math.max(1, Math.ceil((24 - name.length) / 8)));
}

/** A record as a line of dig: owner, TTL, class, type and data, with tabs between. No final line break. */
export function formatRecord(record: AnyRecord): string {
  const known = isRead(record);
  const fields = [record.ttl, known ? 'IN' : className(record.class), typeName(record.type)];
  return ownerColumn(absolute(record.name)) + [...fields, known ? record.text : otherText(record)].join('\t');
}

const OPCODES: readonly string[] = ['QUERY', 'IQUERY', 'STATUS', 'RESERVED3', 'NOTIFY', 'UPDATE'];

function headerLines(message: DnsMessage): string[] {
  const flags = (['qr', 'aa', 'tc', 'rd', 'ra', 'ad', 'cd'] as const).filter((flag) => message[flag]);
  const opcode = OPCODES[message.opcode] ?? `RESERVED${message.opcode}`;
  const additional = message.additional.length + (message.edns ? 1 : 0);
  return [
    `;; ->>HEADER<<- opcode: ${opcode}, status: ${rcodeName(message.rcode)}, id: ${message.id}`,
    `;; flags: ${flags.join(' ')}; QUERY: ${message.questions.length}, ANSWER: ${message.answers.length}, ` +
      `AUTHORITY: ${message.authority.length}, ADDITIONAL: ${additional}`,
  ];
}

function ednsLines(message: DnsMessage): string[] {
  const { edns } = message;
  if (!edns) return [];
  const flags = edns.dnssecOk ? ' do' : '';
  const errors = edns.errors.map(({ code, text }) => (text === '' ? `; EDE: ${code}` : `; EDE: ${code}: (${text})`));
  return [';; OPT PSEUDOSECTION:', `; EDNS: version: ${edns.version}, flags:${flags}; udp: ${edns.udpSize}`, ...errors];
}

function formatQuestion({ name, class: number, type }: DnsQuestion): string {
  return `${ownerColumn(`;${absolute(name)}`)}\t${className(number)}\t${typeName(type)}`;
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`;; ${title} SECTION:`, ...lines, ''];
}

/** A message as dig prints it, for --verbose: header, OPT, question and the three sections. Lines end with '\n'. */
export function formatMessage(message: DnsMessage): string {
  const lines = [
    ...headerLines(message),
    ...(message.cut ? [';; WARNING: Message ends before the records that its header counts'] : []),
    ...(message.trailing > 0 ? [`;; WARNING: Message has ${message.trailing} extra bytes at end`] : []),
    '',
    ...ednsLines(message),
    ...section('QUESTION', message.questions.map(formatQuestion)),
    ...section('ANSWER', message.answers.map(formatRecord)),
    ...section('AUTHORITY', message.authority.map(formatRecord)),
    ...section('ADDITIONAL', message.additional.map(formatRecord)),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}
