/** `openssl s_server`: sends exactly the certificates that it is given, in their order, in any version of TLS. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './clean-up.ts';
import { freePort } from './ports.ts';
import { startServer, type ServerProcess } from './server-process.ts';

export interface OpensslOptions {
  /** IPv4 address to listen on. */
  address: string;
  /** The network namespace that has the address; it then listens on port 5061. Absent: that of the tests, and a free port. */
  namespace?: string;
  certPem: string;
  keyPem: string;
  /** What is sent behind the certificate, in this order; default: nothing. */
  sentAlong?: readonly string[];
  /** Further arguments: '-tls1', '-Verify', '1', … */
  args?: readonly string[];
}

export interface OpensslServer extends ServerProcess {
  port: number;
}

/** Starts it and waits until it listens. It answers HTTP and no SIP: what is looked at is the handshake. */
export async function startOpensslServer(options: OpensslOptions): Promise<OpensslServer> {
  const { address, namespace, certPem, keyPem, sentAlong = [], args = [] } = options;
  const folder = temporaryFolder('s-server');
  const port = namespace === undefined ? await freePort(address) : 5061;
  const file = (name: string, text: string): string => {
    const path = join(folder.path, name);
    writeFileSync(path, text);
    return path;
  };
  const chain = sentAlong.length === 0 ? [] : ['-cert_chain', file('chain.pem', sentAlong.join(''))];
  const listening = ['-accept', `${address}:${port}`, '-www', '-no-CAfile', '-no-CApath', '-no-CAstore'];
  const own = ['-cert', file('cert.pem', certPem), '-key', file('key.pem', keyPem)];
  const server = await startServer({
    name: 'openssl s_server',
    command: ['openssl', 's_server', ...listening, ...own, ...chain, ...args],
    namespace,
    folder: folder.path,
    ready: (log) => Promise.resolve(log.includes('ACCEPT')),
  });
  return { ...server, port };
}
