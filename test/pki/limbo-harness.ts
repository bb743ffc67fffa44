import { readFileSync } from 'node:fs';
import { WireError } from '../../src/wire/wire-error.ts';
import { readCrls } from '../../src/pki/crl.ts';
import { validatePath } from '../../src/pki/path.ts';
import type { PathRequest, RuleSet } from '../../src/pki/path-types.ts';
import type { Certificate } from '../../src/pki/certificate.ts';
import { readCertificates } from '../../src/pki/pem.ts';

/** One case of x509-limbo, as far as it is used here (fixtures/conformance/README.md). */
export interface LimboCase {
  id: string;
  expected_result: 'SUCCESS' | 'FAILURE';
  validation_kind: 'SERVER' | 'CLIENT';
  validation_time: string | null;
  peer_certificate: string;
  trusted_certs: string[];
  untrusted_intermediates: string[];
  expected_peer_name: { kind: 'DNS' | 'IP' | 'RFC822'; value: string } | null;
  expected_peer_names: { kind: string; value: string }[];
  max_chain_depth: number | null;
  crls: string[];
}

/** The cases whose time is "now" are judged at this one, at which their generator ran. */
const now = '2026-07-01T00:00:00Z';

/** Two namespaces state which profile their cases test; the others are about paths, lists and live sites, not about a profile. */
function rulesOf({ id }: LimboCase): RuleSet {
  const [namespace] = id.split('::');
  return namespace === 'webpki' || namespace === 'rfc5280' ? namespace : 'basic';
}

export function readLimbo(): LimboCase[] {
  const file = new URL('../../fixtures/conformance/x509-limbo.json', import.meta.url);
  // The fixture is checked in; its format is described beside it.
  return (JSON.parse(readFileSync(file, 'utf8')) as { testcases: LimboCase[] }).testcases;
}

function nameOf({ expected_peer_name: peer }: LimboCase): PathRequest['name'] {
  if (peer?.kind === 'IP') return { rule: 'rfc9525', target: { address: peer.value } };
  return peer?.kind === 'DNS' ? { rule: 'rfc9525', target: { host: peer.value } } : undefined;
}

/** A root that cannot be read is passed over: the others still count. */
function readTrusted(pem: string): Certificate[] {
  try {
    return readCertificates(pem);
  } catch (error) {
    if (error instanceof WireError) return [];
    throw error;
  }
}

/** What this project says about a case: 'SUCCESS', or the rule that refused it. */
export function judgeLimbo(limbo: LimboCase): string {
  try {
    const [leaf] = readCertificates(limbo.peer_certificate);
    if (leaf === undefined) return 'no certificate';
    const verdict = validatePath({
      leaf,
      intermediates: limbo.untrusted_intermediates.flatMap(readCertificates),
      roots: limbo.trusted_certs.flatMap(readTrusted),
      at: limbo.validation_time ?? now,
      purpose: limbo.validation_kind === 'SERVER' ? 'server' : 'client',
      rules: rulesOf(limbo),
      name: nameOf(limbo),
      maxIntermediates: limbo.max_chain_depth ?? undefined,
      crls: limbo.crls.flatMap(readCrls),
    });
    if (!verdict.ok) return `${verdict.rule}: ${verdict.detail}`;
    const missing = limbo.expected_peer_names.find(({ value }) => !leaf.san.email.includes(value));
    return missing === undefined ? 'SUCCESS' : `mailbox ${missing.value} is not listed`;
  } catch (error) {
    if (error instanceof WireError) return `${error.code}: ${error.message}`;
    throw error;
  }
}
