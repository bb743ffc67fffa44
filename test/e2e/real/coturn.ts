/** A real coturn: STUN with one or two addresses (RFC 5780), TURN over UDP, TCP and TLS, with relays of UDP and TCP. */
import { temporaryFolder } from './clean-up.ts';
import { freePorts } from './ports.ts';
import { startServer, type ServerProcess } from './server-process.ts';

export interface CoturnOptions {
  /** With a second one it names its OTHER-ADDRESS: its port there is the one above. */
  addresses: readonly [string] | readonly [string, string];
  /** Who may allocate; absent: STUN only. */
  user?: { user: string; password: string };
  /** Also over TLS. */
  tls?: { certFile: string; keyFile: string };
  /** Further options of turnserver: '--denied-peer-ip=…', '--no-tcp-relay'. */
  args?: readonly string[];
  /** The network namespace to run in; the addresses have to exist there. */
  namespace?: string;
}

export interface Coturn extends ServerProcess {
  /** The first of its addresses. */
  address: string;
  /** UDP and TCP. */
  port: number;
  tlsPort: number;
}

const TURN_REALM = 'turn.example';

async function choosePorts({ addresses, namespace }: CoturnOptions): Promise<[number, number]> {
  // Nothing else runs in a namespace of one's own, so the registered ports (RFC 8656 section 19) are free there.
  if (namespace !== undefined) return [3478, 5349];
  const [port = 3478, tlsPort = 5349] = await freePorts(addresses[0], 2);
  return [port, tlsPort];
}

/** Starts coturn and waits until it listens. Throws Error with its log when it does not. */
export async function startCoturn(options: CoturnOptions): Promise<Coturn> {
  const { addresses, user, tls, args = [], namespace } = options;
  const [port, tlsPort] = await choosePorts(options);
  const folder = temporaryFolder('coturn');
  const login = user === undefined ? ['--stun-only'] : ['--lt-cred-mech', `--user=${user.user}:${user.password}`];
  const secure = tls === undefined ? ['--no-tls', '--no-dtls'] : [`--cert=${tls.certFile}`, `--pkey=${tls.keyFile}`];
  const server = await startServer({
    name: 'coturn',
    command: [
      'turnserver',
      // No configuration file, no telnet console, one thread of each kind: little to wait for.
      '-n',
      '--no-cli',
      '--relay-threads=1',
      '--verbose',
      '--log-file=stdout',
      '--no-stdout-log',
      `--pidfile=${folder.path}/pid`,
      `--userdb=${folder.path}/db`,
      `--realm=${TURN_REALM}`,
      ...addresses.map((address) => `--listening-ip=${address}`),
      `--listening-port=${port}`,
      `--tls-listening-port=${tlsPort}`,
      ...login,
      ...secure,
      ...args,
    ],
    namespace,
    folder: folder.path,
    ready: (log) => Promise.resolve(log.includes('TCP listener opened on') || log.includes('Total auth threads')),
  });
  return {
    ...server,
    address: addresses[0],
    port,
    tlsPort,
    stop: async () => {
      await server.stop();
      await folder.stop();
    },
  };
}
