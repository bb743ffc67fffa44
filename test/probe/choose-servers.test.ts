import { describe, expect, test } from 'vitest';
import type { Target } from '../../src/model.ts';
import type { Discovery, DiscoveryStep, ProfileOutcome } from '../../src/model/dns.ts';
import { discoverIn, targetOf, type ZoneOptions } from './zone-answers.ts';

const D = 'fuzzybunny.example';
const ADDRESS = `sip.${D} A 192.0.2.1`;

function choose(zone: string, target: Partial<Target> = {}, options: ZoneOptions = {}): Discovery {
  const { outcome } = discoverIn(zone, targetOf(target), options).discovery;
  if (!outcome.ok) throw new Error('discovery is worked out, it cannot fail');
  return outcome.value;
}

const servers = ({ servers: all }: Pick<Discovery, 'servers'>): string[] =>
  all.map(({ transport, host, port, addresses }) => `${transport} ${host}:${port} ${addresses.join(' ')}`.trim());

const step = (discovery: Pick<Discovery, 'steps'>, question: string): DiscoveryStep | undefined =>
  discovery.steps.find((one) => one.question === question);

const fates = ({ steps }: Pick<Discovery, 'steps'>): string[] =>
  steps.filter(({ fate }) => fate !== 'absent').map(({ fate, question }) => `${fate} ${question.replaceAll(D, '@')}`);

const outcomeOf = ({ profiles = [] }: Discovery, name: string): ProfileOutcome | undefined =>
  profiles.find(({ profile }) => profile === name);

describe('the profile that decides', () => {
  const rfc = `_sip._udp.${D} SRV 0 0 5060 sip.${D}.\n${ADDRESS}`;
  const microsoft = `_sip._tls.${D} SRV 0 0 443 sip.${D}.\n${ADDRESS}`;
  test.each<[string, string, Partial<Target>, string, string]>([
    ['RFC 3263 where one of its SRV names exists', `${rfc}\n${microsoft}`, {}, 'rfc3263', `_sip._udp.${D} exists`],
    [
      'RFC 3263 where NAPTR records exist',
      `${D} NAPTR 1 1 "s" "SIP+D2U" "" _sip._udp.other.example.\n_sip._udp.other.example SRV 0 0 5060 sip.${D}.\n${ADDRESS}`,
      {},
      'rfc3263',
      `NAPTR of ${D} exists`,
    ],
    ['Lync where only its SRV names exist', microsoft, {}, 'lync', `_sip._tls.${D} exists, and no service name`],
    ['Lync where only its host names exist', `sipinternal.${D} A 192.0.2.1`, {}, 'lync', `sipinternal.${D} exists`],
    ['plain addresses where nothing else exists', `${D} A 192.0.2.1`, {}, 'rfc3263', 'the plain address of the domain'],
    ['plain addresses where nothing at all exists', '', {}, 'rfc3263', 'the plain address of the domain'],
    [
      'the one that the user names',
      rfc,
      { profile: 'federation' },
      'federation',
      'asked for with --profile federation',
    ],
    ['the one that serves the transport', `${rfc}\n${microsoft}`, { transports: ['tls'] }, 'lync', `_sip._tls.${D}`],
    [
      'RFC 3263 although its target is dead',
      `_sip._udp.${D} SRV 0 0 5060 gone.${D}.\n${microsoft}`,
      {},
      'rfc3263',
      '_sip._udp',
    ],
    ['Lync where RFC 3263 names say no', `_sip._udp.${D} SRV 0 0 0 .\n${microsoft}`, {}, 'lync', '_sip._tls'],
  ])('is %s', (...[, zone, target, profile, why]) => {
    const chosen = choose(zone, target);
    expect(chosen.profile).toBe(profile);
    expect(chosen.profileWhy).toContain(why);
  });

  test('is told with the question that might have led elsewhere, had it been answered', () => {
    const chosen = choose(microsoft, {}, { failing: { [`_sips._tcp.${D} SRV`]: 'servfail' } });
    expect(chosen.profile).toBe('lync');
    expect(chosen.profileWhy).toContain(`_sips._tcp.${D} SRV was not answered`);
  });

  test('is that of a client of today where nobody answered at all, and claims to know of no name', () => {
    const names = discoverIn('').dns.map(({ subject }) => [subject, 'timeout' as const] as const);
    const chosen = choose('', {}, { failing: Object.fromEntries(names) });
    expect([chosen.profile, chosen.profileWhy]).toEqual([
      'rfc3263',
      'no answer came: this is what a client of today asks for',
    ]);
  });

  test('stands in the list of all profiles with the same steps and servers', () => {
    const chosen = choose(rfc);
    expect(chosen.profiles).toHaveLength(9);
    expect(outcomeOf(chosen, 'rfc3263')).toMatchObject({ steps: chosen.steps, servers: chosen.servers });
  });
});

describe('RFC 3263', () => {
  test('takes every transport that SRV publishes, and no plain address beside them', () => {
    const chosen = choose(`
      _sips._tcp.${D} SRV 0 0 5061 sip.${D}.
      _sip._tcp.${D} SRV 0 0 5060 sip.${D}.
      ${ADDRESS}
      ${D} A 192.0.2.80`);
    expect(servers(chosen)).toEqual([`tls sip.${D}:5061 192.0.2.1`, `tcp sip.${D}:5060 192.0.2.1`]);
    expect(step(chosen, `${D} A/AAAA`)).toMatchObject({ fate: 'ignored', why: `SRV _sips._tcp.${D} is published` });
  });

  test('falls back to the plain address on the default ports', () => {
    expect(servers(choose(`${D} A 192.0.2.80\n${D} AAAA 2001:db8::80`))).toEqual([
      `udp ${D}:5060 2001:db8::80 192.0.2.80`,
      `tcp ${D}:5060 2001:db8::80 192.0.2.80`,
      `tls ${D}:5061 2001:db8::80 192.0.2.80`,
    ]);
  });

  test('does not try by custom the transport that an SRV record rules out', () => {
    const chosen = choose(`_sip._udp.${D} SRV 0 0 0 .\n${D} A 192.0.2.80`);
    expect(servers(chosen)).toEqual([`tcp ${D}:5060 192.0.2.80`, `tls ${D}:5061 192.0.2.80`]);
    expect(step(chosen, `_sip._udp.${D} SRV`)?.fate).toBe('refused');
  });

  test('does not fall back when the target of a published name is dead', () => {
    const chosen = choose(`_sip._udp.${D} SRV 0 0 5060 gone.${D}.\n${D} A 192.0.2.80`);
    expect(servers(chosen)).toEqual([`udp gone.${D}:5060`]);
    expect(outcomeOf(chosen, 'rfc3263')).toMatchObject({ status: 'fails' });
  });

  test('allows TLS only for a sips: URI', () => {
    const zone = `_sips._tcp.${D} SRV 0 0 5061 sip.${D}.\n_sip._udp.${D} SRV 0 0 5060 sip.${D}.\n${ADDRESS}`;
    const chosen = choose(zone, { scheme: 'sips' });
    expect(servers(chosen)).toEqual([`tls sip.${D}:5061 192.0.2.1`]);
    expect(step(chosen, `_sip._udp.${D} SRV`)).toMatchObject({ fate: 'ignored', why: 'udp was not asked for' });
  });

  test('shows the targets in the order of a client, with shares, addresses and the dead ones', () => {
    const chosen = choose(`
      _sip._udp.${D} SRV 20 0 5060 spare.${D}.
      _sip._udp.${D} SRV 10 25 5060 b.${D}.
      _sip._udp.${D} SRV 10 75 5060 a.${D}.
      a.${D} A 192.0.2.1
      a.${D} A 192.0.2.2
      a.${D} AAAA 2001:db8::1
      b.${D} CNAME a.${D}.`);
    expect(step(chosen, `_sip._udp.${D} SRV`)?.records).toEqual([
      {
        text: `10 75 5060 a.${D}.`,
        fate: 'used',
        why: 'priority 10, tried first by 75 % of the clients',
        sharePercent: 75,
        addresses: ['2001:db8::1', '192.0.2.1', '192.0.2.2'],
      },
      {
        text: `10 25 5060 b.${D}.`,
        fate: 'used',
        why: `priority 10, tried first by 25 % of the clients, through the alias a.${D}`,
        sharePercent: 25,
        addresses: ['2001:db8::1', '192.0.2.1', '192.0.2.2'],
      },
      {
        text: `20 0 5060 spare.${D}.`,
        fate: 'broken',
        why: `spare.${D} does not exist`,
        sharePercent: 100,
        addresses: [],
      },
    ]);
  });

  test.each<[string, string, ZoneOptions, string]>([
    ['a port that cannot be', `SRV 0 0 0 sip.${D}.\n${ADDRESS}`, {}, 'port 0 cannot be used'],
    ['a target without address', `SRV 0 0 1 sip.${D}.\nx.sip.${D} A 192.0.2.1`, {}, `sip.${D} has neither an A nor`],
    ['aliases in a circle', `SRV 0 0 1 a.${D}.\na.${D} CNAME b.${D}.\nb.${D} CNAME a.${D}.`, {}, 'run in a circle'],
    [
      'aliases in a circle that no single answer shows',
      `SRV 0 0 1 a.${D}.\na.${D} CNAME b.${D}.\nb.${D} CNAME a.${D}.`,
      { aliases: 'one-hop' },
      'run in a circle',
    ],
    ['an alias that ends nowhere', `SRV 0 0 1 a.${D}.\na.${D} CNAME gone.${D}.`, {}, `a.${D} does not exist`],
    ['a lookup that failed', `SRV 0 0 1 a.${D}.`, { failing: { [`a.${D} A`]: 'servfail' } }, 'servfail by the test'],
  ])('tells why a target is broken: %s', (...[, zone, options, why]) => {
    const read = step(choose(`_sip._udp.${D} ${zone}`, {}, options), `_sip._udp.${D} SRV`);
    expect(read?.fate).toBe('broken');
    expect(read?.records?.[0]?.why).toContain(why);
  });

  test('says of a name that was not answered that it is broken, not absent', () => {
    const chosen = choose(`${D} A 192.0.2.1`, {}, { failing: { [`_sip._tcp.${D} SRV`]: 'timeout' } });
    expect(step(chosen, `_sip._tcp.${D} SRV`)).toMatchObject({ fate: 'broken', why: 'no answer: timeout by the test' });
  });
});

describe('NAPTR', () => {
  const SRV = `
    _sips._tcp.${D} SRV 0 0 5061 sip.${D}.
    _sip._tcp.${D} SRV 0 0 5060 sip.${D}.
    _sip._udp.other.example SRV 0 0 5060 sip.other.example.
    sip.other.example A 192.0.2.2
    ${ADDRESS}`;
  const naptr = (text: string): string => `${D} NAPTR ${text}`;

  test('decides by order and preference, leads to other domains and hides SRV names that it does not name', () => {
    const chosen = choose(`
      ${naptr(`20 10 "s" "SIP+D2U" "" _sip._udp.other.example.`)}
      ${naptr(`10 50 "S" "sips+d2t" "" _sips._tcp.${D}.`)}
      ${SRV}`);
    expect(servers(chosen)).toEqual([`tls sip.${D}:5061 192.0.2.1`, 'udp sip.other.example:5060 192.0.2.2']);
    expect(chosen.servers[1]).toMatchObject({
      via: 'SRV _sip._udp.other.example (NAPTR SIP+D2U)',
      set: '_sip._udp.other.example',
      published: true,
    });
    expect(fates(chosen)).toEqual(['used @ NAPTR', 'used _sips._tcp.@ SRV', 'ignored _sip._tcp.@ SRV']);
  });

  test.each<[string, string, string, string]>([
    ['a flag for addresses', `1 1 "a" "SIP+D2T" "" sip.${D}.`, 'ignored', 'flag "a"'],
    ['a flag for URIs', `1 1 "u" "SIP+D2T" "!^.*$!sip:x@y!" .`, 'ignored', 'flag "u"'],
    ['no flag', `1 1 "" "SIP+D2T" "" other.example.`, 'ignored', 'no flag'],
    ['another service', `1 1 "u" "E2U+sip" "!^.*$!sip:x@y!" .`, 'ignored', 'not one of SIP'],
    ['WebSocket', `1 1 "s" "SIPS+D2W" "" _sips._ws.${D}.`, 'ignored', 'WebSocket'],
    ['SCTP', `1 1 "s" "SIP+D2S" "" _sip._sctp.${D}.`, 'ignored', 'SCTP'],
    ['expression and replacement', `1 1 "s" "SIP+D2T" "!a!b!" _sip._tcp.${D}.`, 'broken', 'both a regular expression'],
    ['neither of them', `1 1 "s" "SIP+D2T" "" .`, 'broken', 'neither a regular expression'],
    ['a replacement that is missing', `1 1 "s" "SIP+D2T" "" _sip._tcp.gone.example.`, 'broken', 'does not exist'],
    ['the second of one transport', `99 9 "s" "SIPS+D2T" "" _sips._tcp.gone.example.`, 'ignored', 'comes first'],
  ])('passes over %s and says why', (...[, record, fate, why]) => {
    const chosen = choose(`${naptr(record)}\n${naptr(`50 50 "s" "SIPS+D2T" "" _sips._tcp.${D}.`)}\n${SRV}`);
    const seen = step(chosen, `${D} NAPTR`)?.records?.find(({ text }) => text === record);
    expect(seen?.fate).toBe(fate);
    expect(seen?.why).toContain(why);
    expect(servers(chosen)).toEqual([`tls sip.${D}:5061 192.0.2.1`]);
  });

  test('falls back to SRV when no record leads anywhere, and says so', () => {
    const chosen = choose(`${naptr(`1 1 "s" "SIPS+D2T" "" _sips._tcp.gone.example.`)}\n${SRV}`);
    expect(step(chosen, `${D} NAPTR`)).toMatchObject({ fate: 'broken' });
    expect(step(chosen, `${D} NAPTR`)?.why).toContain('falls back to SRV');
    expect(servers(chosen)).toEqual([`tls sip.${D}:5061 192.0.2.1`, `tcp sip.${D}:5060 192.0.2.1`]);
  });

  test('takes the secure services only for a sips: URI', () => {
    const zone = `${naptr(`1 1 "s" "SIP+D2T" "" _sip._tcp.${D}.`)}\n${naptr(`2 1 "s" "SIPS+D2T" "" _sips._tcp.${D}.`)}\n${SRV}`;
    const chosen = choose(zone, { scheme: 'sips' });
    expect(servers(chosen)).toEqual([`tls sip.${D}:5061 192.0.2.1`]);
    expect(step(chosen, `${D} NAPTR`)?.records?.[0]).toMatchObject({
      fate: 'ignored',
      why: 'a sips: URI allows SIPS+ services only',
    });
  });

  test('is not asked for when the transport is given', () => {
    const zone = `${naptr(`1 1 "s" "SIP+D2U" "" _sip._udp.other.example.`)}\n${SRV}`;
    const chosen = choose(zone, { transports: ['tcp'] });
    expect(step(chosen, `${D} NAPTR`)).toMatchObject({ fate: 'ignored' });
    expect(servers(chosen)).toEqual([`tcp sip.${D}:5060 192.0.2.1`]);
  });
});
