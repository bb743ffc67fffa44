import type { Severity, SipObservation } from '../model.ts';
import { defineCheck } from './define-check.ts';
import { namesText } from './deciding-answers.ts';
import { namedEndpoint } from './standing.ts';

interface Asked {
  servers: string[];
  domain: string;
  aor: string;
  /** What of the address-of-record the user has not given. */
  madeUp: 'user' | 'user-and-domain' | null;
  /** Whether OPTIONS to the same domain was taken: then an unknown account is what a refusal is about. */
  takesOptions: 'yes' | 'no';
}
type Evidence = Asked & { status: number; reason: string };

const where = ({ servers }: Asked): string => namesText(servers);
const verb = ({ servers }: Asked, one: 'answers' | 'forbids'): string =>
  servers.length === 1 ? one : one.slice(0, -1);

/** Nothing follows for real accounts from what a registrar says to one that was made up. */
const severityOfRefusal = ({ madeUp }: Asked): Severity => (madeUp === null ? 'error' : 'info');
/** A domain that was given and is not even taken by OPTIONS is not served, whoever asks. */
const severityOfUnserved = ({ madeUp, takesOptions }: Asked): Severity =>
  madeUp === null || (madeUp === 'user' && takesOptions === 'no') ? 'error' : 'info';
const account = ({ aor, madeUp }: Asked): string =>
  madeUp === null ? aor : `${aor}, an address that sipdiag made up because none was given`;
const givenAddress = ({ domain, madeUp }: Asked): string =>
  madeUp === 'user'
    ? `To learn about a real account, give its sign-in address: sip:user@${domain}.`
    : `To learn about a real account, give its sign-in address and name the server apart: sip:user@domain --server ${domain}.`;
const CASE_OF: Partial<Record<number, 'forbidden' | 'domain-not-served'>> = {
  403: 'forbidden',
  404: 'domain-not-served',
  416: 'domain-not-served',
  604: 'domain-not-served',
};

/** A server with a problem of its own says nothing about registrations. */
const isServed = ({ outcome }: SipObservation): boolean => outcome.ok && outcome.value.status < 500;
const isSilent = ({ outcome }: SipObservation): boolean => !outcome.ok && outcome.reason === 'timeout';

const isTaken = ({ about, outcome }: SipObservation): boolean =>
  about.method === 'OPTIONS' && outcome.ok && outcome.value.status < 300;

function askedOf({ about }: SipObservation, sip: readonly SipObservation[]): Omit<Asked, 'servers'> {
  const { aor, requestUri, madeUp = null } = about;
  return { domain: requestUri.replace(/^sips?:/, ''), aor, madeUp, takesOptions: sip.some(isTaken) ? 'yes' : 'no' };
}

export const registration = defineCheck({
  id: 'registration',
  rung: 'auth',
  question: 'Does the registrar take a REGISTER for this domain?',
  source: 'RFC 3261 section 10.3',
  reads: ['sip'],
  cases: {
    'domain-not-served': {
      severity: severityOfUnserved,
      means: 'The registrar knows neither password nor user: it does not serve the domain, or does not know the user.',
      causes: [
        'the domain is missing in the list of SIP domains',
        'DNS leads to the wrong server',
        'the sign-in address is misspelt',
      ],
      text: (e: Evidence) =>
        severityOfUnserved(e) === 'error'
          ? `${where(e)} ${verb(e, 'answers')} the REGISTER of ${account(e)} with ${e.status} ${e.reason} without asking for a password: the server does not serve the domain ${e.domain}${e.madeUp === null ? ', or does not know the user' : ''}.`
          : `${where(e)} ${verb(e, 'answers')} the REGISTER of ${account(e)}, with ${e.status} ${e.reason}: that says nothing about real accounts.`,
      remedy: (e) =>
        severityOfUnserved(e) === 'info'
          ? givenAddress(e)
          : `Add ${e.domain} to the SIP domains of the server (Kamailio: alias= or the domain table; LCS: Global Settings, Domains), or correct the sign-in address.`,
    },
    forbidden: {
      severity: severityOfRefusal,
      means: 'The registrar refuses the registration before it asks for a password.',
      causes: ['an access list by network', 'the account is disabled', 'registrations are not allowed from outside'],
      text: (e: Evidence) =>
        `${where(e)} ${verb(e, 'forbids')} the registration of ${account(e)}: ${e.status} ${e.reason}, before any password was asked for.`,
      remedy: (e) =>
        e.madeUp !== null
          ? givenAddress(e)
          : `Check in the server that registrations of ${e.aor} are allowed from this network and that the account is enabled.`,
    },
    unanswered: {
      severity: severityOfRefusal,
      means: 'The server answers OPTIONS, but not REGISTER.',
      causes: [
        'the registrar or its database hangs',
        'a filter drops REGISTER',
        'the server is a trunk and no registrar',
      ],
      text: (e: Asked & { ms: number }) =>
        `${where(e)} ${verb(e, 'answers')} OPTIONS, but not the REGISTER of ${account(e)}: nothing came within ${Math.round(e.ms)} ms.`,
      remedy: (e) =>
        e.madeUp !== null
          ? givenAddress(e)
          : `Look for the REGISTER of ${e.aor} in the log of the server: its registrar or user database hangs, or a filter drops the request. A trunk that takes no registrations needs no REGISTER.`,
    },
    'not-challenged': {
      severity: 'info',
      means: 'The registrar takes a REGISTER without a password.',
      causes: ['authentication is turned off', 'the server trusts this network'],
      text: (e: Evidence) =>
        `${where(e)} ${verb(e, 'answers')} a REGISTER query of ${e.aor} with ${e.status} and asks for no password.`,
      remedy: () => `If that is not intended, turn on digest authentication for REGISTER.`,
    },
  },
  notApplicable: ({ sip }) => (sip.some(isServed) ? null : 'no SIP server answered'),
  run({ sip }, found) {
    const registers = sip.filter(({ about }) => about.method === 'REGISTER');
    const [silent] = registers;
    if (silent !== undefined && registers.every(isSilent)) {
      const servers = [...new Set(sip.filter(isServed).map(({ about }) => namedEndpoint(about)))];
      found('unanswered', silent.about.aor, { ...askedOf(silent, sip), servers, ms: silent.outcome.ms });
    }
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
      const servers = [...new Set(group.map((one) => namedEndpoint(one.about)))];
      const { status, reason } = first.outcome.value;
      found(name, first.about.aor, { ...askedOf(first, sip), servers, status, reason });
    }
  },
});
