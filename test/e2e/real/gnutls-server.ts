/** `gnutls-serv`: a TLS server that is not built on OpenSSL. It listens on every address, hence in a namespace only. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './clean-up.ts';
import { startServer, type ServerProcess } from './server-process.ts';

export interface GnutlsOptions {
  namespace: string;
  port: number;
  certPem: string;
  keyPem: string;
  /** What stands behind the certificate in its file. */
  sentAlong?: readonly string[];
  /** Further arguments: '--priority', 'NORMAL:-VERS-ALL:+VERS-TLS1.2', '--require-client-cert', … */
  args?: readonly string[];
}

/** Starts it and waits until it listens. It answers HTTP and no SIP: what is looked at is the handshake. */
export async function startGnutlsServer(options: GnutlsOptions): Promise<ServerProcess> {
  const { namespace, port, certPem, keyPem, sentAlong = [], args = [] } = options;
  const folder = temporaryFolder('gnutls');
  const file = (name: string, text: string): string => {
    const path = join(folder.path, name);
    writeFileSync(path, text);
    return path;
  };
  const own = [
    '--x509certfile',
    file('cert.pem', [certPem, ...sentAlong].join('')),
    '--x509keyfile',
    file('key.pem', keyPem),
  ];
  return startServer({
    name: 'gnutls-serv',
    command: ['gnutls-serv', '--http', '--port', String(port), ...own, ...args],
    namespace,
    folder: folder.path,
    ready: (log) => Promise.resolve(/listening on IPv4 .* port \d+\.\.\.done/.test(log)),
  });
}
