import type { Report } from '../../src/model.ts';

/** What OpenSSL made of the first chain; undefined: it was not asked. */
export const opensslOf = ({ observations }: Report): string | undefined =>
  observations.flatMap((one) => (one.kind === 'tls' && one.outcome.ok ? [one.outcome.value.openssl?.verdict] : []))[0];

/** Which versions of TLS were tried one by one, and whether the server speaks them. */
export const versionsTried = ({ observations }: Report): Record<string, boolean> =>
  Object.fromEntries(
    observations.flatMap((one): [string, boolean][] =>
      one.kind === 'variant' && one.about.way === 'version' ? [[one.about.offered.join(), one.outcome.ok]] : [],
    ),
  );
