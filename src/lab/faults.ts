import type { Rung } from '../model.ts';
import type { CertificateFlaw } from './certificates.ts';
import type { DnsBehaviour } from './dns-server.ts';
import type { SipBehaviour } from './sip-listeners.ts';

/** Every choice that the lab makes when it starts. */
export interface LabPlan {
  /** What DNS publishes: everything, nothing at all, or SRV records whose target does not exist. */
  zone: 'complete' | 'empty' | 'target-missing';
  dns: DnsBehaviour;
  tcp: 'served' | 'refused';
  tls: 'served' | 'refused' | 'plaintext' | 'silent' | 'closes';
  certificate: CertificateFlaw;
  sip: SipBehaviour;
  registration: 'served' | 'domain-not-served';
}

/** A network without a fault. */
export const HEALTHY_PLAN: Readonly<LabPlan> = {
  zone: 'complete',
  dns: 'healthy',
  tcp: 'served',
  tls: 'served',
  certificate: 'none',
  sip: 'healthy',
  registration: 'served',
};

interface Fault {
  /** One clause, as a menu would show it. */
  title: string;
  /** Where a diagnosis has to end: the first broken rung, and the finding that names the cause. */
  expects: { rung: Rung; findingId: string };
  /** What differs from the healthy plan. */
  change: Partial<LabPlan>;
}

const table = {
  'srv-target-missing': {
    title: 'the SRV records point to a host name that does not exist',
    expects: { rung: 'dns', findingId: 'srv-target.missing' },
    change: { zone: 'target-missing' },
  },
  'srv-records-absent-and-no-address': {
    title: 'DNS knows neither the domain nor anything below it',
    expects: { rung: 'dns', findingId: 'domain.not-found' },
    change: { zone: 'empty' },
  },
  'resolver-silent': {
    title: 'the DNS server does not answer',
    expects: { rung: 'dns', findingId: 'resolver.timeout' },
    change: { dns: 'silent' },
  },
  'resolver-servfail': {
    title: 'the DNS server answers SERVFAIL',
    expects: { rung: 'dns', findingId: 'resolver.failure' },
    change: { dns: 'servfail' },
  },
  'resolver-refused': {
    title: 'the DNS server answers REFUSED',
    expects: { rung: 'dns', findingId: 'resolver.failure' },
    change: { dns: 'refused' },
  },
  'resolver-truncated-no-tcp': {
    title: 'the DNS server truncates its answers and is closed on TCP',
    expects: { rung: 'dns', findingId: 'resolver.truncated-no-tcp' },
    change: { dns: 'truncated-no-tcp' },
  },
  'tcp-refused': {
    title: 'DNS publishes a TCP port where nothing listens',
    expects: { rung: 'connect', findingId: 'tcp-reach.refused' },
    change: { tcp: 'refused' },
  },
  'tls-refused': {
    title: 'DNS publishes a TLS port where nothing listens',
    expects: { rung: 'connect', findingId: 'tcp-reach.refused' },
    change: { tls: 'refused' },
  },
  'tls-plaintext': {
    title: 'the TLS port speaks SIP in the clear',
    expects: { rung: 'tls', findingId: 'tls-service.plaintext' },
    change: { tls: 'plaintext' },
  },
  'tls-silent': {
    title: 'the TLS port accepts the connection and says nothing',
    expects: { rung: 'tls', findingId: 'tls-handshake.timeout' },
    change: { tls: 'silent' },
  },
  'tls-closes': {
    title: 'the TLS port closes the connection when the handshake begins',
    expects: { rung: 'tls', findingId: 'tls-handshake.closed' },
    change: { tls: 'closes' },
  },
  'cert-expired': {
    title: 'the certificate expired three days ago',
    expects: { rung: 'certificate', findingId: 'cert-dates.expired' },
    change: { certificate: 'expired' },
  },
  'cert-not-yet-valid': {
    title: 'the certificate becomes valid in two days',
    expects: { rung: 'certificate', findingId: 'cert-dates.not-yet-valid' },
    change: { certificate: 'not-yet-valid' },
  },
  'cert-wrong-name': {
    title: 'the certificate is for another host and domain',
    expects: { rung: 'certificate', findingId: 'cert-name.mismatch' },
    change: { certificate: 'wrong-name' },
  },
  'cert-untrusted-root': {
    title: 'the certificate comes from an authority that nobody trusts',
    expects: { rung: 'certificate', findingId: 'cert-chain.untrusted-root' },
    change: { certificate: 'untrusted-root' },
  },
  'cert-self-signed': {
    title: 'the certificate is signed with its own key',
    expects: { rung: 'certificate', findingId: 'cert-chain.self-signed' },
    change: { certificate: 'self-signed' },
  },
  'cert-intermediate-missing': {
    title: 'the server does not send the intermediate certificate',
    expects: { rung: 'certificate', findingId: 'cert-chain.intermediate-missing' },
    change: { certificate: 'intermediate-missing' },
  },
  'cert-server-auth-missing': {
    title: 'the certificate may be used by clients only',
    expects: { rung: 'certificate', findingId: 'cert-eku.server-auth-missing' },
    change: { certificate: 'server-auth-missing' },
  },
  'sip-silent': {
    title: 'the SIP server accepts connections and answers no request',
    expects: { rung: 'sip', findingId: 'sip-answer.none' },
    change: { sip: 'silent' },
  },
  'sip-closes': {
    title: 'the SIP server closes the connection when a request arrives',
    expects: { rung: 'sip', findingId: 'sip-answer.closed' },
    change: { sip: 'closes' },
  },
  'sip-not-sip': {
    title: 'a web server answers on the SIP ports',
    expects: { rung: 'sip', findingId: 'sip-answer.not-sip' },
    change: { sip: 'not-sip' },
  },
  'sip-server-error': {
    title: 'the SIP server answers every request with 503',
    expects: { rung: 'sip', findingId: 'sip-answer.server-error' },
    change: { sip: 'server-error' },
  },
  'domain-not-served': {
    title: 'the registrar does not serve the domain (404)',
    expects: { rung: 'auth', findingId: 'registration.domain-not-served' },
    change: { registration: 'domain-not-served' },
  },
} satisfies Record<string, Fault>;

export type FaultName = keyof typeof table;

/** Every fault that the lab can show, with what a diagnosis should make of it. */
export const FAULTS: Readonly<Record<FaultName, Readonly<Fault>>> = table;

/** True when the text is the name of a fault. */
export function isFaultName(text: string): text is FaultName {
  return Object.hasOwn(FAULTS, text);
}

/** The healthy plan with the faults' changes. Throws RangeError when two faults want the same part to fail in different ways. */
export function planFor(faults: readonly FaultName[]): LabPlan {
  const changes = new Map<string, string>();
  for (const fault of faults) {
    for (const [part, value] of Object.entries(FAULTS[fault].change)) {
      if ((changes.get(part) ?? value) !== value) {
        throw new RangeError(`the faults ${faults.join(', ')} contradict each other about '${part}'`);
      }
      changes.set(part, value);
    }
  }
  return faults.reduce<LabPlan>((plan, fault) => ({ ...plan, ...FAULTS[fault].change }), HEALTHY_PLAN);
}
