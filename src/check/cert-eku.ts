import type { Certificate } from '../pki/certificate.ts';
import { keyUsageStanding, purposeName, purposeStanding, type Roles, rolesOf } from '../pki/eku.ts';
import { certificatePolicy, type CertificatePolicy } from './cert-policy.ts';
import { sunsetEventsFor, type SunsetEvent, sunsetText, SUNSET_LIST_DATE } from './client-auth-sunset.ts';
import { defineCheck, type Found } from './define-check.ts';
import {
  chainSubject,
  having,
  isAnchored,
  isPublic,
  type JudgedChain,
  owned,
  type Owned,
  presented,
  type Presented,
} from './sent-chain.ts';
import { BY_STANDING, severityOf, standInText } from './standing.ts';

interface Evidence extends Owned {
  role: 'server' | 'issuer';
  /** The extended key usages by name; null: the certificate has none, which allows every use. */
  usages: string[] | null;
  /** In which parts of TLS the server's certificate may stand. */
  roles: Roles;
}
interface ClientEvidence extends Evidence {
  /** Whose rules decide. */
  who: string;
  demand: CertificatePolicy['clientAuth'];
  /** A public authority issued it. */
  issuedBy: 'public' | 'private';
  /** client: it connected to sipdiag. */
  peer: 'server' | 'client';
}
interface SunsetEvidence extends Evidence {
  events: Pick<SunsetEvent, 'who' | 'date' | 'what' | 'source'>[];
  /** The announcements in one sentence, seen from the time of the judgement. */
  when: string;
  who: string;
  demand: CertificatePolicy['clientAuth'];
  /** As of when the list of announcements is right. */
  listDate: string;
}
interface KeyUsageEvidence extends Evidence {
  keyUsage: string[];
}

/** Lists of a stranger are shown in part. */
const MAX_USAGES = 16;
const listed = ({ usages }: Evidence): string =>
  usages === null ? 'every use' : usages.slice(0, MAX_USAGES).join(', ');

/** The first certificate below the root that limits purposes and leaves out serverAuth. */
function unfitForServer(chain: JudgedChain): { certificate: Certificate; role: 'server' | 'issuer' } | undefined {
  const below = isAnchored(chain) ? chain.verdict.path.slice(0, -1) : chain.verdict.path;
  const path = below.length === 0 ? [chain.leaf] : below;
  const index = path.findIndex((one) => purposeStanding(one, 'serverAuth') === 'missing');
  const certificate = path[index];
  return certificate === undefined ? undefined : { certificate, role: index === 0 ? 'server' : 'issuer' };
}

interface Cases {
  'server-auth-missing': Evidence;
  'client-auth-missing': ClientEvidence;
  'client-auth-sunset': SunsetEvidence;
  any: Evidence;
  'sip-domain': Evidence;
  absent: Evidence;
  'key-usage': KeyUsageEvidence;
  'key-exchange-only': KeyUsageEvidence;
}

interface Judging {
  presented: Presented & { chain: JudgedChain };
  good: Presented['one'][];
}

function evidenceOf({ presented: { one, chain }, good }: Judging, certificate: Certificate): Evidence {
  return {
    ...owned(one, certificate.subject.text, good),
    role: certificate === chain.leaf ? 'server' : 'issuer',
    usages: certificate.extendedKeyUsage?.slice(0, MAX_USAGES).map(purposeName) ?? null,
    roles: rolesOf(chain.leaf),
  };
}

function judgeClientUse(judging: Judging, found: Found<Cases>): void {
  const { one, chain } = judging.presented;
  const policy = certificatePolicy(one.about.profile);
  // A peer that connects is a client, and its usage counts unless the profile's system is known to do without.
  const isClient = one.about.peer === 'client';
  const { who } = policy;
  const clientAuth = isClient && policy.clientAuth !== 'waived' ? 'demanded' : policy.clientAuth;
  const peer = one.about.peer ?? 'server';
  const evidence = evidenceOf(judging, chain.leaf);
  const standing = purposeStanding(chain.leaf, 'clientAuth');
  const issuedBy = isPublic(one, chain) ? ('public' as const) : ('private' as const);
  if (standing === 'missing')
    found('client-auth-missing', chainSubject(one), { ...evidence, who, demand: clientAuth, issuedBy, peer });
  if (standing !== 'listed' || issuedBy === 'private') return;
  const events = sunsetEventsFor(chain.verdict.path.map(({ issuer }) => issuer.text));
  found('client-auth-sunset', chainSubject(one), {
    ...evidence,
    who,
    demand: clientAuth,
    events: events.map((event) => ({ who: event.who, date: event.date, what: event.what, source: event.source })),
    when: sunsetText(events, one.about.judgeAt),
    listDate: SUNSET_LIST_DATE,
  });
}

/** What the extension says that is neither wrong nor usual. */
function judgeOddities(judging: Judging, found: Found<Cases>): void {
  const { one, chain } = judging.presented;
  const { extendedKeyUsage } = chain.leaf;
  const evidence = evidenceOf(judging, chain.leaf);
  if (extendedKeyUsage === undefined) {
    // A certificate of version 1 has no extensions at all, which cert-version tells.
    if (chain.leaf.version === 3) found('absent', chainSubject(one), evidence);
    return;
  }
  if (purposeStanding(chain.leaf, 'serverAuth') === 'any') found('any', chainSubject(one), evidence);
  if (purposeStanding(chain.leaf, 'sipDomain') === 'listed') found('sip-domain', chainSubject(one), evidence);
}

function judgeKeyUsage(judging: Judging, found: Found<Cases>): void {
  const { one, chain } = judging.presented;
  const standing = keyUsageStanding(chain.leaf);
  if (standing === 'fits') return;
  const keyUsage = chain.leaf.keyUsage ?? [];
  const name = standing === 'unfit' ? 'key-usage' : 'key-exchange-only';
  found(name, chainSubject(one), { ...evidenceOf(judging, chain.leaf), keyUsage });
}

const isFit = (chain: JudgedChain): boolean =>
  unfitForServer(chain) === undefined && keyUsageStanding(chain.leaf) !== 'unfit';

export const certEku = defineCheck({
  id: 'cert-eku',
  rung: 'certificate',
  question: 'May the certificate be used by a TLS server, and by a peer in mutual TLS?',
  source: 'RFC 5280 section 4.2.1.12',
  reads: ['tls'],
  cases: {
    'server-auth-missing': {
      means: 'The certificate, or a CA above it, is limited to other uses than TLS servers (serverAuth).',
      causes: [
        'it was requested with the template for users, clients or e-mail',
        'the CA above it may sign for other uses only',
      ],
      fix: 'Ask the CA for a certificate with the extended key usage serverAuth (1.3.6.1.5.5.7.3.1); sipdiag csr makes the request.',
      ...BY_STANDING,
      text: (e: Evidence) =>
        `${e.role === 'server' ? `The certificate of ${e.server}` : `The CA certificate "${e.subject}" in the chain of ${e.server}`} is for ${listed(e)} and not for TLS servers (serverAuth).${standInText(e)}`,
      remedy: (e: Evidence) =>
        `Ask the CA for a certificate "${e.subject}" with the extended key usage serverAuth (1.3.6.1.5.5.7.3.1); sipdiag csr makes the request.`,
    },
    'client-auth-missing': {
      means:
        'The certificate is not for TLS clients (clientAuth), which matters where a server shows it to another server in mutual TLS.',
      causes: [
        'public authorities no longer put clientAuth into server certificates',
        'it was requested with the template for web servers',
      ],
      fix: 'For mutual TLS, use a certificate with both usages, of a private CA if need be, or have the far side not check the usage.',
      severity: (e: ClientEvidence) => (e.demand === 'demanded' ? severityOf(e) : 'info'),
      weighs:
        'info; error under lcs2003 and federation, and for a peer that connects to sipdiag, which is a client, but under teams-direct-routing',
      text: (e: ClientEvidence) => {
        const start = `The certificate of ${e.server} is for ${listed(e)} and not for TLS clients (clientAuth)`;
        if (e.demand === 'waived')
          return `${start}: ${e.who} asks for Server Authentication alone, and connects with such certificates itself; a peer in mutual TLS that checks the usage answers alert 43.`;
        if (e.peer === 'client') return `${start}: every server that checks the usage answers alert 43.`;
        if (e.demand === 'demanded')
          return `${start}; ${e.who} uses it in both roles of mutual TLS, and the far side answers alert 43.${standInText(e)}`;
        return `${start}: good for clients that connect, but in mutual TLS between servers it will be refused.`;
      },
      remedy: (e: ClientEvidence) => {
        if (e.demand === 'waived')
          return `Nothing to mend in the certificate, but see to it that the SBC takes Microsoft's certificates for servers only (AudioCodes from 7.4.600 on: turn the check of the extended key usage off).`;
        return e.issuedBy === 'public'
          ? `For mutual TLS, use a certificate of a private CA with both usages on the connecting side, or have the far side not check the usage: public authorities no longer issue clientAuth.`
          : `If this server connects to others with mutual TLS, ask the CA for both usages (1.3.6.1.5.5.7.3.1,1.3.6.1.5.5.7.3.2); sipdiag csr asks for both.`;
      },
    },
    'client-auth-sunset': {
      means:
        'The certificate holds clientAuth and comes from a public authority; its successors will not, and mutual TLS stops with the renewal.',
      causes: [
        'the root programs of the browsers want public certificates for servers only',
        'the authority has announced the end of clientAuth',
      ],
      fix: 'Before the renewal, find the peers that ask this server for a certificate, and give it one of a private CA for them, or have them accept serverAuth alone.',
      severity: 'info',
      text: (e: SunsetEvidence) =>
        `The certificate of ${e.server} holds clientAuth and comes from a public authority; its successors will not (${e.when}; as announced up to ${e.listDate}). ${e.demand === 'waived' ? `${e.who} takes those too; with other peers, mutual TLS` : 'Mutual TLS'} that works today stops with the renewal.`,
      remedy: (e: SunsetEvidence) =>
        `Before the renewal of "${e.subject}", find out which peers ask this server for a certificate when it connects; give it one of a private CA for that role, or have those peers accept serverAuth alone.`,
    },
    any: {
      means:
        'The certificate is for any use (anyExtendedKeyUsage) and does not name serverAuth, which some products miss.',
      causes: ['a private CA whose template allows everything'],
      fix: 'With the next renewal, ask for serverAuth and clientAuth by name.',
      severity: 'info',
      text: (e: Evidence) =>
        `The certificate of ${e.server} is for any use (anyExtendedKeyUsage) and does not list serverAuth: TLS libraries accept that, some products do not.`,
      remedy: () => `With the next renewal, ask for serverAuth and clientAuth by name.`,
    },
    'sip-domain': {
      means: 'The certificate is marked for SIP domains (id-kp-sipDomain), as RFC 5924 defines.',
      causes: ['no fault: the CA issues certificates for SIP'],
      fix: 'Nothing to mend: clients that do not know the mark look at serverAuth.',
      severity: 'info',
      text: (e: Evidence) =>
        `The certificate of ${e.server} is marked for SIP domains (id-kp-sipDomain): it is for ${listed(e)}.`,
      remedy: () => `Nothing to mend: RFC 5924 defines this mark, and clients that do not know it look at serverAuth.`,
    },
    absent: {
      means:
        'The certificate has no extended key usage, which allows every use; some products ask for serverAuth by name.',
      causes: ['it was made with a tool or a private CA that adds no extensions unless told'],
      fix: 'With the next renewal, ask for serverAuth and clientAuth by name.',
      severity: 'info',
      text: (e: Evidence) =>
        `The certificate of ${e.server} has no extended key usage, which allows every use; some products ask for serverAuth by name.`,
      remedy: () => `With the next renewal, ask for serverAuth and clientAuth by name.`,
    },
    'key-usage': {
      means: 'The key usage of the certificate allows other things than TLS.',
      causes: ['it was requested with the template for another purpose'],
      fix: 'Ask the CA for a certificate with the key usage digitalSignature.',
      ...BY_STANDING,
      text: (e: KeyUsageEvidence) =>
        `The key of the certificate of ${e.server} may be used for ${e.keyUsage.join(', ') || 'nothing'} and not for TLS.${standInText(e)}`,
      remedy: (e: KeyUsageEvidence) =>
        `Ask the CA for a certificate "${e.subject}" with the key usage digitalSignature.`,
    },
    'key-exchange-only': {
      means: 'The key usage lacks digitalSignature, which TLS 1.3 and every ECDHE suite need.',
      causes: ['an old template that knows keyEncipherment only, from the time of RSA key exchange'],
      fix: 'Ask the CA for a certificate with the key usage digitalSignature as well.',
      severity: 'warning',
      text: (e: KeyUsageEvidence) =>
        `The key usage of the certificate of ${e.server} (${e.keyUsage.join(', ')}) lacks digitalSignature: TLS 1.3 and every ECDHE suite need it.`,
      remedy: (e: KeyUsageEvidence) =>
        `Ask the CA for a certificate "${e.subject}" with the key usage digitalSignature as well.`,
    },
  },
  run({ tls }, found: Found<Cases>, readings) {
    const all = presented(tls, readings);
    const good = having(all, isFit);
    for (const { one, chain } of all) {
      if (chain === undefined) continue;
      const judging = { presented: { one, chain }, good };
      const unfit = one.about.peer === 'client' ? undefined : unfitForServer(chain);
      if (unfit === undefined) judgeOddities(judging, found);
      else found('server-auth-missing', chainSubject(one), evidenceOf(judging, unfit.certificate));
      judgeKeyUsage(judging, found);
      judgeClientUse(judging, found);
    }
  },
});
