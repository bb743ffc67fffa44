import type { Certificate } from '../pki/certificate.ts';
import { defineCheck, type Found } from './define-check.ts';
import { chainSubject, having, type JudgedChain, lookCommand, owned, type Owned, presented } from './sent-chain.ts';
import type { Product } from './product-setting-rows.ts';
import { installedOn, settingText } from './product-settings.ts';
import { BY_STANDING, standInText } from './standing.ts';

interface Evidence extends Owned {
  look: string;
  /** 'server' for the leaf, 'issuer' for a certificate above it. */
  role: 'server' | 'issuer';
  notBefore: string;
  notAfter: string;
  judgedAt: string;
  /** Whole days between the judgement and the date in question. */
  days: number;
  product?: Product;
}

const DAY_MS = 86_400_000;
/** Certificates live shorter every year (200 days in 2026, 47 in 2029): a warning in days would not stay right. */
const WARN_SHARE_LEFT = 1 / 3;

const whose = (e: Evidence): string =>
  e.role === 'server'
    ? `The certificate of ${e.server}`
    : `The CA certificate "${e.subject}" in the chain of ${e.server}`;
const daysText = (days: number): string => (days === 1 ? '1 day' : `${days} days`);

interface Dated {
  certificate: Certificate;
  role: 'server' | 'issuer';
}

/** The leaf, and the certificates above it that stand on the path: one that the server sends in vain harms nobody. */
const dated = ({ leaf, verdict }: JudgedChain): Dated[] => [
  { certificate: leaf, role: 'server' },
  ...verdict.path.slice(1).map((certificate) => ({ certificate, role: 'issuer' as const })),
];

function isFresh(chain: JudgedChain, at: string): boolean {
  const now = Date.parse(at);
  return dated(chain).every(
    ({ certificate: { notBefore, notAfter } }) => now >= Date.parse(notBefore) && now <= Date.parse(notAfter),
  );
}

type Cases = Record<'expired' | 'not-yet-valid' | 'expiring', Evidence>;

function judgeDates(evidence: Evidence, where: string, found: Found<Cases>): void {
  const now = Date.parse(evidence.judgedAt);
  const [from, to] = [Date.parse(evidence.notBefore), Date.parse(evidence.notAfter)];
  const days = Math.floor(Math.abs(to - now) / DAY_MS);
  if (now > to) found('expired', where, { ...evidence, days });
  else if (now < from) found('not-yet-valid', where, { ...evidence, days: Math.ceil((from - now) / DAY_MS) });
  else if (evidence.role === 'server' && to - now < (to - from) * WARN_SHARE_LEFT)
    found('expiring', where, { ...evidence, days });
}

export const certDates = defineCheck({
  id: 'cert-dates',
  rung: 'certificate',
  question: 'Is every certificate of the chain valid today?',
  source: 'RFC 5280 section 4.1.2.5',
  reads: ['tls'],
  uses: ['sip'],
  cases: {
    expired: {
      means: 'A certificate of the chain is past its last day, and clients refuse it.',
      causes: [
        'the renewal was forgotten, or failed',
        'it was renewed, but the service was not reloaded and still sends the old one',
        'an old CA certificate stands in the chain file',
        'the clock of this machine is ahead',
      ],
      fix: 'Renew the certificate, install it with its chain, and restart or reload the SIP service.',
      ...BY_STANDING,
      text: (e: Evidence) =>
        `${whose(e)} expired ${e.days === 0 ? 'today' : `${daysText(e.days)} ago`} (${e.notAfter}).${standInText(e)}`,
      remedy: (e: Evidence) =>
        `Renew the certificate "${e.subject}", install it with its chain${settingText('cert-dates.expired', e)}, and restart or reload the SIP service; see it with: ${e.look}`,
    },
    'not-yet-valid': {
      means: 'A certificate of the chain is valid only from a later time.',
      causes: [
        'the clock of this machine is behind',
        'the certificate was installed before its first day',
        'the clock of the CA was ahead',
      ],
      fix: 'Set the clock of this machine; if it is right, install the certificate that is valid today.',
      ...BY_STANDING,
      text: (e: Evidence) =>
        `${whose(e)} is valid only from ${e.notBefore}; it is judged at ${e.judgedAt}.${standInText(e)}`,
      remedy: (e: Evidence) =>
        `Check the clock of this machine (it says ${e.judgedAt}), and if it is right, install a certificate that is valid today.`,
    },
    expiring: {
      means: 'Less than a third of the lifetime of the server certificate is left.',
      causes: [
        'the renewal is due',
        'the automatic renewal fails, or was never set up',
        'it was renewed, but the service was not reloaded and still sends the old one',
      ],
      fix: 'Renew the certificate before its last day, and reload the SIP service.',
      severity: 'warning',
      text: (e: Evidence) =>
        `${whose(e)} expires in ${daysText(e.days)} (${e.notAfter}): less than a third of its lifetime is left.`,
      remedy: (e: Evidence) => `Renew the certificate "${e.subject}" before ${e.notAfter.slice(0, 10)}.`,
    },
  },
  run({ tls, sip }, found, readings) {
    const all = presented(tls, readings);
    const at = tls[0]?.about.judgeAt ?? '';
    const fresh = having(all, (chain) => isFresh(chain, at));
    for (const { one, chain } of all) {
      if (chain === undefined) continue;
      for (const { certificate, role } of dated(chain)) {
        const { notBefore, notAfter, subject } = certificate;
        const judgedAt = one.about.judgeAt;
        const base = {
          ...owned(one, subject.text, fresh),
          look: lookCommand(one),
          role,
          notBefore,
          notAfter,
          judgedAt,
          ...installedOn(sip, one.about.profile),
        };
        judgeDates({ ...base, days: 0 }, chainSubject(one), found);
      }
    }
  },
});
