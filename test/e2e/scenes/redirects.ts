/** Registrars that send every REGISTER elsewhere with 3xx, and what becomes of it there. */
import { answer, type Behaviour } from '../sip-scripts.ts';
import { DOMAIN } from '../real/stage.ts';
import type { SippScript } from '../real/sipp.ts';
import { broken, degraded, type Expected, type Row } from './row.ts';

/** Who listens where; 'address:port' unless said otherwise. */
export interface Places {
  /** The server that is asked first. */
  first: string;
  second: string;
  /** Nobody listens here. */
  dead: string;
  /** A real registrar, which takes the user. */
  home: string;
  'home.address': string;
  /** The port alone. */
  'home.tls': string;
}

type At = (places: Places) => Behaviour;
type Redirected<S extends string, W> = Row<S, W> & {
  expected: {
    /** The status codes that answered REGISTERs with credentials. */
    answers: readonly number[];
  };
};
export type RedirectScene = Redirected<'redirect', { first: At; second: At }>;
export type SippRedirectScene = Redirected<'redirect-sipp', { script: (home: string) => SippScript }>;

const commandFor = (aor: string, pin = ''): string =>
  `signin ${aor} --server {first} --transport tcp --timeout 900 --resolver {nobody} --ca {root} --password-file {password}${pin}`;
const ALICE = `sip:alice@${DOMAIN}`;
const pinned = (name: string): string => ` --resolve ${name}:{home.tls}:{home.address}`;

/** Sends every REGISTER elsewhere. */
const sendsTo =
  (contact: string, status = '302 Moved Temporarily', ...headers: string[]): Behaviour =>
  (request) =>
    request.startsWith('OPTIONS ')
      ? answer(request, '200 OK')
      : answer(request, status, [`Contact: <${contact}>`, ...headers]);

const overTcp = (place: string): string => `sip:${place};transport=tcp`;

/** Challenges first, and sends elsewhere who knows the answer. */
const sendsOnceSigned =
  (contact: string): Behaviour =>
  (request) =>
    request.startsWith('OPTIONS ') || /^authorization/im.test(request)
      ? sendsTo(contact)(request)
      : answer(request, '401 Unauthorized', [`WWW-Authenticate: Digest realm="${DOMAIN}", nonce="abc", qop="auth"`]);

const servesNobody: Behaviour = (request) => answer(request, '404 Not Found');

type Tale = { id: string; name: string; first: At; second?: At; command?: string };

const row = (
  { id, name, first, second = () => servesNobody, command = commandFor(ALICE) }: Tale,
  expected: RedirectScene['expected'],
): RedirectScene => ({
  id: `redirect-${id}`,
  stage: 'redirect',
  name,
  servers: ['TCP by Node', 'Kamailio'],
  command,
  world: { first, second },
  expected,
});

const TAKEN: Expected = {
  ...degraded('auth', 'registration.redirected'),
  complaints: ['registration.redirected warning'],
};

export const SIPP_REDIRECTS: readonly SippRedirectScene[] = [
  {
    id: 'redirect-sipp',
    stage: 'redirect-sipp',
    name: 'sends with 302 to a registrar that takes the user',
    servers: ['sipp', 'Kamailio'],
    command: commandFor(ALICE),
    world: {
      script: (home) => ({
        options: { status: '200 OK' },
        register: [{ status: '302 Moved Temporarily', headers: [`Contact: <${overTcp(home)}>`] }],
      }),
    },
    expected: { ...TAKEN, tells: ['matrix.all-work'], answers: [200] },
  },
];

export const REDIRECTS: readonly RedirectScene[] = [
  row(
    {
      id: 'signed',
      name: 'sends with 302 only once the password was taken',
      first: ({ home }) => sendsOnceSigned(overTcp(home)),
    },
    { ...TAKEN, tells: ['matrix.all-work'], answers: [302, 200] },
  ),
  row(
    {
      id: 'tls',
      name: 'sends to TLS, where the home server proves its name',
      first: ({ 'home.tls': port }) => sendsTo(`sip:${DOMAIN}:${port};transport=tls`),
      command: commandFor(ALICE, pinned(DOMAIN)),
    },
    { ...TAKEN, answers: [200] },
  ),
  row(
    {
      id: 'tls-unproven',
      name: 'sends to TLS, where the home server does not prove the name',
      first: ({ 'home.tls': port }) => sendsTo(`sip:other.example:${port};transport=tls`),
      command: commandFor('sip:alice@other.example', pinned('other.example')),
    },
    { ...broken('auth', 'registration.redirect-dead'), says: ['it does not prove who it is'], answers: [] },
  ),
  row(
    { id: 'dead', name: 'sends to where nobody listens', first: ({ dead }) => sendsTo(overTcp(dead)) },
    { ...broken('auth', 'registration.redirect-dead'), says: [overTcp('{dead}')], answers: [] },
  ),
  row(
    {
      id: 'refused',
      name: 'is the director of a pool that does not serve the domain',
      first: ({ second }) => sendsTo(overTcp(second), '301 Moved Permanently', 'Server: RTC/4.0'),
    },
    {
      ...broken('auth', 'registration.redirect-refused'),
      says: ['sends a user to the home pool'],
      answers: [],
    },
  ),
  row(
    {
      id: 'loop',
      name: 'sends to a server that sends back',
      first: ({ second }) => sendsTo(overTcp(second)),
      second: ({ first }) => sendsTo(overTcp(first)),
    },
    { ...broken('auth', 'registration.redirect-loop'), answers: [] },
  ),
  row(
    { id: 'proxy', name: 'names a proxy with 305', first: ({ home }) => sendsTo(overTcp(home), '305 Use Proxy') },
    { ...TAKEN, answers: [200] },
  ),
];
