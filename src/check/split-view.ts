import type { Severity } from '../model.ts';
import type { DnsObservation, DnsRecord } from '../model/dns.ts';
import { defineCheck } from './define-check.ts';
import { inWords } from './server-ways.ts';

interface Difference {
  question: string;
  /** What each resolver answers, by its label. */
  answers: Record<string, string>;
}

interface Evidence {
  labels: string[];
  differences: Difference[];
  /** The labels whose answers lead to a server. */
  leading: string[];
}

const SHOWN = 1;
const MAX_DIFFERENCES = 32;

/** One text for one set of records, whatever the order and the TTLs. */
function answerText({ outcome }: DnsObservation): string | undefined {
  if (!outcome.ok) return undefined;
  const { status, records } = outcome.value;
  if (status !== 'answer') return status === 'nxdomain' ? 'NXDOMAIN' : 'no such record';
  // Servers write host names in letters of their own choice.
  const texts = records.map(({ type, text }) => `${type === 'CNAME' ? 'CNAME ' : ''}${text.toLowerCase()}`);
  return [...new Set(texts)].sort().join('; ');
}

/** The first answer that each label gives to each question: servers of one label stand in for one another. */
function answersByQuestion(dns: readonly DnsObservation[]): Map<string, Map<string, string>> {
  const questions = new Map<string, Map<string, string>>();
  for (const one of dns) {
    const text = answerText(one);
    if (text === undefined) continue;
    const key = `${one.about.name.toLowerCase()} ${one.about.type}`;
    const byLabel = questions.get(key) ?? new Map<string, string>();
    if (!byLabel.has(one.about.resolverLabel)) byLabel.set(one.about.resolverLabel, text);
    questions.set(key, byLabel);
  }
  return questions;
}

/** Whether the answers name an SRV target that has an address; where nobody publishes SRV records, any address will do. */
function leads(records: readonly DnsRecord[], rule: 'by-srv' | 'by-address'): boolean {
  const addressed = new Set(records.filter(({ address }) => address !== undefined).map(({ name }) => name));
  const aliased = new Set(records.filter(({ type }) => type === 'CNAME').map(({ name }) => name));
  if (rule === 'by-address') return addressed.size > 0;
  return records.some(({ srv }) => srv !== undefined && (addressed.has(srv.target) || aliased.has(srv.target)));
}

function leadingLabels(dns: readonly DnsObservation[], labels: readonly string[]): string[] {
  const recordsOf = (label: string): DnsRecord[] =>
    dns.flatMap(({ about, outcome }) => (about.resolverLabel === label && outcome.ok ? outcome.value.records : []));
  const rule = dns.some(({ outcome }) => outcome.ok && outcome.value.records.some(({ srv }) => srv))
    ? 'by-srv'
    : 'by-address';
  return labels.filter((label) => leads(recordsOf(label), rule));
}

const severityOf = ({ leading }: Evidence): Severity => (leading.length === 1 ? 'warning' : 'info');

const differenceText = ({ question, answers }: Difference): string =>
  `${question} (${Object.entries(answers)
    .map(([label, answer]) => `${label}: ${answer}`)
    .join(', ')})`;

export const splitView = defineCheck({
  id: 'split-view',
  rung: 'dns',
  question: 'Do all resolvers that were named give the same answers?',
  source: 'RFC 6950 section 4',
  reads: ['dns'],
  cases: {
    differs: {
      means: 'The resolvers that were compared give different records for the same names.',
      causes: [
        'inside and outside views of the domain (split DNS)',
        'a record was changed in one view only',
        'one resolver still has old records in its cache',
      ],
      fix: 'If clients outside are to sign in, publish the same SIP records in the outside view; otherwise let each client ask the DNS server that is meant for it (compare: sipdiag dns DOMAIN --resolver inside=IP --resolver outside=IP).',
      severity: severityOf,
      weighs: 'warning when only one of the resolvers leads clients to a server; info otherwise',
      text: (e: Evidence) => {
        const shown = e.differences.slice(0, SHOWN).map(differenceText).join('; ');
        const more = e.differences.length > SHOWN ? ` and ${e.differences.length - SHOWN} more` : '';
        const alone = e.leading.length === 1 ? ` Only ${e.leading[0]} leads clients to a server.` : '';
        return `${inWords(e.labels)} give different answers: ${shown}${more}.${alone}`;
      },
      remedy: (e) =>
        e.leading.length === 1
          ? `If clients that ask another DNS server than ${e.leading[0]} are to find a server too (roaming, VPN, guest network), publish the records there as well.`
          : 'If the two views are meant to differ (inside and outside), nothing is wrong; check that each client asks the one that is meant for it.',
    },
  },
  notApplicable: ({ dns }) =>
    new Set(dns.map((one) => one.about.resolverLabel)).size < 2 ? 'only one resolver was asked' : null,
  run({ dns }, found) {
    const labels = [...new Set(dns.map((one) => one.about.resolverLabel))];
    const answered = labels.filter((label) => dns.some((one) => one.about.resolverLabel === label && one.outcome.ok));
    const differences = [...answersByQuestion(dns)]
      .filter(([, answers]) => new Set(answers.values()).size > 1)
      .map(([question, answers]) => ({ question, answers: Object.fromEntries(answers) }))
      .slice(0, MAX_DIFFERENCES);
    if (differences.length === 0) return;
    const leading = leadingLabels(dns, answered);
    found('differs', differences[0]?.question ?? '', { labels: answered, differences, leading });
  },
});
