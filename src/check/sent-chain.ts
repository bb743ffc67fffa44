import type { TlsObservation, TlsSeen } from '../model.ts';
import { readCertificate, type Certificate } from '../pki/certificate.ts';
import type { PathFailure, PathVerdict } from '../pki/path-types.ts';
import { validatePath } from '../pki/path.ts';

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
  const verdict = validatePath({ leaf, intermediates, roots, at: about.judgeAt, purpose: 'server', rules: 'basic' });
  return { leaf, verdict, failures: verdict.ok ? [] : verdict.failures };
}
