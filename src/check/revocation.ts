import type { Reason } from '../model.ts';
import type { RevocationObservation } from '../model/tls.ts';
import { defineCheck } from './define-check.ts';
import { plainly } from './plain-failure.ts';

interface Evidence {
  method: 'OCSP' | 'CRL';
  url: string;
  certificate: string;
  host: string;
  detail: string;
  /** none: nothing came back. unreadable: what came back is no HTTP, or too much of it. */
  answer: 'none' | 'unreadable';
  /** Another address told the state of the same certificate. */
  otherwise: 'known' | 'not-known';
}

const UNREADABLE: ReadonlySet<Reason> = new Set(['malformed', 'too-large']);

const clean = ({ otherwise }: Evidence): 'info' | 'warning' => (otherwise === 'known' ? 'info' : 'warning');
const curl = ({ url }: Evidence): string => `curl -v '${url.replaceAll("'", '')}'`;
const place = ({ method }: Evidence): string => (method === 'OCSP' ? 'OCSP responder' : 'revocation list');

function evidenceOf({ about, outcome }: RevocationObservation, all: readonly RevocationObservation[]): Evidence {
  const known = all.some(
    (one) =>
      one.about.serial === about.serial &&
      one.about.certificate === about.certificate &&
      one.outcome.ok &&
      (one.outcome.value.status === 'good' || one.outcome.value.status === 'revoked'),
  );
  const { method, url, certificate, host } = about;
  return {
    method: method === 'ocsp' ? 'OCSP' : 'CRL',
    url,
    certificate,
    host,
    detail: outcome.ok ? outcome.value.detail : plainly(outcome.detail),
    answer: !outcome.ok && UNREADABLE.has(outcome.reason) ? 'unreadable' : 'none',
    otherwise: known ? 'known' : 'not-known',
  };
}

export const revocation = defineCheck({
  id: 'revocation',
  rung: 'certificate',
  question: 'Can clients find out whether a certificate was revoked, and was it?',
  source: 'RFC 6960, RFC 5280 section 6.3',
  reads: ['revocation'],
  cases: {
    revoked: {
      means: 'The CA has revoked the certificate, and clients that check this refuse the server.',
      causes: [
        'the key was lost or stolen',
        'a newer certificate was issued in its place, and this one is still in use',
        'the CA had to withdraw certificates that broke the rules',
      ],
      fix: 'Replace the certificate with a new key, and find out from the CA why it was revoked.',
      severity: 'error',
      text: (e: Evidence) =>
        `The certificate "${e.certificate}" of ${e.host} is revoked, says the ${place(e)} ${e.url}${e.detail.startsWith('the responder says') ? '' : ` (${e.detail})`}.`,
      remedy: (e: Evidence) =>
        `Replace the certificate "${e.certificate}" with a new key, and find out from the CA why it was revoked.`,
    },
    unreachable: {
      means:
        'The place that tells whether a certificate is revoked cannot be reached from here: clients that check it wait, and may then refuse the server.',
      causes: [
        'a firewall lets no HTTP (port 80) out, or only through a proxy',
        'the address in the certificate of an internal CA is known inside only',
        'the web server of the CA is down',
      ],
      fix: 'Let the clients reach the OCSP responder or the revocation list through firewall and proxy.',
      severity: clean,
      weighs: 'warning; info when another place that the certificate names has told its state',
      text: (e: Evidence) =>
        e.answer === 'none'
          ? `The ${place(e)} ${e.url} of "${e.certificate}" cannot be reached from here (${e.detail}): clients that check revocation wait for it, up to 30 s, and may then refuse the server.`
          : `What answers at ${e.url} is no ${place(e)} of "${e.certificate}" (${e.detail}): clients that check revocation learn nothing there, and may refuse the server.`,
      remedy: (e: Evidence) =>
        e.answer === 'none'
          ? `Let the clients reach ${e.url} through firewall and proxy; test with: ${curl(e)}`
          : `Find out which proxy, firewall or web server answers in place of the CA; see what it says with: ${curl(e)}`,
    },
    unknown: {
      means: 'The OCSP responder or revocation list answers, but the state of the certificate stays unknown.',
      causes: [
        'the list or the answer is out of date',
        'the responder does not know the certificate, or speaks for another CA',
        'the web server gives an error page instead',
      ],
      fix: 'Ask the CA that issued the certificate to mend its OCSP responder or revocation list.',
      severity: clean,
      weighs: 'warning; info when another place that the certificate names has told its state',
      text: (e: Evidence) =>
        `The ${place(e)} ${e.url} answers, but the state of "${e.certificate}" ${e.detail === 'the responder says unknown' ? 'is unknown to it.' : `stays unknown: ${e.detail}.`}`,
      remedy: (e: Evidence) => `Ask the CA that issued "${e.certificate}" to mend its ${place(e)}.`,
    },
    'not-asked': {
      means: 'The certificate names a place for revocation that is not asked here: only http:// is.',
      causes: ['an Active Directory CA, which publishes its list by LDAP'],
      fix: 'Check by hand that every client can reach this address: clients outside of the domain often cannot.',
      severity: 'info',
      text: (e: Evidence) => `The ${place(e)} ${e.url} of "${e.certificate}" was not asked: ${e.detail}.`,
      remedy: () =>
        `Check by hand that every client can reach this address: clients outside of the domain often cannot.`,
    },
  },
  notApplicable: ({ revocation: all }) =>
    all.length === 0 ? 'revocation was not looked up (--revocation), or no certificate says where' : null,
  run({ revocation: all }, found) {
    for (const one of all) {
      const evidence = evidenceOf(one, all);
      if (!one.outcome.ok) {
        found(/^http:/i.test(one.about.url) ? 'unreachable' : 'not-asked', one.subject, evidence);
      } else if (one.outcome.value.status !== 'good') {
        found(one.outcome.value.status === 'revoked' ? 'revoked' : 'unknown', one.subject, evidence);
      }
    }
  },
});
