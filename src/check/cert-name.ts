import type { Certificate } from '../pki/certificate.ts';
import {
  answerText,
  carriedNames,
  decideNames,
  isAddress,
  titles,
  type NameOutcome,
  type RuleAnswer,
} from './cert-name-rules.ts';
import { certificatePolicy } from './cert-policy.ts';
import { needed, request } from './cert-request-words.ts';
import { defineCheck, type Found } from './define-check.ts';
import type { Product } from './product-setting-rows.ts';
import { installedOn, relaxText, settingText } from './product-settings.ts';
import { chainSubject, having, owned, type Owned, ownerText, presented, type Presented, shown } from './sent-chain.ts';
import { BY_STANDING, severityOf, standInText } from './standing.ts';

interface Evidence extends Owned {
  /** The name that the client connected to. */
  wanted: string;
  domain: string | null;
  /** Names that the certificate carries, 64 at most. */
  names: string[];
  total: number;
  /** Whose rules decide, and where they read the name. */
  who: string;
  reads: 'common name' | 'subjectAltName';
  /** The rules that decide, with what they make of it. */
  decided: string[];
  /** The registry value that relaxes strict naming, and its file; null: none was given. */
  policy: string | null;
  /** Whether DisableStrictDNSNaming would let a Microsoft client take the certificate. */
  relaxing: 'helps' | 'no-use';
  product?: Product;
}
/** accepted: some clients take it, stricter ones do not. refused: clients of the profile do not. */
interface WeakEvidence extends Evidence {
  taken: 'accepted' | 'refused';
}
interface MatrixEvidence {
  server: string;
  profile: string;
  policy: string | null;
  matrix: RuleAnswer[];
}

const SHOWN_NAMES = 8;

const carried = ({ names, total }: Evidence): string => {
  if (total === 0) return 'no name at all';
  const more = total > SHOWN_NAMES ? ` and ${total - SHOWN_NAMES} more` : '';
  return names.slice(0, SHOWN_NAMES).join(', ') + more;
};

const looksFor = ({ domain, wanted }: Evidence): string =>
  domain === null || domain === wanted ? wanted : `${domain} or ${wanted}`;
/** What the certificate has to hold, as a request spells it. */
const underPolicy = ({ policy }: Evidence): string => (policy === null ? '' : ` (with ${policy})`);

function satisfied({ matrix }: MatrixEvidence): string {
  const good = titles(matrix, ({ result }) => result === 'match');
  const bad = titles(matrix, ({ result }) => result === 'mismatch');
  if (good === '') return `none of the rules (${bad})`;
  return bad === '' ? good : `${good}, and not ${bad}`;
}

const policyText = ({ one }: Presented): string | null => {
  const policy = one.about.namePolicy;
  return policy === undefined ? null : `${policy.setting} in ${policy.file}`;
};

interface Cases {
  mismatch: Evidence;
  'host-only': Evidence;
  wildcard: WeakEvidence;
  'cn-only': WeakEvidence;
  'ip-expected': Evidence;
  relaxed: Evidence;
  matrix: MatrixEvidence;
}

function evidenceOf(all: Presented, leaf: Certificate, good: readonly Presented['one'][]): Omit<Evidence, 'product'> {
  const { about } = all.one;
  const { answers } = decideNames(all.one, leaf);
  const { who, names: rules } = certificatePolicy(about.profile);
  const reads = rules.includes('microsoft-common-name') ? 'common name' : 'subjectAltName';
  const commonNames = leaf.commonName === undefined ? [] : [shown(leaf.commonName)];
  return {
    ...owned(all.one, leaf.subject.text, good),
    wanted: about.verifyName,
    domain: about.domain ?? null,
    ...(reads === 'common name' ? { names: commonNames, total: commonNames.length } : carriedNames(leaf)),
    who,
    reads,
    decided: answers.filter(({ decides }) => decides).map(answerText),
    policy: policyText(all),
    relaxing: answers.some(({ rule, result }) => rule === 'microsoft-relaxed' && result === 'match')
      ? 'helps'
      : 'no-use',
  };
}

function tell(
  evidence: Evidence,
  outcome: NameOutcome,
  { where, found }: { where: string; found: Found<Cases> },
): void {
  if (outcome === 'accepted') return;
  if (outcome === 'host-only') found('host-only', where, evidence);
  else if (isAddress(evidence.wanted)) found('ip-expected', where, evidence);
  else if (outcome === 'mismatch') found('mismatch', where, evidence);
  else {
    const taken = outcome.endsWith('refused') ? 'refused' : 'accepted';
    found(outcome.startsWith('wildcard') ? 'wildcard' : 'cn-only', where, { ...evidence, taken });
  }
}

/** Strict naming would have refused what the policy lets pass. */
function dependsOnPolicy({ one }: Presented, leaf: Certificate): boolean {
  const { namePolicy, ...about } = one.about;
  return namePolicy !== undefined && decideNames({ ...one, about }, leaf).outcome !== 'accepted';
}

/** Servers that show the same certificate under the same names share one matrix. */
function tellMatrices(all: readonly Presented[], found: Found<Cases>): void {
  const told = new Set<string>();
  for (const item of all) {
    const { one, chain } = item;
    if (chain === undefined) continue;
    const { verifyName, domain, profile = 'rfc3263' } = one.about;
    const key = JSON.stringify([chain.leaf.fingerprint256, verifyName, domain, profile]);
    if (told.has(key)) continue;
    told.add(key);
    const { answers } = decideNames(one, chain.leaf);
    found('matrix', chainSubject(one), { server: ownerText(one), profile, policy: policyText(item), matrix: answers });
  }
}

export const certName = defineCheck({
  id: 'cert-name',
  rung: 'certificate',
  question: 'Does the certificate carry a name that the client looks for?',
  source: 'RFC 5922 section 7, RFC 9525 section 6',
  reads: ['tls'],
  uses: ['sip'],
  cases: {
    mismatch: {
      means: 'The certificate carries none of the names that the client looks for.',
      causes: [
        'the SIP domain or the host was left out when the certificate was requested',
        'clients connect by another name (an alias, an old name)',
        'the server sends its default certificate, or that of another service',
      ],
      fix: 'Ask the CA for a certificate with the names that clients look for (sipdiag csr makes the request), and install it on the server.',
      ...BY_STANDING,
      text: (e: Evidence) =>
        `The certificate of ${e.server} is for ${carried(e)}; ${e.who} looks for ${looksFor(e)}${e.reads === 'common name' ? ' in the common name' : ''}${underPolicy(e)}.${standInText(e)}`,
      remedy: (e: Evidence) =>
        `Ask the CA for a certificate with ${needed(e)} (request: ${request(e)}), and install it on the server${settingText('cert-name.mismatch', e)}${relaxText(e)}.`,
    },
    'host-only': {
      means:
        'The certificate names the server but not the SIP domain, which clients that follow RFC 5922 to the letter look for.',
      causes: [
        'the certificate was requested as for a web server, for the host alone',
        'the server works for domains of others, who hold their names',
      ],
      fix: 'With the next renewal, ask for the SIP domain in the subjectAltName as well.',
      severity: 'info',
      text: (e: Evidence) =>
        `The certificate of ${e.server} names the host ${e.wanted} but not the SIP domain ${e.domain ?? ''}: clients that follow RFC 5922 to the letter refuse it.`,
      remedy: (e: Evidence) => `With the next renewal, ask for DNS:${e.domain ?? ''} in the subjectAltName as well.`,
    },
    wildcard: {
      means:
        'Only a wildcard in the certificate covers the name, and SIP clients that follow RFC 5922 take no wildcards.',
      causes: [
        'one wildcard certificate was bought for all services of the domain',
        'the certificate of the web server is used for SIP',
      ],
      fix: 'Ask the CA for a certificate that spells the name out.',
      severity: (e: WeakEvidence) => (e.taken === 'refused' ? severityOf(e) : 'warning'),
      weighs:
        'warning; under a profile whose clients refuse it: error, or warning while another server of its set shows a better one',
      text: (e: WeakEvidence) =>
        e.taken === 'refused'
          ? `The certificate of ${e.server} covers ${e.wanted} by a wildcard only (${carried(e)}), and ${e.who} takes no wildcards${underPolicy(e)}.${standInText(e)}`
          : `The certificate of ${e.server} covers ${e.wanted} by a wildcard only (${carried(e)}): clients that follow RFC 5922 section 7.2 take no wildcards and refuse it.`,
      remedy: (e: WeakEvidence) => `Ask the CA for a certificate with ${needed(e)} in full (request: ${request(e)}).`,
    },
    'cn-only': {
      means: 'The name stands in the common name only, which clients that follow RFC 9525 do not read.',
      causes: [
        'the certificate was made with an old template or tool',
        'the CA left out the subjectAltName of the request',
      ],
      fix: 'Ask the CA for a certificate that holds the name in its subjectAltName; sipdiag csr makes the request.',
      severity: (e: WeakEvidence) => (e.taken === 'refused' ? severityOf(e) : 'warning'),
      weighs:
        'warning; under a profile whose clients refuse it: error, or warning while another server of its set shows a better one',
      text: (e: WeakEvidence) =>
        e.taken === 'refused'
          ? `The certificate of ${e.server} has ${looksFor(e)} in its common name only, and ${e.who} does not read that${underPolicy(e)}.${standInText(e)}`
          : `The certificate of ${e.server} has the name in its common name only: older SIP clients read it, those that follow RFC 9525 refuse the certificate.`,
      remedy: (e: WeakEvidence) => `Ask the CA for a certificate with ${needed(e)} (request: ${request(e)}).`,
    },
    'ip-expected': {
      means:
        'TLS was reached by IP address, which the certificate does not name: TLS works, and the name cannot match.',
      causes: [
        'TLS was tried by address on purpose, to leave DNS out',
        'the client is set up with an address instead of a name',
      ],
      fix: 'Nothing to mend on the server: let clients connect by name.',
      severity: 'info',
      text: (e: Evidence) =>
        `TLS to ${e.wanted} was reached by its address; the certificate is for ${carried(e)} and cannot match an address. That proves that TLS itself works.`,
      remedy: (e: Evidence) =>
        `Nothing to mend: let clients connect by name, or check the name with --verify-name ${e.names[0] ?? 'NAME'}.`,
    },
    relaxed: {
      means: 'The certificate passes only because a policy on the client relaxes strict naming.',
      causes: [
        'the policy DisableStrictDNSNaming is set',
        'the certificate holds a name in the SIP domain, but not the one that strict naming asks for',
      ],
      fix: 'Give every client that policy, or ask the CA for a certificate with the name that strict naming asks for.',
      severity: 'info',
      text: (e: Evidence) =>
        `The certificate of ${e.server} (${carried(e)}) passes only because the policy ${e.policy ?? ''} relaxes strict naming; without it, ${e.who} looks for ${e.wanted}.`,
      remedy: (e: Evidence) =>
        `Give every client that policy, or ask the CA for a certificate whose subjectAltName holds DNS:${e.wanted}.`,
    },
    matrix: {
      means:
        'Which rules for names the certificate satisfies: those of RFC 5922, RFC 9525 and the Microsoft products differ.',
      causes: ['no fault: every certificate is told so, since each kind of client has a rule of its own'],
      fix: 'Look at the rule of the software that connects; --profile chooses it.',
      severity: 'info',
      text: (e: MatrixEvidence) =>
        `By its names, the certificate of ${e.server} satisfies ${satisfied(e)}; the profile ${e.profile} goes by ${titles(e.matrix, ({ decides }) => decides)}.`,
      remedy: () => `Look at the rule of the software that connects; --profile chooses it.`,
    },
  },
  notApplicable: ({ tls }) =>
    tls.length > 0 && tls.every(({ about }) => about.verifyName === '')
      ? 'no name was given to look for (--name)'
      : null,
  run({ tls, sip }, found: Found<Cases>, readings) {
    const all = presented(tls, readings);
    const good = having(all, () => true).filter((one) => {
      const leaf = all.find((item) => item.one === one)?.chain?.leaf;
      return leaf !== undefined && ['accepted', 'host-only'].includes(decideNames(one, leaf).outcome);
    });
    for (const item of all) {
      const leaf = item.chain?.leaf;
      if (leaf === undefined) continue;
      const where = chainSubject(item.one);
      const evidence = { ...evidenceOf(item, leaf, good), ...installedOn(sip, item.one.about.profile) };
      const { outcome } = decideNames(item.one, leaf);
      // Before version 3 there is no other place for a name, which cert-version tells.
      if (leaf.version === 3 || outcome !== 'cn-accepted') tell(evidence, outcome, { where, found });
      if (outcome === 'accepted' && dependsOnPolicy(item, leaf)) found('relaxed', where, evidence);
    }
    tellMatrices(all, found);
  },
});
