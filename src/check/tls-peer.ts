import type { TlsObservation } from '../model.ts';
import { defineCheck } from './define-check.ts';
import { endpointText } from './standing.ts';
import { alertText, TLS_ALERTS } from './tls-alerts.ts';

interface Evidence {
  peer: string;
  detail: string;
  /** What we showed the peer. */
  shown: 'throw-away' | 'own';
}
interface HelloEvidence {
  peer: string;
  serverName: string | null;
  versions: string[];
}

const OUTDATED: ReadonlySet<string> = new Set(['TLSv1.1', 'TLSv1', 'SSLv3']);

const refusalText = ({ outcome }: TlsObservation): string => {
  if (outcome.ok) return '';
  if (outcome.alert === undefined) return outcome.detail === '' ? outcome.reason : outcome.detail;
  return `${alertText(outcome.alert)}${TLS_ALERTS[outcome.alert] === undefined ? '' : `: ${MEANINGS[outcome.alert] ?? TLS_ALERTS[outcome.alert]?.meaning}`}`;
};

/** What an alert of a client means: it speaks of our certificate. */
const MEANINGS: Readonly<Record<number, string>> = {
  42: 'it found our certificate damaged or for another name',
  43: 'it does not accept this kind of certificate',
  45: 'it found our certificate expired',
  46: 'it did not accept our certificate',
  48: 'it does not trust the CA of our certificate',
};

export const tlsPeer = defineCheck({
  id: 'tls-peer',
  rung: 'tls',
  question: 'Does the peer that connects come through the handshake and present a certificate?',
  source: 'RFC 8446 section 4.4.2',
  reads: ['tls'],
  cases: {
    refused: {
      // Nobody trusts a certificate that was made on the spot: that says nothing about the peer.
      severity: (e: Evidence) => (e.shown === 'own' ? 'error' : 'warning'),
      weighs:
        'error when it was shown the certificate of --tls-cert; warning when it was shown a throw-away one, which nobody trusts',
      means: 'The peer that connected ended the handshake over the certificate that it was shown.',
      causes: [
        'it does not trust the CA of that certificate',
        'the certificate is for another name',
        'versions that do not meet',
      ],
      fix: 'Show the peer a certificate that it trusts and that carries the name it connects to (--tls-cert FILE --tls-key FILE), or have it trust this one for the test.',
      text: (e: Evidence) =>
        `${e.peer} ended the handshake before it presented its own certificate (${e.detail}).${e.shown === 'own' ? '' : ' It was shown a throw-away certificate.'}`,
      remedy: (e) =>
        e.shown === 'own'
          ? `Show a certificate that the peer trusts and that carries the name it connects to.`
          : `Run it again with a certificate that the peer trusts: --tls-cert FILE --tls-key FILE, or have the peer trust this one for the test.`,
    },
    'no-certificate': {
      severity: 'error',
      means: 'The peer was asked for a certificate and presented none: mutual TLS with it is impossible.',
      causes: [
        'no client certificate is set up on the peer',
        'its certificate lacks clientAuth, so that it is not sent',
      ],
      fix: 'On the peer, assign a certificate with the extended key usage clientAuth to outgoing TLS connections (the TLS context or profile of the trunk).',
      text: (e: Evidence) => `${e.peer} was asked for a client certificate and presented none: mutual TLS will fail.`,
      remedy: () =>
        `On the peer, assign a certificate with the extended key usage clientAuth to outgoing TLS connections (the TLS context or profile of the trunk).`,
    },
    'no-name': {
      severity: 'info',
      means: 'The peer sends no server name (SNI).',
      causes: ['old software', 'it connects to an address instead of a name'],
      fix: 'Nothing to mend, unless the far side serves several domains: then have the peer connect by name.',
      text: (e: HelloEvidence) =>
        `${e.peer} sends no server name (SNI): servers with several certificates show it their default one.`,
      remedy: () => `Have the peer connect by name, if the far side serves several domains.`,
    },
    outdated: {
      severity: 'warning',
      means: 'The peer offers no version of TLS that servers of today accept.',
      causes: ['old software', 'a TLS profile that pins the version'],
      fix: 'Turn TLS 1.2 on in the TLS profile of the peer, or update its software.',
      text: (e: HelloEvidence) =>
        `${e.peer} offers ${e.versions.join(', ')} only: servers of today ask for TLS 1.2 or newer.`,
      remedy: () => `Turn TLS 1.2 on in the TLS profile of the peer, or update it.`,
    },
  },
  notApplicable: ({ tls }) =>
    tls.some(({ about }) => about.peer === 'client') ? null : 'no peer connected to sipdiag',
  run({ tls }, found) {
    for (const one of tls) {
      const { about, outcome } = one;
      if (about.peer !== 'client') continue;
      const where = endpointText(about);
      const evidence: Evidence = { peer: where, detail: refusalText(one), shown: about.shown ?? 'throw-away' };
      if (!outcome.ok) {
        if (outcome.reason !== 'cancelled') found('refused', where, evidence);
        continue;
      }
      const { chain, hello } = outcome.value;
      if (chain.length === 0) found('no-certificate', where, evidence);
      if (hello === undefined) continue;
      const { serverName, versions } = hello;
      if (serverName === null) found('no-name', where, { peer: where, serverName, versions });
      if (versions.length > 0 && versions.every((version) => OUTDATED.has(version)))
        found('outdated', where, { peer: where, serverName, versions });
    }
  },
});
