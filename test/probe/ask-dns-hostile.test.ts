import { describe, expect, test } from 'vitest';
import { askResolver } from '../../src/probe/ask-dns.ts';
import { createFollowUps } from '../../src/probe/discover.ts';
import { readAnswer } from '../../src/wire/dns-answer.ts';
import type { DnsMessage } from '../../src/wire/dns-types.ts';
import {
  addressRecord,
  ask,
  fateOf,
  nameOf,
  plainResolver,
  probeContext,
  reply,
  servingScripts,
  truncated,
} from './scripted-dns.ts';

const serve = servingScripts();

const u16 = (number: number): number[] => [number >> 8, number & 255];

/** Header with the counts given, then the question as it was asked, then the octets. */
function raw(query: DnsMessage, answers: number, rest: Uint8Array): Uint8Array {
  const header = [...u16(query.id), 0x84, 0, ...u16(1), ...u16(answers), 0, 0, 0, 0];
  const name = nameOf(query)
    .split('.')
    .flatMap((label) => [label.length, ...Buffer.from(label)]);
  return Uint8Array.from([...header, ...name, 0, 0, 1, 0, 1, ...rest]);
}

const repeat = (octets: readonly number[], times: number): Uint8Array =>
  Uint8Array.from(Array.from({ length: times }, () => octets).flat());

/** A pointer to the question, type, class IN, TTL 60, then the data with its length. */
const record = (type: number, data: readonly number[]): number[] => [
  0xc0,
  12,
  0,
  type,
  0,
  1,
  0,
  0,
  0,
  60,
  ...u16(data.length),
  ...data,
];

const A = 1;
const CNAME = 5;
const TXT = 16;
const SRV = 33;

/** A name that points to itself, behind the question of 'a.example'. */
const selfPointer = (): Uint8Array => Uint8Array.from([0xc0, 27, 0, A, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1]);

/** Each name is one label and a pointer to the one before: as deep as 64 KiB allow. */
function pointerStairs(): Uint8Array {
  const octets: number[] = [];
  let before = 12;
  for (let at = 27; octets.length < 16_000; at += 16) {
    octets.push(1, 97, 0xc0 | (before >> 8), before & 255, 0, TXT, 0, 1, 0, 0, 0, 60, 0, 2, 1, 97);
    before = at;
  }
  return Uint8Array.from(octets);
}

/** Aliases a -> b -> … that never come to an end, in one message. */
const aliasRing = record(CNAME, [0xc0, 12]);

const HOSTILE: [string, (query: DnsMessage) => Uint8Array][] = [
  ['four thousand addresses', (query) => raw(query, 3900, repeat(record(A, [192, 0, 2, 1]), 3900))],
  ['more records than the header may count', (query) => raw(query, 65_535, repeat(record(A, [192, 0, 2, 1]), 3000))],
  ['a count without records', (query) => raw(query, 3000, new Uint8Array())],
  ['a name that points to itself', (query) => raw(query, 1, selfPointer())],
  ['names that point to names, a thousand deep', (query) => raw(query, 1000, pointerStairs())],
  ['an alias of itself', (query) => raw(query, 1, Uint8Array.from(aliasRing))],
  ['three thousand aliases of itself', (query) => raw(query, 3000, repeat(aliasRing, 3000))],
  [
    'text of 64 KiB',
    (query) =>
      raw(
        query,
        1,
        Uint8Array.from(
          record(
            TXT,
            Array.from({ length: 60_000 }, () => 0),
          ),
        ),
      ),
  ],
  ['zeros', (query) => raw(query, 4000, new Uint8Array(60_000))],
  ['ones', (query) => raw(query, 4000, new Uint8Array(60_000).fill(255))],
];

describe('a hostile answer', () => {
  test.each(HOSTILE)('of %s ends its question and no other', async (_what, hostile) => {
    const server = await serve((query, { via }) => {
      if (nameOf(query) !== 'a.example') return [reply(query, [addressRecord(nameOf(query))])];
      return via === 'udp' ? [truncated(query)] : [hostile(query)];
    });
    const seen = await askResolver(
      probeContext({ timeoutMs: 1500 }),
      plainResolver(server.endpoint),
      ask('a.example', 'b.example'),
    );
    expect(seen).toHaveLength(2);
    expect(seen.map(fateOf)).toContain('answer');
    expect(seen[1]?.about.name).toBe('b.example');
    expect(seen[1]?.outcome.ok).toBe(true);
  });

  test.each(HOSTILE)('of %s takes less than 50 ms of CPU', (_what, hostile) => {
    const query = { id: 7, name: 'a.example', type: 'A' } as const;
    const flags = { qr: false, opcode: 0, aa: false, tc: false, rd: true, ra: false, ad: false, cd: false, rcode: 0 };
    const sections = { answers: [], authority: [], additional: [], cut: false, trailing: 0 };
    const questions = [{ name: query.name, type: query.type, class: 1 }];
    const bytes = hostile({ id: query.id, ...flags, ...sections, questions });
    // The best of some runs: what other processes do to this machine is not the reader's doing.
    const costs = Array.from({ length: 5 }, () => {
      const before = process.cpuUsage();
      readAnswer({ query, bytes, transport: 'tcp' });
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1000;
    });
    expect(Math.min(...costs)).toBeLessThan(50);
  });

  test('that is cut at any octet never throws out of the probe', async () => {
    const server = await serve((query) => {
      const whole = reply(query, [addressRecord(nameOf(query)), addressRecord(nameOf(query), '192.0.2.2')]);
      return [whole.subarray(0, Number(nameOf(query).split('.')[0]))];
    });
    const names = Array.from({ length: 60 }, (_, length) => `${length}.example`);
    const seen = await askResolver(probeContext({ timeoutMs: 300 }), plainResolver(server.endpoint), ask(...names));
    expect(seen).toHaveLength(60);
    expect(new Set(seen.map(fateOf))).toEqual(new Set(['timeout', 'malformed']));
  });

  test('with thousands of SRV targets leads to a bounded number of questions', async () => {
    const target = (index: number): number[] => [4, ...Buffer.from(String(index).padStart(4, '0')), 0];
    const targets = Array.from({ length: 2000 }, (_, index) =>
      record(SRV, [0, 0, 0, 0, 20, 0, ...target(index)]),
    ).flat();
    const server = await serve((query, { via }) => {
      if (nameOf(query) !== 'a.example') return [reply(query, [])];
      if (via === 'udp') return [truncated(query)];
      const bytes = raw(query, 2000, Uint8Array.from(targets));
      // The type in the question: SRV.
      bytes[12 + 11 + 1] = SRV;
      return [bytes];
    });
    const plan = { questions: [{ name: 'a.example', type: 'SRV' as const }], followUps: createFollowUps() };
    const seen = await askResolver(probeContext(), plainResolver(server.endpoint), plan);
    expect(fateOf(seen[0] ?? Object(undefined))).toBe('answer');
    expect(seen.length).toBeGreaterThan(100);
    expect(seen.length).toBeLessThan(600);
  });

  test('of nothing but strays leaves the question open until its limit', async () => {
    const server = await serve((query) => Array.from({ length: 200 }, () => reply({ ...query, id: query.id ^ 1 }, [])));
    const seen = await askResolver(probeContext({ timeoutMs: 150 }), plainResolver(server.endpoint), ask('a.example'));
    expect(seen.map(fateOf)).toEqual(['timeout']);
  });

  test('of a length that holds no message ends what is asked over that connection', async () => {
    const server = await serve((query, { via }) => (via === 'udp' ? [truncated(query)] : [new Uint8Array(3)]));
    const seen = await askResolver(probeContext({ timeoutMs: 300 }), plainResolver(server.endpoint), ask('a.example'));
    expect(seen.map(fateOf)).toEqual(['truncated']);
  });
});
