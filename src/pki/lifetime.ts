import type { Certificate } from './certificate.ts';

const DAY_SECONDS = 86_400;

/** A limit of the CA/Browser Forum for certificates issued from a day on. */
interface LifetimeLimit {
  /** ISO date. */
  from: string;
  days: number;
  source: string;
}

/** Newest first (Baseline Requirements section 6.3.2). */
const LIFETIME_LIMITS: readonly LifetimeLimit[] = [
  { from: '2029-03-15', days: 47, source: 'CA/Browser Forum ballot SC-081v3' },
  { from: '2027-03-15', days: 100, source: 'CA/Browser Forum ballot SC-081v3' },
  { from: '2026-03-15', days: 200, source: 'CA/Browser Forum ballot SC-081v3' },
  { from: '2020-09-01', days: 398, source: 'CA/Browser Forum Baseline Requirements section 6.3.2' },
  { from: '2018-03-01', days: 825, source: 'CA/Browser Forum ballot 193' },
];

/** The limit of the day on which the certificate was issued; undefined before there was one worth telling. */
export function lifetimeLimit({ notBefore }: Pick<Certificate, 'notBefore'>): LifetimeLimit | undefined {
  return LIFETIME_LIMITS.find(({ from }) => notBefore.slice(0, 10) >= from);
}

/** Days of validity, begun days counted whole; the last second counts (RFC 5280 section 4.1.2.5). */
export function lifetimeDays({ notBefore, notAfter }: Pick<Certificate, 'notBefore' | 'notAfter'>): number {
  const seconds = (Date.parse(notAfter) - Date.parse(notBefore)) / 1000 + 1;
  return Math.ceil(seconds / DAY_SECONDS);
}
