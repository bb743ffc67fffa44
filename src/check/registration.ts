import type { SipObservation } from '../model.ts';
import { defineCheck } from './define-check.ts';
import { namedEndpoint } from './standing.ts';

interface Evidence {
  servers: string[];
  domain: string;
  aor: string;
  status: number;
  reason: string;
}

const where = ({ servers }: Evidence): string => servers.join(', ');
const CASE_OF: Partial<Record<number, 'forbidden' | 'domain-not-served'>> = {
  403: 'forbidden',
  404: 'domain-not-served',
  416: 'domain-not-served',
  604: 'domain-not-served',
};

export const registration = defineCheck({
  id: 'registration',
  rung: 'auth',
  question: 'Does the registrar take a REGISTER for this domain?',
  source: 'RFC 3261 section 10.3',
  reads: ['sip'],
  cases: {
    'domain-not-served': {
      severity: 'error',
      text: (e: Evidence) =>
        `${where(e)} answers the REGISTER of ${e.aor} with ${e.status} ${e.reason} without asking for a password: the server does not serve the domain ${e.domain}, or does not know the user.`,
      remedy: (e) =>
        `Add ${e.domain} to the SIP domains of the server (Kamailio: alias= or the domain table; LCS: Global Settings, Domains), or correct the sign-in address.`,
    },
    forbidden: {
      severity: 'error',
      text: (e: Evidence) =>
        `${where(e)} forbids the registration of ${e.aor}: ${e.status} ${e.reason}, before any password was asked for.`,
      remedy: (e) =>
        `Check in the server that registrations of ${e.aor} are allowed from this network and that the account is enabled.`,
    },
    'not-challenged': {
      severity: 'info',
      text: (e: Evidence) =>
        `${where(e)} answers a REGISTER query of ${e.aor} with ${e.status} and asks for no password.`,
      remedy: () => `If that is not intended, turn on digest authentication for REGISTER.`,
    },
  },
  notApplicable: ({ sip }) => (sip.some((one) => one.outcome.ok) ? null : 'no SIP server answered'),
  run({ sip }, found) {
    const byCase = new Map<string, SipObservation[]>();
    for (const one of sip) {
      if (one.about.method !== 'REGISTER' || !one.outcome.ok) continue;
      const { status } = one.outcome.value;
      const name = CASE_OF[status] ?? (status < 300 ? 'not-challenged' : undefined);
      if (name !== undefined) byCase.set(name, [...(byCase.get(name) ?? []), one]);
    }
    for (const name of ['domain-not-served', 'forbidden', 'not-challenged'] as const) {
      const group = byCase.get(name) ?? [];
      const [first] = group;
      if (first === undefined || !first.outcome.ok) continue;
      const { aor, requestUri } = first.about;
      const domain = requestUri.replace(/^sips?:/, '');
      const servers = [...new Set(group.map((one) => namedEndpoint(one.about)))];
      const { status, reason } = first.outcome.value;
      found(name, aor, { servers, domain, aor, status, reason });
    }
  },
});
