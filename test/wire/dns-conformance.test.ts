import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { DnsRecord } from '../../src/model/dns.ts';
import { isServiceRefused, readAnswer, recordVerdict, type AnswerReading } from '../../src/wire/dns-answer.ts';
import { decodeMessage } from '../../src/wire/dns-message.ts';
import { sameName } from '../../src/wire/dns-name.ts';
import { createDnsFramer } from '../../src/wire/dns-stream.ts';
import { isRead, type AnyRecord, type DnsMessage, type QueryType } from '../../src/wire/dns-types.ts';
import { WireError } from '../../src/wire/wire-error.ts';

interface Fact {
  name: string;
  type: string | number;
  ttl: number;
  data?: unknown;
  rdata?: string;
  rdata_octets?: number;
}
interface Edns {
  version: number;
  udp_size: number;
  do: boolean;
  ede?: { code: number; text: string };
}
interface WireCase {
  id: string;
  title: string;
  transport: 'udp' | 'tcp' | 'tcp-stream';
  query: { id: number; name: string; type: string };
  hex: string;
  octets: number;
  parser: 'accept' | 'reject' | 'either';
  client: string;
  message?: { rcode: number; tc: boolean; answers: Fact[]; edns?: Edns };
}

const file = new URL('../../fixtures/conformance/dns-wire.json', import.meta.url);
// The shape is written down in the file's own `terms`.
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: WireCase[] };

const QUERY_TYPES: Record<string, QueryType> = {
  A: 'A',
  AAAA: 'AAAA',
  SRV: 'SRV',
  NAPTR: 'NAPTR',
  TXT: 16,
};

function queryOf({ query }: WireCase): { id: number; name: string; type: QueryType } {
  const type = QUERY_TYPES[query.type];
  if (type === undefined) throw new Error(`a case asks for ${query.type}`);
  return { ...query, type };
}

/** The messages of a case, cut out of the stream where it is one. */
function messagesOf({ hex, transport }: WireCase): Uint8Array[] {
  const bytes = new Uint8Array(Buffer.from(hex, 'hex'));
  if (transport !== 'tcp-stream') return [bytes];
  const framer = createDnsFramer();
  const messages = framer.push(bytes);
  framer.end();
  return messages;
}

/** The first message that is not to be waited past, as a client of the transport finds it. */
function clientReading(one: WireCase): AnswerReading {
  const transport = one.transport === 'udp' ? 'udp' : 'tcp';
  try {
    const readings = messagesOf(one).map((bytes) => readAnswer({ query: queryOf(one), bytes, transport }));
    return (
      readings.find(({ kind }) => kind !== 'drop') ?? readings[0] ?? { kind: 'drop', reason: 'id', detail: 'nothing' }
    );
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return { kind: 'malformed', code: error.code, offset: error.offset, detail: error.message };
  }
}

/** The words of `terms`, from what the codec says. */
function verdictOf(reading: AnswerReading): string {
  if (reading.kind === 'drop' || reading.kind === 'retry-tcp') return reading.kind;
  if (reading.kind === 'no-data' || reading.kind === 'no-such-name') return reading.kind;
  if (reading.kind !== 'use') return 'error';
  const { aliases, records } = reading;
  if (aliases.kind === 'loop') return 'error-loop';
  if (aliases.kind === 'query-target' || aliases.kind === 'too-long') return aliases.kind;
  if (isServiceRefused(records)) return 'service-not-available';
  const verdicts = new Set(records.map((record) => recordVerdict(record).verdict));
  if (verdicts.has('ignore-record')) return 'ignore-record';
  return verdicts.has('warn') || aliases.warnings.length > 0 ? 'warn' : 'use';
}

/**
 * 'use' says that the message is not to be refused. What is used of it follows from the facts of the case: an answer that
 * holds the alias alone is used to ask for its target, and one that holds nothing of the name and type is no data (RFC 2308
 * section 2.2), since records of other owners are not used.
 */
function expectedVerdict({ client, query, message }: WireCase): string {
  if (client !== 'use' || !message) return client;
  const aliases = message.answers.filter(({ type }) => type === 'CNAME');
  const targets = aliases.map(({ data }) => String(data).toLowerCase());
  const names = [query.name.toLowerCase(), ...targets];
  if (message.answers.some(({ name, type }) => type === query.type && names.includes(name.toLowerCase()))) return 'use';
  return aliases.some(({ name }) => sameName(name, query.name)) ? 'query-target' : 'no-data';
}

function dataOf(record: DnsRecord): unknown {
  return record.srv ?? record.naptr ?? record.address ?? record.host;
}

/** A record in the words of the fixture. */
function factOf(record: AnyRecord): Fact {
  const { name, type, ttl } = record;
  if (isRead(record)) return { name, type, ttl, data: dataOf(record) };
  return { name, type, ttl, rdata: Buffer.from(record.raw).toString('hex') };
}

/** The facts with their owner in lower case, as DnsRecord has it, and long opaque data as the codec gives it. */
function expectedFact(fact: Fact, seen: Fact | undefined): Fact {
  const { rdata_octets: octets, ...rest } = fact;
  const lower = { ...rest, name: fact.name.toLowerCase() };
  if (octets === undefined) return lower;
  return { ...lower, rdata: seen?.rdata?.length === 2 * octets ? seen.rdata : `${octets} octets` };
}

function ednsFact({ edns }: DnsMessage): Edns | undefined {
  if (!edns) return undefined;
  const [error] = edns.errors;
  const { version, udpSize, dnssecOk } = edns;
  return { version, udp_size: udpSize, do: dnssecOk, ...(error ? { ede: error } : {}) };
}

const decodeAll = (one: WireCase): DnsMessage[] => messagesOf(one).map((bytes) => decodeMessage(bytes));

describe('the DNS conformance cases', () => {
  test('are all there, each as long as it says', () => {
    expect(cases).toHaveLength(109);
    expect(cases.filter(({ hex, octets }) => hex.length !== 2 * octets)).toEqual([]);
  });

  test.each(cases.filter(({ parser }) => parser === 'accept'))('$id: the message can be read ($title)', (one) => {
    expect(() => decodeAll(one)).not.toThrow();
  });

  test.each(cases.filter(({ parser }) => parser === 'reject'))('$id: the message is refused ($title)', (one) => {
    expect(() => decodeAll(one)).toThrow(WireError);
  });

  test.each(cases.filter(({ parser }) => parser === 'either'))('$id: nothing but a WireError comes ($title)', (one) => {
    const thrown: unknown[] = [];
    try {
      decodeAll(one);
    } catch (error) {
      thrown.push(error);
    }
    expect(thrown.filter((error) => !(error instanceof WireError))).toEqual([]);
  });

  test.each(cases.filter(({ client }) => client !== 'either'))('$id: the client does $client ($title)', (one) => {
    expect(verdictOf(clientReading(one))).toBe(expectedVerdict(one));
  });

  test.each(cases.filter(({ client }) => client === 'either'))('$id: the client comes to an end ($title)', (one) => {
    expect(['use', 'too-long']).toContain(verdictOf(clientReading(one)));
  });

  test.each(cases.filter(({ message }) => message))('$id: the facts of the message ($title)', (one) => {
    const message = decodeAll(one).at(-1);
    const facts = message?.answers.map(factOf) ?? [];
    expect(message?.rcode).toBe(one.message?.rcode);
    expect(message?.tc).toBe(one.message?.tc);
    expect(message && ednsFact(message)).toEqual(one.message?.edns);
    expect(facts).toEqual(one.message?.answers.map((fact, index) => expectedFact(fact, facts[index])));
  });
});
