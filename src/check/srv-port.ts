import type { Severity } from '../model.ts';
import type { DnsObservation } from '../model/dns.ts';
import { CUSTOMARY_PORTS } from '../profiles.ts';
import { NAPTR_SERVICES } from '../profiles/naptr-services.ts';
import { decisionOf, type NamedSrv } from './deciding-answers.ts';
import { defineCheck } from './define-check.ts';

interface PortEvidence {
  name: string;
  target: string;
  port: number;
  expected: number[];
  severity: Severity;
  why: string;
}

const TLS_PORTS: readonly number[] = [5061, 443];
const PLAIN_PORTS: readonly number[] = [5060];

/** '_sip._tls' of '_sip._tls.example.com'. */
const serviceOf = (name: string): string => name.split('.').slice(0, 2).join('.');

function judgePort({ name, srv }: NamedSrv): Pick<PortEvidence, 'expected' | 'severity' | 'why'> | undefined {
  const service = serviceOf(name);
  const customary = CUSTOMARY_PORTS[service];
  if (customary !== undefined) {
    if (customary.includes(srv.port)) return undefined;
    const why = 'firewalls and partners are set up for the customary ports';
    return { expected: [...customary], severity: 'info', why };
  }
  const transport = NAPTR_SERVICES.find(({ prefix }) => prefix === `${service}.`)?.transport;
  if (transport == null) return undefined;
  // RFC 3263 lets these names use any port; only the port of the other kind points to a mistake.
  const foreign = transport === 'tls' ? PLAIN_PORTS : TLS_PORTS;
  if (!foreign.includes(srv.port)) return undefined;
  const kind = transport === 'tls' ? 'SIP in the clear' : 'TLS';
  const why = `that is the port of ${kind}, and a client that follows the record speaks ${transport.toUpperCase()} to it`;
  return { expected: [transport === 'tls' ? 5061 : 5060], severity: 'warning', why };
}

/** Names that NAPTR leads to are judged with the NAPTR record. */
const behindNaptr = (dns: readonly DnsObservation[]): Set<string> =>
  new Set(
    dns.flatMap(({ outcome }) =>
      outcome.ok ? outcome.value.records.flatMap((one) => one.naptr?.replacement ?? []) : [],
    ),
  );

export const srvPort = defineCheck({
  id: 'srv-port',
  rung: 'dns',
  question: 'Do the SRV records name ports that fit their transport?',
  source: 'RFC 3263 section 4.2; Microsoft, Edge Server environmental requirements',
  reads: ['dns'],
  uses: ['discovery'],
  cases: {
    unexpected: {
      means: 'An SRV record names a port that is not customary for its transport.',
      causes: [
        'the port of another transport was copied (5060 for TLS, 5061 for TCP)',
        'the server listens on a port of its own choice',
      ],
      fix: 'Correct the port of the SRV record, unless the server means it to be used this way.',
      severity: (e: PortEvidence) => e.severity,
      weighs: 'warning when it is the port of the other kind of transport; info when it is only unusual',
      text: (e: PortEvidence) =>
        `${e.name} leads to port ${e.port} of ${e.target}, where ${e.expected.join(' or ')} is customary: ${e.why}.`,
      remedy: (e) =>
        `If the server at ${e.target} does not mean port ${e.port} to be used this way, correct the port of ${e.name} to ${e.expected.join(' or ')}.`,
    },
    zero: {
      means: 'An SRV record names port 0, to which no client can connect.',
      causes: [
        'the port was left empty when the record was made',
        'the record was meant to say that there is no such service',
      ],
      fix: 'Put the port of the server into the record; for "no such service" the target is ".".',
      severity: (e: { name: string; target: string; severity: Severity }) => e.severity,
      weighs:
        'error; warning when the client of the profile does not ask for the name, or finds another record under it',
      text: (e: { name: string; target: string; severity: Severity }) =>
        `${e.name} leads to port 0 of ${e.target}: no client can connect to that.`,
      remedy: (e) => `Put the server's port into the record of ${e.name}; for "no such service" the target is ".".`,
    },
  },
  notApplicable: ({ dns }, { answersIn }) => (answersIn(dns).srv.length === 0 ? 'no SRV record was found' : null),
  run({ dns, discovery }, found, { answersIn }) {
    const answers = answersIn(dns);
    const decision = decisionOf(discovery);
    const naptr = behindNaptr(answers.seen);
    const asked = new Set(decision?.discovery.steps.map(({ question }) => question.replace(/ SRV$/, '')));
    for (const one of answers.srv) {
      const { name, srv } = one;
      const { target, port } = srv;
      if (target === '.') continue;
      if (port === 0) {
        const served = decision !== undefined && (decision.alive.some(({ set }) => set === name) || !asked.has(name));
        found('zero', name, { name, target, severity: served ? 'warning' : 'error' });
        continue;
      }
      const judged = naptr.has(name) ? undefined : judgePort(one);
      if (judged !== undefined) found('unexpected', name, { name, target, port, ...judged });
    }
  },
});
