import type { Certificate } from '../pki/certificate.ts';
import { certificatePolicy } from './cert-policy.ts';
import { replacementNames } from './cert-request-words.ts';
import { defineCheck } from './define-check.ts';
import { chainSubject, having, type JudgedChain, owned, type Owned, ownerText, presented } from './sent-chain.ts';
import { severityOf, standInText } from './standing.ts';

interface Evidence extends Owned {
  /** 'RSA 1024', 'P-224'. */
  key: string;
  needed: string;
  /** For sipdiag csr. */
  names: string;
  role: 'server' | 'issuer';
  weakness: 'refused' | 'tolerated';
}

/** What OpenSSL asks for at security level 2, the default of Debian, Ubuntu, Red Hat and of OpenSSL itself since 3.2. */
const LEAST_RSA_BITS = 2048;
/** The smallest curve that TLS libraries of today still negotiate. */
const LEAST_EC_BITS = 256;

const whose = (e: Evidence): string =>
  e.role === 'server'
    ? `The certificate of ${e.server}`
    : `The CA certificate "${e.subject}" in the chain of ${e.server}`;

/** The key and what would do, when the key is too small. */
function smallKey({ publicKey }: Certificate): { key: string; needed: string } | undefined {
  const { type, bits, curve } = publicKey;
  if (bits === undefined) return undefined;
  if ((type === 'rsa' || type === 'rsa-pss' || type === 'dsa') && bits < LEAST_RSA_BITS)
    return { key: `${type === 'dsa' ? 'DSA' : 'RSA'} ${bits}`, needed: `RSA ${LEAST_RSA_BITS}` };
  return type === 'ec' && bits < LEAST_EC_BITS ? { key: curve ?? `EC ${bits}`, needed: 'P-256' } : undefined;
}

const smallest = ({ verdict }: JudgedChain): { certificate: Certificate; role: 'server' | 'issuer' } | undefined => {
  const index = verdict.path.findIndex((one) => smallKey(one) !== undefined);
  const certificate = verdict.path[index];
  return certificate === undefined ? undefined : { certificate, role: index === 0 ? 'server' : 'issuer' };
};

export const certKey = defineCheck({
  id: 'cert-key',
  rung: 'certificate',
  question: 'Are the keys of the chain large enough, and does the private key belong to the certificate?',
  source: 'RFC 5280 section 4.1.2.7, CA/Browser Forum Baseline Requirements section 6.1.5',
  reads: ['tls'],
  cases: {
    small: {
      means: 'A key of the chain is smaller than the TLS libraries of today accept.',
      causes: [
        'an old key was kept at every renewal',
        'an internal CA from long ago',
        'a device that can make no larger key',
      ],
      fix: 'Make a new key of RSA 2048 or P-256 at least and have it signed; where the key of the CA is small, replace the CA.',
      severity: (e: Evidence) => (e.weakness === 'tolerated' ? 'info' : severityOf(e)),
      weighs:
        'error, or warning while another server of its set shows a better one; info under the profile lcs2003, whose clients accept it',
      text: (e: Evidence) =>
        `${whose(e)} has a key of ${e.key}; ${e.weakness === 'tolerated' ? 'clients of today refuse that, clients of that time accept it' : `the TLS libraries of today ask for at least ${e.needed}`}.${standInText(e)}`,
      remedy: (e: Evidence) =>
        e.role === 'server'
          ? `Make a new key and request (sipdiag csr --key-type rsa2048 ${e.names} --key new.key) and have it signed.`
          : `Have the authority "${e.subject}" replaced by one with ${e.needed} or more, and its certificates issued again.`,
    },
    mismatch: {
      means: 'The private key does not belong to the certificate: no server can start with this pair.',
      causes: [
        'the files of two renewals or two servers were mixed up',
        'a new key was made after the request',
        'the CA certificate stands first in the file',
      ],
      fix: 'Look for the key that was made with the request of this certificate; if it is lost, make a new request with sipdiag csr.',
      severity: 'error',
      text: (e: { server: string; subject: string }) =>
        `The private key is not the key of the certificate "${e.subject}" in ${e.server}: no server can start with this pair.`,
      remedy: () =>
        `Look for the key that was made with the request of this certificate; if it is lost, make a new request with sipdiag csr.`,
    },
  },
  run({ tls }, found, readings) {
    const all = presented(tls, readings);
    const good = having(all, (chain) => smallest(chain) === undefined);
    for (const { one, chain } of all) {
      if (chain === undefined) continue;
      const base = owned(one, chain.leaf.subject.text, good);
      if (one.about.file?.key === 'other')
        found('mismatch', chainSubject(one), { server: ownerText(one), subject: base.subject });
      const small = smallest(chain);
      const size = small === undefined ? undefined : smallKey(small.certificate);
      if (small === undefined || size === undefined) continue;
      const { weakness } = certificatePolicy(one.about.profile);
      const { certificate, role } = small;
      const names = replacementNames(one, chain.leaf);
      found('small', chainSubject(one), {
        ...owned(one, certificate.subject.text, good),
        ...size,
        names,
        role,
        weakness,
      });
    }
  },
});
