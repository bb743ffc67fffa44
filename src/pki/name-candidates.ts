import type { Certificate } from './certificate.ts';
import type { Candidate, IdentitySource } from './name-verdict.ts';

/** What a rule does with one kind of name: compare it, or pass over it for the reason given. */
export type Use = 'compare' | { ignored: string };

function candidates(source: IdentitySource, values: string[], use: Use): Candidate[] {
  return values.map((value) => (use === 'compare' ? { source, value } : { source, value, ...use }));
}

export const dnsCandidates = ({ san }: Certificate, use: Use): Candidate[] => candidates('san-dns', san.dns, use);

export const commonNameCandidates = ({ commonName }: Certificate, use: Use): Candidate[] =>
  candidates('common-name', commonName === undefined ? [] : [commonName], use);

/** 'sip:host', with port, parameters and headers allowed; userinfo is captured so that it can be refused. */
const sipUri = /^sip:(?<userinfo>[^@]*@)?(?<host>\[[^\]]*\]|[^:;?@]*)(?::\d*)?(?:[;?].*)?$/is;

/** URI names as SIP reads them: the host of each `sip:` URI without user; the others are passed over. RFC 5922 section 7.1. */
export function sipUriCandidates({ san }: Certificate): Candidate[] {
  return san.uri.map((uri) => {
    const groups = sipUri.exec(uri)?.groups;
    if (groups === undefined) return { source: 'san-uri', value: uri, ignored: 'not a sip: URI' };
    if (groups['userinfo'] !== undefined)
      return { source: 'san-uri', value: uri, ignored: 'names a user, not a domain' };
    return { source: 'san-uri', value: groups['host'] ?? '' };
  });
}
