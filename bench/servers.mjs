// One server of a benchmark as a process of its own: servers.mjs KIND ADDRESS SETTINGS. Tells its endpoints, ends with its input.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { startBind, startNginx } from './bulk-servers.mjs';
import { DOMAIN, zoneLines } from './counting-dns.mjs';
import { startRegistrar } from './signin-server.mjs';

const identityOf = ({ cert, key }) => ({ cert: readFileSync(cert), key: readFileSync(key) });

/** None of them is known to listen there; each of the two namespaces is the benchmark's own. */
const DNS_PORT = 5353;
const TLS_PORT = 5061;

async function startDns(address, { port = DNS_PORT, zone = 'everybody' }) {
  return { address, port, end: await startBind({ address, port, zone: DOMAIN, lines: zoneLines(zone, address) }) };
}

async function startTls(address, { port = TLS_PORT, ...files }) {
  const end = await startNginx({ address, port, ...files });
  if (end === undefined) throw new Error('nginx is not installed');
  return { address, port, end };
}

const KINDS = {
  dns: startDns,
  tls: startTls,
  sip: (address, settings) => startRegistrar(address, { ...settings, identity: identityOf(settings) }),
};

const [kind, address, settings] = process.argv.slice(2);
const { end, ...said } = await KINDS[kind](address, JSON.parse(settings));
console.log(JSON.stringify(said));
process.stdin.resume();
await once(process.stdin, 'end');
await end?.();
process.exit(0);
