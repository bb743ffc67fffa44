import type { Finding, Report } from '../model.ts';

/** One certificate of a chain, from the server upwards. */
export interface ChainLink {
  subject: string;
  issuer: string;
  notAfter: string;
  /** server, used, root, unused; and 'anchor' for the trusted root that was not sent. */
  place: string;
}

/** What one server showed over TLS, as the finding tls-server.facts has it: for the reporters that draw it. */
export interface CertificateFacts {
  server: string;
  version: string;
  cipher: string;
  sni: string | null;
  verifyName: string;
  /** Milliseconds of the TCP connection and of the handshake; tcp null: not measured. */
  tcpMs: number | null;
  tlsMs: number;
  subject: string;
  /** The first names, and how many there are. */
  names: string[];
  total: number;
  issuer: string;
  notBefore: string;
  notAfter: string;
  /** valid, expired, not-yet-valid. */
  dates: string;
  /** Whole days until it expires; negative: since it has. */
  daysLeft: number;
  key: string;
  signature: string;
  /** undefined: every use. */
  usages: string[] | undefined;
  /** As sent, those that were read. */
  sent: ChainLink[];
  /** How many were sent, where not all of them were read. */
  sentInAll: number | undefined;
  /** The trusted root that the path ends in, sent or not; null: it ends in none. */
  root: string | null;
  /** The trusted root that, rightly, was not sent; undefined: it was, or there is none. */
  anchor: ChainLink | undefined;
  /** sent, none. */
  staple: string;
  /** 'ok', or OpenSSL's name of the fault; null: it was not asked; undefined: the run was saved before it ever was. */
  openssl: string | null | undefined;
  /** not-asked, asked, refused. */
  clientCert: string;
  authorities: string[];
  versions: { version: string; result: string }[];
  byAddress: string | null;
  /** The certificates come from a file; null: from a handshake. */
  file: { format: string; key: string | null } | null;
  /** server, client. */
  peer: string;
  /** Versions of the ClientHello of a peer that connected. */
  offers: string[];
}

type Json = Record<string, unknown>;

/** Servers and certificates that are drawn; the JSON report holds them all. */
const MAX_SERVERS = 32;
const MAX_LINKS = 32;
const MAX_NAMES = 12;
const MAX_OTHERS = 64;

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null;
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const numberOf = (value: unknown): number => (typeof value === 'number' && Number.isFinite(value) ? value : 0);
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const textsOf = (value: unknown, most: number): string[] => listOf(value).slice(0, most).map(textOf);

const linkOf = (value: Json): ChainLink => ({
  subject: textOf(value['subject']),
  issuer: textOf(value['issuer']),
  notAfter: textOf(value['notAfter']),
  place: textOf(value['place']),
});

function chainOf({ sent: raw, sentInAll, root }: Json) {
  const sent = listOf(raw).filter(isObject).slice(0, MAX_LINKS).map(linkOf);
  const isAbsent = typeof root === 'string' && !sent.some(({ place }) => place === 'root');
  return {
    sent,
    sentInAll: typeof sentInAll === 'number' ? sentInAll : undefined,
    root: textOrNull(root),
    anchor: isAbsent ? { subject: root, issuer: root, notAfter: '', place: 'anchor' } : undefined,
  };
}

function leafOf(evidence: Json) {
  const { usages } = evidence;
  return {
    subject: textOf(evidence['subject']),
    names: textsOf(evidence['names'], MAX_NAMES),
    total: numberOf(evidence['total']),
    issuer: textOf(evidence['issuer']),
    notBefore: textOf(evidence['notBefore']),
    notAfter: textOf(evidence['notAfter']),
    dates: textOf(evidence['dates']),
    daysLeft: numberOf(evidence['daysLeft']),
    key: textOf(evidence['key']),
    signature: textOf(evidence['signature']),
    usages: Array.isArray(usages) ? textsOf(usages, MAX_NAMES) : undefined,
  };
}

function handshakeOf(evidence: Json) {
  const { tcpMs, openssl, versions } = evidence;
  return {
    version: textOf(evidence['version']),
    cipher: textOf(evidence['cipher']),
    sni: textOrNull(evidence['sni']),
    verifyName: textOf(evidence['verifyName']),
    tcpMs: typeof tcpMs === 'number' ? tcpMs : null,
    tlsMs: numberOf(evidence['tlsMs']),
    staple: textOf(evidence['staple']),
    openssl: openssl === undefined ? undefined : textOrNull(openssl),
    clientCert: textOf(evidence['clientCert']),
    authorities: textsOf(evidence['authorities'], MAX_OTHERS),
    versions: listOf(versions)
      .filter(isObject)
      .slice(0, MAX_OTHERS)
      .map(({ version, result }) => ({ version: textOf(version), result: textOf(result) })),
    byAddress: textOrNull(evidence['byAddress']),
    peer: textOf(evidence['peer']),
    offers: textsOf(evidence['offers'], MAX_OTHERS),
  };
}

function factsOf({ evidence }: Finding): CertificateFacts {
  const { file } = evidence;
  return {
    server: textOf(evidence['server']),
    ...leafOf(evidence),
    ...chainOf(evidence),
    ...handshakeOf(evidence),
    file: isObject(file) ? { format: textOf(file['format']), key: textOrNull(file['key']) } : null,
  };
}

/** What every server showed, in the order of the report; a saved report may hold anything, so each member is looked at. */
export const certificatesOf = ({ findings }: Report): CertificateFacts[] =>
  findings
    .filter(({ id }) => id === 'tls-server.facts')
    .slice(0, MAX_SERVERS)
    .map(factsOf);
