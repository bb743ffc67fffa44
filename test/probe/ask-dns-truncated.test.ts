import { describe, expect, test } from 'vitest';
import type { DnsObservation } from '../../src/model/dns.ts';
import { askResolver, type Question } from '../../src/probe/ask-dns.ts';
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
  type Script,
  type ScriptOptions,
} from './scripted-dns.ts';

const serve = servingScripts();

describe('truncated answers', () => {
  const cut: Script = (query, { via }) =>
    via === 'udp' ? [truncated(query)] : [reply(query, [addressRecord(nameOf(query))])];

  test('are fetched over one TCP connection, all at once', async () => {
    const server = await serve(cut);
    const seen = await askResolver(
      probeContext(),
      plainResolver(server.endpoint),
      ask('a.example', 'b.example', 'c.example'),
    );
    expect(seen.map(({ outcome }) => (outcome.ok ? outcome.value.via : outcome.reason))).toEqual(['tcp', 'tcp', 'tcp']);
    expect(server.connections()).toBe(1);
  });

  test('lead to further questions without waiting for one another', async () => {
    const held: string[] = [];
    const server = await serve((query, about) => {
      if (about.via === 'tcp' && nameOf(query) === 'slow.example' && !server.heard.includes('udp second.example A')) {
        held.push(nameOf(query));
        return [];
      }
      if (nameOf(query) !== 'second.example') return cut(query, about);
      server.sendNow(reply(query, []));
      return [];
    });
    const followUps = ({ about }: DnsObservation): Question[] =>
      about.name === 'fast.example' ? [{ name: 'second.example', type: 'A' }] : [];
    const plan = { ...ask('slow.example', 'fast.example'), followUps };
    const seen = await askResolver(probeContext({ timeoutMs: 400 }), plainResolver(server.endpoint), plan);
    expect(held).toEqual(['slow.example']);
    expect(seen.map(fateOf)).toEqual(['truncated', 'answer', 'nodata']);
  });

  test('are fetched over further connections when the server closes each after an answer', async () => {
    const server = await serve(cut, 'one');
    const seen = await askResolver(probeContext(), plainResolver(server.endpoint), ask('a.example', 'b.example'));
    expect(seen.map(fateOf)).toEqual(['answer', 'answer']);
    expect(server.connections()).toBe(2);
  });

  test.each<[NonNullable<ScriptOptions['tcp']>, RegExp]>([
    ['closed', /truncated, and over TCP: .*ECONNREFUSED/],
    ['mute', /truncated, and over TCP: no answer in 150 ms/],
  ])('fail as truncated when TCP is %s', async (tcp, detail) => {
    const server = await serve(cut, tcp);
    const seen = await askResolver(probeContext({ timeoutMs: 150 }), plainResolver(server.endpoint), ask('a.example'));
    expect(seen[0]?.outcome).toMatchObject({ ok: false, reason: 'truncated', detail: expect.stringMatching(detail) });
  });

  test('that are truncated over TCP too are no answer', async () => {
    const server = await serve((query) => [truncated(query)]);
    const seen = await askResolver(probeContext(), plainResolver(server.endpoint), ask('a.example'));
    expect(seen.map(fateOf)).toEqual(['truncated']);
  });
});
