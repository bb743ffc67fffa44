/** What a resolver client does with the octets that came back. RFC 5452 section 9, RFC 2181, RFC 2308. */
import type { DnsRecord } from '../model/dns.ts';
import { decodeMessage } from './dns-message.ts';
import { canonicalName, isUnder, sameName } from './dns-name.ts';
import {
  CLASS_IN,
  isRead,
  rcodeName,
  typeNumber,
  type AnyRecord,
  type DnsMessage,
  type OtherRecord,
  type QueryType,
} from './dns-types.ts';
import { WireError } from './wire-error.ts';

/** Aliases that are followed in one answer; deeper chains are a fault of the zone or an attack. */
export const MAX_ALIASES = 16;

/**
 * Faults of a zone that do not keep the client from going on: 'several-aliases' (one name, two CNAME targets, the first is
 * followed; RFC 2181 section 10.1), 'alias-and-data' (a CNAME beside the type asked for, the CNAME is followed; RFC 1034
 * section 3.6.2).
 */
export type AliasWarning = 'several-aliases' | 'alias-and-data';

/** Where a name leads inside one set of records. */
export interface AliasPath {
  /**
   * 'found': `records` or `others` hold what was asked for, owned by `name`. 'none': the set says nothing of the name.
   * 'query-target': the aliases end at `name`, which the set says nothing of, so it is to be asked for. 'loop': `name` is the
   * name that came a second time. 'too-long': more than 16 aliases.
   */
  kind: 'found' | 'none' | 'query-target' | 'loop' | 'too-long';
  /** The last name, canonical. */
  name: string;
  /** The CNAME records in the order of the path. */
  chain: DnsRecord[];
  /** Records of the type asked for that the last name owns. */
  records: DnsRecord[];
  /** The same, for a type that sipdiag does not read. */
  others: OtherRecord[];
  warnings: AliasWarning[];
}

interface Owned {
  aliases: DnsRecord[];
  records: DnsRecord[];
  others: OtherRecord[];
}

const NOTHING: Readonly<Owned> = { aliases: [], records: [], others: [] };

/** Sorts the records by owner: aliases to be followed, and data of the type asked for. A CNAME that is asked for is data. */
function byOwner(all: readonly AnyRecord[], type: QueryType): Map<string, Owned> {
  const owners = new Map<string, Owned>();
  const wanted = typeNumber(type);
  for (const record of all) {
    const name = record.name.toLowerCase();
    const owned = owners.get(name) ?? { aliases: [], records: [], others: [] };
    owners.set(name, owned);
    if (!isRead(record)) {
      if (record.type === wanted && record.class === CLASS_IN) owned.others.push(record);
    } else if (typeNumber(record.type) === wanted) {
      owned.records.push(record);
    } else if (record.type === 'CNAME') {
      owned.aliases.push(record);
    }
  }
  return owners;
}

function warningsOf({ aliases, records, others }: Readonly<Owned>): AliasWarning[] {
  if (aliases.length === 0) return [];
  const targets = new Set(aliases.map(({ host }) => host?.toLowerCase()));
  return [
    ...(targets.size > 1 ? (['several-aliases'] as const) : []),
    ...(records.length + others.length > 0 ? (['alias-and-data'] as const) : []),
  ];
}

/**
 * Follows CNAME records by name, in whatever order they stand, to the records of the type asked for. Records of other
 * owners are left out: a server may add them, a client may not use them (RFC 2181 section 5.4.1). The records are those of
 * decodeMessage, or of a DnsAnswer. Throws WireError as parseName for `name`. RFC 1034 section 3.6.2.
 */
export function followAliases(all: readonly AnyRecord[], name: string, type: QueryType): AliasPath {
  const owners = byOwner(all, type);
  const chain: DnsRecord[] = [];
  const warnings = new Set<AliasWarning>();
  const seen = new Set<string>();
  let current = canonicalName(name);
  const end = (kind: AliasPath['kind'], { records, others } = NOTHING): AliasPath => ({
    kind,
    name: current,
    chain,
    records: [...records],
    others: [...others],
    warnings: [...warnings],
  });
  for (;;) {
    const owned = owners.get(current) ?? NOTHING;
    for (const warning of warningsOf(owned)) warnings.add(warning);
    const [alias] = owned.aliases;
    if (alias?.host === undefined) {
      if (owned.records.length + owned.others.length > 0) return end('found', owned);
      return end(chain.length > 0 ? 'query-target' : 'none');
    }
    if (chain.length === MAX_ALIASES) return end('too-long');
    seen.add(current);
    chain.push(alias);
    current = alias.host.toLowerCase();
    if (seen.has(current)) return end('loop');
  }
}

/**
 * What the law of its type says of a record that can be read. 'ignore-record': NAPTR with both a regexp and a replacement,
 * or with neither (RFC 3403 section 4.1). 'warn': SRV to port 0, which no client can use. 'service-not-available': SRV with
 * the target '.' (RFC 2782); it decides only when it stands alone.
 */
export type RecordVerdict =
  | { verdict: 'use' }
  | { verdict: 'ignore-record'; fault: 'naptr-both' | 'naptr-neither' }
  | { verdict: 'warn'; fault: 'srv-port-0' }
  | { verdict: 'service-not-available' };

/** Judges one record by the rules above. */
export function recordVerdict({ srv, naptr }: DnsRecord): RecordVerdict {
  if (srv?.target === '.') return { verdict: 'service-not-available' };
  if (srv?.port === 0) return { verdict: 'warn', fault: 'srv-port-0' };
  if (naptr && naptr.regexp !== '' && naptr.replacement !== '.')
    return { verdict: 'ignore-record', fault: 'naptr-both' };
  if (naptr && naptr.regexp === '' && naptr.replacement === '.') {
    return { verdict: 'ignore-record', fault: 'naptr-neither' };
  }
  return { verdict: 'use' };
}

/** Whether an SRV answer says that the service is decidedly not offered: its one target is '.'. RFC 2782. */
export function isServiceRefused(records: readonly DnsRecord[]): boolean {
  const services = records.filter(({ type }) => type === 'SRV');
  return services.length === 1 && services.every(({ srv }) => srv?.target === '.');
}

/** Why octets are no answer to the query although they came from the server. The client goes on waiting. */
export type DropReason = 'id' | 'not-a-response' | 'opcode' | 'question' | 'forged';

/**
 * What a client does with the octets.
 * - 'use': the answer is for this query. `records`: the CNAME records followed, then those of the type asked for; apply
 *   recordVerdict to each. `aliases` says whether the path came to its end, or loops, or is to be asked on.
 * - 'no-data', 'no-such-name': the last name of the path has no such record, or does not exist; `records` are the aliases.
 * - 'servfail', 'refused', 'rcode': the server gives no answer. 'truncated': TC over TCP, there is nothing larger to ask.
 * - 'malformed': octets that cannot be read, with the WireError's code and offset.
 * - 'retry-tcp': TC over UDP; nothing of it is used (RFC 2181 section 9).
 * - 'drop': go on waiting.
 * `detail` is one line of printable ASCII.
 */
export type AnswerReading =
  | { kind: 'use'; records: DnsRecord[]; others: OtherRecord[]; aliases: AliasPath; message: DnsMessage }
  | { kind: 'no-data' | 'no-such-name'; records: DnsRecord[]; aliases: AliasPath; message: DnsMessage }
  | { kind: 'servfail' | 'refused' | 'rcode' | 'truncated'; detail: string; message: DnsMessage }
  | { kind: 'retry-tcp'; message: DnsMessage }
  | { kind: 'malformed'; code: string; offset: number; detail: string }
  | { kind: 'drop'; reason: DropReason; detail: string };

export interface AnswerInput {
  query: { id: number; name: string; type: QueryType };
  /** One datagram, or one message of a stream without its length. */
  bytes: Uint8Array;
  transport: 'udp' | 'tcp';
}

const FORMERR = 1;
const SERVFAIL = 2;
const NXDOMAIN = 3;
const NOTIMP = 4;
const REFUSED = 5;
/** Servers that could not, or would not, read the question may leave it out of these answers. */
const RCODES_WITHOUT_QUESTION: readonly number[] = [FORMERR, SERVFAIL, NOTIMP, REFUSED];

function drop(reason: DropReason, detail: string): AnswerReading {
  return { kind: 'drop', reason, detail };
}

/** The reasons to go on waiting. RFC 5452 section 9.1; RFC 9619: one question. */
function strayReason(message: DnsMessage, query: AnswerInput['query']): AnswerReading | undefined {
  if (!message.qr) return drop('not-a-response', 'a query came back, not a response');
  if (message.opcode !== 0) return drop('opcode', `opcode ${message.opcode} in the response`);
  const [question, ...more] = message.questions;
  if (!question) {
    if (RCODES_WITHOUT_QUESTION.includes(message.rcode)) return undefined;
    return drop('question', 'a response without a question');
  }
  const same =
    more.length === 0 &&
    question.class === CLASS_IN &&
    typeNumber(question.type) === typeNumber(query.type) &&
    sameName(question.name, query.name);
  return same ? undefined : drop('question', 'a response to another question');
}

function errorDetail(message: DnsMessage): string {
  const extended = (message.edns?.errors ?? []).map(({ code, text }) => `extended error ${code}${text && `: ${text}`}`);
  return [rcodeName(message.rcode), ...extended].join(', ');
}

/** RFC 2308 section 2.2: an SOA that covers the last name says that the path ends there; without it the name is to be asked. */
function hasNoData(message: DnsMessage, path: AliasPath): boolean {
  if (path.kind === 'none') return true;
  if (path.kind !== 'query-target') return false;
  return message.authority.some((record) => record.type === 'SOA' && isUnder(path.name, record.name));
}

function readWhole(message: DnsMessage, query: AnswerInput['query']): AnswerReading {
  const { rcode } = message;
  if (rcode === SERVFAIL) return { kind: 'servfail', detail: errorDetail(message), message };
  if (rcode === REFUSED) return { kind: 'refused', detail: errorDetail(message), message };
  if (rcode !== 0 && rcode !== NXDOMAIN) return { kind: 'rcode', detail: errorDetail(message), message };
  const aliases = followAliases(message.answers, query.name, query.type);
  const { chain, records, others } = aliases;
  // With NXDOMAIN the code speaks of the last alias (RFC 2308 section 2.1).
  if (rcode === NXDOMAIN) return { kind: 'no-such-name', records: chain, aliases, message };
  if (hasNoData(message, aliases)) return { kind: 'no-data', records: chain, aliases, message };
  return { kind: 'use', records: [...chain, ...records], others, aliases, message };
}

/**
 * Octets that cannot be read. A name that points into the header is a forger's: the header holds no name, and the client's
 * own id would be read as a label. No server's software writes that, so the true answer may still come.
 */
function unreadable(error: WireError): AnswerReading {
  if (error.code === 'pointer-to-header') return drop('forged', error.message);
  return { kind: 'malformed', code: error.code, offset: error.offset, detail: error.message };
}

/** Reads what came back for a query. Never throws for what `bytes` hold; throws WireError as parseName for `query.name`. */
export function readAnswer({ query, bytes, transport }: AnswerInput): AnswerReading {
  const id = bytes.byteLength < 2 ? query.id : new DataView(bytes.buffer, bytes.byteOffset).getUint16(0);
  // Before anything else is read: octets with another id prove nothing about the server that was asked.
  if (id !== query.id) return drop('id', `id ${id} instead of ${query.id}`);
  const name = canonicalName(query.name);
  let message: DnsMessage;
  try {
    message = decodeMessage(bytes);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return unreadable(error);
  }
  const stray = strayReason(message, { ...query, name });
  if (stray) return stray;
  if (!message.tc) return readWhole(message, { ...query, name });
  if (transport === 'udp') return { kind: 'retry-tcp', message };
  return { kind: 'truncated', detail: 'the answer over TCP is marked as truncated', message };
}
