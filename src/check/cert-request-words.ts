import type { TlsObservation } from '../model/tls.ts';
import type { Certificate } from '../pki/certificate.ts';
import { isAddress } from './cert-name-rules.ts';

interface Wanted {
  /** The host that clients connect to. */
  wanted: string;
  domain: string | null;
  /** Where the client looks for the name. */
  reads: string;
}

/** What the certificate has to hold. */
export const needed = ({ domain, wanted, reads }: Wanted): string => {
  if (reads === 'common name') return `the common name ${wanted}`;
  return `a subjectAltName with ${domain === null || domain === wanted ? `DNS:${wanted}` : `DNS:${domain} and DNS:${wanted}`}`;
};
/** The request with the names that are needed; the first becomes the common name. */
export const request = ({ domain, wanted, reads }: Wanted): string =>
  `sipdiag csr --name ${wanted}${reads === 'common name' || domain === null || domain === wanted ? '' : ` --name ${domain}`}`;

/** What can be typed into a shell as it stands: the common name of a certificate may hold anything. */
const isHostName = (text: string): boolean => /^[a-z\d][\w.-]*$/i.test(text) && !isAddress(text);
/** The options of sipdiag csr for a certificate that takes the place of the one that was shown. */
export function replacementNames({ about }: TlsObservation, { commonName = '' }: Certificate): string {
  const wanted = [about.verifyName, about.host, commonName].find(isHostName);
  return request({ wanted: wanted ?? 'NAME', domain: about.domain ?? null, reads: '' }).replace('sipdiag csr ', '');
}
