import { describe, expect, test } from 'vitest';
import { cname } from '../../src/check/cname.ts';
import { DOMAIN as D } from '../probe/zone-answers.ts';
import { allTold, findIn, sceneOf, statusOf, told } from './zone-findings.ts';

const LOOP = `a.${D} CNAME b.${D}.\nb.${D} CNAME c.${D}.\nc.${D} CNAME a.${D}.`;
const toLoop = `_sip._udp.${D} SRV 0 0 5060 a.${D}.\n${LOOP}`;
const SIP = `sip.${D} A 192.0.2.1`;

describe('aliases', () => {
  test('pass when they come to an end', () => {
    const zone = `${D} CNAME x.${D}.\nx.${D} CNAME sip.${D}.\n${SIP}`;
    expect(told(cname, zone)).toEqual([]);
    expect(statusOf(cname, sceneOf(zone))).toBe('passed');
  });

  test.each(['whole', 'one-hop'] as const)('that run in a circle are told once, answers %s', (aliases) => {
    const [finding, ...more] = findIn(cname, toLoop, { options: { aliases } });
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ name: 'loop', severity: 'error', subject: `a.${D}` });
    expect(finding?.text).toContain(`a.${D} -> b.${D} -> c.${D} -> a.${D}`);
  });

  test('that run in a circle are one error, not several', () => {
    expect(allTold(toLoop)).toEqual(['error cname.loop']);
  });

  test('that run in a circle from a service name are told, also when the resolver says SERVFAIL', () => {
    const zone = `_sip._udp.${D} CNAME _x._udp.${D}.\n_x._udp.${D} CNAME _sip._udp.${D}.`;
    const failing = { [`_sip._udp.${D} SRV`]: 'servfail' } as const;
    const [finding, ...more] = findIn(cname, zone, { options: { failing, aliases: 'one-hop' } });
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ name: 'loop', severity: 'error', subject: `_sip._udp.${D}` });
    expect(finding?.text).toContain(`_sip._udp.${D} -> _x._udp.${D} -> _sip._udp.${D}`);
    expect(finding?.remedy).toContain('by the SRV record itself');
  });

  test('of a spare target are a warning', () => {
    const zone = `${toLoop}\n_sip._udp.${D} SRV 0 0 5060 sip.${D}.\n${SIP}`;
    expect(told(cname, zone)).toEqual([`warning cname.loop a.${D}`]);
  });

  test('of a name that the client does not need are a warning', () => {
    const zone = `lyncdiscover.${D} CNAME lyncdiscover.${D}.\n_sip._udp.${D} SRV 0 0 5060 sip.${D}.\n${SIP}`;
    expect(told(cname, zone)).toEqual([`warning cname.loop lyncdiscover.${D}`]);
  });

  test('of the domain itself stop a client that has nothing else', () => {
    expect(told(cname, `${D} CNAME ${D}.`)).toEqual([`error cname.loop ${D}`]);
  });

  test('without end are told with the limit', () => {
    const chain = Array.from({ length: 30 }, (_, at) => `a${at}.${D} CNAME a${at + 1}.${D}.`).join('\n');
    const [finding] = findIn(cname, `_sip._udp.${D} SRV 0 0 5060 a0.${D}.\n${chain}`);
    expect(told(cname, `_sip._udp.${D} SRV 0 0 5060 a0.${D}.\n${chain}`)).toEqual([`error cname.too-long a0.${D}`]);
    expect(finding?.text).toContain('after 16 steps');
    expect(finding?.text).toMatch(/-> \.\.\. \(\d+ more\)/);
  });

  test('are not judged when nobody answered', () => {
    const failing = Object.fromEntries(sceneOf('').map(({ subject }) => [subject, 'timeout' as const]));
    expect(statusOf(cname, sceneOf('', { options: { failing } }))).toBe('inconclusive');
  });
});
