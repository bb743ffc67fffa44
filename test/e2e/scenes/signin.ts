/** An account of a real registrar, the ways to sign in there, and what may be wrong with what is typed. */
import { DOMAIN, HOST } from '../real/stage.ts';
import { broken, HEALTHY, type Expected, type Row } from './row.ts';

export type Algorithm = 'MD5' | 'SHA-256';
type Transport = 'udp' | 'tcp' | 'tls';

export type SigninScene = Row<'signin', { algorithm: Algorithm }> & {
  expected: {
    /** The status codes that answered REGISTERs with credentials. */
    answers: readonly number[];
  };
};

interface Tale {
  id: string;
  name: string;
  transport: Transport;
  algorithm?: Algorithm;
  command?: 'doctor';
  aor?: string;
  /** Whose password is given; absent: nobody's. */
  password?: 'alice' | 'toml' | 'wrong';
}

function row(tale: Tale, expected: SigninScene['expected']): SigninScene {
  const { id, name, transport, algorithm = 'MD5', command = 'signin', aor = `alice@${DOMAIN}`, password } = tale;
  const port = `{${transport}}`;
  const where = `--server ${HOST}:${port} --resolve ${HOST}:${port}:{address} --transport ${transport} --ca {root}`;
  const who = password === undefined ? '' : ` --password-file {${password}}`;
  return {
    id: `signin-${id}`,
    stage: 'signin',
    name,
    servers: ['Kamailio'],
    command: `${command} sip:${aor} ${where}${who}`,
    world: { algorithm },
    expected,
  };
}

const SIGNED_IN: Expected = { ...HEALTHY, rungs: { auth: 'passed' } };

/** Over each transport, by address and by name. */
const ways = (['MD5', 'SHA-256'] as const).flatMap((algorithm) =>
  (['udp', 'tcp', 'tls'] as const).map((transport) =>
    row(
      {
        id: `${algorithm.toLowerCase()}-${transport}`,
        name: `over ${transport} with ${algorithm}`,
        transport,
        algorithm,
        password: 'alice',
      },
      { ...SIGNED_IN, tells: ['matrix.all-work'], answers: [200, 200] },
    ),
  ),
);

export const SIGNIN: readonly SigninScene[] = [
  ...ways,
  row(
    { id: 'wrong-password', name: 'a wrong password', transport: 'tcp', password: 'wrong' },
    {
      ...broken('auth', 'registration.credentials-rejected'),
      tells: ['matrix.password-refused'],
      answers: [401],
    },
  ),
  row(
    {
      id: 'unknown-user',
      name: 'a user that does not exist',
      transport: 'tcp',
      aor: `nobody@${DOMAIN}`,
      password: 'wrong',
    },
    { ...broken('auth', 'registration.unknown-user'), answers: [] },
  ),
  row(
    {
      id: 'foreign-domain',
      name: 'a domain that is not served',
      transport: 'tcp',
      aor: 'alice@elsewhere.example',
      password: 'wrong',
    },
    { ...broken('auth', 'registration.domain-not-served'), answers: [] },
  ),
  row(
    { id: 'doctor', name: 'doctor with a password', transport: 'tls', command: 'doctor', password: 'alice' },
    { ...SIGNED_IN, answers: [200] },
  ),
  row(
    { id: 'no-password', name: 'no password', transport: 'tls', algorithm: 'SHA-256' },
    { ...HEALTHY, rungs: { auth: 'not-tested' }, answers: [] },
  ),
  row(
    {
      id: 'elsewhere',
      name: 'a user who is signed in at two other endpoints',
      transport: 'tcp',
      aor: `toml@${DOMAIN}`,
      password: 'toml',
    },
    {
      ...SIGNED_IN,
      tells: ['registration.elsewhere'],
      explains: ['is signed in at 2 other endpoints', 'sip:toml@192.0.2.7:5080;transport=tcp over TCP'],
      answers: [200, 200],
    },
  ),
];
