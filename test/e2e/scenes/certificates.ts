/** What TLS servers show and demand, and what `sipdiag doctor` and `tls` make of it: the same flaws on several servers. */
import { HOST, type Flaw } from '../tls-certificates.ts';
import { broken, degraded, HEALTHY, type Ending, type Expected, type Row, type Server } from './row.ts';

/** Each stage says it in the words of its server. */
export interface TlsWorld {
  flaw: Flaw;
  /** Absent: TLS 1.2 and 1.3; all: from 1.0 on. */
  version?: '1.0' | '1.2' | '1.3' | 'all';
  /** Whether the server wants a certificate of an authority of its own choice. */
  clients?: 'certified';
  /** What it shows to whoever names no host; absent: the same. */
  unnamed?: Flaw;
  /** What stands behind a server that but ends TLS; absent: SIP. */
  behind?: 'nothing';
}

export type TlsStage = 'kamailio-tls' | 'node-tls' | 'openssl' | 'gnutls' | 'stunnel';
export type TlsScene = { [S in TlsStage]: Row<S, TlsWorld> }[TlsStage];

/** What a client makes of each flaw. */
const FLAWS = {
  good: HEALTHY,
  'wrong name': broken('certificate', 'cert-name.mismatch'),
  'CN only': degraded('certificate', 'cert-name.cn-only'),
  wildcard: degraded('certificate', 'cert-name.wildcard'),
  expired: broken('certificate', 'cert-dates.expired'),
  'not yet valid': broken('certificate', 'cert-dates.not-yet-valid'),
  'untrusted root': broken('certificate', 'cert-chain.untrusted-root'),
  'self-signed': broken('certificate', 'cert-chain.self-signed'),
  'missing intermediate': broken('certificate', 'cert-chain.intermediate-missing'),
  'whole chain': HEALTHY,
  'wrong order': degraded('certificate', 'cert-chain.order'),
  'EKU server only': HEALTHY,
  'EKU client only': broken('certificate', 'cert-eku.server-auth-missing'),
  'no EKU': HEALTHY,
  'EKU both': HEALTHY,
  '1024 bits and SHA-1': broken('certificate', 'cert-key.small'),
  'RSA 2048': HEALTHY,
  'P-256 with URI SAN': HEALTHY,
} as const satisfies Record<Flaw, Ending>;

interface Theatre<S extends TlsStage> {
  stage: S;
  servers: readonly Server[];
  command: 'doctor' | 'tls';
}

const slug = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');

const PIN = `--resolve ${HOST}:{port}:{address} --ca {root}`;
const LINES = { doctor: `doctor sip:toml@${HOST}:{port};transport=tls ${PIN}`, tls: `tls ${HOST}:{port} ${PIN}` };

interface Play {
  name: string;
  world: TlsWorld;
  ending: Ending;
  /** Absent: SIP answers. */
  sip?: 'not-tested' | 'failed';
  args?: string;
  more?: Pick<Expected, 'tells' | 'explains' | 'only' | 'says'>;
}

function rowOf<S extends TlsStage>({ stage, servers, command }: Theatre<S>, play: Play): Row<S, TlsWorld> {
  const { name, world, ending, sip = 'passed', args, more } = play;
  return {
    id: `${stage}-${slug(name)}`,
    stage,
    name,
    servers,
    command: args === undefined ? LINES[command] : `${LINES[command]} ${args}`,
    world,
    // `tls` speaks no SIP.
    expected: { ...ending, ...more, rungs: { sip: command === 'tls' ? 'not-tested' : sip } },
  };
}

/** A flaw of the certificate does not keep SIP from answering. */
const flawed = (flaw: Flaw, more: Play['more'] = {}): Play => ({
  name: flaw,
  world: { flaw },
  ending: FLAWS[flaw],
  more,
});

const LEGACY: Play = {
  name: 'TLS 1.0 only',
  world: { flaw: 'RSA 2048', version: '1.0' },
  ending: broken('tls', 'tls-version.legacy-only'),
  sip: 'not-tested',
  more: { says: ['speaks TLS 1.0 only'] },
};

function mutual(version: '1.2' | '1.3' | undefined): Play[] {
  const world: TlsWorld = { flaw: 'good', clients: 'certified', ...(version === undefined ? {} : { version }) };
  const over = version === undefined ? 'mutual TLS' : `mutual TLS ${version}`;
  return [
    {
      name: `${over}, demanded and missing`,
      world,
      ending: broken('tls', 'client-cert.required'),
      sip: 'not-tested',
      more: { says: ['Example client CA'] },
    },
    {
      name: `${over}, given and taken`,
      world,
      ending: HEALTHY,
      args: '--client-cert {client} --client-key {client.key}',
      more: { tells: ['client-cert.requested info'] },
    },
    {
      name: `${over}, given and refused`,
      world,
      ending: broken('tls', 'client-cert.rejected'),
      sip: 'not-tested',
      args: '--client-cert {stranger} --client-key {stranger.key}',
      more: { tells: ['client-cert.not-listed'] },
    },
  ];
}

const TRIED: Play = {
  name: 'TLS 1.2 alone, and the versions tried one by one',
  world: { flaw: 'good', version: '1.2' },
  ending: HEALTHY,
  args: '--versions',
};
const TRIED_ALL: Play = {
  name: 'every version of TLS, tried one by one',
  world: { flaw: 'RSA 2048', version: 'all' },
  ending: HEALTHY,
  args: '--versions',
  more: { tells: ['tls-version.outdated'] },
};
const BY_NAME: Play = {
  name: 'another certificate for whoever names no host',
  world: { flaw: 'good', unnamed: 'wrong name' },
  ending: HEALTHY,
  more: { tells: ['tls-by-address.other-certificate'] },
};
/** It is judged before any server has seen it. */
const CLIENT_OF_SERVERS: Play = {
  name: 'a client certificate without clientAuth, which nobody asks for',
  world: { flaw: 'good' },
  ending: degraded('tls', 'client-cert.client-auth-missing'),
  args: '--client-cert {server-only} --client-key {server-only.key}',
  more: { tells: ['client-cert.not-requested'] },
};
const NOTHING_BEHIND: Play = {
  name: 'nothing behind it: TLS holds, and SIP is what does not answer',
  world: { flaw: 'good', behind: 'nothing' },
  ending: broken('sip', 'sip-answer.closed'),
  sip: 'failed',
};

const KAMAILIO: Theatre<'kamailio-tls'> = { stage: 'kamailio-tls', servers: ['Kamailio'], command: 'doctor' };
/** What Kamailio cannot be brought to: it sends what is missing, and sorts what is not in order. */
const NODE: Theatre<'node-tls'> = { stage: 'node-tls', servers: ['SIP over TLS by Node'], command: 'doctor' };
const OPENSSL: Theatre<'openssl'> = { stage: 'openssl', servers: ['openssl s_server'], command: 'tls' };
const GNUTLS: Theatre<'gnutls'> = { stage: 'gnutls', servers: ['gnutls-serv'], command: 'tls' };
const STUNNEL: Theatre<'stunnel'> = { stage: 'stunnel', servers: ['stunnel'], command: 'doctor' };

const BY_KAMAILIO: readonly Flaw[] = [
  'P-256 with URI SAN',
  'wrong name',
  'CN only',
  'wildcard',
  'expired',
  'not yet valid',
  'untrusted root',
  'self-signed',
  'EKU server only',
  'EKU client only',
  'no EKU',
  'EKU both',
];
const BY_OPENSSL: readonly Flaw[] = [
  'wrong name',
  'CN only',
  'wildcard',
  'expired',
  'not yet valid',
  'untrusted root',
  'self-signed',
  'missing intermediate',
  'whole chain',
  'wrong order',
  'EKU client only',
  'no EKU',
  'EKU both',
  'RSA 2048',
  'P-256 with URI SAN',
];
const BY_GNUTLS: readonly Flaw[] = [
  'good',
  'wrong name',
  'expired',
  'untrusted root',
  'self-signed',
  'missing intermediate',
  'whole chain',
  'EKU client only',
];
const BY_STUNNEL: readonly Flaw[] = [
  'P-256 with URI SAN',
  'wrong name',
  'not yet valid',
  'untrusted root',
  'whole chain',
  'missing intermediate',
  'wrong order',
  'EKU client only',
];

const playedAt = <S extends TlsStage>(theatre: Theatre<S>, plays: readonly Play[]): Row<S, TlsWorld>[] =>
  plays.map((play) => rowOf(theatre, play));
const each = (flaws: readonly Flaw[]): Play[] => flaws.map((flaw) => flawed(flaw));
const BOTH_WEAK: Play['more'] = { tells: ['cert-key.small', 'cert-signature.weak'] };
/** In mutual TLS it would be missed. */
const SERVER_ONLY: Play = flawed('EKU server only', { tells: ['cert-eku.client-auth-missing info'] });

export const CERTIFICATES: readonly TlsScene[] = [
  ...playedAt(KAMAILIO, [...each(BY_KAMAILIO), LEGACY, ...mutual('1.2'), ...mutual(undefined)]),
  ...playedAt(NODE, [
    ...each(['whole chain', 'missing intermediate', 'wrong order']),
    { ...flawed('1024 bits and SHA-1', BOTH_WEAK) },
  ]),
  ...playedAt(OPENSSL, [
    ...each(BY_OPENSSL),
    // The handshake by the address proves that TLS is reached, and is never the verdict.
    flawed('good', { tells: ['tls-by-address.reached info'] }),
    SERVER_ONLY,
    BY_NAME,
    CLIENT_OF_SERVERS,
    TRIED_ALL,
    flawed('1024 bits and SHA-1', BOTH_WEAK),
    LEGACY,
    ...mutual('1.2'),
    ...mutual('1.3'),
  ]),
  ...playedAt(GNUTLS, [...each(BY_GNUTLS), TRIED, LEGACY, ...mutual('1.2'), ...mutual('1.3')]),
  ...playedAt(STUNNEL, [...each(BY_STUNNEL), NOTHING_BEHIND, LEGACY, ...mutual('1.2'), ...mutual('1.3')]),
];
