import { createLabCertificates } from '../../src/lab/certificates.ts';

/** What hostile servers show that speak TLS: nothing is wrong with it. */
export const certificates = await createLabCertificates({
  domain: 'fuzzybunny.local',
  now: Date.now(),
  flaw: 'none',
});
