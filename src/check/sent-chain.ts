import type { TlsObservation, TlsSeen } from '../model/tls.ts';
import { readCertificate, type Certificate } from '../pki/certificate.ts';
import type { PathFailure, PathVerdict } from '../pki/path-types.ts';
import { validatePath } from '../pki/path.ts';
import { endpointText, namedEndpoint, standingOf, type Standing } from './standing.ts';

/** A chain as sent, and the certificates in it that could not be read. */
export interface SentChain {
  certificates: Certificate[];
  unreadable: { index: number; detail: string }[];
}

/** Reads certificates from base64 DER; what cannot be read is kept as a fault of the chain. */
export function readDerList(list: readonly string[]): SentChain {
  const chain: SentChain = { certificates: [], unreadable: [] };
  list.forEach((text, index) => {
    try {
      chain.certificates.push(readCertificate(Buffer.from(text, 'base64')));
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'WireError') throw error;
      chain.unreadable.push({ index, detail: error.message });
    }
  });
  return chain;
}

export const readSentChain = (seen: TlsSeen): SentChain => readDerList(seen.chain);

export interface JudgedChain {
  leaf: Certificate;
  /** As sent, the leaf included, without those that cannot be read. */
  sent: Certificate[];
  verdict: PathVerdict;
  /** What keeps the best path from being valid; empty for a valid one. */
  failures: PathFailure[];
}

/** Builds and validates the path of a server certificate as common TLS clients do; undefined when no leaf could be read. */
export function judgeChain({ about, outcome }: TlsObservation): JudgedChain | undefined {
  if (!outcome.ok) return undefined;
  const { certificates, unreadable } = readSentChain(outcome.value);
  const [leaf, ...intermediates] = certificates;
  if (leaf === undefined || unreadable.some(({ index }) => index === 0)) return undefined;
  const roots = readDerList(outcome.value.trustAnchors).certificates;
  const purpose = about.peer === 'client' ? 'client' : 'server';
  const verdict = validatePath({ leaf, intermediates, roots, at: about.judgeAt, purpose, rules: 'basic' });
  return { leaf, sent: certificates, verdict, failures: verdict.ok ? [] : verdict.failures };
}

/** What a judgement works out of a chain, once. */
export interface ChainReadings {
  chainOf(one: TlsObservation): JudgedChain | undefined;
}

/** True when the best path ends in a trusted root, valid or not. */
export const isAnchored = ({ verdict }: JudgedChain): boolean => verdict.ok || verdict.rejected[0]?.end === 'anchored';

/** True when the path ends in a root that browsers trust too: the rules for public authorities then hold. */
export function isPublic({ outcome }: TlsObservation, chain: JudgedChain): boolean {
  const root = chain.verdict.path.at(-1);
  if (!outcome.ok || root === undefined || !isAnchored(chain)) return false;
  const { publicAnchors = [], trustAnchors } = outcome.value;
  const der = Buffer.from(root.der).toString('base64');
  return publicAnchors.some((place) => trustAnchors[place] === der);
}

/** Code points of a name out of a certificate that go into a report: longer ones help nobody. */
const MAX_SHOWN = 256;

/** A text out of a certificate, cut to what a report needs. Escaping is the reporter's task. */
export const shown = (text: string): string => (text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text);

/** Whose certificate it is, as a sentence names it: the server, or the file that it was read from. */
export const ownerText = ({ about }: TlsObservation): string =>
  about.file === undefined ? namedEndpoint(about) : about.file.name;

/** Subject of the findings about one observation. */
export const chainSubject = ({ about }: TlsObservation): string => about.file?.name ?? endpointText(about);

/** The command that shows the certificate, to type. */
export function lookCommand({ about }: TlsObservation): string {
  if (about.file !== undefined) return `sipdiag tls --file '${about.file.name.replaceAll("'", '')}' --verbose`;
  if (about.peer === 'client') return 'sipdiag tls --listen PORT --json, and let it connect again';
  return `openssl s_client -connect ${endpointText(about)} -showcerts`;
}

/** What most findings about a certificate say first. */
export interface Owned extends Standing {
  server: string;
  /** Of the certificate at fault. */
  subject: string;
}

/** Standing and name of the observation; `good` are the observations that stand without the fault. */
export function owned(one: TlsObservation, subject: string, good: readonly TlsObservation[]): Owned {
  return { ...standingOf(one.about, good), server: ownerText(one), subject: shown(subject) };
}

/** An observation with its chain; the chain is undefined when no certificate could be read. */
export interface Presented {
  one: TlsObservation;
  chain: JudgedChain | undefined;
}

/** Every handshake that showed certificates, each path built once. */
export const presented = (tls: readonly TlsObservation[], readings: ChainReadings): Presented[] =>
  tls.filter((one) => one.outcome.ok).map((one) => ({ one, chain: readings.chainOf(one) }));

/** Those of which the chain holds what is asked for. */
export const having = (all: readonly Presented[], good: (chain: JudgedChain) => boolean): TlsObservation[] =>
  all.filter(({ chain }) => chain !== undefined && good(chain)).map(({ one }) => one);
