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
