import { describe, expect, test } from 'vitest';
import type { AuthorityObservation, DnsObservation, DnsRecord, Server } from '../../src/model/dns.ts';
import { lookUp } from '../../src/lab/zone.ts';
import type { Question } from '../../src/probe/ask-dns.ts';
import { authorityQuestions, probeAuthority } from '../../src/probe/authority.ts';
import { withAncestors } from '../../src/probe/zone-cut.ts';
import { writeMessage } from '../../src/wire/dns-writer.ts';
import { imagineDns, type ImaginedServer } from './imagined-dns.ts';
import { fateOf } from './scripted-dns.ts';

const RESOLVER = '198.51.100.53';
const resolver = { label: 'test', endpoint: { address: RESOLVER, port: 53 } };

const address = (name: string, text: string): DnsRecord => ({ name, type: 'A', ttl: 60, text, address: text });
const ns = (name: string, host: string): DnsRecord => ({ name, type: 'NS', ttl: 60, text: `${host}.`, host });
const srv = (name: string, target: string): DnsRecord => {
  const fields = { priority: 0, weight: 0, port: 5061, target };
  return { name, type: 'SRV', ttl: 60, text: `0 0 5061 ${target}.`, srv: fields };
};
const soa = (name: string, serial: number): DnsRecord => {
  const mname = `ns1.${name}`;
  return { name, type: 'SOA', ttl: 60, text: `${mname}. h.${name}. ${serial} 1 1 1 1`, soa: { serial, mname } };
};

/** Serves the records; 'authority': with AA, and REFUSED outside of the zone; 'cache': without. */
function serve(records: readonly DnsRecord[], role: 'cache' | { zone: string }): ImaginedServer {
  return (query) => {
    const [question] = query.questions;
    if (question === undefined) return undefined;
    const outside = role !== 'cache' && question.name !== role.zone && !question.name.endsWith(`.${role.zone}`);
    const { status, answers, authority } = lookUp(records, question);
    return writeMessage({
      id: query.id,
      flags: role === 'cache' ? ['qr', 'ra'] : ['qr', 'aa'],
      rcode: outside ? 5 : status === 'nxdomain' ? 3 : 0,
      questions: query.questions,
      sections: { answers: outside ? [] : answers, authority: outside ? [] : authority, additional: [] },
    });
  };
}

/** NOERROR, no answer, NS records of a zone below, their addresses. RFC 1034 section 4.3.2 step 3b. */
const refer =
  (servers: readonly DnsRecord[], glue: readonly DnsRecord[]): ImaginedServer =>
  (query) =>
    writeMessage({
      id: query.id,
      flags: ['qr'],
      rcode: 0,
      questions: query.questions,
      sections: { answers: [], authority: servers, additional: glue },
    });

const SRV = '_sip._tls.example.org';
const EXAMPLE = [
  soa('example.org', 7),
  ns('example.org', 'ns1.example.org'),
  ns('example.org', 'ns2.example.org'),
  address('ns1.example.org', '192.0.2.1'),
  address('ns2.example.org', '192.0.2.2'),
  srv(SRV, 'pool.example.net'),
  address('sip.example.org', '192.0.2.10'),
];
const NET = [
  soa('example.net', 3),
  ns('example.net', 'ns1.example.net'),
  address('ns1.example.net', '192.0.2.3'),
  address('pool.example.net', '192.0.2.20'),
];

const SRV_QUESTION: Question = { name: SRV, type: 'SRV' };
const plan = (questions: readonly Question[] = [SRV_QUESTION]) => ({
  questions,
  resolver,
  families: [4, 6] as const,
  pinned: new Map(),
});

const answersOf = ({ outcome }: AuthorityObservation): string[] =>
  outcome.ok
    ? outcome.value.answers.map(
        (one) => `${one.name} ${one.type} ${fateOf({ ...one, kind: 'dns' } as unknown as DnsObservation)}`, // fateOf reads the outcome only
      )
    : [outcome.reason];

describe('a place that the user names', () => {
  const pinned = new Map([['ns1.example.org:53', { address: '192.0.2.8', port: 53 }]]);

  test('stands for the addresses of a name server', async () => {
    const { context } = imagineDns({
      [RESOLVER]: serve(EXAMPLE, 'cache'),
      '192.0.2.2': serve(EXAMPLE, { zone: 'example.org' }),
      '192.0.2.8': serve(EXAMPLE, { zone: 'example.org' }),
    });
    const seen = await probeAuthority(context, { ...plan(), pinned });
    expect(seen.map(({ about }) => [about.host, about.address])).toEqual([
      ['ns1.example.org', '192.0.2.8'],
      ['ns2.example.org', '192.0.2.2'],
    ]);
  });

  test('with a port of its own tells it', async () => {
    const { context } = imagineDns({ [RESOLVER]: serve(EXAMPLE, 'cache') });
    const elsewhere = new Map([['ns1.example.org:53', { address: '192.0.2.8', port: 5353 }]]);
    const [first, second] = await probeAuthority(context, { ...plan(), pinned: elsewhere });
    expect([first?.about.port, second?.about.port]).toEqual([5353, undefined]);
  });
});

describe('the zone cut', () => {
  test('is looked for at the name and at every name above it', () => {
    expect(withAncestors('_sip._tls.Example.org')).toEqual([
      '_sip._tls.example.org',
      '_tls.example.org',
      'example.org',
      'org',
    ]);
  });

  test('may lie above the domain', async () => {
    const name = '_sip._tls.voice.branch.example.org';
    const records = [...EXAMPLE, srv(name, 'pool.example.net')];
    const { context } = imagineDns({
      [RESOLVER]: serve(records, 'cache'),
      '192.0.2.1': serve(records, { zone: 'example.org' }),
      '192.0.2.2': serve(records, { zone: 'example.org' }),
    });
    const seen = await probeAuthority(context, plan([{ name, type: 'SRV' }]));
    expect(seen.map(({ about }) => [about.zone, about.host, about.address])).toEqual([
      ['example.org', 'ns1.example.org', '192.0.2.1'],
      ['example.org', 'ns2.example.org', '192.0.2.2'],
    ]);
    expect(seen.map(answersOf)).toEqual([
      ['example.org SOA answer', `${name} SRV answer`],
      ['example.org SOA answer', `${name} SRV answer`],
    ]);
  });

  test('of each name decides which servers are asked for it', async () => {
    const { context, heard } = imagineDns({
      [RESOLVER]: serve([...EXAMPLE, ...NET], 'cache'),
      '192.0.2.1': serve(EXAMPLE, { zone: 'example.org' }),
      '192.0.2.2': serve(EXAMPLE, { zone: 'example.org' }),
      '192.0.2.3': serve(NET, { zone: 'example.net' }),
    });
    const seen = await probeAuthority(context, plan([SRV_QUESTION, { name: 'pool.example.net', type: 'A' }]));
    expect(seen.map(({ about }) => about.zone)).toEqual(['example.org', 'example.org', 'example.net']);
    expect(heard.filter((one) => one.startsWith('192.0.2.'))).toEqual([
      '192.0.2.1 example.org SOA norecurse',
      `192.0.2.1 ${SRV} SRV norecurse`,
      '192.0.2.2 example.org SOA norecurse',
      `192.0.2.2 ${SRV} SRV norecurse`,
      '192.0.2.3 example.net SOA norecurse',
      '192.0.2.3 pool.example.net A norecurse',
    ]);
  });

  test('that only the zone above knows is found through its referral', async () => {
    const parent = [soa('org', 1), ns('org', 'ns.org'), address('ns.org', '192.0.2.9')];
    const cache = serve(parent, 'cache');
    const { context } = imagineDns({
      // The delegation is lame, so the resolver has nothing to give for the zone: SERVFAIL.
      [RESOLVER]: (query) =>
        query.questions[0]?.name.endsWith('example.org') === true
          ? writeMessage({
              id: query.id,
              flags: ['qr'],
              rcode: 2,
              questions: query.questions,
              sections: { answers: [], authority: [], additional: [] },
            })
          : cache(query),
      '192.0.2.9': refer([ns('example.org', 'ns1.example.org')], [address('ns1.example.org', '192.0.2.1')]),
      '192.0.2.1': serve([], { zone: 'elsewhere.test' }),
    });
    const seen = await probeAuthority(context, plan());
    expect(seen.map(({ about }) => about)).toEqual([
      { zone: 'example.org', host: 'ns1.example.org', address: '192.0.2.1' },
    ]);
    expect(seen.map(answersOf)).toEqual([['example.org SOA refused-query', `${SRV} SRV refused-query`]]);
  });

  test('that cannot be found is said so, with the reason of the resolver', async () => {
    const { context } = imagineDns({ [RESOLVER]: () => undefined });
    const [one, ...more] = await probeAuthority(context, plan());
    expect(one).toMatchObject({
      subject: 'example.org',
      about: { zone: 'example.org', host: '' },
      outcome: { ok: false, reason: 'timeout' },
    });
    expect(one?.outcome).toHaveProperty(
      'detail',
      expect.stringMatching(/^the DNS server tells no zone .*no answer to/),
    );
    expect(more).toEqual([]);
  });

  test('that cannot be found is told beside one that is', async () => {
    const { context } = imagineDns({
      [RESOLVER]: serve(EXAMPLE, 'cache'),
      '192.0.2.1': serve(EXAMPLE, { zone: 'example.org' }),
      '192.0.2.2': serve(EXAMPLE, { zone: 'example.org' }),
    });
    const seen = await probeAuthority(context, plan([SRV_QUESTION, { name: 'pool.example.net', type: 'A' }]));
    expect(seen.map(({ about }) => [about.zone, about.host])).toEqual([
      ['example.org', 'ns1.example.org'],
      ['example.org', 'ns2.example.org'],
      ['pool.example.net', ''],
    ]);
    expect(seen[2]?.outcome).toMatchObject({ ok: false, reason: 'other' });
  });

  test('whose name servers the resolver does not tell is said so', async () => {
    const records = EXAMPLE.filter(({ type }) => type !== 'NS');
    const { context } = imagineDns({ [RESOLVER]: serve(records, 'cache') });
    const detail = 'the DNS server knows the zone, and names no name server of it';
    expect(await probeAuthority(context, plan())).toMatchObject([
      { about: { zone: 'example.org', host: '' }, outcome: { ok: false, reason: 'other', detail } },
    ]);
  });
});

describe('a name server', () => {
  test('that is silent fails as such, and the others are asked all the same', async () => {
    const { context } = imagineDns({
      [RESOLVER]: serve(EXAMPLE, 'cache'),
      '192.0.2.1': () => undefined,
      '192.0.2.2': serve(EXAMPLE, { zone: 'example.org' }),
    });
    const seen = await probeAuthority(context, plan());
    expect(seen.map(answersOf)).toEqual([['timeout'], ['example.org SOA answer', `${SRV} SRV answer`]]);
  });

  test('without an address is told', async () => {
    const records = EXAMPLE.filter(({ name }) => name !== 'ns2.example.org');
    const { context } = imagineDns({
      [RESOLVER]: serve(records, 'cache'),
      '192.0.2.1': serve(records, { zone: 'example.org' }),
    });
    const seen = await probeAuthority(context, plan());
    expect(seen[1]).toMatchObject({
      about: { host: 'ns2.example.org', address: '' },
      outcome: { detail: 'it has no address' },
    });
  });

  test('of a family that the user excluded is not asked', async () => {
    const { context } = imagineDns({ [RESOLVER]: serve(EXAMPLE, 'cache') });
    const seen = await probeAuthority(context, { ...plan(), families: [6] });
    expect(seen).toMatchObject([{ about: { host: '' }, outcome: { ok: false, reason: 'no-network' } }]);
  });
});

describe('what the name servers are asked', () => {
  const dns = (name: string, type: 'SRV' | 'A'): DnsObservation => ({
    kind: 'dns',
    subject: `${name} ${type}`,
    at: 0,
    about: { name, type, resolver: 'r', resolverLabel: 'r' },
    outcome: { ok: false, reason: 'timeout', detail: '', ms: 0 },
  });
  const server = (host: string): Server => ({
    transport: 'tls',
    host,
    port: 5061,
    addresses: [],
    via: '',
    published: true,
    set: '',
  });

  test('is each service name once, and the addresses of the servers that have a name', () => {
    const questions = authorityQuestions(
      [dns(SRV, 'SRV'), dns(SRV, 'SRV'), dns('example.org', 'A')],
      [server('sip.example.org'), server('192.0.2.1'), server('2001:db8::1')],
    );
    expect(questions).toEqual([
      SRV_QUESTION,
      { name: 'sip.example.org', type: 'A' },
      { name: 'sip.example.org', type: 'AAAA' },
    ]);
  });
});
