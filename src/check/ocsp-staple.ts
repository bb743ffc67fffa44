import type { TlsObservation } from '../model/tls.ts';
import { type Issued, type OcspAnswer, readOcspResponse } from '../pki/ocsp.ts';
import { demandsStaple } from '../pki/tls-feature.ts';
import { WireError } from '../wire/wire-error.ts';
import { defineCheck, type Found } from './define-check.ts';
import { chainSubject, type JudgedChain, owned, type Owned, presented, shown } from './sent-chain.ts';
import type { Readings } from './readings.ts';
import { BY_STANDING, standInText } from './standing.ts';

interface Evidence extends Owned {
  detail: string;
  /** ISO 8601; null: the response does not say, or cannot be read. */
  thisUpdate: string | null;
  nextUpdate: string | null;
}
type RevokedEvidence = Evidence & { revokedAt: string };

interface Cases {
  revoked: RevokedEvidence;
  stale: Evidence;
  unusable: Evidence;
  unknown: Evidence;
  missing: Owned;
}

/** The certificate with the issuer that the path found for it; undefined without one, which cert-chain tells. */
function issuedIn({ leaf, verdict, failures }: JudgedChain): Issued | undefined {
  const [, issuer] = verdict.path;
  const isSigned = !failures.some(({ rule, index }) => rule === 'signature' && index === 0);
  return issuer === undefined || !isSigned ? undefined : { certificate: leaf, issuer };
}

type Reading = { answer: OcspAnswer } | { problem: 'stale' | 'unusable'; detail: string };

function readStaple(staple: string, issued: Issued, at: string): Reading {
  try {
    return { answer: readOcspResponse(Buffer.from(staple, 'base64'), issued, at) };
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return { problem: error.code === 'expired' ? 'stale' : 'unusable', detail: shown(error.message) };
  }
}

function tell(reading: Reading, report: { subject: string; about: Owned }, found: Found<Cases>): void {
  const { subject, about } = report;
  if ('problem' in reading) {
    found(reading.problem, subject, { ...about, detail: reading.detail, thisUpdate: null, nextUpdate: null });
    return;
  }
  const { status, thisUpdate, nextUpdate = null, revokedAt = '' } = reading.answer;
  const evidence = { ...about, detail: `the responder says ${status}`, thisUpdate, nextUpdate };
  if (status === 'revoked') found('revoked', subject, { ...evidence, revokedAt });
  if (status === 'unknown') found('unknown', subject, evidence);
}

const isRevoked = (reading: Reading | undefined): boolean =>
  reading !== undefined && 'answer' in reading && reading.answer.status === 'revoked';

interface Shown {
  one: TlsObservation;
  chain: JudgedChain;
  staple: string | undefined;
  issued: Issued | undefined;
}

/** What servers showed in their handshakes: a file holds no response, and a client is not asked for one. */
function shownBy(tls: readonly TlsObservation[], readings: Readings): Shown[] {
  return presented(tls, readings).flatMap(({ one, chain }) => {
    const { about, outcome } = one;
    if (chain === undefined || !outcome.ok || about.file !== undefined || about.peer !== undefined) return [];
    return [{ one, chain, staple: outcome.value.ocspStaple, issued: issuedIn(chain) }];
  });
}

export const ocspStaple = defineCheck({
  id: 'ocsp-staple',
  rung: 'certificate',
  question: 'Does the OCSP response that the server sends along prove that its certificate is not revoked?',
  source: 'RFC 6066 section 8, RFC 6960 section 3.2, RFC 7633',
  reads: ['tls'],
  cases: {
    revoked: {
      means:
        'The server itself sends the proof that its certificate is revoked: clients that read it refuse the server.',
      causes: [
        'the key was lost or stolen',
        'a newer certificate was issued in its place, and this one is still installed',
        'the CA had to withdraw certificates that broke the rules',
      ],
      fix: 'Replace the certificate with a new key, and find out from the CA why it was revoked.',
      ...BY_STANDING,
      text: (e: RevokedEvidence) =>
        `The certificate of ${e.server} was revoked on ${e.revokedAt}: so says the OCSP response that the server itself sends along.${standInText(e)}`,
      remedy: (e: RevokedEvidence) =>
        `Replace the certificate "${e.subject}" with a new key, and find out from the CA why it was revoked.`,
    },
    stale: {
      means:
        'The OCSP response that the server sends along is out of date: clients that check it refuse it or the server.',
      causes: [
        'the server cannot reach the OCSP responder of the CA (firewall, proxy, DNS) and sends what it had',
        'the response is a file that nobody renews',
        'the clock of the server is wrong',
      ],
      fix: 'Let the server reach the OCSP responder of the CA, or turn stapling off.',
      severity: 'warning',
      text: (e: Evidence) =>
        `The OCSP response that ${e.server} sends along is out of date (${e.detail}): clients that check it refuse it, strict ones refuse the server.`,
      remedy: () =>
        `Let the server reach the OCSP responder of the CA and restart its stapling, or turn stapling off; sipdiag tls HOST --revocation asks the responder itself.`,
    },
    unusable: {
      means: 'The OCSP response that the server sends along proves nothing about its certificate.',
      causes: [
        'the certificate was replaced, and the response is still that for the one before',
        'the responder gave an error, which the server passes on',
        'the response is signed by nobody who may',
      ],
      fix: 'Restart the server after a change of certificate, so that it fetches a fresh response; or turn stapling off.',
      severity: 'warning',
      text: (e: Evidence) =>
        `The OCSP response that ${e.server} sends along is of no use: ${e.detail}. Clients that check it refuse it, strict ones refuse the server.`,
      remedy: () =>
        `Restart the server after a change of certificate, so that it fetches a fresh response; or turn stapling off.`,
    },
    unknown: {
      means: 'The OCSP responder does not know the certificate: the response that the server sends along says so.',
      causes: ['the certificate is so new that the responder does not know it yet', 'the CA runs its responder badly'],
      fix: 'Ask the CA that issued the certificate to mend its OCSP responder.',
      severity: 'warning',
      text: (e: Evidence) =>
        `The OCSP response that ${e.server} sends along says that the responder does not know the certificate "${e.subject}".`,
      remedy: (e: Evidence) => `Ask the CA that issued "${e.subject}" to mend its OCSP responder.`,
    },
    missing: {
      means:
        'The certificate may be shown only together with an OCSP response (must staple), and the server sends none.',
      causes: ['stapling is not turned on in the server', 'the server does not know how to staple'],
      fix: 'Turn OCSP stapling on, or get a certificate without the extension TLS Feature.',
      severity: 'warning',
      text: (e: Owned) =>
        `The certificate of ${e.server} demands that an OCSP response is sent along (must staple), and none is: clients that honour this refuse it.`,
      remedy: (e: Owned) =>
        `Turn OCSP stapling on in the server, or get a certificate "${e.subject}" without the extension TLS Feature (1.3.6.1.5.5.7.1.24).`,
    },
  },
  notApplicable: ({ tls }, readings) => {
    const all = shownBy(tls, readings);
    const isJudged = all.some(({ staple, issued, chain }) =>
      staple === undefined ? demandsStaple(chain.leaf) : issued !== undefined,
    );
    if (isJudged || !tls.some(({ outcome }) => outcome.ok)) return null;
    return all.some(({ staple }) => staple !== undefined)
      ? 'without the issuer of the certificate nothing can be said of the OCSP response'
      : 'no server sends an OCSP response along, and no certificate demands one';
  },
  run({ tls }, found: Found<Cases>, readings) {
    const all = shownBy(tls, readings).map(({ staple, issued, ...rest }) => ({
      ...rest,
      staple,
      reading: staple && issued ? readStaple(staple, issued, rest.one.about.judgeAt) : undefined,
    }));
    const good = all.filter(({ reading }) => !isRevoked(reading)).map(({ one }) => one);
    for (const { one, chain, staple, reading } of all) {
      const about = owned(one, chain.leaf.subject.text, good);
      const subject = chainSubject(one);
      if (reading !== undefined) tell(reading, { subject, about }, found);
      else if (staple === undefined && demandsStaple(chain.leaf)) found('missing', subject, about);
    }
  },
});
