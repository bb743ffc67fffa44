import type { TlsObservation } from '../model.ts';
import type { PathRule } from '../pki/path-types.ts';
import { defineCheck } from './define-check.ts';
import { judgeChain, readSentChain, type JudgedChain } from './sent-chain.ts';
import { endpointText, namedEndpoint, severityOf, standInText, standingOf, type Standing } from './standing.ts';

interface Evidence extends Standing {
  server: string;
  endpoint: string;
  subject: string;
  issuer: string;
  /** Subjects as sent, leaf first. */
  sent: string[];
  rule: string;
  detail: string;
}

/** Dates are told by cert-dates, names by cert-name: one cause, one finding. */
const TOLD_ELSEWHERE: readonly PathRule[] = ['expired', 'not-yet-valid', 'name'];

type CaseName = 'untrusted-root' | 'self-signed' | 'intermediate-missing' | 'invalid';

/** A certificate that tells where its issuer is to be fetched has an issuer that servers are expected to send. */
function caseOf(rule: PathRule, { leaf, verdict }: JudgedChain): CaseName {
  if (rule === 'self-signed') return 'self-signed';
  if (rule === 'untrusted-root') return 'untrusted-root';
  if (rule !== 'no-issuer-found') return 'invalid';
  const last = verdict.path.at(-1) ?? leaf;
  return last.caIssuersUrls.length > 0 ? 'intermediate-missing' : 'untrusted-root';
}

const firstFailure = (chain: JudgedChain) => chain.failures.find(({ rule }) => !TOLD_ELSEWHERE.includes(rule));

function isTrusted(one: TlsObservation): boolean {
  const chain = judgeChain(one);
  return chain !== undefined && firstFailure(chain) === undefined;
}

export const certChain = defineCheck({
  id: 'cert-chain',
  rung: 'certificate',
  question: 'Does the chain lead from the server certificate to a trusted root?',
  source: 'RFC 5280 section 6',
  reads: ['tls'],
  cases: {
    'untrusted-root': {
      severity: severityOf,
      text: (e: Evidence) =>
        `The certificate of ${e.server} was issued by "${e.issuer}", and no root that this machine trusts vouches for it.${standInText(e)}`,
      remedy: (e) =>
        `Install the root certificate of "${e.issuer}" as trusted root on the clients (for this test: --ca root.pem), or use a certificate of a CA that they trust.`,
    },
    'self-signed': {
      severity: severityOf,
      text: (e: Evidence) =>
        `The certificate of ${e.server} is self-signed ("${e.subject}") and not trusted here.${standInText(e)}`,
      remedy: (e) => `Get a certificate from a CA for ${e.server}; for a test only, trust this one with --ca.`,
    },
    'intermediate-missing': {
      severity: severityOf,
      text: (e: Evidence) =>
        `${e.server} sends ${e.sent.length === 1 ? 'its own certificate only' : `${e.sent.length} certificates`}: the certificate of the issuer "${e.issuer}" is missing, and it is no root that this machine trusts.${standInText(e)}`,
      remedy: (e) =>
        `Put the intermediate certificate "${e.issuer}" behind the server certificate in the file that the server sends; if it is a root, trust it with --ca.`,
    },
    invalid: {
      severity: severityOf,
      text: (e: Evidence) =>
        `The certificate chain of ${e.server} breaks the rule '${e.rule}' at "${e.subject}": ${e.detail}.${standInText(e)}`,
      remedy: (e) =>
        `Ask the CA for a certificate without this fault; see the chain with: openssl s_client -connect ${e.endpoint} -showcerts`,
    },
    order: {
      severity: 'warning',
      text: (e: { server: string; sent: string[] }) =>
        `${e.server} sends its certificates in the wrong order (${e.sent.join(' | ')}); strict clients do not sort them.`,
      remedy: () => `Put the server certificate first, then the CA that signed it, and so on up.`,
    },
    unreadable: {
      severity: severityOf,
      text: (e: Standing & { server: string; detail: string }) =>
        `The certificate of ${e.server} cannot be read: ${e.detail}.${standInText(e)}`,
      remedy: () => `Replace the certificate: no client can read it.`,
    },
  },
  run({ tls }, found) {
    for (const one of tls) {
      if (!one.outcome.ok) continue;
      const { about } = one;
      const sent = readSentChain(one.outcome.value);
      const server = namedEndpoint(about);
      const standing = standingOf(about, tls.filter(isTrusted));
      const chain = judgeChain(one);
      if (chain === undefined) {
        const detail = sent.unreadable[0]?.detail ?? 'the server sent none';
        found('unreadable', endpointText(about), { ...standing, server, detail });
        continue;
      }
      const subjects = sent.certificates.map((certificate) => certificate.subject.text);
      if (chain.verdict.order === 'wrong') found('order', endpointText(about), { server, sent: subjects });
      const failure = firstFailure(chain);
      if (failure === undefined) continue;
      const last = chain.verdict.path.at(-1) ?? chain.leaf;
      found(caseOf(failure.rule, chain), endpointText(about), {
        ...standing,
        server,
        endpoint: endpointText(about),
        subject: failure.subject,
        issuer: last.issuer.text,
        sent: subjects,
        rule: failure.rule,
        detail: failure.detail,
      });
    }
  },
});
