import type { TlsObservation } from '../model.ts';
import type { Certificate } from '../pki/certificate.ts';
import { matchNames } from '../pki/names.ts';
import { defineCheck } from './define-check.ts';
import { readSentChain } from './sent-chain.ts';
import { endpointText, namedEndpoint, severityOf, standInText, standingOf, type Standing } from './standing.ts';

interface Evidence extends Standing {
  server: string;
  /** The name that the client connected to. */
  wanted: string;
  domain: string | null;
  /** Every name that the certificate carries. */
  names: string[];
}

const SHOWN_NAMES = 8;

function namesOf({ san, commonName }: Certificate): string[] {
  const names = [...san.dns, ...san.ip, ...san.uri];
  // The common name counts only where there is no subjectAltName (RFC 5922 section 7.1).
  return names.length === 0 && commonName !== undefined ? [commonName] : names;
}

const carried = ({ names }: Evidence): string => {
  if (names.length === 0) return 'no name at all';
  const more = names.length > SHOWN_NAMES ? ` and ${names.length - SHOWN_NAMES} more` : '';
  return names.slice(0, SHOWN_NAMES).join(', ') + more;
};

const isAddress = (name: string): boolean => /^[\d.]+$/.test(name) || name.includes(':');

/** Which identities a client would look for, and which of them the certificate carries. */
function match({ about }: TlsObservation, certificate: Certificate): { host: boolean; domain: boolean } {
  const wanted = isAddress(about.verifyName) ? { address: about.verifyName } : { host: about.verifyName };
  const host = matchNames('rfc9525', certificate, wanted).result === 'match';
  const byDomain =
    about.domain === undefined ? 'not-applicable' : matchNames('rfc5922', certificate, { domain: about.domain }).result;
  return { host, domain: byDomain === 'match' };
}

function carriesAnyName(one: TlsObservation): boolean {
  const certificate = one.outcome.ok ? readSentChain(one.outcome.value).certificates[0] : undefined;
  if (certificate === undefined) return false;
  const { host, domain } = match(one, certificate);
  return host || domain;
}

export const certName = defineCheck({
  id: 'cert-name',
  rung: 'certificate',
  question: 'Does the certificate carry a name that the client looks for?',
  source: 'RFC 5922 section 7, RFC 9525 section 6',
  reads: ['tls'],
  cases: {
    mismatch: {
      severity: severityOf,
      text: (e: Evidence) =>
        `The certificate of ${e.server} is for ${carried(e)}; clients look for ${e.domain === null || e.domain === e.wanted ? e.wanted : `${e.domain} or ${e.wanted}`}.${standInText(e)}`,
      remedy: (e) =>
        `Ask the CA for a certificate whose subjectAltName holds DNS:${e.domain ?? e.wanted}${e.domain === null || e.domain === e.wanted ? '' : ` and DNS:${e.wanted}`}, and install it on ${e.server}.`,
    },
    'host-only': {
      severity: 'info',
      text: (e: Evidence) =>
        `The certificate of ${e.server} names the host ${e.wanted} but not the SIP domain ${e.domain ?? ''}: clients that follow RFC 5922 to the letter refuse it.`,
      remedy: (e) => `With the next renewal, ask for DNS:${e.domain ?? ''} in the subjectAltName as well.`,
    },
    'ip-expected': {
      severity: 'info',
      text: (e: Evidence) =>
        `TLS to ${e.wanted} was reached by its address; the certificate is for ${carried(e)} and cannot match an address. That proves that TLS itself works.`,
      remedy: (e) =>
        `Nothing to mend: let clients connect by name, or check the name with --verify-name ${e.names[0] ?? 'NAME'}.`,
    },
  },
  run({ tls }, found) {
    for (const one of tls) {
      if (!one.outcome.ok) continue;
      const { about } = one;
      const certificate = readSentChain(one.outcome.value).certificates[0];
      if (certificate === undefined) continue;
      const matched = match(one, certificate);
      const evidence: Evidence = {
        ...standingOf(about, tls.filter(carriesAnyName)),
        server: namedEndpoint(about),
        wanted: about.verifyName,
        domain: about.domain ?? null,
        names: namesOf(certificate),
      };
      if (matched.host && !matched.domain && about.domain !== undefined)
        found('host-only', endpointText(about), evidence);
      if (matched.host || matched.domain) continue;
      found(isAddress(about.verifyName) ? 'ip-expected' : 'mismatch', endpointText(about), evidence);
    }
  },
});
