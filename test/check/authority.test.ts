import { describe, expect, test } from 'vitest';
import { authority } from '../../src/check/authority.ts';
import type { Failure, Outcome, Reason } from '../../src/model.ts';
import type { AuthorityObservation, DnsAnswer } from '../../src/model/dns.ts';
import { idsOf, judged, seenBy, soaRecord, srvRecord } from './dns-seen.ts';

const ZONE = 'example.org';
const SRV = `_sip._tls.${ZONE}`;

type Answers = Extract<AuthorityObservation['outcome'], { ok: true }>['value']['answers'];

const failure = (reason: Reason, detail = ''): Failure => ({ ok: false, reason, detail, ms: 5 });

const held = (changes: Partial<DnsAnswer>): Outcome<DnsAnswer> => ({
  ok: true,
  ms: 5,
  value: { status: 'answer', records: [], via: 'udp', tries: 1, authoritative: true, ...changes },
});

const soa = (outcome: Outcome<DnsAnswer>): Answers[number] => ({ name: ZONE, type: 'SOA', outcome });
const srv = (outcome: Outcome<DnsAnswer>): Answers[number] => ({ name: SRV, type: 'SRV', outcome });

function server(index: number, answers: Answers | Failure): AuthorityObservation {
  const host = `ns${index}.${ZONE}`;
  const about = { zone: ZONE, host, address: `192.0.2.${index}` };
  const outcome = Array.isArray(answers) ? { ok: true as const, ms: 5, value: { answers } } : answers;
  return { kind: 'authority', subject: `${ZONE} at ${host}`, at: 0, about, outcome };
}

const serial = (number: number) => soa(held({ records: [soaRecord(ZONE, number)] }));
const healthy = (index: number, number = 1) =>
  server(index, [serial(number), srv(held({ records: [srvRecord(SRV, `sip.${ZONE}`)] }))]);

describe('authority', () => {
  test('passes when all servers hold the same', () => {
    const { run, findings } = judged(authority, [healthy(1), healthy(2)]);
    expect(findings).toEqual([]);
    expect(run?.status).toBe('passed');
  });

  test.each<[string, Outcome<DnsAnswer>, string]>([
    ['REFUSED', failure('refused-query'), 'it answers REFUSED'],
    ['SERVFAIL', failure('servfail'), 'it answers SERVFAIL'],
    ['another code', failure('rcode', 'NOTAUTH'), 'it answers NOTAUTH'],
    ['no authority', held({ authoritative: false, records: [soaRecord(ZONE, 1)] }), 'not authoritative'],
    ['no SOA', held({ status: 'nodata' }), 'no SOA record'],
  ])('a server that answers with %s is lame', (_what, outcome, text) => {
    const { findings } = judged(authority, [healthy(1), server(2, [soa(outcome)])]);
    expect(idsOf(findings)).toEqual(['authority.lame warning']);
    expect(findings[0]?.text).toContain(`ns2.${ZONE} (192.0.2.2) is named as a name server of ${ZONE}`);
    expect(findings[0]?.text).toContain(text);
    expect(findings[0]?.text).toContain(`ns1.${ZONE} (192.0.2.1) does.`);
    expect(findings[0]?.remedy).toContain(`dig @192.0.2.2 ${ZONE} SOA`);
  });

  test('a server on another port is named with it, and so is dig', () => {
    const lame = server(2, [soa(failure('refused-query'))]);
    const { findings } = judged(authority, [healthy(1), { ...lame, about: { ...lame.about, port: 5353 } }]);
    expect(findings[0]?.text).toContain(`ns2.${ZONE} (192.0.2.2 port 5353) is named as a name server`);
    expect(findings[0]?.remedy).toContain(`dig @192.0.2.2 -p 5353 ${ZONE} SOA`);
  });

  test.each<['fails' | 'works', string]>([
    ['fails', 'authority.lame error'],
    ['works', 'authority.lame warning'],
  ])('when every server is lame and resolution %s it is the %s', (resolution, id) => {
    const resolver = seenBy('192.0.2.53:53');
    const dns = resolution === 'fails' ? resolver.fails(`${SRV} SRV`, 'servfail') : resolver.answers(`${SRV} SRV`, []);
    const { findings } = judged(authority, [dns, server(1, [soa(failure('refused-query'))])]);
    expect(idsOf(findings)).toEqual([id]);
  });

  test('a silent server beside one that answers is a warning', () => {
    const { findings } = judged(authority, [
      healthy(1),
      server(2, failure('timeout', 'no answer to 3 tries in 3000 ms')),
    ]);
    expect(idsOf(findings)).toEqual(['authority.silent warning']);
    expect(findings[0]?.text).toContain('gives no answer: no answer to 3 tries');
  });

  test('silence of all is information, for the way out may be closed', () => {
    const { run, findings } = judged(authority, [server(1, failure('timeout')), server(2, failure('unreachable'))]);
    expect(idsOf(findings)).toEqual(['authority.silent info', 'authority.silent info']);
    expect(run?.status).toBe('inconclusive');
  });

  test('a server without address is named', () => {
    const lost = server(2, failure('other', 'it has no address'));
    const { findings } = judged(authority, [healthy(1), { ...lost, about: { ...lost.about, address: '' } }]);
    expect(idsOf(findings)).toEqual(['authority.no-address warning']);
  });

  test.each(['timeout', 'servfail'] as const)('a server whose address is not known (%s) is told as that', (reason) => {
    const lost = server(2, failure(reason, 'the resolver gave none'));
    const { findings } = judged(authority, [healthy(1), { ...lost, about: { ...lost.about, address: '' } }]);
    expect(idsOf(findings)).toEqual(['authority.unresolved warning']);
    expect(findings[0]?.text).toContain(
      'could not be asked, since its address could not be looked up: the resolver gave none',
    );
  });

  test('different serials alone are information', () => {
    const { run, findings } = judged(authority, [healthy(1, 7), healthy(2, 8)]);
    expect(idsOf(findings)).toEqual(['authority.disagree info']);
    expect(findings[0]?.text).toContain(`ns1.${ZONE} (192.0.2.1): 7, ns2.${ZONE} (192.0.2.2): 8`);
    expect(run?.status).toBe('found');
  });

  test.each<[string, Outcome<DnsAnswer>]>([
    ['other records', held({ records: [srvRecord(SRV, `old.${ZONE}`)] })],
    ['no such name', held({ status: 'nxdomain' })],
  ])('%s of an SRV set on one server are a warning, whatever the serials', (_what, outcome) => {
    const { findings } = judged(authority, [healthy(1), server(2, [serial(1), srv(outcome)])]);
    expect(idsOf(findings)).toEqual(['authority.disagree warning']);
    expect(findings[0]?.text).toContain(`${SRV} SRV (ns1.${ZONE} (192.0.2.1) says 0 0 5061 sip.${ZONE}.`);
  });

  test('a referral is no other record set', () => {
    const referral = held({ status: 'nodata', authoritative: false });
    expect(judged(authority, [healthy(1), server(2, [serial(1), srv(referral)])]).findings).toEqual([]);
  });

  test('an address of a family that this machine lacks is no silence', () => {
    expect(judged(authority, [healthy(1), server(2, failure('no-network'))]).findings).toEqual([]);
  });

  test('does not arise when they were not asked', () => {
    expect(judged(authority, []).run?.status).toBe('not-applicable');
  });

  test('a zone whose name servers could not be found is a note, and says why', () => {
    const lost = server(1, failure('servfail', 'the DNS server tells no zone that holds it (SERVFAIL)'));
    const { run, findings } = judged(authority, [{ ...lost, about: { zone: ZONE, host: '', address: '' } }]);
    expect(idsOf(findings)).toEqual(['authority.not-found info']);
    expect(findings[0]?.text).toBe(
      `The name servers of ${ZONE} could not be asked: the DNS server tells no zone that holds it (SERVFAIL).`,
    );
    expect(findings[0]?.remedy).toContain(`dig ${ZONE} SOA`);
    expect(run?.status).toBe('inconclusive');
  });

  test.each(['no-network', 'cancelled'] as const)(
    'a zone that could not be looked for (%s) is no finding',
    (reason) => {
      const lost = server(1, failure(reason));
      expect(judged(authority, [{ ...lost, about: { zone: ZONE, host: '', address: '' } }]).findings).toEqual([]);
    },
  );

  const WHY = 'no answer to 3 tries in 3000 ms';
  const records = held({ records: [srvRecord(SRV, `sip.${ZONE}`)] });

  test.each<[string, Outcome<DnsAnswer>, string]>([
    ['leaves open', failure('timeout', WHY), WHY],
    ['fails', failure('servfail'), 'SERVFAIL'],
    ['refuses', failure('refused-query'), 'REFUSED'],
  ])('a server that %s its SOA and holds the records is no lame one', (_what, outcome, text) => {
    const { findings } = judged(authority, [healthy(1), server(2, [soa(outcome), srv(records)])]);
    expect(idsOf(findings)).toEqual(['authority.partial warning']);
    expect(findings[0]?.text).toBe(
      `ns2.${ZONE} (192.0.2.2), a name server of ${ZONE}, answers 1 of 2 questions, but not ${ZONE} SOA (${text}). ns1.${ZONE} (192.0.2.1) does.`,
    );
    expect(findings[0]?.remedy).toContain(`dig @192.0.2.2 ${ZONE} SOA +norecurse`);
  });

  test.each<[string, Outcome<DnsAnswer>]>([
    ['refused', failure('refused-query')],
    ['not authoritative', held({ authoritative: false, records: [srvRecord(SRV, `sip.${ZONE}`)] })],
  ])('a server that is silent on its SOA is lame when all else is %s', (_what, outcome) => {
    const { findings } = judged(authority, [healthy(1), server(2, [soa(failure('timeout', WHY)), srv(outcome)])]);
    expect(idsOf(findings)).toEqual(['authority.lame warning']);
  });

  test('a server that does not answer for the service is told with what it leaves open', () => {
    const { findings } = judged(authority, [healthy(1), server(2, [serial(1), srv(failure('timeout', WHY))])]);
    expect(idsOf(findings)).toEqual(['authority.partial warning']);
    expect(findings[0]?.text).toContain(`answers 1 of 2 questions, but not ${SRV} SRV (${WHY}). ns1.${ZONE}`);
  });

  test.each<['fails' | 'works', string]>([
    ['fails', 'authority.partial error'],
    ['works', 'authority.partial warning'],
  ])('what no name server answers, while resolution %s, is the %s', (resolution, id) => {
    const resolver = seenBy('192.0.2.53:53');
    const dns = resolution === 'fails' ? resolver.fails(`${SRV} SRV`, 'servfail') : resolver.answers(`${SRV} SRV`, []);
    const { findings } = judged(authority, [dns, server(1, [serial(1), srv(failure('timeout', WHY))])]);
    expect(idsOf(findings)).toEqual([id]);
  });

  test('what a run that was ended has left open is no finding', () => {
    const { findings } = judged(authority, [healthy(1), server(2, [serial(1), srv(failure('cancelled'))])]);
    expect(findings).toEqual([]);
  });
});
