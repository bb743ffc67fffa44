import type { Certificate } from './certificate.ts';
import type { Crl } from './crl.ts';
import type { NameRule, NameTarget, NameVerdict } from './name-verdict.ts';

/**
 * How much is demanded. basic: what common TLS clients refuse. rfc5280: also what the profile forbids an authority to issue.
 * webpki: rfc5280 as the CA/Browser Forum Baseline Requirements (BR) narrow it for public TLS servers.
 */
export type RuleSet = 'basic' | 'rfc5280' | 'webpki';

/** Stable short names of what a path was refused for. */
export type PathRule =
  /** The leaf is self-signed and not trusted itself. */
  | 'self-signed'
  /** The path ends in a self-signed certificate that is not trusted. */
  | 'untrusted-root'
  /** An issuer is named that was neither sent nor is trusted: an intermediate is missing. */
  | 'no-issuer-found'
  /** An issuer of that name is there, but its key did not make the signature. */
  | 'signature'
  | 'unsupported-algorithm'
  | 'loop'
  | 'path-too-long'
  /** The search was given up: the certificates allow too many paths. */
  | 'search-limit'
  | 'expired'
  | 'not-yet-valid'
  | 'not-a-ca'
  | 'path-length'
  | 'key-usage'
  | 'eku'
  | 'name-constraint'
  | 'unknown-critical'
  | 'malformed-extension'
  | 'duplicate-extension'
  | 'too-many-names'
  | 'algorithm-mismatch'
  | 'weak-signature'
  | 'weak-key'
  | 'key-type'
  | 'revoked'
  | 'crl'
  | 'name'
  /** Breaches of the profile (RFC 5280 section 4, BR section 7). */
  | 'version'
  | 'serial'
  | 'empty-name'
  | 'criticality'
  | 'key-identifier'
  | 'ca-extensions'
  | 'alternative-name'
  | 'common-name';

export interface PathFailure {
  rule: PathRule;
  /** Place in the path, the leaf being 0. */
  index: number;
  /** Subject of the certificate at fault; control characters are not escaped. */
  subject: string;
  /** One clause that says what was found. */
  detail: string;
}

export interface PathRequest {
  leaf: Certificate;
  /** In the order sent, without the leaf. At most 256 are looked at. */
  intermediates: readonly Certificate[];
  roots: readonly Certificate[];
  /** The time to judge dates at, ISO 8601; fractions of a second are cut off. */
  at: string | Date;
  purpose: 'server' | 'client';
  rules: RuleSet;
  /** The path is refused when the leaf does not carry the name. */
  name?: { rule: NameRule; target: NameTarget } | undefined;
  /** Intermediates that are not self-issued, at most. */
  maxIntermediates?: number | undefined;
  /** Revocation lists; certificates of issuers without a list are not checked. */
  crls?: readonly Crl[] | undefined;
}

/** A path that was looked at and refused, leaf first. */
export interface RejectedPath {
  path: Certificate[];
  /** anchored: it ends in a trusted certificate. open: it does not, and the first failure says why. */
  end: 'anchored' | 'open';
  /** All that was found, at most 32; never empty. */
  failures: PathFailure[];
}

/** How the certificates were sent compared with the path: each right behind the one it signed; others in between; or shuffled. */
export type SentOrder = 'direct' | 'gaps' | 'wrong';

interface Sent {
  /** Of the certificates of the path that were sent. */
  order: SentOrder;
  /** Sent certificates that the path does not use. */
  unused: Certificate[];
  /** What the name rule said; absent when no name was given. */
  name?: NameVerdict;
}

export type PathVerdict =
  | ({ ok: true; path: Certificate[] } & Sent)
  /** rule, index, subject and detail are those of the first failure of `path`, which came closest and heads `rejected` (at most 16). */
  | ({ ok: false; path: Certificate[]; failures: PathFailure[]; rejected: RejectedPath[] } & PathFailure & Sent);
