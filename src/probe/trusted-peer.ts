import type { TlsSeen } from '../model/tls.ts';
import { readCertificate } from '../pki/certificate.ts';
import { validatePath } from '../pki/path.ts';
import type { NameRule, NameTarget } from '../pki/name-verdict.ts';
import { WireError } from '../wire/wire-error.ts';

/** Who a peer has to be before it is given anything that follows from a password. */
export interface WantedPeer {
  /** The host that was meant, never an address that only happened to be connected to. */
  host?: string;
  /** The SIP domain of the user. */
  domain?: string;
  /** ISO time. */
  at: string;
}

function namesOf({ host, domain }: WantedPeer): { rule: NameRule; target: NameTarget }[] {
  return [
    ...(domain === undefined ? [] : [{ rule: 'rfc5922' as const, target: { domain } }]),
    ...(host === undefined ? [] : [{ rule: 'rfc9525' as const, target: { host } }]),
  ];
}

const asDer = (base64: string): Uint8Array => Buffer.from(base64, 'base64');

/**
 * Why the certificate of a peer does not prove that it is the wanted server; undefined: it does. The chain has to reach a trusted
 * root, and the certificate to carry the SIP domain (RFC 5922 section 7) or the host (RFC 9525 section 6).
 */
export function doubtOf({ chain, trustAnchors }: TlsSeen, wanted: WantedPeer): string | undefined {
  const names = namesOf(wanted);
  if (names.length === 0) return 'no name is known that its certificate could prove';
  try {
    const [leaf, ...intermediates] = chain.map((one) => readCertificate(asDer(one)));
    if (leaf === undefined) return 'it has shown no certificate';
    const roots = trustAnchors.map((one) => readCertificate(asDer(one)));
    const verdicts = names.map((name) =>
      validatePath({ leaf, intermediates, roots, at: wanted.at, purpose: 'server', rules: 'basic', name }),
    );
    if (verdicts.some(({ ok }) => ok)) return undefined;
    const [first] = verdicts;
    return first?.ok === false ? first.detail : 'its certificate does not hold';
  } catch (error) {
    if (error instanceof WireError) return `its certificate cannot be read: ${error.message}`;
    throw error;
  }
}
