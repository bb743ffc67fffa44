import { writePem } from '../pki/pem-text.ts';
import { buildCertificate, type CertificateFields } from './certificate-der.ts';
import { createRoot, newKeyPair } from './certificates.ts';

/** Which certificate the user of the lab shows to servers that ask for one; 'stranger': of an authority that the server does not accept. */
export type ClientFlaw = 'none' | 'fitting' | 'expired' | 'not-yet-valid' | 'server-only' | 'stranger';

/** PEM. */
export interface LabClientCertificate {
  certPem: string;
  keyPem: string;
  /** What the server accepts clients by; absent: another authority. */
  rootPem?: string;
}

const DAY_MS = 86_400_000;

const CHANGES: Record<Exclude<ClientFlaw, 'none'>, (now: number) => Partial<CertificateFields>> = {
  fitting: () => ({}),
  expired: (now) => ({ notBefore: now - 90 * DAY_MS, notAfter: now - 3 * DAY_MS }),
  'not-yet-valid': (now) => ({ notBefore: now + 2 * DAY_MS }),
  'server-only': () => ({ usages: ['serverAuth'] }),
  stranger: () => ({}),
};

/** Makes a root and a client certificate on the spot; undefined: the user has none. */
export async function createClientCertificate(
  flaw: ClientFlaw,
  domain: string,
  now: number,
): Promise<LabClientCertificate | undefined> {
  if (flaw === 'none') return undefined;
  const root = await createRoot('sipdiag lab root of clients', now);
  const keys = await newKeyPair();
  const fields: CertificateFields = {
    commonName: `client.${domain}`,
    role: 'end-entity',
    notBefore: now - 10 * DAY_MS,
    notAfter: now + 80 * DAY_MS,
    altNames: [{ type: 'dns', value: `client.${domain}` }],
    usages: ['clientAuth'],
    ...CHANGES[flaw](now),
  };
  return {
    certPem: writePem(buildCertificate(fields, keys.publicKey, root)),
    keyPem: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    ...(flaw === 'stranger' ? {} : { rootPem: writePem(root.der) }),
  };
}
