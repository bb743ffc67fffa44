/** Octets that no honest DNS server sends. */
import type { RecordType } from '../../src/model/dns.ts';
import { typeNumber } from '../../src/wire/dns-types.ts';

const u16 = (number: number): number[] => [number >> 8, number & 255];

/** Cheap: the client that is tested shares this thread. */
const repeat = (octets: readonly number[], times: number): Uint8Array =>
  Buffer.alloc(octets.length * times, Buffer.from(octets));

const HEADER = 12;
const RESPONSE = 0x8580;

/** The question of a query, as it stands there. */
function questionOf(query: Uint8Array): Uint8Array {
  let at = HEADER;
  while ((query[at] ?? 0) > 0) at += 1 + (query[at] ?? 0);
  return query.subarray(HEADER, at + 5);
}

/** Where the first record of an answer begins. */
const recordsAt = (query: Uint8Array): number => HEADER + questionOf(query).length;

interface Answer {
  answers?: number;
  rest?: Uint8Array | readonly number[];
  flags?: number;
  id?: number;
  question?: Uint8Array;
}

/** An answer to a query: header with the counts given, then the question as it was asked, then the octets. */
export function answerTo(query: Uint8Array, { answers = 0, rest = [], flags = RESPONSE, id, question }: Answer = {}) {
  const own = ((query[0] ?? 0) << 8) | (query[1] ?? 0);
  const header = [...u16(id ?? own), ...u16(flags), ...u16(1), ...u16(answers), 0, 0, 0, 0];
  return Buffer.concat([Buffer.from(header), question ?? questionOf(query), Buffer.from(rest)]);
}

/** A type that is not read. */
const TXT = 16;

/** A pointer to the question, type, class IN, TTL 60, then the data with its length. */
export function record(type: RecordType | 'TXT', data: readonly number[]): number[] {
  return [
    0xc0,
    HEADER,
    ...u16(type === 'TXT' ? TXT : typeNumber(type)),
    0,
    1,
    0,
    0,
    0,
    60,
    ...u16(data.length),
    ...data,
  ];
}

const OWN = [0xc0, HEADER];
const LONG_TEXT = record(
  'TXT',
  Array.from({ length: 60_000 }, () => 0),
);

/** Points to itself. */
function selfPointer(query: Uint8Array): number[] {
  return [0xc0, recordsAt(query), 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1];
}

/** Each name is one label and a pointer to the one before: as deep as 64 KiB allow. */
function pointerStairs(query: Uint8Array): number[] {
  const octets: number[] = [];
  let before = HEADER;
  for (let at = recordsAt(query); octets.length < 16_000; at += 16) {
    octets.push(1, 97, 0xc0 | (before >> 8), before & 255, 0, 16, 0, 1, 0, 0, 0, 60, 0, 2, 1, 97);
    before = at;
  }
  return octets;
}

type Hostile = (query: Uint8Array) => Uint8Array;

/** Answers with the right id to the right question, whose records are hostile; each fits into one message. What is told of them. */
export const HOSTILE_ANSWERS: readonly (readonly [string, Hostile, string])[] = [
  [
    '3,900 addresses',
    (q) => answerTo(q, { answers: 3900, rest: repeat(record('A', [192, 0, 2, 1]), 3900) }),
    'healthy at null',
  ],
  [
    'more records than the header may count',
    (q) => answerTo(q, { answers: 65_535, rest: repeat(record('A', [192, 0, 2, 1]), 3000) }),
    'resolver.failure',
  ],
  ['a count without records', (q) => answerTo(q, { answers: 3000 }), 'resolver.failure'],
  ['a name that points to itself', (q) => answerTo(q, { answers: 1, rest: selfPointer(q) }), 'resolver.failure'],
  [
    'names that point to names, a thousand deep',
    (q) => answerTo(q, { answers: 1000, rest: pointerStairs(q) }),
    'resolver.failure',
  ],
  ['an alias of itself', (q) => answerTo(q, { answers: 1, rest: record('CNAME', OWN) }), 'cname.loop'],
  [
    '3,000 aliases of itself',
    (q) => answerTo(q, { answers: 3000, rest: repeat(record('CNAME', OWN), 3000) }),
    'cname.loop',
  ],
  ['text of 60 KB', (q) => answerTo(q, { answers: 1, rest: LONG_TEXT }), 'domain.no-address'],
  ['zeros', (q) => answerTo(q, { answers: 4000, rest: new Uint8Array(60_000) }), 'resolver.failure'],
  ['ones', (q) => answerTo(q, { answers: 4000, rest: new Uint8Array(60_000).fill(255) }), 'resolver.failure'],
];

/** 'x.example', type A. */
const ANOTHER = Uint8Array.from([1, 120, 7, ...Buffer.from('example'), 0, 0, 1, 0, 1]);

/** Messages that answer nothing that was asked. */
export const STRAYS: readonly (readonly [string, Hostile])[] = [
  ['another question', (q) => answerTo(q, { question: ANOTHER })],
  ['forged ids', (q) => answerTo(q, { id: (((q[0] ?? 0) << 8) | (q[1] ?? 0)) ^ 0x5a5a })],
  ['the query itself', (q) => q],
];

/** An answer that a resolver gives where a name does not exist. */
export const NXDOMAIN = RESPONSE | 3;
export const SERVFAIL = RESPONSE | 2;
/** What does not fit is cut off. */
export const TRUNCATED = RESPONSE | 0x0200;
