import type { TlsObservation } from '../model.ts';
import type { Certificate } from '../pki/certificate.ts';
import { defineCheck } from './define-check.ts';
import { judgeChain, type JudgedChain } from './sent-chain.ts';
import { endpointText, namedEndpoint, severityOf, standInText, standingOf, type Standing } from './standing.ts';

interface DateEvidence {
  server: string;
  endpoint: string;
  subject: string;
  /** 'server' for the leaf, 'issuer' for a certificate above it. */
  role: 'server' | 'issuer';
  notBefore: string;
  notAfter: string;
  judgedAt: string;
  /** Whole days between the judgement and the date in question. */
  days: number;
}
type Evidence = Standing & DateEvidence;

const DAY_MS = 86_400_000;
/** Certificates live shorter every year (200 days in 2026, 47 in 2029): a warning in days would not stay right. */
const WARN_SHARE_LEFT = 1 / 3;

const whose = (e: DateEvidence): string =>
  e.role === 'server'
    ? `The certificate of ${e.server}`
    : `The CA certificate "${e.subject}" in the chain of ${e.server}`;
const daysText = (days: number): string => (days === 1 ? '1 day' : `${days} days`);

/** The leaf, and the certificates above it that stand on the path: one that the server sends in vain harms nobody. */
const dated = ({ leaf, verdict }: JudgedChain): { certificate: Certificate; role: 'server' | 'issuer' }[] => [
  { certificate: leaf, role: 'server' },
  ...verdict.path.slice(1).map((certificate) => ({ certificate, role: 'issuer' as const })),
];

function isFresh(one: TlsObservation): boolean {
  const chain = judgeChain(one);
  const now = Date.parse(one.about.judgeAt);
  const valid = ({ notBefore, notAfter }: Certificate): boolean =>
    now >= Date.parse(notBefore) && now <= Date.parse(notAfter);
  return chain !== undefined && dated(chain).every(({ certificate }) => valid(certificate));
}

export const certDates = defineCheck({
  id: 'cert-dates',
  rung: 'certificate',
  question: 'Is every certificate of the chain valid today?',
  source: 'RFC 5280 section 4.1.2.5',
  reads: ['tls'],
  cases: {
    expired: {
      severity: severityOf,
      text: (e: Evidence) =>
        `${whose(e)} expired ${e.days === 0 ? 'today' : `${daysText(e.days)} ago`} (${e.notAfter}).${standInText(e)}`,
      remedy: (e) =>
        `Renew the certificate "${e.subject}", install it with its chain on ${e.server}, and restart or reload the SIP service. See it with: openssl s_client -connect ${e.endpoint} | openssl x509 -noout -dates`,
    },
    'not-yet-valid': {
      severity: severityOf,
      text: (e: Evidence) =>
        `${whose(e)} is valid only from ${e.notBefore}; it is judged at ${e.judgedAt}.${standInText(e)}`,
      remedy: (e) =>
        `Check the clock of this machine (it says ${e.judgedAt}). If it is right, install the certificate that is valid today.`,
    },
    expiring: {
      severity: 'warning',
      text: (e: DateEvidence) =>
        `${whose(e)} expires in ${daysText(e.days)} (${e.notAfter}): less than a third of its lifetime is left.`,
      remedy: (e) => `Renew the certificate "${e.subject}" before ${e.notAfter.slice(0, 10)}.`,
    },
  },
  run({ tls }, found) {
    for (const one of tls) {
      const chain = judgeChain(one);
      if (chain === undefined) continue;
      const { about } = one;
      const now = Date.parse(about.judgeAt);
      const standing = standingOf(about, tls.filter(isFresh));
      for (const { certificate, role } of dated(chain)) {
        const base = {
          server: namedEndpoint(about),
          endpoint: endpointText(about),
          subject: certificate.subject.text,
          role,
          notBefore: certificate.notBefore,
          notAfter: certificate.notAfter,
          judgedAt: about.judgeAt,
        };
        const [from, to] = [Date.parse(certificate.notBefore), Date.parse(certificate.notAfter)];
        const days = Math.floor(Math.abs(to - now) / DAY_MS);
        if (now > to) found('expired', endpointText(about), { ...standing, ...base, days });
        else if (now < from) {
          found('not-yet-valid', endpointText(about), { ...standing, ...base, days: Math.ceil((from - now) / DAY_MS) });
        } else if (role === 'server' && to - now < (to - from) * WARN_SHARE_LEFT) {
          found('expiring', endpointText(about), { ...base, days });
        }
      }
    }
  },
});
