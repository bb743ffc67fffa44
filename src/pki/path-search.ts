import type { Certificate } from './certificate.ts';
import { sameBytes, toHex } from './der-primitives.ts';
import type { PathRule } from './path-types.ts';
import type { SignatureChecker, SignatureResult } from './signature.ts';

/** Certificates of one path, leaf and anchor included; the longest of practice have six. */
const MAX_PATH = 16;
/** Issuers that are tried in one search. Cross-signed authorities of practice need fewer than twenty. */
const MAX_STEPS = 2000;
/** Certificates that are taken from what was sent. */
const MAX_SENT = 256;

export interface SearchInput {
  leaf: Certificate;
  intermediates: readonly Certificate[];
  roots: readonly Certificate[];
  checker: SignatureChecker;
}

/** A path that reached a trusted certificate, or the place where one came to its end. */
export type FoundPath =
  { end: 'anchored'; path: Certificate[] } | { end: 'open'; path: Certificate[]; rule: PathRule; detail: string };

interface Search extends SearchInput {
  /** Those sent, without the leaf, by subject in hexadecimal. */
  sent: Map<string, Certificate[]>;
  /** Counts issuers tried; shared by all branches. */
  work: { steps: number };
}

interface Issuer {
  certificate: Certificate;
  trust: 'anchor' | 'sent';
}

/** The key identifiers order the candidates and never exclude one (RFC 4158 section 3.5.12). */
function keyIdDistance(child: Certificate, issuer: Certificate): number {
  const wanted = child.authorityKeyId?.keyId;
  if (wanted === undefined || issuer.subjectKeyId === undefined) return 1;
  return wanted === issuer.subjectKeyId ? 0 : 2;
}

function issuersOf(search: Search, child: Certificate): Issuer[] {
  const anchors = search.roots
    .filter(({ subject }) => sameBytes(subject.der, child.issuer.der))
    .map((certificate): Issuer => ({ certificate, trust: 'anchor' }));
  const sent = (search.sent.get(toHex(child.issuer.der)) ?? []).map((certificate): Issuer => ({
    certificate,
    trust: 'sent',
  }));
  const near = (list: Issuer[]): Issuer[] =>
    list.toSorted((a, b) => keyIdDistance(child, a.certificate) - keyIdDistance(child, b.certificate));
  return [...near(anchors), ...near(sent)];
}

/** One authority with one key appears once in a path (RFC 4158 section 2.4.2), which also ends every loop. */
function isRepeat(path: Certificate[], candidate: Certificate): boolean {
  const { subject, publicKey } = candidate;
  return path.some(
    (member) => sameBytes(member.subject.der, subject.der) && sameBytes(member.publicKey.spki, publicKey.spki),
  );
}

type Obstacle = Exclude<SignatureResult, 'good'> | 'limit' | 'repeat';

function deadEnd(search: Search, path: Certificate[], met: Set<Obstacle>): FoundPath {
  const last = path.at(-1) ?? search.leaf;
  const open = (rule: PathRule, detail: string): FoundPath => ({ end: 'open', path, rule, detail });
  if (met.has('limit')) return open('search-limit', 'the certificates allow too many paths');
  if (last.selfIssued && search.checker.check(last, last) === 'good') {
    return path.length === 1
      ? open('self-signed', 'the certificate is self-signed and not trusted')
      : open('untrusted-root', `the path ends in ${last.subject.text}, which is not trusted`);
  }
  if (met.has('bad')) return open('signature', `no key of ${last.issuer.text} made the signature`);
  if (met.has('unsupported')) {
    return open(
      'unsupported-algorithm',
      `signature ${last.signatureAlgorithm.name} cannot be verified with the issuer's key`,
    );
  }
  if (met.has('repeat')) return open('loop', 'the certificates sign one another in a circle');
  return open('no-issuer-found', `the issuer ${last.issuer.text} was not sent and is not trusted`);
}

function* extend(search: Search, path: Certificate[]): Generator<FoundPath> {
  const last = path.at(-1) ?? search.leaf;
  const met = new Set<Obstacle>();
  let extended = false;
  for (const { certificate, trust } of issuersOf(search, last)) {
    search.work.steps++;
    if (search.work.steps > MAX_STEPS) met.add('limit');
    if (met.has('limit')) break;
    // An anchor may repeat the key of a cross-signed certificate that was sent.
    if (trust === 'sent' && isRepeat(path, certificate)) {
      met.add('repeat');
      continue;
    }
    const result = search.checker.check(last, certificate);
    if (result !== 'good') {
      met.add(result);
      continue;
    }
    extended = true;
    const next = [...path, certificate];
    if (trust === 'anchor') yield { end: 'anchored', path: next };
    else if (next.length >= MAX_PATH)
      yield { end: 'open', path: next, rule: 'path-too-long', detail: `more than ${MAX_PATH} certificates` };
    else yield* extend(search, next);
  }
  if (!extended || met.has('limit')) yield deadEnd(search, path, met);
}

/**
 * All paths from the leaf towards the trusted certificates, depth first, trusted issuers before sent ones; signatures are good,
 * nothing else is checked. Names are chained by their octets, as authorities write them. Lazy and bounded: 2,000 issuers tried, 16 certificates long. RFC 5280 section 6, RFC 4158.
 */
export function* searchPaths(input: SearchInput): Generator<FoundPath> {
  const { leaf, intermediates, roots } = input;
  if (roots.some((root) => root.fingerprint256 === leaf.fingerprint256)) yield { end: 'anchored', path: [leaf] };
  const sent = new Map<string, Certificate[]>();
  const seen = new Set([leaf.fingerprint256]);
  for (const certificate of intermediates.slice(0, MAX_SENT)) {
    if (seen.has(certificate.fingerprint256)) continue;
    seen.add(certificate.fingerprint256);
    const subject = toHex(certificate.subject.der);
    const list = sent.get(subject);
    if (list === undefined) sent.set(subject, [certificate]);
    else list.push(certificate);
  }
  yield* extend({ ...input, sent, work: { steps: 0 } }, [leaf]);
}
