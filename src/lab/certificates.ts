import { generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { readCertificate } from '../pki/certificate.ts';
import type { Issued } from '../pki/ocsp.ts';
import { writePem } from '../pki/pem-text.ts';
import { buildCertificate, type CertificateFields, type CertificateIssuer } from './certificate-der.ts';

const DAY_MS = 86_400_000;
/** Below every limit that a public authority has to keep up to 2029 (CA/Browser Forum ballot SC-081v3). */
const LEAF_AGE_MS = 10 * DAY_MS;
const LEAF_REST_MS = 80 * DAY_MS;
const AUTHORITY_AGE_MS = 365 * DAY_MS;
const AUTHORITY_REST_MS = 5 * 365 * DAY_MS;

/** Which flaw the server's certificate, or the chain that is sent with it, has. */
export type CertificateFlaw =
  | 'none'
  | 'expired'
  | 'not-yet-valid'
  | 'wrong-name'
  | 'other-host'
  | 'cn-only'
  | 'wildcard'
  | 'server-auth-missing'
  | 'self-signed'
  | 'intermediate-missing'
  | 'untrusted-root'
  | 'expiring'
  | 'host-only'
  | 'client-auth-missing'
  | 'any-usage'
  | 'sip-domain'
  | 'no-usage'
  | 'key-usage'
  | 'key-exchange-only'
  | 'small-key'
  | 'sha1'
  | 'version-1'
  | 'issuer-no-authority'
  | 'disordered'
  | 'repeated'
  | 'whole-store'
  | 'version-4';

/** What a TLS server needs, and what its clients should trust. All PEM. */
export interface LabCertificates {
  /** The root that a client of the lab is told to trust; never the untrusted one. */
  rootPem: string;
  /** The server's certificate, then what it sends along. */
  chainPem: string;
  keyPem: string;
  /** Absent where nobody but the server itself has issued it. */
  issued?: LabIssued;
}

/** The server's certificate and its issuer, with the key of that issuer. */
export interface LabIssued extends Issued {
  key: KeyObject;
}

export interface CertificateOrder {
  domain: string;
  /** Milliseconds since the Unix epoch around which the certificates are valid. */
  now: number;
  flaw: CertificateFlaw;
  /** What the server's certificate says beyond what it always says. */
  places?: Partial<CertificateFields>;
}

interface Authority extends CertificateIssuer {
  der: Uint8Array;
}

interface KeyPair {
  publicKey: KeyObject;
  privateKey: KeyObject;
}

const generate = promisify(generateKeyPair);

/** EC P-256 (prime256v1): made in well under a millisecond, where RSA takes up to a second. */
export async function newKeyPair(): Promise<KeyPair> {
  return generate('ec', { namedCurve: 'prime256v1' });
}

function authorityFields(commonName: string, now: number): CertificateFields {
  return {
    commonName,
    role: 'authority',
    notBefore: now - AUTHORITY_AGE_MS,
    notAfter: now + AUTHORITY_REST_MS,
    altNames: [],
    usages: [],
  };
}

/** An authority that vouches for itself. */
export async function createRoot(commonName: string, now: number): Promise<Authority> {
  const issuer: CertificateIssuer = { commonName, ...(await newKeyPair()) };
  return { ...issuer, der: buildCertificate(authorityFields(commonName, now), issuer.publicKey, issuer) };
}

async function createIntermediate(root: Authority, now: number, role: CertificateFields['role']): Promise<Authority> {
  const commonName = 'sipdiag lab intermediate';
  const keys = await newKeyPair();
  const der = buildCertificate({ ...authorityFields(commonName, now), role }, keys.publicKey, root);
  return { commonName, ...keys, der };
}

/** Of a size that was customary until 2013. */
async function newSmallKeyPair(): Promise<KeyPair> {
  return generate('rsa', { modulusLength: 1024 });
}

/**
 * A healthy server certificate satisfies every naming policy at once: the SIP domain as URI (RFC 5922 section 7.1), the
 * host as DNS name (RFC 9525), the host as common name (older clients); and both usages, as for mutual TLS.
 */
function healthyFields(domain: string, now: number): CertificateFields {
  return {
    commonName: `sip.${domain}`,
    role: 'end-entity',
    notBefore: now - LEAF_AGE_MS,
    notAfter: now + LEAF_REST_MS,
    altNames: [
      { type: 'dns', value: `sip.${domain}` },
      { type: 'dns', value: domain },
      { type: 'uri', value: `sip:${domain}` },
    ],
    usages: ['serverAuth', 'clientAuth'],
  };
}

type Fields = Partial<CertificateFields>;

/** What a flaw changes in the server certificate; flaws of the chain leave it as it is. */
const LEAF_CHANGES: Record<CertificateFlaw, (order: CertificateOrder) => Fields> = {
  none: () => ({}),
  expired: ({ now }) => ({ notBefore: now - 90 * DAY_MS, notAfter: now - 3 * DAY_MS }),
  'not-yet-valid': ({ now }) => ({ notBefore: now + 2 * DAY_MS }),
  'wrong-name': () => ({
    commonName: 'sip.other.example',
    altNames: [
      { type: 'dns', value: 'sip.other.example' },
      { type: 'uri', value: 'sip:other.example' },
    ],
  }),
  'other-host': ({ domain }) => ({
    commonName: `pool.${domain}`,
    altNames: [{ type: 'dns', value: `pool.${domain}` }],
  }),
  'cn-only': () => ({ altNames: [] }),
  wildcard: ({ domain }) => ({ commonName: `*.${domain}`, altNames: [{ type: 'dns', value: `*.${domain}` }] }),
  'server-auth-missing': () => ({ usages: ['clientAuth'] }),
  'self-signed': () => ({}),
  'intermediate-missing': () => ({}),
  'untrusted-root': () => ({}),
  // Less than a third of 90 days.
  expiring: ({ now }) => ({ notBefore: now - 80 * DAY_MS, notAfter: now + 10 * DAY_MS }),
  'host-only': ({ domain }) => ({ altNames: [{ type: 'dns', value: `sip.${domain}` }] }),
  'client-auth-missing': () => ({ usages: ['serverAuth'] }),
  'any-usage': () => ({ usages: ['anyUse'] }),
  'sip-domain': () => ({ usages: ['serverAuth', 'clientAuth', 'sipDomain'] }),
  'no-usage': () => ({ usages: [] }),
  'key-usage': () => ({ keyUse: 'data-only' }),
  'key-exchange-only': () => ({ keyUse: 'key-exchange' }),
  'small-key': () => ({}),
  sha1: () => ({ hash: 'sha1' }),
  'version-1': () => ({ version: 1 }),
  'issuer-no-authority': () => ({}),
  disordered: () => ({}),
  repeated: () => ({}),
  'whole-store': () => ({}),
  'version-4': () => ({ version: 4 }),
};

/** How often a script that adds the chain to its file at every renewal has done so. */
const REPETITIONS = 40;
/** Well above the 100 KiB at which OpenSSL ends (SSL_MAX_CERT_LIST_DEFAULT), at some 400 octets each. */
const WHOLE_STORE = 400;

/**
 * Makes a root, an intermediate and a server certificate on the spot, with the flaw that is asked for. The untrusted chain
 * comes with its own root, as misconfigured servers send it; the trusted one leaves the root out (RFC 8446 section 4.4.2).
 */
export async function createLabCertificates(order: CertificateOrder): Promise<LabCertificates> {
  const { domain, now, flaw } = order;
  const root = await createRoot('sipdiag lab root', now);
  const keys = await (flaw === 'small-key' ? newSmallKeyPair() : newKeyPair());
  const fields = { ...healthyFields(domain, now), ...LEAF_CHANGES[flaw](order), ...order.places };
  const keyPem = keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const sent = (...chain: Uint8Array[]): LabCertificates => ({
    rootPem: writePem(root.der),
    chainPem: chain.map((der) => writePem(der)).join(''),
    keyPem,
  });
  if (flaw === 'self-signed') {
    return sent(buildCertificate(fields, keys.publicKey, { commonName: fields.commonName, ...keys }));
  }
  const anchor = flaw === 'untrusted-root' ? await createRoot('sipdiag lab root that nobody trusts', now) : root;
  const role = flaw === 'issuer-no-authority' ? 'end-entity' : 'authority';
  const intermediate = await createIntermediate(anchor, now, role);
  // As public authorities do: it tells an intermediate that was forgotten from a root that is not trusted.
  const issuerUrl = `http://pki.${domain}/intermediate.cer`;
  const leaf = buildCertificate({ ...fields, issuerUrl }, keys.publicKey, intermediate);
  if (flaw === 'intermediate-missing') return sent(leaf);
  if (flaw === 'disordered') return sent(leaf, root.der, intermediate.der);
  if (flaw === 'untrusted-root') return sent(leaf, intermediate.der, anchor.der);
  if (flaw === 'repeated') return sent(leaf, ...Array<Uint8Array>(REPETITIONS).fill(intermediate.der));
  if (flaw === 'whole-store') return sent(leaf, ...Array<Uint8Array>(WHOLE_STORE).fill(intermediate.der));
  if (flaw === 'version-4') return sent(leaf, intermediate.der);
  const [certificate, issuer] = [readCertificate(leaf), readCertificate(intermediate.der)];
  return { ...sent(leaf, intermediate.der), issued: { certificate, issuer, key: intermediate.privateKey } };
}
