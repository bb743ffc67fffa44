import type { Reason } from '../model.ts';
import type { AuthorityObservation, DnsAnswer, DnsObservation, RecordType } from '../model/dns.ts';
import { answersOf, lameness, questionText, serves, soaOf, unansweredBy } from './authority-answers.ts';
import { AUTHORITY_CASES, type AuthorityEvidence, type Disagreement } from './authority-cases.ts';
import { defineCheck, type Found } from './define-check.ts';

function serverText({ about: { host, address, port } }: AuthorityObservation): string {
  if (address === '') return host;
  return `${host} (${port === undefined ? address : `${address} port ${port}`})`;
}

/** One text for one record set, whatever the order and the TTLs. */
function setText({ status, records }: DnsAnswer, type: RecordType): string {
  if (status !== 'answer') return status === 'nxdomain' ? 'NXDOMAIN' : 'no such record';
  const mine = records.filter((record) => record.type === type || record.type === 'CNAME');
  return mine
    .map(({ text }) => text.toLowerCase())
    .sort()
    .join('; ');
}

function differingSets(servers: readonly AuthorityObservation[]): Disagreement['sets'] {
  const byQuestion = new Map<string, { server: string; answer: string }[]>();
  for (const one of servers) {
    for (const { name, type, outcome } of answersOf(one)) {
      // A referral says nothing of the record set: the name lies below another cut.
      if (type === 'SOA' || !outcome.ok || outcome.value.authoritative !== true) continue;
      const question = `${name} ${type}`;
      const entry = { server: serverText(one), answer: setText(outcome.value, type) };
      byQuestion.set(question, [...(byQuestion.get(question) ?? []), entry]);
    }
  }
  return [...byQuestion]
    .filter(([, answers]) => new Set(answers.map(({ answer }) => answer)).size > 1)
    .map(([question, answers]) => ({ question, answers }));
}

function disagreementOf(zone: string, servers: readonly AuthorityObservation[]): Disagreement | undefined {
  const serials = servers.flatMap((one) => {
    const soa = soaOf(one)?.outcome;
    const serial = soa?.ok === true ? soa.value.records.find(({ soa }) => soa)?.soa?.serial : undefined;
    return serial === undefined ? [] : [{ server: serverText(one), serial }];
  });
  const sets = differingSets(servers);
  const differ = sets.length > 0 || new Set(serials.map(({ serial }) => serial)).size > 1;
  return differ ? { zone, serials, sets } : undefined;
}

const isUnder = (name: string, zone: string): boolean => name === zone || name.endsWith(`.${zone}`);

/** Without an address, 'other' says that there is none, and any other reason why none was found out. */
function faultOf(address: string, reason: Reason): 'silent' | 'no-address' | 'unresolved' {
  if (address !== '') return 'silent';
  return reason === 'other' ? 'no-address' : 'unresolved';
}

const resolutionOf = (zone: string, dns: readonly DnsObservation[]): 'fails' | 'works' => {
  const mine = dns.filter(({ about }) => isUnder(about.name.toLowerCase(), zone));
  return mine.length > 0 && mine.every(({ outcome }) => !outcome.ok) ? 'fails' : 'works';
};

/** Nothing is known of a server that this machine has no way to, or that a run was ended before. */
const UNTOLD: ReadonlySet<Reason> = new Set<Reason>(['no-network', 'cancelled']);

/** No name server of the zone was known. */
const isUnfound = ({ host }: AuthorityObservation['about']): boolean => host === '';

function zonesOf(all: readonly AuthorityObservation[]): Map<string, AuthorityObservation[]> {
  const zones = new Map<string, AuthorityObservation[]>();
  for (const one of all) {
    if (isUnfound(one.about) || (!one.outcome.ok && UNTOLD.has(one.outcome.reason))) continue;
    zones.set(one.about.zone, [...(zones.get(one.about.zone) ?? []), one]);
  }
  return zones;
}

interface Zone {
  zone: string;
  /** Those of its servers that serve it. */
  good: readonly AuthorityObservation[];
  dns: readonly DnsObservation[];
}

function judgePartial(one: AuthorityObservation, { zone, good, dns }: Zone, found: Found<AuthorityEvidence>): void {
  const unanswered = unansweredBy(one);
  const [first] = unanswered;
  if (first === undefined) return;
  const open = new Set(unanswered.map(questionText));
  const answersThem = (other: AuthorityObservation): boolean =>
    other !== one && !unansweredBy(other).some((question) => open.has(questionText(question)));
  found('partial', one.about.host, {
    zone,
    server: serverText(one),
    others: good.filter(answersThem).map(serverText),
    detail: first.detail,
    unanswered,
    asked: answersOf(one).length,
    resolution: resolutionOf(zone, dns),
  });
}

function judgeServer(one: AuthorityObservation, of: Zone, found: Found<AuthorityEvidence>): void {
  const { zone, good, dns } = of;
  const evidence = { zone, server: serverText(one), others: good.map(serverText) };
  const lame = lameness(one);
  if (lame !== undefined) {
    found('lame', one.about.host, { ...evidence, detail: lame, resolution: resolutionOf(zone, dns) });
  } else if (one.outcome.ok) {
    judgePartial(one, of, found);
  } else {
    const { detail, reason } = one.outcome;
    found(faultOf(one.about.address, reason), one.about.host, { ...evidence, detail });
  }
}

export const authority = defineCheck({
  id: 'authority',
  rung: 'dns',
  question: 'Do the name servers of the zones serve them, and alike?',
  source: 'RFC 1034 section 4.2.2, RFC 1912 section 2.8',
  reads: ['authority'],
  uses: ['dns'],
  cases: AUTHORITY_CASES,
  notApplicable: ({ authority: seen }) =>
    seen.length === 0 ? 'the name servers were not asked themselves (--authority)' : null,
  run({ authority: seen, dns }, found) {
    for (const { about, outcome } of seen) {
      if (isUnfound(about) && !outcome.ok && !UNTOLD.has(outcome.reason))
        found('not-found', about.zone, { zone: about.zone, detail: outcome.detail });
    }
    for (const [zone, servers] of zonesOf(seen)) {
      const good = servers.filter(serves);
      for (const one of servers) judgeServer(one, { zone, good, dns }, found);
      const disagreement = disagreementOf(zone, good);
      if (disagreement !== undefined) found('disagree', zone, disagreement);
    }
  },
});
