/** Registrars that answer by a script, and what `sipdiag signin` makes of them. */
import { answer, lcs, sha512Truncated, type Behaviour } from '../sip-scripts.ts';
import { DOMAIN } from '../real/stage.ts';
import type { SippScript } from '../real/sipp.ts';
import { broken, degraded, HEALTHY, type Expected, type Row } from './row.ts';

type ByNode = Row<'scripted', { behaviour: Behaviour }>;
type BySipp = Row<'sipp', { script: SippScript }>;
export type ScriptedScene = ByNode | BySipp | Row<'silent-udp', object>;

export const SECRET = 'tangerine-6e6f6e6365';
export const CHALLENGE = `WWW-Authenticate: Digest realm="${DOMAIN}", nonce="abc", qop="auth"`;

const OK = { status: '200 OK' };
const ASKS = { status: '401 Unauthorized', headers: [CHALLENGE] };
const ACCEPTS = { status: '200 OK', headers: ['Contact: <sip:alice@192.0.2.1>;expires=120'] };
const OVERLOADED = { status: '503 Service Unavailable', headers: ['Retry-After: 120'] };

/** Nobody is asked for a name: no question of a scene leaves this machine. */
const TO = '--server {server} --transport tcp --resolver {nobody} --timeout 900';
const WITHOUT_PASSWORD = `signin sip:alice@${DOMAIN} ${TO}`;
export const WITH_PASSWORD = `${WITHOUT_PASSWORD} --password-file {password}`;

type Tale = Pick<ByNode, 'id' | 'name'>;

const bySipp = (tale: Tale, script: SippScript, expected: Expected): BySipp => ({
  ...tale,
  stage: 'sipp',
  servers: ['sipp'],
  command: WITH_PASSWORD,
  world: { script },
  expected,
});

const byNode = (tale: Tale & { command?: string }, behaviour: Behaviour, expected: Expected): ByNode => ({
  command: WITH_PASSWORD,
  ...tale,
  stage: 'scripted',
  servers: ['TCP by Node'],
  world: { behaviour },
  expected,
});

/** Its clock is twenty minutes ahead. */
const late: Behaviour = (request) => {
  const isOptions = request.startsWith('OPTIONS ');
  const date = new Date(Date.now() + 20 * 60_000).toUTCString();
  return answer(request, isOptions ? '200 OK' : '401 Unauthorized', [
    `Date: ${date}`,
    ...(isOptions ? [] : [CHALLENGE]),
  ]);
};

const BY_SIPP: readonly BySipp[] = [
  bySipp(
    { id: 'sipp-redirects', name: 'sends elsewhere with 302' },
    { options: OK, register: [{ status: '302 Moved Temporarily', headers: [`Contact: <sip:home.${DOMAIN}>`] }] },
    broken('auth', 'registration.redirect-dead'),
  ),
  bySipp(
    { id: 'sipp-overloaded', name: 'is overloaded: 503 with Retry-After' },
    { options: OVERLOADED, register: [OVERLOADED] },
    broken('sip', 'sip-answer.server-error'),
  ),
  bySipp(
    { id: 'sipp-too-brief', name: 'wants a longer registration: 423 with Min-Expires' },
    { options: OK, register: [ASKS, { status: '423 Interval Too Brief', headers: ['Min-Expires: 120'] }, ACCEPTS, OK] },
    { ...HEALTHY, tells: ['registration.interval-too-brief'] },
  ),
  bySipp(
    { id: 'sipp-provisional', name: 'sends twenty provisional answers first' },
    { options: OK, register: [...Array.from({ length: 20 }, () => ({ status: '100 Trying' })), ASKS, ACCEPTS, OK] },
    HEALTHY,
  ),
  bySipp(
    { id: 'sipp-no-options', name: 'refuses OPTIONS with 405, and takes REGISTER' },
    { options: { status: '405 Method Not Allowed', headers: ['Allow: REGISTER'] }, register: [ASKS, ACCEPTS, OK] },
    { ...HEALTHY, tells: ['sip-answer.method-refused'] },
  ),
  bySipp(
    { id: 'sipp-foreign-domain', name: 'does not serve the domain: 403' },
    { options: OK, register: [{ status: '403 Domain Not Served Here' }] },
    broken('auth', 'registration.domain-not-served'),
  ),
  bySipp(
    { id: 'sipp-forbids', name: 'forbids the registration once the password was sent' },
    { options: OK, register: [ASKS, { status: '403 Forbidden' }] },
    broken('auth', 'registration.account-forbidden'),
  ),
];

const BY_NODE: readonly ByNode[] = [
  byNode(
    { id: 'scripted-silent', name: 'accepts and never answers' },
    () => undefined,
    broken('sip', 'sip-answer.none'),
  ),
  byNode(
    { id: 'scripted-http', name: 'answers HTTP' },
    () => 'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n',
    broken('sip', 'sip-answer.not-sip'),
  ),
  byNode({ id: 'scripted-closes', name: 'closes after the request' }, () => null, broken('sip', 'sip-answer.closed')),
  byNode(
    {
      id: 'scripted-lcs-user-at-domain',
      name: 'is of the LCS days, and the account is written user@domain',
      command: `${WITH_PASSWORD} --auth-user alice@${DOMAIN}`,
    },
    lcs,
    broken('auth', 'registration.kerberos-trap'),
  ),
  byNode(
    {
      id: 'scripted-lcs-domain-user',
      name: String.raw`is of the LCS days, and the account is written DOMAIN\user`,
      command: String.raw`${WITH_PASSWORD} --auth-user FUZZY\alice`,
    },
    lcs,
    { ...degraded('auth', 'registration.scheme-unsupported'), tells: ['registration.scheme-unsupported'] },
  ),
  byNode(
    { id: 'scripted-sha512t', name: 'cuts SHA-512 short, and refuses the right password' },
    sha512Truncated(SECRET),
    broken('auth', 'registration.credentials-rejected'),
  ),
  byNode(
    {
      id: 'scripted-sha512t-option',
      name: 'cuts SHA-512 short, as --digest-sha512t does',
      command: `${WITH_PASSWORD} --digest-sha512t`,
    },
    sha512Truncated(SECRET),
    HEALTHY,
  ),
  byNode({ id: 'scripted-clock', name: 'has a clock that is twenty minutes ahead', command: WITHOUT_PASSWORD }, late, {
    ...degraded('auth', 'registration.clock-skew'),
    tells: ['registration.clock-skew warning'],
    explains: ['20 minutes ahead of'],
  }),
];

export const SCRIPTED: readonly ScriptedScene[] = [
  ...BY_SIPP,
  ...BY_NODE,
  {
    id: 'silent-udp',
    stage: 'silent-udp',
    name: 'is silent over UDP',
    servers: ['silent port'],
    command: `signin sip:alice@${DOMAIN} --server {server} --transport udp --password-file {password}`,
    world: {},
    expected: broken('sip', 'sip-answer.none'),
  },
];
