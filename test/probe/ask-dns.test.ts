import { describe, expect, test } from 'vitest';
import { startDnsServer, type DnsBehaviour } from '../../src/lab/dns-server.ts';
import { sipZone } from '../../src/lab/zone.ts';
import type { DnsObservation } from '../../src/model/dns.ts';
import { createRealWorld } from '../../src/net/real-world.ts';
import { recordWorld } from '../../src/net/record.ts';
import { replayWorld } from '../../src/net/replay.ts';
import { askResolver, type Question } from '../../src/probe/ask-dns.ts';
import { encodeResponse } from '../../src/wire/dns-response.ts';
import type { World } from '../../src/world.ts';
import {
  addressRecord,
  answerAll,
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

describe('the lab server is seen as it behaves', () => {
  const at = { address: '127.0.0.1', port: 0 };
  const zone = sipZone('fuzzybunny.local', { udp: at, tcp: at, tls: at }, 'with-address');

  test.each<[DnsBehaviour, string[]]>([
    ['healthy', ['answer', 'nodata', 'nxdomain']],
    ['truncated', ['answer', 'nodata', 'nxdomain']],
    ['servfail', ['servfail', 'servfail', 'servfail']],
    ['refused', ['refused-query', 'refused-query', 'refused-query']],
    ['truncated-no-tcp', ['truncated', 'truncated', 'truncated']],
    ['silent', ['timeout', 'timeout', 'timeout']],
  ])('%s', async (behaviour, fates) => {
    const server = await startDnsServer({ zone, at, behaviour });
    const context = probeContext(behaviour === 'silent' ? { timeoutMs: 100 } : {});
    const plan = ask('sip.fuzzybunny.local', 'fuzzybunny.local', 'nobody.fuzzybunny.local');
    const seen = await askResolver(context, plainResolver(server.endpoint), plan);
    await server.stop();
    expect(seen.map(fateOf)).toEqual(fates);
  });

  test('an address where nothing listens', async () => {
    const server = await startDnsServer({ zone, at, behaviour: 'healthy' });
    await server.stop();
    const seen = await askResolver(probeContext(), plainResolver(server.endpoint), ask('a.example', 'b.example'));
    expect(seen.map(fateOf)).toEqual(['refused', 'refused']);
  });
});

describe('questions', () => {
  test('go out all at once, with different ids, EDNS and recursion desired', async () => {
    const names = ['a.example', 'b.example', 'c.example'];
    const waiting: Uint8Array[] = [];
    // Nobody is answered before everybody has asked.
    const server = await serve((query) => {
      waiting.push(reply(query, [addressRecord(nameOf(query))]));
      return waiting.length === names.length ? waiting.toReversed() : [];
    });
    const seen = await askResolver(probeContext(), plainResolver(server.endpoint), ask(...names));
    expect(seen.map(fateOf)).toEqual(['answer', 'answer', 'answer']);
    expect(seen.map(({ about }) => about.name)).toEqual(names);
    expect(new Set(server.queries.map(({ id }) => id)).size).toBe(3);
    expect(server.queries.map(({ rd, edns }) => [rd, edns?.udpSize])).toEqual(names.map(() => [true, 1232]));
  });

  test('that an answer leads to are asked while others are still open', async () => {
    const server = await serve((query, { nth }) => {
      if (nameOf(query) === 'lost.example' && nth === 1) return [];
      return [reply(query, [addressRecord(nameOf(query))])];
    });
    const followUps = ({ about }: DnsObservation): Question[] =>
      about.name === 'first.example' ? [{ name: 'second.example', type: 'A' }] : [];
    const plan = { ...ask('lost.example', 'first.example'), followUps };
    const seen = await askResolver(probeContext(), plainResolver(server.endpoint), plan);
    expect(server.heard).toEqual([
      'udp lost.example A',
      'udp first.example A',
      'udp second.example A',
      'udp lost.example A',
    ]);
    expect(seen.map(({ about }) => about.name)).toEqual(['lost.example', 'first.example', 'second.example']);
    expect(seen[0]?.outcome).toMatchObject({ ok: true, value: { tries: 2 } });
    expect(seen[2]?.outcome).toMatchObject({ ok: true, value: { tries: 1 } });
  });

  test('of a server from before EDNS are asked again without it', async () => {
    const server = await serve(({ edns, ...query }) =>
      edns === undefined ? [reply(query, [addressRecord(nameOf(query))])] : [encodeResponse({ query, rcode: 1 })],
    );
    const seen = await askResolver(probeContext(), plainResolver(server.endpoint), ask('old.example'));
    expect(seen.map(fateOf)).toEqual(['answer']);
    expect(server.heard).toHaveLength(2);
  });

  test('whose EDNS is lost on the way are answered at the third try', async () => {
    const server = await serve((query) => (query.edns === undefined ? [reply(query, [])] : []));
    const seen = await askResolver(probeContext(), plainResolver(server.endpoint), ask('old.example'));
    expect(seen[0]?.outcome).toMatchObject({ ok: true, value: { status: 'nodata', tries: 3 } });
  });

  test('for a name that cannot be asked fail alone', async () => {
    const server = await serve(answerAll);
    const long = `${'a'.repeat(64)}.example`;
    const seen = await askResolver(probeContext(), plainResolver(server.endpoint), ask(long, 'good.example'));
    expect(seen.map(fateOf)).toEqual(['other', 'answer']);
  });

  test('without recursion say so, and a referral is told', async () => {
    const ns = { name: 'sub.example', type: 'NS' as const, ttl: 60, text: 'ns.sub.example.', host: 'ns.sub.example' };
    const glue = addressRecord('ns.sub.example', '192.0.2.53');
    const server = await serve((query) => [encodeResponse({ query, authority: [ns], additional: [glue] })]);
    const plan = { ...ask('www.sub.example'), recursion: 'not-desired' as const };
    const [seen] = await askResolver(probeContext(), plainResolver(server.endpoint), plan);
    expect(server.queries[0]?.rd).toBe(false);
    expect(seen?.outcome).toMatchObject({
      value: {
        status: 'nodata',
        authoritative: false,
        referral: [{ host: 'ns.sub.example' }, { address: '192.0.2.53' }],
      },
    });
  });
});

describe('the end of the run', () => {
  test('ends every question at once', async () => {
    const end = new AbortController();
    const server = await serve(() => {
      end.abort();
      return [];
    });
    const context = probeContext({ timeoutMs: 60_000, signal: end.signal });
    const seen = await askResolver(context, plainResolver(server.endpoint), ask('a.example', 'b.example'));
    expect(seen.map(fateOf)).toEqual(['cancelled', 'cancelled']);
  });

  test('ends what is under way over TCP', async () => {
    const end = new AbortController();
    const server = await serve((query, { via }) => {
      if (via === 'udp') return [truncated(query)];
      end.abort();
      return [];
    });
    const context = probeContext({ timeoutMs: 60_000, signal: end.signal });
    const seen = await askResolver(context, plainResolver(server.endpoint), ask('a.example', 'b.example'));
    expect(seen.map(fateOf)).toEqual(['cancelled', 'cancelled']);
  });

  test('that came before the beginning leaves nothing asked', async () => {
    const server = await serve(answerAll);
    const context = probeContext({ signal: AbortSignal.abort() });
    const seen = await askResolver(context, plainResolver(server.endpoint), ask('a.example'));
    expect(seen.map(fateOf)).toEqual(['cancelled']);
    expect(server.heard).toEqual([]);
  });
});

describe('a tape', () => {
  test('repeats a run with lost, truncated and failing answers', async () => {
    const server = await serve((query, { via, nth }) => {
      const name = nameOf(query);
      if (name === 'lost.example' && nth === 1) return [];
      if (name === 'large.example' && via === 'udp') return [truncated(query)];
      return [name === 'bad.example' ? encodeResponse({ query, rcode: 2 }) : reply(query, [addressRecord(name)])];
    });
    const look = (world: World): Promise<DnsObservation[]> => {
      const context = probeContext({ world, startedAt: world.now() });
      const followUps = ({ about }: DnsObservation): Question[] =>
        about.name === 'large.example' ? [{ name: 'next.example', type: 'A' }] : [];
      const plan = { ...ask('lost.example', 'large.example', 'bad.example'), followUps };
      return askResolver(context, plainResolver(server.endpoint), plan);
    };
    const recording = recordWorld(createRealWorld());
    const live = await look(recording.world);
    const replay = replayWorld(recording.tape());
    expect(await look(replay)).toEqual(live);
    replay.finish();
    expect(live.map(fateOf)).toEqual(['answer', 'answer', 'answer', 'servfail']);
  });
});

describe('stand-ins', () => {
  test('are asked when the first server is silent, and their answers come first', async () => {
    const silent = await serve(() => []);
    const good = await serve(answerAll);
    const resolver = { ...plainResolver(silent.endpoint), standIns: [plainResolver(good.endpoint)] };
    const seen = await askResolver(probeContext({ timeoutMs: 100 }), resolver, ask('a.example'));
    expect(seen.map((one) => [one.about.resolver.endsWith(`:${good.endpoint.port}`), fateOf(one)])).toEqual([
      [true, 'answer'],
      [false, 'timeout'],
    ]);
  });

  test('are left alone when the first server answers anything', async () => {
    const failing = await serve((query) => [encodeResponse({ query, rcode: 2 })]);
    const good = await serve(answerAll);
    const resolver = { ...plainResolver(failing.endpoint), standIns: [plainResolver(good.endpoint)] };
    const seen = await askResolver(probeContext(), resolver, ask('a.example'));
    expect(seen.map(fateOf)).toEqual(['servfail']);
    expect(good.heard).toEqual([]);
  });
});
