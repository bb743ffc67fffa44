/** A web server in a namespace that hands out files, such as revocation lists. */
import { temporaryFolder } from './clean-up.ts';
import { startServer, type ServerProcess } from './server-process.ts';

export interface FileServerOptions {
  namespace: string;
  port: number;
  /** File by path: '/root.crl'. */
  files: Readonly<Record<string, string>>;
}

const PROGRAM = `
const { createServer } = require('node:http');
const { readFileSync } = require('node:fs');
const files = JSON.parse(process.argv[2]);
createServer((request, response) => {
  const file = files[request.url];
  if (file === undefined) response.writeHead(404).end();
  else response.end(readFileSync(file));
}).listen(Number(process.argv[1]), () => console.log('serving'));
`;

/** Starts it and waits until it listens. */
export function startFileServer({ namespace, port, files }: FileServerOptions): Promise<ServerProcess> {
  return startServer({
    name: 'web server',
    command: [process.execPath, '-e', PROGRAM, String(port), JSON.stringify(files)],
    namespace,
    folder: temporaryFolder('web').path,
    ready: (log) => Promise.resolve(log.includes('serving')),
  });
}
