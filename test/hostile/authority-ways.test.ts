import { describe, test } from 'vitest';
import { addressRecord, aliasRecord } from '../../src/lab/zone.ts';
import type { DnsRecord } from '../../src/model/dns.ts';
import {
  aboveOnly,
  DOMAIN,
  referring,
  sends,
  stageAuthorities,
  told,
  zoneOf,
  type Making,
} from './authority-servers.ts';
import { answerTo, NXDOMAIN } from './dns-octets.ts';
import { expectSound, HEARD_MS, PATIENT_MS, runInTime } from './hostile-run.ts';
import { startHostileUdp, type DatagramBehaviour } from './hostile-server.ts';

/** A question over UDP is repeated so often, where the machine is busy. */
const TRIES = 4;
/** Of 13 servers: for the zone, and for what clients look for in it; and once for the way. */
const MOST_ASKED = 13 * 12 * TRIES;
/** Of the resolver: what clients look for, the zones of that, and the addresses of 13 servers. */
const MOST_RESOLVED = 100 * TRIES;

const many = <T>(length: number, make: (at: number) => T): T[] => Array.from({ length }, (_, at) => make(at));
const hosts = many(300, (at) => `ns${String(at).padStart(3, '0')}.example`);

interface Way {
  name: string;
  /** What every name server does, the one of the zone above included. */
  does: DatagramBehaviour;
  /** How often something is told, and how each begins. */
  told: [number, RegExp];
  limitMs?: number;
}

const way = (name: string, make: Making, told: Way['told']): Way => ({ name, does: sends(make), told });

const notOf = (zone: string, host: string) =>
  new RegExp(`^authority\\.lame: ${host} is named as a name server of ${zone}, but does not serve it: it names others`);

const WAYS: Way[] = [
  way(
    'refers from each zone to one that is deeper still',
    referring((name) => ({ zone: `a.${name}`, hosts: [`ns.${name}`] })),
    [1, notOf('local', 'ns.local')],
  ),
  way(
    'refers to the zone itself',
    referring(() => ({ zone: 'local', hosts: ['ns.local'] })),
    [1, notOf('local', 'ns.local')],
  ),
  way(
    'refers to another domain',
    referring(() => ({ zone: 'a.long.name.elsewhere.example', hosts: ['ns.example'] })),
    [1, notOf('local', 'ns.local')],
  ),
  way(
    'refers to each other for ever',
    referring((name) => ({ zone: name, hosts: [`b.${DOMAIN}`, `a.${DOMAIN}`] })),
    [2, /^authority\.lame: [ab]\.fuzzybunny\.local is named as a name server of fuzzybunny\.local, .* it names others/],
  ),
  way(
    'names 300 servers that cannot be resolved',
    referring(() => ({ zone: DOMAIN, hosts, addresses: 0 })),
    [13, /^authority\.no-address: ns0\d\d\.example, a name server of fuzzybunny\.local, has no address in DNS\./],
  ),
  way(
    'names 300 servers that can be resolved only through themselves',
    referring(() => ({ zone: DOMAIN, hosts: hosts.map((host) => host.replace('example', DOMAIN)), addresses: 0 })),
    [13, /^authority\.unresolved: ns0\d\d\.fuzzybunny\.local, .* its address could not be looked up: .*SERVFAIL/],
  ),
  way(
    'names 300 servers that all refer further',
    referring((name) => ({ zone: name, hosts })),
    [13, /^authority\.lame: ns0\d\d\.example is named .* it names others/],
  ),
  {
    name: 'refers for ever, and each time to a server that is silent',
    does: (query, send) => {
      const make = referring((name) => ({ zone: name, hosts: [`ns.${name}`] }));
      // Whoever is asked for more than the way is asked as the server of the zone.
      if (query.includes(Buffer.from('\u0004_sip'))) return;
      send(make(query));
    },
    told: [1, notOf(DOMAIN, `ns.${DOMAIN}`)],
    limitMs: HEARD_MS,
  },
];

describe.concurrent('name servers on the way to a zone that the resolver cannot reach, of which each', () => {
  test.for(WAYS)(
    '$name are left in time, and told as what they are',
    async (one, { expect, onTestFinished: atEnd }) => {
      let asked = 0;
      const { does, limitMs = PATIENT_MS } = one;
      const others = await startHostileUdp(
        (query, send, from) => {
          asked += 1;
          does(query, send, from);
        },
        { atEnd },
      );
      const stage = await stageAuthorities({ records: aboveOnly, lost: DOMAIN, at: { others } }, atEnd);
      const report = await runInTime(() => stage.request(limitMs));
      const [times, says] = one.told;
      expect(told(report).map((text) => says.exec(text)?.index ?? text)).toEqual(many(times, () => 0));
      expectSound(report, { limitMs });
      expect(asked).toBeLessThan(MOST_ASKED);
      expect(stage.heard()).toBeLessThan(MOST_RESOLVED);
    },
  );
});

/** What the resolver holds. */
const ZONES: [string, readonly DnsRecord[], RegExp][] = [
  [
    'names 300 servers',
    zoneOf(DOMAIN, hosts),
    /^13 authority\.lame: nsNNN\.example is named as a name server of fuzzybunny\.local, .* no SOA record of the zone\.$/,
  ],
  [
    'names servers without an address',
    zoneOf(DOMAIN, hosts).filter(({ name, type }) => type !== 'A' || !name.startsWith('ns')),
    /^13 authority\.no-address: nsNNN\.example, a name server of fuzzybunny\.local, has no address in DNS\.$/,
  ],
  [
    'names servers that are aliases of themselves',
    zoneOf(DOMAIN, hosts).map((one) => (one.name.startsWith('ns') ? aliasRecord(one.name, one.name) : one)),
    /^13 authority\.no-address: nsNNN\.example, a name server of fuzzybunny\.local, has no address in DNS\.$/,
  ],
  [
    'is at each of its names a zone of its own, which is its own parent',
    ['', '_tcp.', '_sip._tcp.', '_sips._tcp.', '_tls.', '_sip._tls.'].flatMap((below) =>
      zoneOf(`${below}${DOMAIN}`, [`${below}${DOMAIN}`]),
    ),
    /^1 authority\.lame: (\S+) is named as a name server of \1, but does not serve it: it holds no SOA record of/,
  ],
];

const shape = (report: Parameters<typeof told>[0]): string[] => {
  const seen = told(report).map((text) => text.replaceAll(/ns\d{3}/g, 'nsNNN'));
  return [...new Set(seen)].map((text) => `${seen.filter((one) => one === text).length} ${text}`);
};

describe.concurrent('a zone that', () => {
  test.for(ZONES)('%s is told as what it is', async ([, records, says], { expect, onTestFinished: atEnd }) => {
    let asked = 0;
    const others = await startHostileUdp(
      (query, send) => {
        asked += 1;
        send(answerTo(query, { flags: NXDOMAIN }));
      },
      { atEnd },
    );
    const stage = await stageAuthorities({ records, at: { others } }, atEnd);
    const report = await runInTime(() => stage.request(PATIENT_MS));
    expect(shape(report).filter((line) => !says.test(line))).toEqual([]);
    expect(told(report)).not.toEqual([]);
    expectSound(report, { limitMs: PATIENT_MS, codes: [0] });
    expect(asked).toBeLessThan(MOST_ASKED);
    expect(stage.heard()).toBeLessThan(MOST_RESOLVED);
  });

  test('has a server with 300 addresses at which nobody listens is asked at four of them', async ({
    expect,
    onTestFinished: atEnd,
  }) => {
    const host = `ns.${DOMAIN}`;
    const addresses = many(300, (at) => addressRecord(host, `127.9.${at >> 8}.${at & 255}`));
    const stage = await stageAuthorities({ records: [...zoneOf(DOMAIN, [host]), ...addresses], at: {} }, atEnd);
    const report = await runInTime(() => stage.request(PATIENT_MS));
    expect(shape(report)).toEqual([
      expect.stringMatching(/^4 authority\.silent: ns\.fuzzybunny\.local, .* ECONNREFUSED/),
    ]);
    expectSound(report, { limitMs: PATIENT_MS, codes: [0] });
  });
});
