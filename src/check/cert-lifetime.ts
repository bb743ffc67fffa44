import { lifetimeDays, lifetimeLimit } from '../pki/lifetime.ts';
import { defineCheck } from './define-check.ts';
import { chainSubject, isPublic, ownerText, presented, shown } from './sent-chain.ts';

interface Evidence {
  server: string;
  issuer: string;
  issuedOn: string;
  days: number;
  limitDays: number;
  limitFrom: string;
  limitSource: string;
}

export const certLifetime = defineCheck({
  id: 'cert-lifetime',
  rung: 'certificate',
  question: 'Does a publicly trusted certificate keep the lifetime that its authority may give it?',
  source: 'CA/Browser Forum Baseline Requirements section 6.3.2',
  reads: ['tls'],
  cases: {
    'too-long': {
      means:
        'A publicly trusted certificate is valid for longer than its authority may grant, and clients that check this refuse it.',
      causes: [
        'the authority made a mistake',
        'the CA of an organization stands below a public root and keeps rules of its own',
      ],
      fix: 'Ask the CA for a certificate of the allowed lifetime, and automate the renewal.',
      severity: 'info',
      text: (e: Evidence) =>
        `The certificate of ${e.server}, issued on ${e.issuedOn}, is valid for ${e.days} days; public authorities may give ${e.limitDays} days since ${e.limitFrom}, and clients that check this refuse it.`,
      remedy: (e: Evidence) =>
        `Ask "${e.issuer}" for a certificate of at most ${e.limitDays} days, and automate the renewal.`,
    },
  },
  notApplicable: ({ tls }, readings) => {
    const chains = presented(tls, readings).filter(({ chain }) => chain !== undefined);
    if (chains.length === 0) return null;
    const anyPublic = chains.some(({ one, chain }) => chain !== undefined && isPublic(one, chain));
    return anyPublic ? null : 'no certificate comes from a public authority';
  },
  run({ tls }, found, readings) {
    for (const { one, chain } of presented(tls, readings)) {
      const limit = chain === undefined ? undefined : lifetimeLimit(chain.leaf);
      if (chain === undefined || limit === undefined || !isPublic(one, chain)) continue;
      const days = lifetimeDays(chain.leaf);
      if (days <= limit.days) continue;
      found('too-long', chainSubject(one), {
        server: ownerText(one),
        issuer: shown(chain.leaf.issuer.text),
        issuedOn: chain.leaf.notBefore.slice(0, 10),
        days,
        limitDays: limit.days,
        limitFrom: limit.from,
        limitSource: limit.source,
      });
    }
  },
});
