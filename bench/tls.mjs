// Goal: `sipdiag tls` costs its start and the round trips that TLS forces, and nothing else. See README.md.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createServer } from 'node:tls';
import { startRelay } from './relay.mjs';

const BIN = resolve(import.meta.dirname, '../bin/sipdiag.js');
const RUNS = Number(process.argv[2] ?? 11);
const ROUND_TRIP_MS = 50;
/** The relay takes connections at once: of the two round trips of TCP and TLS 1.3 it delays the second alone. */
const FORCED_MS = ROUND_TRIP_MS;
const HOST = 'sip.example.org';

// What the environment of a shell may add to every start of Node would hide the ratio.
const { NODE_EXTRA_CA_CERTS: _extra, NODE_OPTIONS: _options, ...env } = process.env;

async function time([command, ...args]) {
  const startedAt = performance.now();
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'ignore'], env });
  const [code] = await once(child, 'close');
  return { ms: performance.now() - startedAt, code };
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

function isInstalled(command) {
  try {
    execFileSync('which', [command], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** A root, an intermediate and a P-256 certificate, as public authorities issue them. */
function createCertificates(folder) {
  const openssl = (...args) => execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'ignore', 'ignore'] });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const authority = [
    '-addext',
    'basicConstraints=critical,CA:TRUE',
    '-addext',
    'keyUsage=critical,keyCertSign,cRLSign',
  ];
  openssl('req', '-x509', ...key, '-keyout', 'root.key', '-out', 'root.pem', '-days', '90', '-subj', '/CN=bench root');
  const issue = (name, issuer, rest) => {
    openssl('req', ...key, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`, ...rest);
    const by = ['-CA', `${issuer}.pem`, '-CAkey', `${issuer}.key`, '-copy_extensions', 'copyall'];
    openssl('x509', '-req', '-in', `${name}.csr`, ...by, '-out', `${name}.pem`, '-days', '90');
  };
  issue('middle', 'root', authority);
  const names = `subjectAltName=DNS:${HOST},URI:sip:${HOST}`;
  issue(HOST, 'middle', ['-addext', names, '-addext', 'extendedKeyUsage=serverAuth,clientAuth']);
  const read = (name) => readFileSync(join(folder, name), 'utf8');
  return { cert: read(`${HOST}.pem`) + read('middle.pem'), key: read(`${HOST}.key`), root: join(folder, 'root.pem') };
}

async function startTlsServer({ cert, key }) {
  const server = createServer({ cert, key, minVersion: 'TLSv1.2' }, (socket) => {
    socket.on('error', () => undefined);
    socket.resume();
  });
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { address: '127.0.0.1', port: server.address().port, stop: () => server.close() };
}

const folder = mkdtempSync(join(tmpdir(), 'sipdiag-bench-'));
const certificates = createCertificates(folder);
const server = await startTlsServer(certificates);
const relay = await startRelay(server, ROUND_TRIP_MS);

const sipdiag = ({ port }, ...rest) => {
  const pin = ['--resolve', `${HOST}:${port}:127.0.0.1`];
  return [process.execPath, BIN, 'tls', `${HOST}:${port}`, ...pin, '--ca', certificates.root, ...rest];
};
const sClient = ({ port }) => {
  const verify = ['-servername', HOST, '-verify_hostname', HOST, '-showcerts'];
  return ['openssl', 's_client', '-connect', `127.0.0.1:${port}`, ...verify];
};
const sslscan = ({ port }) => ['sslscan', '--no-colour', `--sni-name=${HOST}`, `127.0.0.1:${port}`];
const testssl = ({ port }) => ['testssl', '-p', '--quiet', '--color', '0', `127.0.0.1:${port}`];

const commands = {
  floor: [process.execPath, '-e', '0'],
  loopback: sipdiag(server),
  delayed: sipdiag(relay),
  versions: sipdiag(server, '--versions'),
  'openssl loopback': sClient(server),
  openssl: sClient(relay),
  ...(isInstalled('sslscan') ? { sslscan: sslscan(relay) } : {}),
};

const taken = Object.fromEntries(Object.keys(commands).map((name) => [name, []]));
const { code } = await time(commands.loopback);
// Each command has a code cache that its first run writes.
await time(commands.versions);
for (let run = 0; run < RUNS; run += 1) {
  // One after the other within each run, so that what else the machine does falls on all alike.
  for (const [name, command] of Object.entries(commands)) taken[name].push((await time(command)).ms);
}
// It takes many seconds: a few runs show enough.
const slow = [];
if (isInstalled('testssl'))
  for (let run = 0; run < Math.min(3, RUNS); run += 1) slow.push((await time(testssl(server))).ms);
relay.stop();
server.stop();
rmSync(folder, { recursive: true, force: true });

const show = (what, value, goal) => console.log(`${what.padEnd(58)} ${value.padStart(10)}   ${goal}`);
const ms = Object.fromEntries(Object.entries(taken).map(([name, values]) => [name, median(values)]));
const forced = ms.floor + FORCED_MS;

console.log(
  `sipdiag tls ${HOST}, Node ${process.versions.node}, medians of ${RUNS} runs, relay of ${ROUND_TRIP_MS} ms\n`,
);
show('exit code', String(code), '0');
show('F: node -e 0', `${ms.floor.toFixed(1)} ms`, '');
for (const name of Object.keys(commands).slice(1)) show(name, `${ms[name].toFixed(1)} ms`, '');
if (slow.length > 0) show('testssl -p', `${median(slow).toFixed(0)} ms`, '');
show('loopback / F', (ms.loopback / ms.floor).toFixed(2), '<= 3');
show('at 50 ms / (F + the one round trip that is delayed)', (ms.delayed / forced).toFixed(3), '<= 1.2');
show('at 50 ms / openssl s_client', (ms.delayed / ms.openssl).toFixed(3), '<= 0.9');
if (ms.sslscan !== undefined) show('at 50 ms / sslscan', (ms.delayed / ms.sslscan).toFixed(3), '<= 0.2');
else show('at 50 ms / sslscan', '-', 'sslscan is not installed');
if (slow.length > 0) show('--versions / testssl -p', `1/${(median(slow) / ms.versions).toFixed(0)}`, '<= 1/40');
else show('--versions / testssl -p', '-', 'testssl.sh is not installed');
