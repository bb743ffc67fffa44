/** What a server staples and what its authority tells over HTTP of a revocation, and what `sipdiag tls` makes of it. */
import { blockRules } from '../real/namespaces.ts';
import type { Answered } from '../real/ocsp-responder.ts';
import { HOST } from '../tls-certificates.ts';
import { broken, degraded, HEALTHY, type Ending, type Expected, type Row, type Told } from './row.ts';

/** What is stapled to a certificate that was issued for this scene alone. */
export interface Response {
  state: Answered['state'];
  /** Whose state was asked for; absent: that of the certificate which is shown. */
  about?: 'another';
  /** Which certificate the responder knows; absent: that which is shown. */
  knows?: 'another';
  /** Absent: the authority itself. */
  signer?: 'delegated' | 'server' | 'stranger';
}

interface StapleWorld {
  /** Absent: TLS 1.2 and 1.3. */
  version?: '1.2' | '1.3';
  certificate?: 'must-staple';
  /** Absent: none is sent along. */
  response?: Response;
}

interface AuthorityWorld {
  certificate: Answered['state'];
  /** Of the router between the client and everybody else. */
  rules: string;
}

export type StapleScene = Row<'staple', StapleWorld>;
export type RevocationScene = Row<'revocation', AuthorityWorld>;

export const OCSP_PORT = 8080;
export const LIST_PORT = 8081;

const COMMAND = `tls ${HOST}:{port} --resolve ${HOST}:{port}:{address} --ca {root}`;

/** Of every server that shows a certificate which is good but for revocation. */
const USUAL: readonly Told[] = ['tls-server.facts', 'tls-by-address.reached', 'cert-name.matrix'];
const only = (...findings: Told[]): Pick<Expected, 'only'> => ({
  only: { rungs: ['dns', 'connect', 'tls', 'certificate', 'sip'], findings: [...USUAL, ...findings] },
});

interface Staple {
  id: string;
  name: string;
  world: StapleWorld;
  args?: string;
  ending: Ending;
  more?: Pick<Expected, 'only' | 'says'>;
}

const UNUSABLE = { ending: degraded('certificate', 'ocsp-staple.unusable'), more: only('ocsp-staple.unusable') };

const STAPLES: readonly Staple[] = [
  ...(['1.2', '1.3'] as const).flatMap((version): Staple[] => {
    const slug = version.replace('.', '-');
    return [
      {
        id: `good-${slug}`,
        name: `a good response over TLS ${version}`,
        world: { version, response: { state: 'good' } },
        ending: HEALTHY,
        more: only(),
      },
      {
        id: `revoked-${slug}`,
        name: `a response over TLS ${version} that tells of a revocation`,
        world: { version, response: { state: 'revoked' } },
        ending: broken('certificate', 'ocsp-staple.revoked'),
        more: { says: ['2026-01-01T00:00:00Z'] },
      },
    ];
  }),
  {
    id: 'stale',
    name: 'a response that was good three days ago',
    world: { response: { state: 'good' } },
    args: '--at {in-three-days}',
    ending: degraded('certificate', 'ocsp-staple.stale'),
    more: only('ocsp-staple.stale'),
  },
  {
    id: 'before',
    name: 'a response for the certificate before',
    world: { response: { state: 'good', about: 'another', knows: 'another' } },
    ...UNUSABLE,
  },
  {
    id: 'unknown',
    name: 'a response of a responder that does not know the certificate',
    world: { response: { state: 'good', knows: 'another' } },
    ending: degraded('certificate', 'ocsp-staple.unknown'),
  },
  {
    id: 'delegated',
    name: 'a response signed by whom the authority has certified for it',
    world: { response: { state: 'good', signer: 'delegated' } },
    ending: HEALTHY,
    more: only(),
  },
  {
    id: 'signed-by-server',
    name: 'a response signed by a server of the same authority',
    world: { response: { state: 'good', signer: 'server' } },
    ...UNUSABLE,
  },
  {
    id: 'signed-by-stranger',
    name: 'a response signed by a responder of another authority',
    world: { response: { state: 'good', signer: 'stranger' } },
    ...UNUSABLE,
  },
  {
    id: 'missing',
    name: 'no response, and a certificate that demands one',
    world: { certificate: 'must-staple' },
    ending: degraded('certificate', 'ocsp-staple.missing'),
  },
  {
    id: 'demanded',
    name: 'a good response, and a certificate that demands one',
    world: { certificate: 'must-staple', response: { state: 'good' } },
    ending: HEALTHY,
  },
];

export const STAPLING: readonly StapleScene[] = STAPLES.map(({ id, name, world, args, ending, more }): StapleScene => ({
  id: `staple-${id}`,
  stage: 'staple',
  name,
  servers: ['openssl s_server'],
  command: args === undefined ? COMMAND : `${COMMAND} ${args}`,
  world,
  expected: { ...ending, ...more },
}));

const asked = { stage: 'revocation', servers: ['openssl s_server', 'openssl ocsp', 'HTTP by Node'] } as const;

export const REVOCATION: readonly RevocationScene[] = [
  {
    ...asked,
    id: 'revocation-not-asked',
    name: 'a revoked certificate, and nobody is asked without --revocation',
    command: COMMAND,
    world: { certificate: 'revoked', rules: '' },
    expected: HEALTHY,
  },
  {
    ...asked,
    id: 'revocation-good',
    name: 'a certificate that is good by responder and list',
    command: `${COMMAND} --revocation`,
    world: { certificate: 'good', rules: '' },
    expected: HEALTHY,
  },
  {
    ...asked,
    id: 'revocation-revoked',
    name: 'a certificate that is revoked by responder and list',
    command: `${COMMAND} --revocation`,
    world: { certificate: 'revoked', rules: '' },
    expected: broken('certificate', 'revocation.revoked'),
  },
  {
    ...asked,
    id: 'revocation-unreachable',
    name: 'a good certificate whose responder and list cannot be reached from here',
    command: `${COMMAND} --revocation --timeout 500`,
    world: { certificate: 'good', rules: blockRules(`tcp dport ${OCSP_PORT}-${LIST_PORT}`) },
    expected: degraded('certificate', 'revocation.unreachable'),
  },
];
