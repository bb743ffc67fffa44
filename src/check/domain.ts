import type { DnsObservation } from '../model/dns.ts';
import { decisionOf, type DecidingAnswers } from './deciding-answers.ts';
import { defineCheck } from './define-check.ts';

interface DomainEvidence {
  domain: string;
  resolver: string;
  asked: string[];
  /** host: a server that the user named, looked up without service discovery. */
  kind: 'domain' | 'host';
}

function judgeHost(answers: DecidingAnswers, host: string): 'not-found' | 'no-address' | undefined {
  const { state } = answers.host(host);
  if (state === 'nxdomain') return 'not-found';
  return state === 'nodata' ? 'no-address' : undefined;
}

function judgeDomain(answers: readonly DnsObservation[], domain: string): 'not-found' | 'no-address' {
  const own = answers.filter(({ about }) => about.name.toLowerCase() === domain);
  const exists = own.some(({ outcome }) => outcome.ok && outcome.value.status !== 'nxdomain');
  return exists ? 'no-address' : 'not-found';
}

export const domain = defineCheck({
  id: 'domain',
  rung: 'dns',
  question: 'Does DNS lead from the SIP domain, or from the server that was named, to any address at all?',
  source: 'RFC 3263 section 4',
  reads: ['dns'],
  uses: ['discovery'],
  cases: {
    'not-found': {
      means: 'DNS knows nothing under the name of the domain or host.',
      causes: [
        'a spelling mistake in the sign-in address',
        'the name exists in the internal DNS only, and another DNS server was asked',
        'the domain has lapsed, or its zone was removed',
      ],
      fix: 'Correct the spelling, publish the name, or ask the DNS server that knows it (--resolver).',
      severity: 'error',
      text: (e: DomainEvidence) =>
        e.kind === 'host'
          ? `The host ${e.domain} does not exist in DNS: ${e.resolver} knows no such name.`
          : `The domain ${e.domain} does not exist in DNS: ${e.resolver} knows no SRV record and no address for it.`,
      remedy: (e) =>
        e.kind === 'host'
          ? `Check the spelling of ${e.domain}: if it is right, create an A or AAAA record for it, or, if it exists only inside, ask the internal DNS server with --resolver IP.`
          : `Check the spelling of ${e.domain} in the sign-in address: if it is right, create the zone and publish _sips._tcp.${e.domain} or _sip._tcp.${e.domain}, or, if it exists only inside, ask the internal DNS server with --resolver IP.`,
    },
    'no-address': {
      means: 'The domain or host exists in DNS, but leads to no address.',
      causes: [
        'the SIP records were never published, or were removed',
        'they are published in the internal DNS only',
        'clients of this domain are set up by hand',
      ],
      fix: 'Publish the SRV records of the domain or the address of the host, or point the clients at the server by hand.',
      severity: 'error',
      text: (e: DomainEvidence) =>
        e.kind === 'host'
          ? `The host ${e.domain} exists in DNS, but ${e.resolver} knows neither an A nor an AAAA record for it.`
          : `The domain ${e.domain} exists, but ${e.resolver} knows no SIP server for it: no SRV record and no address under any name that SIP clients ask for.`,
      remedy: (e) =>
        e.kind === 'host'
          ? `Give ${e.domain} the server's address as an A or AAAA record.`
          : `Publish _sips._tcp.${e.domain} (TLS, port 5061) or _sip._tcp.${e.domain} (TCP, port 5060) as SRV records, or point the clients at the server by hand.`,
    },
  },
  run({ dns, discovery }, found, { answersIn }) {
    const deciding = answersIn(dns);
    const answers = deciding.seen;
    const [first] = answers;
    if (first === undefined) return;
    const base = { resolver: first.about.resolver, asked: answers.map((one) => one.subject) };
    if (discovery.length === 0) {
      const { name, type } = first.about;
      const fault = type === 'A' || type === 'AAAA' ? judgeHost(deciding, name) : undefined;
      if (fault !== undefined) found(fault, name, { ...base, domain: name, kind: 'host' });
      return;
    }
    const decision = decisionOf(discovery);
    if (decision === undefined || decision.alive.length > 0) return;
    // Silence or failure of the resolver is another check's finding, and says nothing of the domain.
    if (answers.some((one) => !one.outcome.ok)) return;
    if (answers.some(({ outcome }) => outcome.ok && outcome.value.records.length > 0)) return;
    found(judgeDomain(answers, decision.domain), decision.domain, { ...base, domain: decision.domain, kind: 'domain' });
  },
});
