// One server of a benchmark as a process of its own: servers.mjs KIND ADDRESS SETTINGS. Tells its endpoints, ends with its input.
import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:tls';
import { startCountingDns } from './counting-dns.mjs';
import { startRegistrar } from './signin-server.mjs';

const identityOf = ({ cert, key }) => ({ cert: readFileSync(cert), key: readFileSync(key) });

async function startTls(address, { port = 0, ...files }) {
  const server = createServer({ ...identityOf(files), minVersion: 'TLSv1.2' }, (socket) => {
    socket.on('error', () => undefined);
    socket.resume();
  });
  server.on('tlsClientError', () => undefined);
  server.listen(port, address);
  await once(server, 'listening');
  return { address, port: server.address().port };
}

const KINDS = {
  dns: (address, settings) => startCountingDns('at-once', { address, ...settings }),
  tls: startTls,
  sip: (address, settings) => startRegistrar(address, { ...settings, identity: identityOf(settings) }),
};

const [kind, address, settings] = process.argv.slice(2);
const said = await KINDS[kind](address, JSON.parse(settings));
console.log(JSON.stringify(said));
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
