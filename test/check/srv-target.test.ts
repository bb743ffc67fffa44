import { describe, expect, test } from 'vitest';
import { srvTarget } from '../../src/check/srv-target.ts';
import { DOMAIN as D, answersTo } from '../probe/zone-answers.ts';
import { allTold, findIn, sceneOf, statusOf, told } from './zone-findings.ts';

const ADDRESS = `sip.${D} A 192.0.2.1`;
const RFC = `_sip._udp.${D} SRV 0 0 5060 sip.${D}.\n${ADDRESS}`;
const lync = { target: { profile: 'lync' } };

describe('the targets of SRV records', () => {
  test('pass when they have addresses', () => {
    expect(told(srvTarget, RFC)).toEqual([]);
    expect(statusOf(srvTarget, sceneOf(RFC))).toBe('passed');
  });

  test('are not judged when no SRV record exists', () => {
    expect(statusOf(srvTarget, sceneOf(`${D} A 192.0.2.1`))).toBe('not-applicable');
  });

  test('are not judged when the SRV lookup failed', () => {
    const failing = { [`_sip._udp.${D} SRV`]: 'timeout' } as const;
    expect(statusOf(srvTarget, sceneOf(RFC, { options: { failing } }))).toBe('not-applicable');
  });

  test('are not called missing when their own lookup failed', () => {
    const failing = { [`sip.${D} A`]: 'servfail', [`sip.${D} AAAA`]: 'servfail' } as const;
    expect(told(srvTarget, RFC, { options: { failing } })).toEqual([]);
  });

  test('are named when they do not exist', () => {
    const [finding] = findIn(srvTarget, `_sip._udp.${D} SRV 0 0 5060 gone.${D}.`);
    expect(finding).toMatchObject({ name: 'missing', severity: 'error', subject: `gone.${D}` });
    expect(finding?.text).toBe(`_sip._udp.${D} points to gone.${D}, and that host name does not exist in DNS.`);
    expect(finding?.remedy).toContain(`dig gone.${D} A`);
  });

  test('are told once for all names that point to them', () => {
    const zone = ['_sips._tcp', '_sip._tcp', '_sip._udp'].map((name) => `${name}.${D} SRV 0 0 5060 gone.${D}.`);
    const findings = findIn(srvTarget, zone.join('\n'));
    expect(findings).toHaveLength(1);
    expect(findings[0]?.text).toContain(`_sips._tcp.${D}, _sip._tcp.${D} and _sip._udp.${D} point to gone.${D}`);
  });

  test.each<[string, string, string]>([
    [
      'a dead one beside a live one',
      `${RFC}\n_sip._udp.${D} SRV 0 0 5060 gone.${D}.`,
      `warning srv-target.missing gone.${D}`,
    ],
    [
      'a dead one of a name that others use',
      `${RFC}\n_sip._tls.${D} SRV 0 0 443 gone.${D}.`,
      `warning srv-target.missing gone.${D}`,
    ],
    [
      'a host without address',
      `_sip._udp.${D} SRV 0 0 5060 x.${D}.\na.x.${D} A 192.0.2.1`,
      `error srv-target.no-address x.${D}`,
    ],
    [
      'an alias to nowhere',
      `_sip._udp.${D} SRV 0 0 5060 x.${D}.\nx.${D} CNAME gone.${D}.`,
      `error srv-target.missing x.${D}`,
    ],
    [
      'an alias that works',
      `_sip._udp.${D} SRV 0 0 5060 x.${D}.\nx.${D} CNAME sip.${D}.\n${ADDRESS}`,
      `warning srv-target.alias x.${D}`,
    ],
    ['"." beside a way in', `${RFC}\n_sip._tcp.${D} SRV 0 0 0 .`, `info srv-target.null _sip._tcp.${D}`],
    ['"." and nothing else', `_sip._tcp.${D} SRV 0 0 0 .`, `error srv-target.null _sip._tcp.${D}`],
    [
      '"." of a name that the client does not ask for',
      `_sip._tls.${D} SRV 0 0 0 .`,
      `error srv-target.null _sip._tls.${D}`,
    ],
  ])('weigh by what hangs on them: %s', (_name, zone, expected) => {
    expect(told(srvTarget, zone)).toEqual([expected]);
  });

  test('may be aliases of a provider that trusts itself to them', () => {
    const zone = `_sip._tls.${D} SRV 0 0 443 sipdir.online.lync.com.\nsipdir.online.lync.com CNAME x.example.\nx.example A 192.0.2.1`;
    expect(told(srvTarget, zone)).toContain('info srv-target.alias sipdir.online.lync.com');
  });

  test('are judged for a single question as well', () => {
    const dns = answersTo([{ name: `_sip._tls.${D}`, type: 'SRV' }], `_sip._tls.${D} SRV 0 0 443 gone.${D}.`);
    expect(srvTarget.run(dns).map(({ severity, name }) => `${severity} srv-target.${name}`)).toEqual([
      'error srv-target.missing',
    ]);
  });

  test('that are dead behind an internal name are told by the check of what they hide, once', () => {
    const zone = `_sipinternaltls._tcp.${D} SRV 0 0 5061 gone.${D}.\n_sip._tls.${D} SRV 0 0 443 sip.${D}.\n${ADDRESS}`;
    expect(allTold(zone).filter((one) => !one.startsWith('info'))).toEqual(['error srv-records.shadowed']);
  });
});

describe('strict naming', () => {
  const zoneTo = (name: string, target: string): string =>
    `${name}.${D} SRV 0 0 5061 ${target}.\n${target} A 192.0.2.1`;

  test.each<[string, string, string, string[]]>([
    ['the name that every document takes', 'lync', `SIP.${D}`, []],
    ['another host directly in the domain', 'lync', `pool.${D}`, [`info srv-target.foreign-domain pool.${D}`]],
    ['a host two labels below', 'lync', `pool.ad.${D}`, [`warning srv-target.foreign-domain pool.ad.${D}`]],
    ['a host of another domain', 'lync', 'pool.other.example', ['error srv-target.foreign-domain pool.other.example']],
    ['a domain that only ends alike', 'lync', `pool.not${D}`, [`error srv-target.foreign-domain pool.not${D}`]],
    ['the domain itself', 'lync', D, []],
    [
      'the trusted provider',
      'lync',
      'sipdir.online.lync.com',
      ['info srv-target.foreign-domain sipdir.online.lync.com'],
    ],
    [
      'Communicator 2007',
      'communicator2007',
      'pool.other.example',
      ['error srv-target.foreign-domain pool.other.example'],
    ],
    [
      'Communicator 2007 R2',
      'communicator2007r2',
      'pool.other.example',
      ['error srv-target.foreign-domain pool.other.example'],
    ],
    [
      'a profile without the rule',
      'rfc3263',
      'pool.other.example',
      ['info srv-target.foreign-domain pool.other.example'],
    ],
  ])('judges %s', (...[, profile, target, expected]) => {
    const zone = `${zoneTo('_sipinternaltls._tcp', target)}\n_sip._udp.${D} SRV 0 0 5060 pool.${D}.\npool.${D} A 192.0.2.1`;
    expect(told(srvTarget, zone, { target: { profile } })).toEqual(expected);
  });

  test('asks High Security Mode of Windows Messenger for a warning at most', () => {
    const zone = zoneTo('_sip._tls', 'pool.other.example');
    expect(told(srvTarget, zone, { target: { profile: 'lcs2003' } })).toEqual([
      'warning srv-target.foreign-domain pool.other.example',
    ]);
    const child = zoneTo('_sip._tls', `pool.ad.${D}`);
    expect(told(srvTarget, child, { target: { profile: 'lcs2003' } })).toEqual([
      `info srv-target.foreign-domain pool.ad.${D}`,
    ]);
  });

  test('lets Windows Messenger accept sip.<domain> alone, and Lync by one document what it refuses by another', () => {
    const zone = zoneTo('_sip._tls', `pool.${D}`);
    const [messenger] = findIn(srvTarget, zone, { target: { profile: 'lcs2003' } });
    expect(messenger?.evidence).toMatchObject({ strict: 'refused', relaxed: 'accepted', labelsBelow: 1 });
    const [newer] = findIn(srvTarget, zone, lync);
    expect(newer?.evidence).toMatchObject({ strict: 'uncertain', relaxed: 'accepted', labelsBelow: 1 });
    expect(newer?.text).toContain(`which is directly in ${D}.`);
    expect(newer?.remedy).toMatch(/^If clients end with 0x80EE0042: Let /);
    expect(told(srvTarget, zoneTo('_sip._tls', `sip.${D}`), { target: { profile: 'lcs2003' } })).toEqual([]);
  });

  test('says nothing of a name that is only uncertain for clients that do not decide', () => {
    expect(told(srvTarget, zoneTo('_sip._tls', `pool.${D}`), { target: { profile: 'rfc3263' } })).toEqual([]);
  });

  test('says nothing of a name that is only uncertain where there is no such host', () => {
    const zone = `_sip._tls.${D} SRV 0 0 443 gone.${D}.`;
    expect(told(srvTarget, zone, lync)).toEqual([`error srv-target.missing gone.${D}`]);
  });

  test('holds for TLS alone', () => {
    const zone = zoneTo('_sipinternal._tcp', 'pool.other.example');
    expect(told(srvTarget, zone, { target: { profile: 'communicator2007' } })).toEqual([]);
  });

  test('lets federation partners accept no child domain', () => {
    const zone = zoneTo('_sipfederationtls._tcp', `edge.ad.${D}`);
    const [finding] = findIn(srvTarget, zone, { target: { profile: 'federation' } });
    expect(finding).toMatchObject({ severity: 'error', name: 'foreign-domain' });
    expect(finding?.text).toContain('diagnostic 1009');
  });

  test('tells both verdicts, and what the policy changes', () => {
    const [child] = findIn(srvTarget, zoneTo('_sip._tls', `pool.ad.${D}`), lync);
    expect(child?.evidence).toMatchObject({ strict: 'refused', relaxed: 'accepted', labelsBelow: 2 });
    expect(child?.text).toContain('2 labels below');
    expect(child?.text).toContain('with DisableStrictDNSNaming=1 accepted');
    expect(child?.remedy).toContain('set the policy DisableStrictDNSNaming to 1');
    const [foreign] = findIn(srvTarget, zoneTo('_sip._tls', 'pool.other.example'), lync);
    expect(foreign?.text).toContain('with DisableStrictDNSNaming=1 refused');
    expect(foreign?.remedy).toContain('does not help here');
  });

  test('is no matter of the names of RFC 3263', () => {
    expect(told(srvTarget, `_sip._tcp.${D} SRV 0 0 5060 a.other.example.\na.other.example A 192.0.2.1`)).toEqual([]);
  });

  test('weighs nothing for a name that an earlier one hides', () => {
    const zone = `${zoneTo('_sipinternaltls._tcp', `sip.${D}`)}\n${zoneTo('_sip._tls', 'edge.other.example')}`;
    expect(told(srvTarget, zone, lync)).toEqual(['info srv-target.foreign-domain edge.other.example']);
  });
});
