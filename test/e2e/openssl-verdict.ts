import type { Report } from '../../src/model.ts';

/** What OpenSSL made of the first chain; undefined: it was not asked. */
export const opensslOf = ({ observations }: Report): string | undefined =>
  observations.flatMap((one) => (one.kind === 'tls' && one.outcome.ok ? [one.outcome.value.openssl?.verdict] : []))[0];
