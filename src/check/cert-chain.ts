import type { PathFailure } from '../pki/path-types.ts';
import { replacementNames } from './cert-request-words.ts';
import { defineCheck } from './define-check.ts';
import { differenceOf, OPENSSL_DIFFERS } from './openssl-difference.ts';
import {
  chainSubject,
  having,
  lookCommand,
  type JudgedChain,
  owned,
  type Owned,
  ownerText,
  presented,
  type Presented,
  readSentChain,
  shown,
} from './sent-chain.ts';
import type { Product } from './product-setting-rows.ts';
import { installedOn, settingText } from './product-settings.ts';
import { BY_STANDING, standInText } from './standing.ts';

interface Evidence extends Owned {
  look: string;
  /** A server sends what a file holds. */
  verb: 'sends' | 'holds';
  issuer: string;
  /** Options of sipdiag csr for a certificate in place of this one. */
  names: string;
  /** Subjects as sent, leaf first. */
  sent: string[];
  /** How many were sent, where not all of them were read; absent: `sent` has them all. */
  sentInAll?: number;
  rule: string;
  detail: string;
  product?: Product;
}

/** Rules that have a check of their own (cert-dates, cert-name, cert-eku, cert-key, cert-signature): one cause, one finding. */
const TOLD_ELSEWHERE: readonly string[] = ['expired', 'not-yet-valid', 'name', 'eku', 'weak-key', 'weak-signature'];
const isToldElsewhere = ({ rule, index }: PathFailure): boolean =>
  TOLD_ELSEWHERE.includes(rule) || (rule === 'key-usage' && index === 0);

interface OrderEvidence {
  server: string;
  /** As sent; of a file that begins with another certificate, sorted. */
  sent: string[];
  first: 'leaf' | 'another';
}

interface LengthEvidence {
  server: string;
  /** How many certificates were sent, and how many of them were read. */
  total: number;
  read: number;
}

type CaseName = 'untrusted-root' | 'self-signed' | 'intermediate-missing' | 'invalid';

/** A certificate that tells where its issuer is to be fetched has an issuer that servers are expected to send. */
function caseOf({ rule }: PathFailure, { leaf, verdict }: JudgedChain): CaseName {
  if (rule === 'self-signed') return 'self-signed';
  if (rule === 'untrusted-root') return 'untrusted-root';
  if (rule !== 'no-issuer-found') return 'invalid';
  const last = verdict.path.at(-1) ?? leaf;
  return last.caIssuersUrls.length > 0 ? 'intermediate-missing' : 'untrusted-root';
}

const firstFailure = ({ failures }: JudgedChain): PathFailure | undefined =>
  failures.find((failure) => !isToldElsewhere(failure));

const firstOf = ({ about }: Presented['one']): OrderEvidence['first'] =>
  about.file?.order === 'leaf-later' ? 'another' : 'leaf';

/** Other formats than PEM are sorted by whatever reads them. */
function isDisordered({ about }: Presented['one'], { verdict }: JudgedChain): boolean {
  if (about.file !== undefined && about.file.format !== 'PEM') return false;
  return verdict.order === 'wrong' || about.file?.order === 'leaf-later';
}

function missingText({ sent, sentInAll, issuer }: Evidence): string {
  if (sentInAll !== undefined)
    return `${sentInAll} certificates: the certificate of the issuer "${issuer}" is not among the first ${sent.length}, which were read`;
  const count = sent.length === 1 ? 'its own certificate only' : `${sent.length} certificates`;
  return `${count}: the certificate of the issuer "${issuer}" is missing`;
}

function evidenceOf(
  { one, chain }: { one: Presented['one']; chain: JudgedChain },
  failure: PathFailure,
): Omit<Evidence, keyof Owned> {
  const last = chain.verdict.path.at(-1) ?? chain.leaf;
  const sentInAll = one.outcome.ok ? one.outcome.value.chainSent : undefined;
  return {
    look: lookCommand(one),
    verb: one.about.file === undefined ? 'sends' : 'holds',
    issuer: shown(last.issuer.text),
    names: replacementNames(one, chain.leaf),
    sent: chain.sent.map((certificate) => shown(certificate.subject.text)),
    ...(sentInAll === undefined ? {} : { sentInAll }),
    rule: failure.rule,
    detail: shown(failure.detail),
  };
}

export const certChain = defineCheck({
  id: 'cert-chain',
  rung: 'certificate',
  question: 'Does the chain lead from the server certificate to a trusted root?',
  source: 'RFC 5280 section 6',
  reads: ['tls'],
  uses: ['sip'],
  cases: {
    'untrusted-root': {
      means: 'The chain ends at a CA that this machine does not trust.',
      causes: [
        'an internal CA whose root certificate is not installed on the client',
        'the root certificate was put into the wrong store',
        'a proxy or firewall that inspects TLS signs with a CA of its own',
        'the list of roots of this machine is too old for the CA',
      ],
      fix: 'Install the root certificate of the CA as trusted root on the clients (for a test: --ca), or use a certificate of a CA that they trust.',
      ...BY_STANDING,
      text: (e: Evidence) =>
        `The certificate of ${e.server} was issued by "${e.issuer}", and no root that this machine trusts vouches for it.${standInText(e)}`,
      remedy: (e) =>
        `Install the root certificate of "${e.issuer}" as trusted root on the clients (for this test: --ca root.pem), or use a certificate of a CA that they trust.`,
    },
    'self-signed': {
      means: 'The server certificate vouches for itself, and is not trusted here.',
      causes: [
        'the certificate that the product made at its installation was never replaced',
        'a test setup',
        'the server did not find its certificate, and fell back to a default',
      ],
      fix: 'Get a certificate from a CA in its place; for a test only, trust this one with --ca.',
      ...BY_STANDING,
      text: (e: Evidence) =>
        `The certificate of ${e.server} is self-signed ("${e.subject}") and not trusted here.${standInText(e)}`,
      remedy: (e) =>
        `Get a certificate from a CA in its place (request: sipdiag csr ${e.names}); for a test only, trust this one with --ca FILE.`,
    },
    'intermediate-missing': {
      means: 'The server does not send the CA certificate that stands between its own and the root.',
      causes: [
        'only the server certificate was installed, without its chain',
        'the chain file is still that of the CA before',
        'nobody noticed, since browsers fetch what is missing',
      ],
      fix: 'Put the intermediate certificate behind the server certificate in the file that the server sends.',
      ...BY_STANDING,
      text: (e: Evidence) =>
        `${e.server} ${e.verb} ${missingText(e)}, and it is no root that this machine trusts.${standInText(e)}`,
      remedy: (e) =>
        `Put the intermediate certificate "${e.issuer}" behind the server certificate in the file that the server sends${settingText('cert-chain.intermediate-missing', e)}; if it is a root, trust it with --ca FILE.`,
    },
    invalid: {
      means: 'The chain breaks a rule for certificates, and clients refuse it.',
      causes: [
        'the chain file holds an older or newer certificate of the same CA, with another key',
        'a certificate without the rights of a CA stands as issuer',
        'the certificate lies outside of what its CA may sign for (name constraints, path length)',
        'a private CA or tool made it with wrong extensions',
      ],
      fix: 'Ask the CA for a certificate without this fault.',
      ...BY_STANDING,
      text: (e: Evidence) =>
        `The certificate chain of ${e.server} breaks the rule '${e.rule}' at "${e.subject}": ${e.detail}.${standInText(e)}`,
      remedy: (e) => `Ask the CA for a certificate without this fault; see the chain with: ${e.look}`,
    },
    order: {
      means: 'The certificates stand in the wrong order, and strict clients do not sort them.',
      causes: ['the files were joined the wrong way round', 'the chain was exported with the root first'],
      fix: 'Put the certificate of the server itself first, then the CA that signed it, and so on up.',
      severity: 'warning',
      text: (e: OrderEvidence) =>
        e.first === 'another'
          ? `The file ${e.server} does not begin with the certificate "${e.sent[0] ?? ''}" but with one of its issuers: servers show the first certificate of a file as their own.`
          : `The certificates of ${e.server} stand in the wrong order (${e.sent.join(' | ')}); strict clients do not sort them.`,
      remedy: (e) =>
        `Put the certificate of ${e.server} itself first, then that of the CA that signed it, and so on up.`,
    },
    'too-long': {
      means: 'The server sends more certificates than sipdiag reads (32), and many more than any client needs.',
      causes: [
        'a whole store of certificates is sent along instead of the one intermediate',
        'a script adds the chain to the file again at every renewal',
      ],
      fix: 'Send the certificate of the server and its intermediates only: each once, and two to four in all.',
      severity: 'warning',
      text: (e: LengthEvidence) =>
        `${e.server} sends ${e.total} certificates, of which the first ${e.read} were read here; two to four are usual, and clients that set a limit may refuse so many.`,
      remedy: (e) =>
        `In the file that ${e.server} sends, leave its own certificate and its intermediates, each once: two to four certificates.`,
    },
    'openssl-differs': OPENSSL_DIFFERS,
    unreadable: {
      means: 'The server sends no certificate that can be read.',
      causes: [
        'the file is damaged, or of another format',
        'the tool that made the certificate breaks the encoding (DER)',
        'no certificate was set up at all',
      ],
      fix: 'Replace the certificate: have it issued again with another tool (sipdiag csr makes the request); clients that check certificates cannot read this one.',
      ...BY_STANDING,
      text: (e: Owned & { detail: string }) =>
        `The certificate of ${e.server} cannot be read: ${e.detail}.${standInText(e)}`,
      remedy: (e) =>
        `Have the certificate of ${e.server} issued again, with another tool: clients that check certificates cannot read this one.`,
    },
  },
  run({ tls, sip }, found, readings) {
    const all = presented(tls, readings);
    const trusted = having(all, (chain) => firstFailure(chain) === undefined);
    for (const { one, chain } of all) {
      if (!one.outcome.ok) continue;
      const { chain: read, chainSent: total } = one.outcome.value;
      if (total !== undefined)
        found('too-long', chainSubject(one), { server: ownerText(one), total, read: read.length });
      if (chain === undefined) {
        // A peer that has none is told of as that (tls-peer).
        if (one.about.peer === 'client' && one.outcome.value.chain.length === 0) continue;
        const { unreadable } = readSentChain(one.outcome.value);
        const detail = unreadable[0]?.detail ?? 'the server sent none';
        found('unreadable', chainSubject(one), { ...owned(one, '', trusted), detail: shown(detail) });
        continue;
      }
      const disordered = isDisordered(one, chain);
      const sent = chain.sent.map(({ subject }) => shown(subject.text));
      const difference = differenceOf({ one, chain });
      if (difference !== undefined) found('openssl-differs', chainSubject(one), difference);
      if (disordered) found('order', chainSubject(one), { server: ownerText(one), sent, first: firstOf(one) });
      const failure = firstFailure(chain);
      if (failure === undefined) continue;
      const about = { ...owned(one, failure.subject, trusted), ...evidenceOf({ one, chain }, failure) };
      found(caseOf(failure, chain), chainSubject(one), { ...about, ...installedOn(sip, one.about.profile) });
    }
  },
});
