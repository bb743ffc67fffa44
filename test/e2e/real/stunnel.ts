/** stunnel: what stands in front of many a SIP server that cannot speak TLS itself. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './clean-up.ts';
import { freePort } from './ports.ts';
import { startServer, type ServerProcess } from './server-process.ts';

export interface StunnelOptions {
  /** Address to listen on. */
  address: string;
  /** 'address:port' of the server in clear behind it. */
  behind: string;
  certPem: string;
  keyPem: string;
  /** What stands behind the certificate in its file. */
  sentAlong?: readonly string[];
  /** Further lines of the service: 'sslVersion = TLSv1', 'verifyChain = yes', … */
  lines?: readonly string[];
}

export interface Stunnel extends ServerProcess {
  port: number;
}

/** Starts it and waits until it listens. */
export async function startStunnel(options: StunnelOptions): Promise<Stunnel> {
  const { address, behind, certPem, keyPem, sentAlong = [], lines = [] } = options;
  const folder = temporaryFolder('stunnel');
  const port = await freePort(address);
  const file = (name: string, text: string): string => {
    const path = join(folder.path, name);
    writeFileSync(path, text);
    return path;
  };
  const config = file(
    'stunnel.conf',
    [
      'foreground = yes',
      'debug = info',
      'pid =',
      'syslog = no',
      '[sip]',
      `accept = ${address}:${port}`,
      `connect = ${behind}`,
      `cert = ${file('cert.pem', [certPem, ...sentAlong].join(''))}`,
      `key = ${file('key.pem', keyPem)}`,
      ...lines,
      '',
    ].join('\n'),
  );
  const server = await startServer({
    name: 'stunnel',
    command: ['stunnel4', config],
    folder: folder.path,
    ready: (log) => Promise.resolve(log.includes(' bound to ')),
  });
  return { ...server, port };
}
