import type { ObservationKind, Rung } from '../model.ts';
import type { CaseFacts } from './define-check.ts';
import { CHECKS } from './registry.ts';

/** What can be said of one finding without evidence: what `sipdiag explain` and the page of all findings are made of. */
export interface FindingFacts extends Omit<CaseFacts, 'name'> {
  id: string;
  rung: Rung;
  question: string;
  /** What its check judges, in words. */
  judges: readonly string[];
  /** What its check looks at besides, to weigh what it judges. */
  weighsBy: readonly string[];
  /** The law: RFC and section, or the product's documentation. */
  source: string;
}

/** Each kind of observation as a reader would name it, with the option that asks for it where it is not always made. */
const KIND_WORDS: Readonly<Record<ObservationKind, string>> = {
  dns: 'answers to DNS questions',
  authority: 'what the name servers of the zone say themselves (--authority)',
  lookup: 'what the operating system resolves (--resolver system)',
  route: 'whether this machine has a way to servers with IPv6 addresses alone (sipdiag dns)',
  discovery: 'where a client of the profile would connect',
  tcp: 'TCP connections',
  tls: 'TLS handshakes and the certificates that they show',
  variant: 'further TLS handshakes: without a server name, in one version only, with old ciphers',
  cleartext: 'a SIP request in clear to a port on which TLS failed',
  offer: 'the client certificate that is to be offered (--client-cert)',
  sip: 'answers to OPTIONS and REGISTER',
  autodiscover: 'what the autodiscover services of the domain answer over HTTP',
  redirect: 'where a REGISTER was sent on to, and what came of it there',
  withheld: 'passwords that were not sent, and why',
  path: 'the addresses that a name leads to on this machine',
  latency: 'OPTIONS repeated on one connection (--count)',
  kdc: 'connections to the Kerberos servers of the realm',
  revocation: 'answers of OCSP responders, and revocation lists (--revocation)',
  range: 'the ports that a client would advertise, and what came of listening on them',
  witness: 'what a witness on the far side can say',
  reach: 'attempts of a witness to reach a port of this machine',
  mapped: 'the address of this machine as a witness sees it',
  nat: 'how the NAT maps and filters UDP (STUN)',
  mirror: 'a SIP message compared with what of it arrived on the far side',
  skipped: 'rungs that were left out',
};

const wordsOf = (kinds: readonly ObservationKind[]): string[] => kinds.map((kind) => KIND_WORDS[kind]);

/** Every finding of every check, in ladder order. */
export function findingFacts(): FindingFacts[] {
  return CHECKS.flatMap(({ id, rung, question, source, reads, uses, caseFacts }) =>
    caseFacts.map(({ name, ...facts }) => ({
      id: `${id}.${name}`,
      rung,
      question,
      judges: wordsOf(reads),
      weighsBy: wordsOf(uses),
      source,
      ...facts,
    })),
  );
}

/**
 * The severity in a word or three: 'error', or 'warning, or less' where it is read off the evidence and a warning is the gravest.
 */
export function severityText({ severity, weighs }: Pick<FindingFacts, 'severity' | 'weighs'>): string {
  if (severity !== 'depends') return severity;
  return /\berror\b/.test(weighs) ? 'error, or less' : 'warning, or less';
}
