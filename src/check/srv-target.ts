import type { DnsObservation, DnsRecord, Severity } from '../model.ts';
import { defineCheck } from './define-check.ts';

interface TargetEvidence {
  target: string;
  /** SRV names that point to the target. */
  names: string[];
  /** SRV names among them that have another target with an address. */
  alsoServed: string[];
}

/** A dead target is an outage of every SRV name that has no other. */
const weigh = ({ names, alsoServed }: TargetEvidence): Severity =>
  alsoServed.length === names.length ? 'warning' : 'error';
const listed = (names: readonly string[]): string => names.join(' and ');

const srvOf = (dns: readonly DnsObservation[]): { name: string; record: DnsRecord }[] =>
  dns.flatMap(({ about, outcome }) =>
    about.type === 'SRV' && outcome.ok
      ? outcome.value.records.filter((record) => record.srv).map((record) => ({ name: about.name, record }))
      : [],
  );

type AddressState = 'addressed' | 'missing' | 'no-address' | 'unknown';

function stateOf(target: string, dns: readonly DnsObservation[]): AddressState {
  const answers = dns.filter(
    ({ about }) => about.name.toLowerCase() === target && (about.type === 'A' || about.type === 'AAAA'),
  );
  const values = answers.flatMap(({ outcome }) => (outcome.ok ? [outcome.value] : []));
  if (values.some((value) => value.records.some((record) => record.address !== undefined))) return 'addressed';
  if (values.some((value) => value.status === 'nxdomain')) return 'missing';
  return values.length === answers.length && values.length > 0 ? 'no-address' : 'unknown';
}

export const srvTarget = defineCheck({
  id: 'srv-target',
  rung: 'dns',
  question: 'Do the SRV records point to hosts that exist?',
  source: 'RFC 2782',
  reads: ['dns'],
  cases: {
    missing: {
      severity: weigh,
      text: (e: TargetEvidence) =>
        `${listed(e.names)} points to ${e.target}, and that host name does not exist in DNS.`,
      remedy: (e) =>
        `Create an A or AAAA record for ${e.target}, or correct the target of ${listed(e.names)}. Check with: dig ${e.target} A`,
    },
    'no-address': {
      severity: weigh,
      text: (e: TargetEvidence) =>
        `${listed(e.names)} points to ${e.target}, which exists but has neither an A nor an AAAA record.`,
      remedy: (e) =>
        `Add the server's address to ${e.target} as an A or AAAA record, or correct the target of ${listed(e.names)}.`,
    },
    null: {
      severity: 'info',
      text: (e: { names: string[] }) =>
        `${listed(e.names)} has the target ".": the domain says that it does not offer this service.`,
      remedy: (e) =>
        `If the service is meant to be offered, replace the record of ${listed(e.names)} by one that names the server.`,
    },
    alias: {
      severity: 'warning',
      text: (e: { target: string; names: string[]; alias: string }) =>
        `${listed(e.names)} points to ${e.target}, which is an alias (CNAME) of ${e.alias}; RFC 2782 forbids that, and some clients do not follow it.`,
      remedy: (e) => `Point ${listed(e.names)} straight at ${e.alias}, or give ${e.target} an address of its own.`,
    },
  },
  notApplicable: ({ dns }) => (srvOf(dns).length === 0 ? 'no SRV record was found' : null),
  run({ dns }, found) {
    const byTarget = new Map<string, string[]>();
    for (const { name, record } of srvOf(dns)) {
      const target = record.srv?.target ?? '';
      const names = byTarget.get(target) ?? [];
      if (!names.includes(name)) byTarget.set(target, [...names, name]);
    }
    const targetsOf = (name: string): string[] =>
      [...byTarget].flatMap(([target, names]) => (names.includes(name) ? target : []));
    for (const [target, names] of byTarget) {
      if (target === '') {
        found('null', listed(names), { names });
        continue;
      }
      const state = stateOf(target, dns);
      const alsoServed = names.filter((name) => targetsOf(name).some((other) => stateOf(other, dns) === 'addressed'));
      if (state === 'missing' || state === 'no-address') found(state, target, { target, names, alsoServed });
      const alias = dns
        .flatMap(({ outcome }) => (outcome.ok ? outcome.value.records : []))
        .find((r) => r.type === 'CNAME' && r.name === target);
      if (alias?.host !== undefined) found('alias', target, { target, names, alias: alias.host });
    }
  },
});
