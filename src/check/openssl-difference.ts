import type { PathFailure } from '../pki/path-types.ts';
import type { CaseSpec } from './define-check.ts';
import { lookCommand, ownerText, shown, type Presented } from './sent-chain.ts';

export interface DifferenceEvidence {
  server: string;
  look: string;
  openssl: 'accepts' | 'refuses';
  version: string;
  /** 'ok', or OpenSSL's name of the fault. */
  verdict: string;
  /** The rule that the chain breaks here; null: none. */
  rule: string | null;
  /** Who meets this chain: the clients of a server, or the servers that a peer connects to. */
  others: 'clients' | 'servers';
}

/** Old peers are let in at OpenSSL's security level 0, at which it looks at neither of them. */
const LEFT_ASIDE_OF_PEERS: readonly string[] = ['weak-key', 'weak-signature'];

/** Two implementations that disagree about a chain tell that others will, too; names are left aside by both. */
export function differenceOf({ one, chain }: Presented): DifferenceEvidence | undefined {
  const openssl = one.outcome.ok ? one.outcome.value.openssl : undefined;
  if (openssl === undefined || chain === undefined) return undefined;
  const { version, verdict } = openssl;
  const isPeer = one.about.peer === 'client';
  const counts = ({ rule }: PathFailure): boolean => !isPeer || !LEFT_ASIDE_OF_PEERS.includes(rule);
  const [failure] = chain.failures.filter(counts);
  if ((failure === undefined) === (verdict === 'ok')) return undefined;
  return {
    server: ownerText(one),
    look: lookCommand(one),
    version,
    verdict: shown(verdict),
    openssl: verdict === 'ok' ? 'accepts' : 'refuses',
    rule: failure?.rule ?? null,
    others: isPeer ? 'servers' : 'clients',
  };
}

export const OPENSSL_DIFFERS: CaseSpec<DifferenceEvidence> = {
  means: 'OpenSSL comes to another result about the chain than sipdiag: clients will differ as well.',
  causes: [
    'a rule that only one of the two applies, as about weak keys and digests',
    'a trusted certificate that is no root, which OpenSSL by itself does not end a chain with',
  ],
  fix: 'Mend what the stricter of the two objects to; clients built on OpenSSL do as it does.',
  severity: 'info',
  text: (e) =>
    e.openssl === 'accepts'
      ? `OpenSSL ${e.version} accepts the chain of ${e.server}, which breaks the rule '${e.rule ?? ''}' here: ${e.others} built on OpenSSL may take it where others do not.`
      : `OpenSSL ${e.version} refuses the chain of ${e.server} (${e.verdict}), in which no fault was found here: ${e.others} built on OpenSSL may refuse it too.`,
  remedy: (e) => `See the chain with: ${e.look}`,
};
