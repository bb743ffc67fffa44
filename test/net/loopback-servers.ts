import { spawn, execFileSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Endpoint } from '../../src/world.ts';

/** What a test has opened and must close; later things first. */
export interface Opened {
  keep(close: () => void): void;
  closeAll(): void;
}

export function createOpened(): Opened {
  const closers: (() => void)[] = [];
  return {
    keep: (close) => void closers.push(close),
    closeAll() {
      for (const close of closers.splice(0).reverse()) close();
    },
  };
}

/** A TCP server on loopback that treats every connection in the same way. */
export async function serveTcp(opened: Opened, onSocket: (socket: Socket) => void): Promise<Endpoint> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    sockets.add(socket);
    onSocket(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  opened.keep(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return { address: '127.0.0.1', port: portOf(server) };
}

export function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}

/** A port of loopback on which nothing listens. */
export async function unusedPort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = portOf(server);
  server.close();
  await once(server, 'close');
  return port;
}

export interface TestCertificates {
  directory: string;
  /** DER by name. */
  der(name: string): Uint8Array;
  remove(): void;
}

/** root > intermediate > leaf, and a stranger that issued nothing; made by openssl. */
export function makeCertificates(): TestCertificates {
  const directory = mkdtempSync(join(tmpdir(), 'sipdiag-net-'));
  const openssl = (...args: string[]): Buffer => execFileSync('openssl', args, { cwd: directory, stdio: 'pipe' });
  writeFileSync(join(directory, 'ca.cnf'), 'basicConstraints=critical,CA:TRUE\n');
  const request = (name: string): string[] => [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-subj',
    `/CN=${name}`,
  ];
  for (const name of ['root', 'stranger']) {
    openssl('req', '-x509', ...request(name), '-keyout', `${name}.key`, '-out', `${name}.pem`, '-days', '30');
  }
  const issue = (name: string, by: string): void => {
    openssl('req', ...request(name), '-keyout', `${name}.key`, '-out', `${name}.csr`);
    const signer = ['-CA', `${by}.pem`, '-CAkey', `${by}.key`, '-CAcreateserial'];
    openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      ...signer,
      '-days',
      '30',
      '-extfile',
      'ca.cnf',
      '-out',
      `${name}.pem`,
    );
  };
  issue('intermediate', 'root');
  issue('leaf', 'intermediate');
  return {
    directory,
    der: (name) => new Uint8Array(openssl('x509', '-in', `${name}.pem`, '-outform', 'DER')),
    remove: () => rmSync(directory, { recursive: true }),
  };
}

/** Writes certificates one after another into a file for `openssl s_server -cert_chain`; answers its name. */
export function writeBundle({ directory }: TestCertificates, names: readonly string[]): string {
  const file = `${names.join('-')}.bundle`;
  writeFileSync(
    join(directory, file),
    names.map((name) => readFileSync(join(directory, `${name}.pem`), 'latin1')).join(''),
  );
  return file;
}

export interface OpensslServer {
  at: Endpoint;
  process: ChildProcess;
}

/** `openssl s_server` with the leaf certificate on a free port of loopback, once it accepts connections. */
export async function serveOpenssl(opened: Opened, directory: string, args: readonly string[]): Promise<OpensslServer> {
  const port = await unusedPort();
  const fixed = ['s_server', '-accept', `127.0.0.1:${port}`, '-cert', 'leaf.pem', '-key', 'leaf.key'];
  const server = spawn('openssl', [...fixed, ...args], { cwd: directory, stdio: ['pipe', 'pipe', 'pipe'] });
  opened.keep(() => server.kill());
  for await (const line of server.stdout) if (String(line).includes('ACCEPT')) break;
  return { at: { address: '127.0.0.1', port }, process: server };
}
