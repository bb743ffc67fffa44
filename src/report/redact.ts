import type { Report } from '../model.ts';
import { createNameBook } from './redact-names.ts';
import { createTextRedactor, type Identity } from './redact-text.ts';

/** Members whose words are the report's own: ids that scripts key on, enumerations, and the law. */
const OWN_WORDS: ReadonlySet<string> = new Set([
  'checkId',
  'cipher',
  'fate',
  'findingId',
  'id',
  'judgeAt',
  'kind',
  'method',
  'profile',
  'rung',
  'schema',
  'scheme',
  'severity',
  'source',
  'startedAt',
  'status',
  'transport',
  'transports',
  'type',
  'version',
]);
/** Octets hold names that no replacement reaches: certificates above all. They are left out, and so is what points into them. */
const EMPTIED: ReadonlySet<string> = new Set(['chain', 'trustAnchors']);
const LEFT_OUT: ReadonlySet<string> = new Set(['publicAnchors', 'ocspStaple', 'leaf']);
/** Whatever else is base64 and longer than any word. */
const OCTETS = /^[A-Za-z0-9+/]{80,}={0,2}$/;
/** Words of the enumerations of the report: they stay even where a user is called so. */
const ENUM_WORDS: ReadonlySet<string> = new Set(
  `A AAAA CNAME NAPTR NS SOA SRV OPTIONS REGISTER DER PEM PKCS#7 PKCS#12 SSLv3 TLSv1 TLSv1.1 TLSv1.2 TLSv1.3 absent
  account address address-and-port-dependent address-dependent agent answer auth authority auto belongs broken
  by-address callback cancelled certificate cleartext client closed connect control-port crashed crl default degraded
  denied discovery dns endless endpoint-independent error failed fails finds-nothing found good healthy host https ignored
  in-use inconclusive info kdc kept kind latency leaf-first leaf-later legacy listening lookup loop malformed manual
  mapped media mirror name nat new-nonce no-echo no-network no-resolver no-scheme nodata none not-applicable
  not-checked not-tested not-tls not-tried nxdomain ocsp off offer on open option other own passed path pinned policy
  port privileged profile published range rcode reach reached reaches received refused refused-before refused-query
  reset reused revocation revoked right route same-nonce server-error servfail set sign-in sign-out sip sip-port sips
  skipped stun system tcp throw-away timeout tls tls-alert tls-failed too-large too-many transport truncated turn udp
  unanswered-before unknown unreachable unusable unverified used user user-and-domain variant version warning
  withheld witness wrong`.split(/\s+/),
);

const HOST_KEYS: ReadonlySet<string> = new Set(['host', 'sni', 'verifyName', 'target']);
const DISTINGUISHED_NAME =
  /^(?:CN|O|OU|L|ST|STREET|SN|GN|C|DC|UID|title|serialNumber|emailAddress|organizationIdentifier)=/;

/** Names of hosts are replaced by their shape, so that they stay below their domain. */
const HOST_NAME = /^\S+\.\p{L}{2,}$/u;

type Visit = (text: string, key: string) => void;

function visitTexts(value: unknown, visit: Visit, key = ''): void {
  if (typeof value === 'string') visit(value, key);
  else if (Array.isArray(value)) for (const one of value) visitTexts(one, visit, key);
  else if (typeof value === 'object' && value !== null)
    for (const [name, one] of Object.entries(value)) visitTexts(one, visit, name);
}

/** Values of the attributes that name somebody; a country names nobody. */
function organisations(text: string): string[] {
  if (!DISTINGUISHED_NAME.test(text)) return [];
  const attributes = text.matchAll(/(?:^|[,+])\s*([A-Za-z]{1,24})=((?:\\.|[^,+\\]){1,256})/g);
  return [...attributes].flatMap(([, type = '', value = '']) =>
    type === 'C' || HOST_NAME.test(value) ? [] : [value.trim()],
  );
}

/** Shapes of a host name or address are replaced wherever they stand: only what has no shape needs to be gathered. */
const hasShape = (text: string): boolean => /^[\d.:a-fA-F[\]]+$|\.\p{L}{2,}$/u.test(text);

function identitiesIn(text: string, key: string): Identity[] {
  const found: Identity[] = organisations(text).map((one): Identity => ({ kind: 'name', text: one }));
  for (const [, user = ''] of text.matchAll(/sips?:([^\s:;<>"@]{1,128})(?::[^\s@]{0,128})?@/gi))
    found.push({ kind: 'user', text: user });
  for (const [, name = ''] of text.matchAll(/"([^"\\]{1,128})"\s*<sips?:/gi)) found.push({ kind: 'user', text: name });
  for (const [, account = ''] of text.matchAll(/\busername="([^"\\]{1,128})"/gi))
    found.push({ kind: 'user', text: account });
  // DOMAIN\user; three digits behind a backslash are an escape of DNS.
  for (const [, domain = '', user = ''] of text.matchAll(/(?:^|[\s"'])([A-Za-z0-9_-]{2,15})\\(?!\d{3})([\w.-]{2,64})/g))
    found.push({ kind: 'host', text: domain }, { kind: 'user', text: user });
  if (key === 'user' || key === 'authUser' || key === 'account') found.push({ kind: 'user', text });
  if (key === 'file' || key === 'name')
    found.push(...(/[\\/]|\.(?:pem|cer|crt|pfx|p12|reg)$/i.test(text) ? [{ kind: 'file' as const, text }] : []));
  if (key === 'resolverLabel' && text !== 'system') found.push({ kind: 'name', text });
  if (HOST_KEYS.has(key) && text !== 'localhost') found.push({ kind: 'host', text });
  return found.filter((one) => one.kind !== 'host' || !hasShape(one.text));
}

function gather(report: Report): Identity[] {
  const found: Identity[] = [];
  const visit: Visit = (text, key) => {
    if (!OCTETS.test(text)) found.push(...identitiesIn(text, key));
  };
  visitTexts([report.target, report.observations], visit);
  for (const { subject, evidence } of report.findings) visitTexts({ subject, evidence }, visit);
  return found.filter(({ text }) => !ENUM_WORDS.has(text) && text !== 'sipdiag');
}

/** Below these members stand a remote's words, whatever their names. */
const REMOTE_WORDS: ReadonlySet<string> = new Set(['evidence', 'headers']);

type Redact = (text: string, key: string) => string;

function rewrite(value: unknown, redact: Redact, key = ''): unknown {
  if (typeof value === 'string') return OCTETS.test(value) ? '' : redact(value, key);
  if (Array.isArray(value)) return EMPTIED.has(key) ? [] : value.map((one) => rewrite(one, redact, key));
  if (typeof value !== 'object' || value === null) return value;
  // Of a failure, `received` is base64; elsewhere it is text.
  const isOctets = (name: string): boolean => name === 'received' && 'reason' in value;
  const members = Object.entries(value).filter(([name]) => !LEFT_OUT.has(name) && !isOctets(name));
  // One step into a remote's words, and every member below counts as such.
  const inside = (name: string): string => (REMOTE_WORDS.has(key) ? key : name);
  return Object.fromEntries(members.map(([name, one]) => [name, rewrite(one, redact, inside(name))]));
}

/**
 * A function that replaces in any text of the run (a trace) what `redactReport` replaces in its report, by the same substitutes:
 * the report was gone through before.
 */
export function createReportRedactor(report: Report): (text: string) => string {
  const { target, checks } = report;
  const asked = report.observations.flatMap((one) => (one.kind === 'discovery' ? [one.about.domain] : []));
  const domains = [target.domain ?? '', ...asked].filter((one) => one.includes('.') && !/^[\d.]+$/.test(one));
  const book = createNameBook(domains);
  const redact = createTextRedactor(book, gather(report), new Set(checks.map(({ checkId }) => checkId)));
  // The substitutes are numbered in the order of the report, whatever comes later.
  redactWith(report, redact);
  return redact;
}

/** The report as `redact` leaves it: ids, enumerations and sources stay, octets go. */
function redactWith(report: Report, redact: (text: string) => string): Report {
  const member: Redact = (text, key) => (OWN_WORDS.has(key) || ENUM_WORDS.has(text) ? text : redact(text));
  // Strings are exchanged for strings, arrays for arrays: the shape is that of the report.
  return rewrite(report, member) as Report;
}

/**
 * The report with users, domains, host names, addresses, organisations and fingerprints replaced, each by the same substitute
 * everywhere: user1, domain1.example, 192.0.2.1. Verdict, rungs, ids and severities stay; certificates are left out, so a redacted run
 * is shown as it was judged and not judged again. Free text of a remote that has none of these shapes stays: read before sharing.
 */
export const redactReport = (report: Report): Report => redactWith(report, createReportRedactor(report));
