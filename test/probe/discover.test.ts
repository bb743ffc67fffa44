import { afterEach, describe, expect, test } from 'vitest';
import { startDnsServer } from '../../src/lab/dns-server.ts';
import type { Listener } from '../../src/lab/listener.ts';
import type { DnsObservation } from '../../src/model/dns.ts';
import { askOne, createFollowUps, discover, plannedQuestions, resolveServer } from '../../src/probe/discover.ts';
import { createRealWorld } from '../../src/net/real-world.ts';
import { nameOf, plainResolver, probeContext, startScriptedDns, type ScriptedDns } from './scripted-dns.ts';
import { answersTo, DOMAIN as D, parseZone, targetOf } from './zone-answers.ts';
import { lookUp } from '../../src/lab/zone.ts';
import { encodeResponse } from '../../src/wire/dns-response.ts';

const listeners: Listener[] = [];
const scripted: ScriptedDns[] = [];

afterEach(async () => {
  await Promise.all(listeners.splice(0).map((one) => one.stop()));
  for (const one of scripted.splice(0)) one.stop();
});

async function resolverFor(zone: string) {
  const at = { address: '127.0.0.1', port: 0 };
  const listener = await startDnsServer({ zone: parseZone(zone), at, behaviour: 'healthy' });
  listeners.push(listener);
  return plainResolver(listener.endpoint);
}

/** A server that notes what it hears, and answers in waves: nothing of a wave before all of it has arrived. */
async function serveInWaves(zone: string, waves: readonly number[]): Promise<ScriptedDns> {
  const records = parseZone(zone);
  let held: Uint8Array[] = [];
  const left = [...waves];
  const server = await startScriptedDns({
    script: (query) => {
      const type = query.questions[0]?.type ?? 'A';
      const { status, answers } = lookUp(records, { name: nameOf(query), type });
      held.push(encodeResponse({ query, answers, ...(status === 'nxdomain' ? { rcode: 3 } : {}) }));
      if (held.length < (left[0] ?? 0)) return [];
      left.shift();
      const ready = held;
      held = [];
      return ready;
    },
  });
  scripted.push(server);
  return server;
}

const subjects = (observations: readonly { kind: string; subject: string }[]): string[] =>
  observations.flatMap(({ kind, subject }) => (kind === 'dns' ? subject : []));

describe('discovery', () => {
  test('asks for every name of every profile once, and for nothing outside the domain', () => {
    const questions = plannedQuestions({ target: targetOf(), domain: D });
    const told = questions.map(({ name, type }) => `${type} ${name}`);
    expect(new Set(told).size).toBe(told.length);
    expect(told).toHaveLength(20);
    expect(questions.filter(({ name }) => !name.endsWith(D))).toEqual([]);
  });

  test('asks for the hosts of Microsoft when Direct Routing was named', () => {
    const target = targetOf({ profile: 'teams-direct-routing' });
    const outside = plannedQuestions({ target, domain: D }).filter(({ name }) => !name.endsWith(D));
    expect(outside).toHaveLength(6);
    expect(outside[0]).toEqual({ name: 'sip.pstnhub.microsoft.com', type: 'A' });
  });

  test('needs two rounds: all names at once, then all targets at once', async () => {
    const zone = `
      _sip._udp.${D} SRV 0 0 5060 a.${D}.
      _sip._tcp.${D} SRV 0 0 5060 b.${D}.
      a.${D} A 192.0.2.1
      b.${D} A 192.0.2.2`;
    const server = await serveInWaves(zone, [20, 4]);
    const plan = { target: targetOf(), domain: D, resolvers: [plainResolver(server.endpoint)] };
    const { servers } = await discover(probeContext(), plan);
    expect(servers.map(({ host, addresses }) => `${host} ${addresses.join()}`)).toEqual([
      `b.${D} 192.0.2.2`,
      `a.${D} 192.0.2.1`,
    ]);
    expect(server.heard).toHaveLength(24);
  });

  test('shows a domain of another script both ways', async () => {
    const domain = 'xn--bcher-kva.example';
    const plan = { target: targetOf({ domain }), domain, resolvers: [await resolverFor(`${domain} A 192.0.2.1`)] };
    const { observations } = await discover(probeContext(), plan);
    expect(observations.at(-1)?.about).toEqual({ domain, unicode: 'bücher.example' });
  });

  test('draws the same order again from the same seed', async () => {
    const targets = Array.from({ length: 12 }, (_, at) => `_sip._udp.${D} SRV 0 10 5060 t${at}.${D}.`).join('\n');
    const resolver = await resolverFor(targets);
    const order = async (seed: string): Promise<string[]> => {
      const context = probeContext({ world: createRealWorld({ seed: seed.repeat(32) }) });
      // The port of the server is part of no label, so that a seed alone decides.
      const { servers } = await discover(context, { target: targetOf(), domain: D, resolvers: [resolver] });
      return servers.map(({ host }) => host);
    };
    const first = await order('01');
    expect(first).toHaveLength(12);
    expect(await order('01')).toEqual(first);
    expect(await order('02')).not.toEqual(first);
  });

  test('asks every resolver and lets the first decide', async () => {
    const resolvers = [await resolverFor(`${D} A 192.0.2.1`), await resolverFor(`${D} A 192.0.2.2`)];
    const { observations, servers } = await discover(probeContext(), { target: targetOf(), domain: D, resolvers });
    expect(servers[0]?.addresses).toEqual(['192.0.2.1']);
    expect(observations.filter(({ subject }) => subject === `${D} A`)).toHaveLength(2);
  });
});

describe('what an answer leads to', () => {
  const followed = (zone: string, aliases: 'whole' | 'one-hop' = 'whole'): string[] => {
    const questions = [
      { name: D, type: 'NAPTR' as const },
      { name: `_sip._udp.${D}`, type: 'SRV' as const },
    ];
    return subjects(answersTo(questions, zone, { aliases })).slice(questions.length);
  };

  test('the SRV records behind NAPTR, and then their targets', () => {
    const zone = `
      ${D} NAPTR 1 1 "s" "SIP+D2T" "" _sip._tcp.other.example.
      ${D} NAPTR 2 1 "s" "SIP+D2W" "" _sip._ws.other.example.
      ${D} NAPTR 3 1 "u" "E2U+sip" "!^.*$!sip:x@y!" .
      _sip._tcp.other.example SRV 0 0 5060 sip.other.example.`;
    expect(followed(zone)).toEqual(['_sip._tcp.other.example SRV', 'sip.other.example A', 'sip.other.example AAAA']);
  });

  test('no address of the target "."', () => {
    expect(followed(`_sip._udp.${D} SRV 0 0 0 .`)).toEqual([]);
  });

  test('the end of an alias that the answer does not hold', () => {
    const zone = `
      _sip._udp.${D} CNAME srv.other.example.
      srv.other.example SRV 0 0 5060 sip.other.example.`;
    expect(followed(zone, 'one-hop')).toEqual([
      'srv.other.example SRV',
      'sip.other.example A',
      'sip.other.example AAAA',
    ]);
    expect(followed(zone)).toEqual(['sip.other.example A', 'sip.other.example AAAA']);
  });

  test('at most 64 targets of one SRV name', () => {
    const zone = Array.from({ length: 100 }, (_, at) => `_sip._udp.${D} SRV 0 0 5060 t${at}.${D}.`).join('\n');
    expect(followed(zone)).toHaveLength(128);
  });

  test('aliases up to their limit, however many answers they are spread over', () => {
    const chain = Array.from({ length: 40 }, (_, at) => `c${at}.${D} CNAME c${at + 1}.${D}.`).join('\n');
    const seen = answersTo([{ name: `c0.${D}`, type: 'A' }], chain, { aliases: 'one-hop' });
    expect(subjects(seen)).toHaveLength(17);
  });

  test.each(['SRV', 'A', 'NAPTR'] as const)(
    'the aliases themselves where a question for %s ends in SERVFAIL',
    (type) => {
      const circle = `x.${D} CNAME y.${D}.\ny.${D} CNAME x.${D}.`;
      const failing = { [`x.${D} ${type}`]: 'servfail' } as const;
      const seen = answersTo([{ name: `x.${D}`, type }], circle, { failing, aliases: 'one-hop' });
      expect(subjects(seen)).toEqual([`x.${D} ${type}`, `x.${D} CNAME`, `y.${D} CNAME`]);
    },
  );

  test('nothing where a question for aliases itself fails', () => {
    const failing = { [`x.${D} SRV`]: 'servfail', [`x.${D} CNAME`]: 'servfail' } as const;
    const seen = answersTo([{ name: `x.${D}`, type: 'SRV' }], '', { failing });
    expect(subjects(seen)).toEqual([`x.${D} SRV`, `x.${D} CNAME`]);
  });

  test('the same for the same answer each time', () => {
    const followUps = createFollowUps();
    const [first] = answersTo([{ name: `a.${D}`, type: 'A' }], `a.${D} CNAME b.${D}.`, { aliases: 'one-hop' });
    const again = (observation: DnsObservation | undefined) => (observation ? followUps(observation) : []);
    expect(again(first)).toEqual([{ name: `b.${D}`, type: 'A' }]);
    expect(again(first)).toEqual(again(first));
  });
});

describe('a question of the user', () => {
  test('is asked alone, with what it leads to', async () => {
    const resolver = await resolverFor(`_sip._tls.${D} SRV 0 0 443 sip.${D}.\nsip.${D} A 192.0.2.1`);
    const seen = await askOne(probeContext(), {
      question: { name: `_sip._tls.${D}`, type: 'SRV' },
      resolvers: [resolver],
    });
    expect(subjects(seen)).toEqual([`_sip._tls.${D} SRV`, `sip.${D} A`, `sip.${D} AAAA`]);
  });
});

describe('a server that the user named', () => {
  test('is looked up in both families, IPv6 and IPv4 in turn', async () => {
    const resolver = await resolverFor(`
      sip.${D} A 192.0.2.1
      sip.${D} A 192.0.2.2
      sip.${D} AAAA 2001:db8::1`);
    const { addresses } = await resolveServer(probeContext(), { host: `sip.${D}`, resolvers: [resolver] });
    expect(addresses).toEqual(['2001:db8::1', '192.0.2.1', '192.0.2.2']);
  });

  test('has no address when nobody can be asked', async () => {
    expect(await resolveServer(probeContext(), { host: `sip.${D}`, resolvers: [] })).toEqual({
      observations: [],
      addresses: [],
    });
  });
});
