import { describe, expect, test } from 'vitest';
import { askResolver } from '../../src/probe/ask-dns.ts';
import { createFollowUps } from '../../src/probe/discover.ts';
import { readAnswer } from '../../src/wire/dns-answer.ts';
import { encodeQuery } from '../../src/wire/dns-message.ts';
import type { DnsMessage } from '../../src/wire/dns-types.ts';
import { answerTo, HOSTILE_ANSWERS, record } from '../hostile/dns-octets.ts';
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

const octetsOf = ({ id, questions: [first] }: DnsMessage): Uint8Array =>
  encodeQuery({ id, name: first?.name ?? '.', type: first?.type ?? 'A', recursion: 'desired' });

describe('a hostile answer', () => {
  test.each(HOSTILE_ANSWERS)('of %s ends its question and no other', async (_what, hostile) => {
    const server = await serve((query, { via }) => {
      if (nameOf(query) !== 'a.example') return [reply(query, [addressRecord(nameOf(query))])];
      return via === 'udp' ? [truncated(query)] : [hostile(octetsOf(query))];
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

  test.each(HOSTILE_ANSWERS)('of %s takes less than 50 ms of CPU', (_what, hostile) => {
    const query = { id: 7, name: 'a.example', type: 'A' } as const;
    const bytes = hostile(encodeQuery({ ...query, recursion: 'desired' }));
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
    const seen = await askResolver(probeContext({ timeoutMs: 1500 }), plainResolver(server.endpoint), ask(...names));
    expect(seen).toHaveLength(60);
    expect(new Set(seen.map(fateOf))).toEqual(new Set(['timeout', 'malformed']));
  });

  test('with thousands of SRV targets leads to a bounded number of questions', async () => {
    const target = (index: number): number[] => [4, ...Buffer.from(String(index).padStart(4, '0')), 0];
    const targets = Array.from({ length: 2000 }, (_, index) =>
      record('SRV', [0, 0, 0, 0, 20, 0, ...target(index)]),
    ).flat();
    const server = await serve((query, { via }) => {
      if (nameOf(query) !== 'a.example') return [reply(query, [])];
      if (via === 'udp') return [truncated(query)];
      return [answerTo(octetsOf(query), { answers: 2000, rest: targets })];
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
