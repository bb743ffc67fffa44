import type { Severity } from '../model.ts';
import type { DnsRecord, RecordFate } from '../model/dns.ts';
import { NAPTR_SERVICES, type NaptrService } from '../profiles/naptr-services.ts';
import { recordVerdict } from '../wire/dns-answer.ts';
import { decisionOf, type DecidingAnswers, type Decision } from './deciding-answers.ts';
import { defineCheck } from './define-check.ts';

interface BrokenEvidence {
  domain: string;
  record: string;
  service: string;
  why: string;
  /** Other ways of the deciding client to the same transport. */
  alternatives: string[];
  severity: Severity;
}

interface MismatchEvidence {
  domain: string;
  record: string;
  service: string;
  transport: string;
  leadsTo: string;
  why: string;
}

const serviceOf = ({ naptr }: DnsRecord): NaptrService | undefined =>
  NAPTR_SERVICES.find(({ service }) => service === naptr?.services.toUpperCase());

function naptrRecords(dns: DecidingAnswers): DnsRecord[] {
  const names = new Set(dns.seen.flatMap(({ about }) => (about.type === 'NAPTR' ? about.name : [])));
  return [...names].flatMap((name) => {
    const lookup = dns.lookUp(name, 'NAPTR');
    return lookup.state === 'found' ? lookup.records.filter((record) => serviceOf(record) !== undefined) : [];
  });
}

/** What the walk made of each record; the deciding profile's own view where it reads NAPTR. */
function fatesOf({ discovery }: Decision): RecordFate[] {
  const all = discovery.profiles ?? [{ steps: discovery.steps }];
  const isNaptr = ({ question }: { question: string }): boolean => question.endsWith(' NAPTR');
  return all.flatMap(({ steps }) => steps.filter(isNaptr).flatMap(({ records = [] }) => records));
}

/** The record's own fault, or that of the name it leads to; a dead SRV target is told by the check of targets. */
function isOwnFault(record: DnsRecord, dns: DecidingAnswers): boolean {
  if (recordVerdict(record).verdict === 'ignore-record') return true;
  const name = record.naptr?.replacement ?? '.';
  const { state } = dns.lookUp(name, 'SRV');
  return state === 'nxdomain' || state === 'nodata' || state === 'not-asked';
}

function judgeBroken(record: DnsRecord, fate: RecordFate, decision: Decision): BrokenEvidence {
  const service = serviceOf(record);
  const { domain, discovery, alive, profile } = decision;
  const same = alive.filter(({ transport }) => transport === service?.transport);
  const alternatives = [...new Set(same.map(({ via, host, port }) => `${host}:${port} by ${via}`))];
  const decides = profile?.steps.some(({ kind }) => kind === 'naptr') ?? discovery.profile === 'rfc3263';
  const severity = decides && alternatives.length === 0 ? 'error' : 'warning';
  return { domain, record: record.text, service: service?.service ?? '', why: fate.why, alternatives, severity };
}

const PORTS_OF_TLS: readonly number[] = [5061, 443];

/** What the service promises against what the name and the port say. */
function mismatch(record: DnsRecord, dns: DecidingAnswers): Pick<MismatchEvidence, 'leadsTo' | 'why'> | undefined {
  const service = serviceOf(record);
  const name = record.naptr?.replacement ?? '.';
  if (service?.transport == null || name === '.') return undefined;
  const other = NAPTR_SERVICES.find(({ prefix }) => prefix !== service.prefix && name.startsWith(prefix));
  if (other !== undefined) return { leadsTo: name, why: `that is the name of ${other.service}` };
  const wrong = dns.srv.find(
    (one) =>
      one.name === name && (service.transport === 'tls' ? one.srv.port === 5060 : PORTS_OF_TLS.includes(one.srv.port)),
  );
  if (wrong === undefined) return undefined;
  const kind = service.transport === 'tls' ? 'SIP in the clear' : 'TLS';
  return { leadsTo: `${name}, port ${wrong.srv.port} of ${wrong.srv.target}`, why: `that is the port of ${kind}` };
}

export const naptr = defineCheck({
  id: 'naptr',
  rung: 'dns',
  question: 'Do the NAPTR records of the domain lead to the services that they name?',
  source: 'RFC 3263 section 4.1',
  reads: ['dns'],
  uses: ['discovery'],
  cases: {
    broken: {
      means: 'A NAPTR record for SIP leads nowhere: it is malformed, or the SRV name in it does not exist.',
      causes: [
        'a spelling mistake in the replacement',
        'the SRV record was renamed or removed',
        'both a regular expression and a replacement were given, or neither',
      ],
      fix: 'Correct the replacement to an SRV name that exists, or remove the NAPTR record.',
      severity: (e: BrokenEvidence) => e.severity,
      weighs:
        'error when the client of the profile goes by NAPTR and no other record leads it to the service; warning otherwise',
      text: (e: BrokenEvidence) =>
        `The NAPTR record of ${e.domain} for ${e.service} (${e.record}) is broken: ${e.why}.${
          e.alternatives.length > 0
            ? ` Clients that fall back reach ${e.alternatives.join(', ')}.`
            : ' There is no other way to this service.'
        }`,
      remedy: (e) =>
        `Correct the replacement of the NAPTR record to an SRV name that exists, or remove the record; check with: dig ${e.domain} NAPTR`,
    },
    'port-mismatch': {
      means: 'A NAPTR record promises one transport, and leads to the SRV name or the port of another.',
      causes: [
        'SIP+D2T was written where SIPS+D2T was meant',
        'the SRV record behind it has the port of another transport',
      ],
      fix: 'Let the NAPTR record lead to an SRV record of its own service, with the port of that transport.',
      severity: 'warning',
      text: (e: MismatchEvidence) =>
        `The NAPTR record of ${e.domain} for ${e.service} (${e.record}) leads to ${e.leadsTo}: ${e.why}, and a client speaks ${e.transport.toUpperCase()} to it.`,
      remedy: (e) => `Let the record for ${e.service} lead to an SRV record of that service and its port.`,
    },
  },
  notApplicable: ({ dns }, { answersIn }) =>
    naptrRecords(answersIn(dns)).length === 0 ? 'no NAPTR record for SIP was found' : null,
  run({ dns, discovery }, found, { answersIn }) {
    const answers = answersIn(dns);
    const decision = decisionOf(discovery);
    if (decision === undefined) return;
    const fates = fatesOf(decision);
    for (const record of naptrRecords(answers)) {
      const fate = fates.find(({ text }) => text === record.text);
      if (fate?.fate === 'broken' && isOwnFault(record, answers)) {
        found('broken', decision.domain, judgeBroken(record, fate, decision));
        continue;
      }
      const wrong = mismatch(record, answers);
      const { service = '', transport } = serviceOf(record) ?? {};
      const base = { domain: decision.domain, record: record.text, service, transport: transport ?? '' };
      if (wrong !== undefined) found('port-mismatch', decision.domain, { ...base, ...wrong });
    }
  },
});
