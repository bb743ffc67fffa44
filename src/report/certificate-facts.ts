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
  subject: string;
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
  /** The chain as sent, and the trusted root at its end. */
  links: ChainLink[];
  trusted: 'yes' | 'no';
}

type Json = Record<string, unknown>;

/** Servers and certificates that are drawn; the JSON report holds them all. */
const MAX_SERVERS = 32;
const MAX_LINKS = 12;
const MAX_NAMES = 12;

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null;
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const numberOf = (value: unknown): number => (typeof value === 'number' && Number.isFinite(value) ? value : 0);
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

const linkOf = (value: Json): ChainLink => ({
  subject: textOf(value['subject']),
  issuer: textOf(value['issuer']),
  notAfter: textOf(value['notAfter']),
  place: textOf(value['place']),
});

/** The trusted root ends the chain even where the server, rightly, does not send it. */
function linksOf({ sent, root }: Json): ChainLink[] {
  const links = listOf(sent).filter(isObject).slice(0, MAX_LINKS).map(linkOf);
  const ends = typeof root !== 'string' || links.some(({ place }) => place === 'root');
  return ends ? links : [...links, { subject: root, issuer: root, notAfter: '', place: 'anchor' }];
}

function factsOf({ evidence }: Finding): CertificateFacts {
  return {
    server: textOf(evidence['server']),
    version: textOf(evidence['version']),
    cipher: textOf(evidence['cipher']),
    subject: textOf(evidence['subject']),
    names: listOf(evidence['names']).slice(0, MAX_NAMES).map(textOf),
    total: numberOf(evidence['total']),
    issuer: textOf(evidence['issuer']),
    notBefore: textOf(evidence['notBefore']),
    notAfter: textOf(evidence['notAfter']),
    dates: textOf(evidence['dates']),
    daysLeft: numberOf(evidence['daysLeft']),
    key: textOf(evidence['key']),
    signature: textOf(evidence['signature']),
    usages: Array.isArray(evidence['usages']) ? evidence['usages'].slice(0, MAX_NAMES).map(textOf) : undefined,
    links: linksOf(evidence),
    trusted: typeof evidence['root'] === 'string' ? 'yes' : 'no',
  };
}

/** What every server showed, in the order of the report; a saved report may hold anything, so each member is looked at. */
export const certificatesOf = ({ findings }: Report): CertificateFacts[] =>
  findings
    .filter(({ id }) => id === 'tls-server.facts')
    .slice(0, MAX_SERVERS)
    .map(factsOf);
