import type { Certificate } from '../pki/certificate.ts';
import { certificatePolicy } from './cert-policy.ts';
import { replacementNames } from './cert-request-words.ts';
import { defineCheck } from './define-check.ts';
import { chainSubject, having, isAnchored, type JudgedChain, owned, type Owned, presented } from './sent-chain.ts';
import { severityOf, standInText } from './standing.ts';

interface Evidence extends Owned {
  algorithm: string;
  /** For sipdiag csr. */
  names: string;
  role: 'server' | 'issuer';
  weakness: 'refused' | 'tolerated';
}

const WEAK: readonly (string | undefined)[] = ['md2', 'md5', 'sha1'];

const whose = (e: Evidence): string =>
  e.role === 'server'
    ? `The certificate of ${e.server}`
    : `The CA certificate "${e.subject}" in the chain of ${e.server}`;

/** The signature of a trusted root protects nothing, nor does that of a self-signed certificate. */
function weakest(chain: JudgedChain): { certificate: Certificate; role: 'server' | 'issuer' } | undefined {
  const { path } = chain.verdict;
  const below = isAnchored(chain) ? path.slice(0, -1) : path;
  const index = below.findIndex(
    ({ signatureAlgorithm, selfIssued }) => !selfIssued && WEAK.includes(signatureAlgorithm.hash),
  );
  const certificate = below[index];
  return certificate === undefined ? undefined : { certificate, role: index === 0 ? 'server' : 'issuer' };
}

export const certSignature = defineCheck({
  id: 'cert-signature',
  rung: 'certificate',
  question: 'Is every signature below the root made with a hash that clients accept?',
  source: 'RFC 9155 section 2, CA/Browser Forum Baseline Requirements section 7.1.3.2',
  reads: ['tls'],
  cases: {
    weak: {
      means: 'A certificate below the root is signed with MD2, MD5 or SHA-1, which the TLS libraries of today refuse.',
      causes: [
        'an internal CA that still signs with SHA-1',
        'a certificate of long lifetime that was never issued again',
      ],
      fix: 'Have the certificate issued again with SHA-256 or better.',
      severity: (e: Evidence) => (e.weakness === 'tolerated' ? 'info' : severityOf(e)),
      weighs:
        'error, or warning while another server of its set shows a better one; info under the profile lcs2003, whose clients accept it',
      text: (e: Evidence) =>
        `${whose(e)} is signed with ${e.algorithm}, which ${e.weakness === 'tolerated' ? 'clients of today refuse and clients of that time accept' : 'the TLS libraries of today refuse'}.${standInText(e)}`,
      remedy: (e: Evidence) =>
        `Have "${e.subject}" issued again with SHA-256 or better${e.role === 'server' ? ` (request: sipdiag csr ${e.names})` : ''}.`,
    },
  },
  run({ tls }, found, readings) {
    const all = presented(tls, readings);
    const good = having(all, (chain) => weakest(chain) === undefined);
    for (const { one, chain } of all) {
      const weak = chain === undefined ? undefined : weakest(chain);
      if (chain === undefined || weak === undefined) continue;
      const names = replacementNames(one, chain.leaf);
      const { certificate, role } = weak;
      const { weakness } = certificatePolicy(one.about.profile);
      const algorithm = certificate.signatureAlgorithm.name;
      found('weak', chainSubject(one), {
        ...owned(one, certificate.subject.text, good),
        algorithm,
        names,
        role,
        weakness,
      });
    }
  },
});
