import type { NameRule } from '../pki/name-verdict.ts';

/** What the software of one profile demands of a server certificate. */
export interface CertificatePolicy {
  /** Who demands it, as the subject of a sentence. */
  who: string;
  /**
   * The name rules of which one must be satisfied. sip-client: the connected host by RFC 9525 or the SIP domain by RFC 5922, as
   * today's SIP clients do.
   */
  names: 'sip-client' | readonly NameRule[];
  /**
   * needless: the server never is a client. waived: it is one in mutual TLS, and the far side does not ask for the usage. demanded:
   * mutual TLS in both roles, and the far side looks at the usage.
   */
  clientAuth: 'needless' | 'waived' | 'demanded';
  /** What a certificate of version 1 means. */
  version3: 'customary' | 'demanded';
  /** Whether keys and hashes that today's libraries refuse still work. */
  weakness: 'refused' | 'tolerated';
  source: string;
}

const SIP_CLIENT: CertificatePolicy = {
  who: 'a SIP client',
  names: 'sip-client',
  clientAuth: 'needless',
  version3: 'customary',
  weakness: 'refused',
  source: 'RFC 5922 section 7, RFC 9525 section 6',
};

const MICROSOFT_CLIENT: CertificatePolicy = {
  ...SIP_CLIENT,
  who: 'a Communicator or Lync client',
  names: ['microsoft-strict'],
  version3: 'demanded',
  source: 'Microsoft, DNS requirements for automatic client sign-in',
};

const POLICIES: ReadonlyMap<string, CertificatePolicy> = new Map([
  ['rfc3263', SIP_CLIENT],
  ['lync', MICROSOFT_CLIENT],
  ['communicator2007r2', MICROSOFT_CLIENT],
  ['communicator2007', MICROSOFT_CLIENT],
  ['phone-edition', MICROSOFT_CLIENT],
  [
    'lcs2003',
    {
      who: 'Live Communications Server 2003',
      names: ['microsoft-common-name'],
      clientAuth: 'demanded',
      version3: 'demanded',
      weakness: 'tolerated',
      source: 'Microsoft, Live Communications Server 2003 certificate requirements',
    },
  ],
  [
    'federation',
    {
      ...MICROSOFT_CLIENT,
      who: 'the edge server of a partner',
      clientAuth: 'demanded',
      source: 'Microsoft, certificate requirements for external user access',
    },
  ],
  ['office365', { ...MICROSOFT_CLIENT, who: 'a client of Office 365', names: ['rfc9525'] }],
  [
    'teams-direct-routing',
    {
      who: 'Teams Direct Routing',
      names: ['teams-direct-routing'],
      // Both sides authenticate, yet Microsoft asks an SBC for Server Authentication alone, of a public authority; those end
      // clientAuth in 2026 and 2027, and since 2026 Microsoft's own SIP proxies connect with certificates for servers only.
      clientAuth: 'waived',
      version3: 'demanded',
      weakness: 'refused',
      source: 'Microsoft, Plan Direct Routing',
    },
  ],
]);

/** The policy of a profile by its name; a profile without one of its own is judged as a SIP client of today. */
export function certificatePolicy(profile: string | undefined): CertificatePolicy {
  return POLICIES.get(profile ?? 'rfc3263') ?? SIP_CLIENT;
}
