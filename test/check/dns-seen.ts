import type { Check } from '../../src/check/define-check.ts';
import { judge } from '../../src/judge.ts';
import type { CheckRun, Finding, Observation, Reason, Target } from '../../src/model.ts';
import type { DnsObservation, DnsRecord, RecordType } from '../../src/model/dns.ts';

const target: Target = { input: 'example.org', domain: 'example.org', scheme: 'sip', transports: [], profile: 'auto' };

export function srvRecord(name: string, host: string, port = 5061): DnsRecord {
  const srv = { priority: 0, weight: 0, port, target: host };
  return { name, type: 'SRV', ttl: 60, text: `0 0 ${port} ${host}.`, srv };
}

export function addressRecord(name: string, address: string): DnsRecord {
  return { name, type: address.includes(':') ? 'AAAA' : 'A', ttl: 60, text: address, address };
}

export function soaRecord(name: string, serial: number): DnsRecord {
  const mname = `ns1.${name}`;
  return {
    name,
    type: 'SOA',
    ttl: 60,
    text: `${mname}. hostmaster.${name}. ${serial} 1 1 1 1`,
    soa: { serial, mname },
  };
}

/** What one resolver says; its label is its address unless another one is given. */
export function seenBy(resolver: string, label = resolver) {
  const observe = (question: string, outcome: DnsObservation['outcome']): DnsObservation => {
    const [name = '', type = 'A'] = question.split(' ');
    const about = { name, type: type as RecordType, resolver, resolverLabel: label }; // the questions of these tests are typed by hand
    return { kind: 'dns', subject: question, at: 0, about, outcome };
  };
  const value = { via: 'udp' as const, tries: 1 };
  return {
    answers: (
      question: string,
      records: DnsRecord[],
      more: { ms?: number; tries?: number; unverified?: string } = {},
    ) => {
      const { ms = 5, ...rest } = more;
      return observe(question, { ok: true, ms, value: { ...value, ...rest, status: 'answer', records } });
    },
    says: (question: string, status: 'nxdomain' | 'nodata') =>
      observe(question, { ok: true, ms: 5, value: { ...value, status, records: [] } }),
    fails: (question: string, reason: Reason, detail = '') =>
      observe(question, { ok: false, reason, detail, ms: 3000 }),
  };
}

/** What one check makes of the observations, through the judge. */
export function judged(check: Check, observations: Observation[]): { run: CheckRun | undefined; findings: Finding[] } {
  const { checks, findings } = judge(observations, target);
  return {
    run: checks.find(({ checkId }) => checkId === check.id),
    findings: findings.filter(({ id }) => id.startsWith(`${check.id}.`)),
  };
}

export const idsOf = (findings: readonly Finding[]): string[] =>
  findings.map(({ id, severity }) => `${id} ${severity}`);
