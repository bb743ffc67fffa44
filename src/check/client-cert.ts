import type { ClientCertRequest, OfferObservation, TlsObservation } from '../model/tls.ts';
import type { Certificate } from '../pki/certificate.ts';
import { purposeStanding } from '../pki/eku.ts';
import { defineCheck, type Found } from './define-check.ts';
import { readDerList, shown } from './sent-chain.ts';
import { endpointText, namedEndpoint, BY_STANDING, standInText, standingOf, type Standing } from './standing.ts';
import { alertText, TLS_ALERTS } from './tls-alerts.ts';

interface OfferEvidence {
  source: string;
  subject: string;
  /** When it became or becomes valid, or has expired. */
  when: string;
}
interface RequestEvidence extends Standing {
  server: string;
  host: string;
  /** Authorities that the server accepts, 32 at most; empty: it does not say. */
  authorities: string[];
  total: number;
  /** Subject of what was offered; '': nothing. */
  offered: string;
  /** How the server ended the connection, in words. */
  answer: string;
}
type ListEvidence = RequestEvidence & { issuers: string[] };

interface Cases {
  'client-auth-missing': OfferEvidence;
  expired: OfferEvidence;
  'not-yet-valid': OfferEvidence;
  unreadable: OfferEvidence;
  required: RequestEvidence;
  rejected: RequestEvidence;
  'not-listed': ListEvidence;
  requested: RequestEvidence;
  'not-requested': RequestEvidence;
}

const SHOWN_AUTHORITIES = 4;

function acceptedText({ authorities, total }: RequestEvidence): string {
  if (total === 0) return 'It does not say of which CA.';
  const more = total > SHOWN_AUTHORITIES ? ` and ${total - SHOWN_AUTHORITIES} more` : '';
  return `It accepts those of ${authorities.slice(0, SHOWN_AUTHORITIES).join(' | ')}${more}.`;
}

const CERTIFICATE_REQUIRED = 116;

type Refusal = { reason: string; alert?: number };
/** 'ended the connection with alert 116 certificate_required (…)'. */
function answerText({ reason, alert }: Refusal): string {
  if (alert === undefined) return reason === 'reset' ? 'reset the connection' : 'closed the connection';
  // What this one means is the finding itself.
  const meaning = alert === CERTIFICATE_REQUIRED ? undefined : TLS_ALERTS[alert]?.meaning;
  return `ended the connection with ${alertText(alert)}${meaning === undefined ? '' : ` (${meaning})`}`;
}

const leafOf = ({ outcome }: OfferObservation): Certificate | undefined =>
  outcome.ok ? readDerList(outcome.value.chain).certificates[0] : undefined;

/** What is wrong with the offered certificate shows before any server has seen it. */
function judgeOffer(one: OfferObservation, found: Found<Cases>): void {
  const leaf = leafOf(one);
  const { source, judgeAt } = one.about;
  if (leaf === undefined) {
    found('unreadable', source, { source, subject: '', when: '' });
    return;
  }
  const subject = shown(leaf.subject.text);
  if (purposeStanding(leaf, 'clientAuth') === 'missing')
    found('client-auth-missing', source, { source, subject, when: '' });
  const at = Date.parse(judgeAt);
  if (Date.parse(leaf.notAfter) < at) found('expired', source, { source, subject, when: leaf.notAfter });
  if (Date.parse(leaf.notBefore) > at) found('not-yet-valid', source, { source, subject, when: leaf.notBefore });
}

/** The names of the offered chain that could stand in the server's list: its issuers. */
function issuersOf(offers: readonly OfferObservation[]): string[] {
  return offers.flatMap(({ outcome }) =>
    outcome.ok ? readDerList(outcome.value.chain).certificates.map(({ issuer }) => shown(issuer.text)) : [],
  );
}

function evidenceOf(
  { about }: TlsObservation,
  request: ClientCertRequest,
  { answer, standing }: { answer: string; standing: Standing },
): RequestEvidence {
  const { authorities, total } = request;
  const { host, offered = '' } = about;
  return { ...standing, server: namedEndpoint(about), host, authorities, total, offered, answer };
}

function judgeServer(
  one: TlsObservation,
  { tls, offers }: { tls: readonly TlsObservation[]; offers: readonly OfferObservation[] },
  found: Found<Cases>,
): void {
  const { about, outcome } = one;
  if (!outcome.ok || about.file !== undefined || about.peer === 'client') return;
  const { clientCertRequest: request, refusal } = outcome.value;
  const where = endpointText(about);
  const welcome = tls.filter((other) => other.outcome.ok && other.outcome.value.refusal === undefined);
  const standing = standingOf(about, welcome);
  if (request === undefined) {
    const nothing = { authorities: [], total: 0 };
    if (about.offered !== undefined) found('not-requested', where, evidenceOf(one, nothing, { answer: '', standing }));
    return;
  }
  const answer = refusal === undefined ? '' : answerText(refusal);
  const evidence = evidenceOf(one, request, { answer, standing });
  const issuers = issuersOf(offers);
  const isListed = request.total === 0 || issuers.some((issuer) => request.authorities.includes(issuer));
  const isWhole = request.total === request.authorities.length;
  if (about.offered !== undefined && !isListed && isWhole) found('not-listed', where, { ...evidence, issuers });
  if (refusal === undefined) found('requested', where, evidence);
  else found(about.offered === undefined ? 'required' : 'rejected', where, evidence);
}

export const clientCert = defineCheck({
  id: 'client-cert',
  rung: 'tls',
  question: 'Does the server accept the client without, or with, the client certificate that was given?',
  source: 'RFC 8446 section 4.4.2.4, RFC 5246 section 7.4.6',
  reads: ['tls'],
  uses: ['offer'],
  cases: {
    'client-auth-missing': {
      severity: 'warning',
      means: 'The client certificate may not be used by TLS clients: servers that check the usage refuse it.',
      causes: ['a certificate that was issued for servers only', 'public authorities no longer issue clientAuth'],
      fix: 'Ask the CA for a certificate with the extended key usage clientAuth (1.3.6.1.5.5.7.3.2); sipdiag csr makes a request with both usages.',
      text: (e: OfferEvidence) =>
        `The client certificate "${e.subject}" in ${e.source} lacks the usage clientAuth: a server that checks it answers alert 43 unsupported_certificate.`,
      remedy: () =>
        `Ask the CA for a certificate with the extended key usage clientAuth (1.3.6.1.5.5.7.3.2); sipdiag csr asks for both usages.`,
    },
    expired: {
      severity: 'warning',
      means: 'The client certificate has expired: servers refuse it with alert 45.',
      causes: ['it was not renewed', 'the renewed one was not installed'],
      fix: 'Renew the client certificate, install it on the machine that connects, and give the new one with --client-cert.',
      text: (e: OfferEvidence) =>
        `The client certificate "${e.subject}" in ${e.source} expired at ${e.when}: servers answer alert 45 certificate_expired.`,
      remedy: () => `Renew the certificate, and give the new one with --client-cert.`,
    },
    'not-yet-valid': {
      severity: 'warning',
      means: 'The client certificate is not valid yet.',
      causes: ['a clock that is wrong', 'a certificate that was issued ahead of time'],
      fix: 'Set the clock of this machine; if it is right, use a certificate that is valid today.',
      text: (e: OfferEvidence) =>
        `The client certificate "${e.subject}" in ${e.source} is valid only from ${e.when} on: servers refuse it until then.`,
      remedy: () => `Check the clock of this machine, or wait until the certificate is valid.`,
    },
    unreadable: {
      severity: 'error',
      means: 'The client certificate cannot be read.',
      causes: ['a damaged file'],
      fix: 'Give the certificate in PEM with --client-cert and its key with --client-key, or a PKCS#12 file with --pfx.',
      text: (e: OfferEvidence) => `The client certificate in ${e.source} cannot be read.`,
      remedy: () => `Give a certificate in PEM with --client-cert, or a PKCS#12 file with --pfx.`,
    },
    required: {
      ...BY_STANDING,
      means: 'The server demands a client certificate (mutual TLS), and none was offered.',
      causes: [
        'the port is meant for servers and SBCs, not for clients',
        'the server is set to require certificates of its clients',
      ],
      fix: 'Offer a certificate (--client-cert FILE --client-key FILE, or --pfx FILE); for plain clients, have the server not require one (Kamailio: require_certificate = no), or use the port that is meant for them.',
      text: (e: RequestEvidence) =>
        `${e.server} demands a client certificate: none was offered, and it ${e.answer}. ${acceptedText(e)}${standInText(e)}`,
      remedy: (e) =>
        `Offer a certificate with --client-cert FILE --client-key FILE (or --pfx FILE); for plain clients, have ${e.host} not require one (Kamailio: require_certificate = no) or use the port that is meant for them.`,
    },
    rejected: {
      ...BY_STANDING,
      means: 'The server asked for a client certificate and refused the one that was offered.',
      causes: [
        'the server does not trust its CA (alert 48)',
        'it lacks the usage clientAuth (alert 43)',
        'it has expired (alert 45), or was revoked (alert 44)',
        'an intermediate certificate was not sent along',
      ],
      fix: 'Offer a certificate of a CA that the server accepts, with its intermediates in the same file; the number of the alert (sipdiag explain alert 48) and the TLS log of the server tell what was wrong with this one.',
      text: (e: RequestEvidence) =>
        `${e.server} refused the client certificate "${e.offered}": it ${e.answer}. ${acceptedText(e)}${standInText(e)}`,
      remedy: (e) =>
        `Compare the CA of "${e.offered}" with those that ${e.host} accepts, send its intermediates along in the file of --client-cert, and look at the TLS log of ${e.host}.`,
    },
    'not-listed': {
      severity: 'warning',
      means: 'The server names the authorities that it accepts, and that of the offered certificate is not among them.',
      causes: ['a certificate of another CA', 'an intermediate certificate was not sent along'],
      fix: 'Offer a certificate of one of the authorities that the server names, with its intermediates in the same file, or have its CA added to the trusted ones of the server (Kamailio: ca_list).',
      text: (e: ListEvidence) =>
        `The client certificate "${e.offered}" comes from "${e.issuers[0] ?? ''}", which is not among the authorities that ${e.server} names. ${acceptedText(e)}`,
      remedy: (e) =>
        `Offer a certificate of one of these authorities, with its intermediates in the same file, or add its CA to the trusted ones of ${e.host}.`,
    },
    requested: {
      severity: 'info',
      means: 'The server asks for a client certificate.',
      causes: ['mutual TLS is set up, as between servers', 'it is asked for and not required'],
      fix: 'Nothing to mend: the server goes on without a certificate, or did not refuse the one that was offered.',
      text: (e: RequestEvidence) =>
        e.offered === ''
          ? `${e.server} asks for a client certificate and goes on without one. ${acceptedText(e)}`
          : `${e.server} asked for a client certificate and did not refuse "${e.offered}" in the handshake. ${acceptedText(e)}`,
      remedy: () => `Nothing to mend.`,
    },
    'not-requested': {
      severity: 'info',
      means: 'A client certificate was given, and the server did not ask for one.',
      causes: ['the port is meant for clients without certificates'],
      fix: 'If the server is to check the certificate, have it ask for one (Kamailio: verify_certificate = yes); otherwise leave --client-cert out.',
      text: (e: RequestEvidence) => `${e.server} did not ask for a client certificate: "${e.offered}" was not sent.`,
      remedy: (e) => `If ${e.host} is to check it, have it ask for certificates (Kamailio: verify_certificate = yes).`,
    },
  },
  notApplicable: ({ tls, offer }) =>
    offer.length === 0 &&
    tls.length > 0 &&
    tls.every(({ outcome }) => !outcome.ok || outcome.value.clientCertRequest === undefined)
      ? 'no server asked for a client certificate, and none was given'
      : null,
  run({ tls, offer }, found: Found<Cases>) {
    for (const one of offer) judgeOffer(one, found);
    for (const one of tls) judgeServer(one, { tls, offers: offer }, found);
  },
});
