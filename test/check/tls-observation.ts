import type { Failure, Finding, Observation } from '../../src/model.ts';
import type { TlsObservation } from '../../src/model/tls.ts';
import type { Check } from '../../src/check/define-check.ts';
import { judge } from '../../src/judge.ts';
import {
  altNames,
  authority,
  extendedKeyUsage,
  keyUsage,
  makeDer,
  makeKey,
  type TestCertificate,
  type TestExtension,
  type TestKey,
} from '../pki/make-certificate.ts';

const AT = '2026-06-01T00:00:00.000Z';
export const HOST = 'sip.example.com';
export const DOMAIN = 'example.com';
export const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
export const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';

const rootKey = makeKey('ec');
export const issuerKey = makeKey('ec');
export const leafKey: TestKey = makeKey('ec');

const authorityExtensions = [authority(), keyUsage(0x06)];
export const root = makeDer({
  subject: 'Test root',
  key: rootKey,
  notBefore: '2020-01-01T00:00:00Z',
  notAfter: '2040-01-01T00:00:00Z',
  extensions: authorityExtensions,
});

export interface Wish {
  /** Absent: names, both usages and digitalSignature. */
  extensions?: TestExtension[];
  leaf?: Partial<TestCertificate>;
  issuer?: Partial<TestCertificate>;
  about?: Partial<TlsObservation['about']>;
  /** 'public': browsers trust the root too. */
  root?: 'public' | 'private';
}

export const healthyExtensions = (): TestExtension[] => [
  altNames(['dns', HOST], ['dns', DOMAIN], ['uri', `sip:${DOMAIN}`]),
  extendedKeyUsage(SERVER_AUTH, CLIENT_AUTH),
  keyUsage(0x80),
];

/** AuthorityInfoAccess with one caIssuers address, http://ca/i. */
export const caIssuers: TestExtension = {
  oid: '1.3.6.1.5.5.7.1.1',
  value: Buffer.from('3019301706082b06010505073002860b687474703a2f2f63612f69', 'hex'),
};

/** The server certificate and its issuer, DER, as the wish changes them. */
export function makeChain({ extensions = healthyExtensions(), leaf = {}, issuer = {} }: Wish = {}): Buffer[] {
  return [
    makeDer({ subject: HOST, issuer: 'Test issuer', key: leafKey, signer: issuerKey, extensions, ...leaf }),
    makeDer({
      subject: 'Test issuer',
      issuer: 'Test root',
      key: issuerKey,
      signer: rootKey,
      notBefore: '2021-01-01T00:00:00Z',
      notAfter: '2039-01-01T00:00:00Z',
      extensions: authorityExtensions,
      ...issuer,
    }),
  ];
}

const base64 = (der: Uint8Array): string => Buffer.from(der).toString('base64');

export function observed(chain: readonly Uint8Array[], wish: Wish = {}): TlsObservation {
  return {
    kind: 'tls',
    subject: 'tls 192.0.2.1:5061',
    at: 0,
    about: {
      transport: 'tls',
      host: HOST,
      address: '192.0.2.1',
      port: 5061,
      published: true,
      set: '_sips._tcp.example.com',
      sni: HOST,
      verifyName: HOST,
      domain: DOMAIN,
      judgeAt: AT,
      ...wish.about,
    },
    outcome: {
      ok: true,
      ms: 1,
      value: {
        version: 'TLSv1.3',
        cipher: 'TLS_AES_256_GCM_SHA384',
        chain: chain.map(base64),
        trustAnchors: [base64(root)],
        publicAnchors: wish.root === 'public' ? [0] : [],
      },
    },
  };
}

/** A handshake with the chain that the wish describes. */
export const seen = (wish: Wish = {}): TlsObservation => observed(makeChain(wish), wish);

/** A second server of the same set that shows a healthy chain. */
export const standIn = (): TlsObservation => seen({ about: { address: '192.0.2.2' } });

export const failed = (): TlsObservation => ({
  ...seen(),
  outcome: { ok: false, reason: 'timeout', detail: 'nothing came', ms: 3000 },
});

/** What one check makes of the observations: its findings as `id severity`, and how it ended. */
export function askCheck({ id }: Check, observations: readonly Observation[]): { findings: Finding[]; status: string } {
  const { findings, checks } = judge(observations, { input: 'x', scheme: 'sip', transports: [], profile: 'auto' });
  return {
    findings: findings.filter((finding) => finding.id.startsWith(`${id}.`)),
    status: checks.find(({ checkId }) => checkId === id)?.status ?? 'not run',
  };
}

export const idsOf = (findings: readonly Finding[]): string[] => findings.map((one) => `${one.id} ${one.severity}`);

/** A handshake that the peer ended with that alert. */
export const alert = (number: number): Failure => ({
  ok: false,
  ms: 1,
  reason: 'tls-alert',
  detail: 'alert',
  alert: number,
});
