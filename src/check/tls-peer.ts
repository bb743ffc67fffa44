import type { Failure } from '../model.ts';
import type { TlsObservation } from '../model/tls.ts';
import { defineCheck } from './define-check.ts';
import { durationText } from './duration-text.ts';
import { endpointText } from './standing.ts';
import { amountText } from './handshake-amount.ts';
import { alertText, TLS_ALERTS } from './tls-alerts.ts';

interface Evidence {
  peer: string;
  detail: string;
  /** What we showed the peer. */
  shown: 'throw-away' | 'own';
}
interface FailureEvidence extends Evidence {
  ms: number;
  reason: string;
  /** Of the peer's side of the handshake; 0: nothing came. */
  octets: number;
  /** What ended it. */
  end: 'waited' | 'closed';
  /** The first of what came instead of TLS. */
  received: string;
}
interface HelloEvidence {
  peer: string;
  serverName: string | null;
  versions: string[];
}

const OUTDATED: ReadonlySet<string> = new Set(['TLSv1.1', 'TLSv1', 'SSLv3']);

/** OpenSSL's words; whom they are about stands in the sentence. */
const reasonText = (detail: string): string => detail.replace(/^TLS handshake with \S+: /, '');

const refusalText = ({ outcome }: TlsObservation): string => {
  if (outcome.ok) return '';
  if (outcome.reason === 'closed' || outcome.reason === 'reset') return 'it closed the connection';
  if (outcome.alert === undefined) return outcome.detail === '' ? outcome.reason : reasonText(outcome.detail);
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

const SHOWN = 60;

function howFar({ ms, octets = 0, reason, detail, received = '' }: Failure): Omit<FailureEvidence, keyof Evidence> {
  const text = Buffer.from(received, 'base64').toString('latin1').split('\r\n', 1)[0] ?? '';
  return {
    ms,
    octets,
    reason: reasonText(detail),
    end: reason === 'timeout' ? 'waited' : 'closed',
    received: text.slice(0, SHOWN),
  };
}

type FailureName = 'silent' | 'unfinished' | 'not-tls' | 'malformed' | 'failed' | 'refused';

function caseOf({ reason, octets }: Failure): FailureName | undefined {
  if (reason === 'cancelled') return undefined;
  if (reason === 'not-tls') return 'not-tls';
  if (reason === 'tls-alert') return 'refused';
  if (octets === undefined) return 'silent';
  if (reason === 'timeout') return 'unfinished';
  if (reason === 'malformed' || reason === 'too-large') return 'malformed';
  return reason === 'tls-failed' ? 'failed' : 'refused';
}

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
    silent: {
      // Load balancers and scanners knock like this: that says nothing about the peer that is meant.
      severity: 'warning',
      means: 'Somebody connected and sent nothing: no TLS handshake has begun.',
      causes: [
        'a load balancer or monitor that only tries whether the port is open',
        'a peer that waits for the other side to speak first, and does not speak TLS',
      ],
      fix: 'Have the peer connect again, with TLS turned on for its outgoing connections; where a load balancer or monitor knocks on the port, stop it for the test or choose another port.',
      text: (e: FailureEvidence) =>
        e.end === 'waited'
          ? `${e.peer} connected and sent nothing within ${durationText(e.ms)}: no TLS handshake has begun.`
          : `${e.peer} connected and closed the connection without a word: no TLS handshake has begun.`,
      remedy: () =>
        `Run it again on a port that no load balancer or monitor knocks on, and have the peer connect with TLS.`,
    },
    unfinished: {
      severity: 'error',
      means: 'The peer that connected begins the TLS handshake, and never comes to the end of it.',
      causes: [
        'large packets are lost on the way (path MTU, a VPN): the certificates are the largest that a peer sends',
        'a peer that hangs',
      ],
      fix: 'Watch the handshake on the way (tcpdump): where the certificates of the peer do not arrive, lower the MTU or let ICMP "packet too big" through; otherwise look at the log of the peer.',
      text: (e: FailureEvidence) =>
        `${e.peer} begins the TLS handshake and does not come to its end: ${amountText(e.octets)} came within ${durationText(e.ms)}.`,
      remedy: () =>
        `Run it again with more time (--timeout 10000); if it stays so, watch the handshake with tcpdump, and look at the log of the peer.`,
    },
    'not-tls': {
      severity: 'error',
      means: 'The peer that connected does not speak TLS.',
      causes: ['the peer is set to TCP instead of TLS', 'another client uses the port'],
      fix: 'Turn TLS on for the outgoing connections of the peer, and have it connect again.',
      text: (e: FailureEvidence) => `${e.peer} does not speak TLS; it sent "${e.received}".`,
      remedy: () => `Turn TLS on for the outgoing connections of the peer, and have it connect again.`,
    },
    malformed: {
      severity: 'error',
      means:
        'What the peer sends in the TLS handshake cannot be used: it breaks the protocol, or is larger than servers take.',
      causes: [
        'a damaged certificate file on the peer',
        'a whole store of certificates is sent along: OpenSSL takes 100 KiB at most',
        'a peer that goes away in the middle, or only looks like TLS',
      ],
      fix: 'Check the certificate of the peer and what it sends along (sipdiag tls --file FILE), and look at its log.',
      text: (e: FailureEvidence) =>
        `What ${e.peer} sends in the TLS handshake cannot be used: ${e.reason} (after ${amountText(e.octets)}).`,
      remedy: () =>
        `Look at the log of the peer, and check its certificate and what it sends along with it: sipdiag tls --file FILE`,
    },
    failed: {
      severity: 'error',
      means: 'The handshake with the peer failed on this side: no version or cipher fits both.',
      causes: ['old versions or ciphers only', 'a cipher list that does not fit the kind of key that was shown'],
      fix: 'Turn TLS 1.2 with ECDHE and AES-GCM on in the TLS profile of the peer; where it takes RSA keys only, show it one with --tls-cert and --tls-key.',
      text: (e: FailureEvidence) => `The TLS handshake with ${e.peer} failed on this side: ${e.reason}.`,
      remedy: (e) =>
        e.shown === 'own'
          ? `Turn TLS 1.2 with ECDHE and AES-GCM on in the TLS profile of the peer.`
          : `Turn TLS 1.2 with ECDHE and AES-GCM on in the TLS profile of the peer; if it takes RSA keys only, show it one with --tls-cert FILE --tls-key FILE (the throw-away one is P-256).`,
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
        const name = caseOf(outcome);
        if (name === 'refused') found(name, where, evidence);
        else if (name !== undefined) found(name, where, { ...evidence, ...howFar(outcome) });
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
