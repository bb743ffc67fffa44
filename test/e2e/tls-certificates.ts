/** The certificates that the end-to-end tests of TLS put on servers: one authority, one flaw each. */
import {
  createAuthority,
  daysFromNow,
  issue,
  type Authority,
  type Issued,
  type LeafSettings,
} from './real/certificates.ts';

export const HOST = 'sip.example.org';

export interface Presented {
  certPem: string;
  keyPem: string;
  /** What the server sends behind its certificate. */
  sentAlong: string[];
}

export interface Pki {
  root: Authority;
  otherRoot: Authority;
  upper: Authority;
  lower: Authority;
  /** For roles of a client. */
  clients: Authority;
  clientFor: Issued;
  strangerFor: Issued;
  /** Of the root, for roles of a server alone. */
  serverOnly: Issued;
}

/** Where the issuer's certificate is said to be: it tells a forgotten intermediate from an unknown root. */
const AIA = 'authorityInfoAccess = caIssuers;URI:http://pki.example.org/lower.cer';

export async function createPki(folder: string): Promise<Pki> {
  const [root, otherRoot, clients] = await Promise.all([
    createAuthority(folder, { name: 'root', subject: '/O=Example/CN=Example root' }),
    createAuthority(folder, { name: 'other-root', subject: '/O=Other/CN=Other root' }),
    createAuthority(folder, { name: 'client-root', subject: '/O=Example/CN=Example client CA' }),
  ]);
  const upper = await createAuthority(folder, { name: 'upper', subject: '/O=Example/CN=Upper', issuer: root });
  const lower = await createAuthority(folder, { name: 'lower', subject: '/O=Example/CN=Lower', issuer: upper });
  const [clientFor, strangerFor, serverOnly] = await Promise.all([
    issue({ name: 'client', issuer: clients, subject: '/CN=sbc.example.org', eku: ['clientAuth'] }),
    issue({ name: 'stranger', issuer: otherRoot, subject: '/CN=stranger.example.net', eku: ['clientAuth'] }),
    issue({ name: 'server-only', issuer: root, eku: ['serverAuth'] }),
  ]);
  return { root, otherRoot, upper, lower, clients, clientFor, strangerFor, serverOnly };
}

let count = 0;
const nextName = (): string => `leaf-${(count += 1)}`;

type Change = Partial<Omit<LeafSettings, 'name'>>;

async function leafOf(issuer: Authority, change: Change): Promise<Issued> {
  const settings: LeafSettings = { name: nextName(), issuer, subject: `/CN=${HOST}`, dns: [HOST], ...change };
  return issue(settings, issuer.dir);
}

const alone = ({ certPem, keyPem }: Issued, sentAlong: string[] = []): Presented => ({ certPem, keyPem, sentAlong });

const plain =
  (change: Change) =>
  async ({ root }: Pki): Promise<Presented> =>
    alone(await leafOf(root, change));

/** What servers present, by what is special about it. */
export const PRESENTED = {
  good: plain({ dns: [HOST], uri: [`sip:${HOST}`] }),
  'wrong name': plain({ dns: ['sip.example.net'], subject: '/CN=sip.example.net' }),
  'CN only': plain({ dns: [] }),
  wildcard: plain({ dns: ['*.example.org'], subject: '/CN=*.example.org' }),
  expired: plain({ notBefore: daysFromNow(-90), notAfter: daysFromNow(-3) }),
  'not yet valid': plain({ notBefore: daysFromNow(2) }),
  'untrusted root': async ({ otherRoot }: Pki) => alone(await leafOf(otherRoot, {})),
  'self-signed': async ({ root }: Pki) => alone(await leafOf(root, { issuer: 'self' })),
  'missing intermediate': async ({ lower }: Pki) => alone(await leafOf(lower, { extensions: [AIA] })),
  'whole chain': async ({ lower, upper }: Pki) => alone(await leafOf(lower, {}), [lower.certPem, upper.certPem]),
  'wrong order': async ({ lower, upper }: Pki) => alone(await leafOf(lower, {}), [upper.certPem, lower.certPem]),
  'EKU server only': plain({ eku: ['serverAuth'] }),
  'EKU client only': plain({ eku: ['clientAuth'] }),
  'no EKU': plain({ eku: [] }),
  'EKU both': plain({ eku: ['serverAuth', 'clientAuth'] }),
  '1024 bits and SHA-1': plain({ key: 'rsa-1024', digest: 'sha1' }),
  'RSA 2048': plain({ key: 'rsa-2048' }),
  'P-256 with URI SAN': plain({ key: 'ec-p256', dns: [], uri: [`sip:${HOST}`] }),
} satisfies Record<string, (pki: Pki) => Promise<Presented>>;

export type Flaw = keyof typeof PRESENTED;
