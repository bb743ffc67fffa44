// Goal: `sipdiag signin` costs its start and the round trips that SIP forces; all ways together hardly more than the longest.
import { execFileSync, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startRelay } from './relay.mjs';
import { startRegistrar } from './signin-server.mjs';

const BIN = resolve(import.meta.dirname, '../bin/sipdiag.js');
const RUNS = Number(process.argv[2] ?? 11);
const ROUND_TRIP_MS = 50;
const DOMAIN = 'bench.example';
const HOST = `sip.${DOMAIN}`;

const { NODE_EXTRA_CA_CERTS: _extra, NODE_OPTIONS: _options, ...env } = process.env;
const folder = mkdtempSync(join(tmpdir(), 'sipdiag-bench-'));
const file = (name) => join(folder, name);

function makeIdentity() {
  const names = `subjectAltName=DNS:${DOMAIN},DNS:${HOST}`;
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', file('key.pem')];
  const subject = ['-subj', `/CN=${HOST}`, '-days', '30', '-addext', names];
  execFileSync('openssl', ['req', '-x509', ...key, ...subject, '-out', file('cert.pem')], { stdio: 'ignore' });
  return { cert: readFileSync(file('cert.pem')), key: readFileSync(file('key.pem')) };
}

async function time(command, args) {
  const startedAt = performance.now();
  const child = spawn(command, args, { stdio: 'ignore', env });
  const [code] = await once(child, 'close');
  return { ms: performance.now() - startedAt, code };
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

/** One transport; by address alone, or by name too. */
function signin(transport, { port }, way = 'cell') {
  const server = way === 'cell' ? `127.0.0.1:${port}` : `${HOST}:${port}`;
  const pin = way === 'cell' ? [] : ['--resolve', `${HOST}:${port}:127.0.0.1`];
  const secrets = ['--password-file', file('password'), '--ca', file('cert.pem')];
  return [
    BIN,
    'signin',
    `sip:alice@${DOMAIN}`,
    '--server',
    server,
    ...pin,
    '--transport',
    transport,
    '--json',
    ...secrets,
  ];
}

const SIPP = `<?xml version="1.0"?><scenario name="register">
<send><![CDATA[
REGISTER sip:${DOMAIN} SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:alice@${DOMAIN}>;tag=[call_number]
To: <sip:alice@${DOMAIN}>
Call-ID: [call_id]
CSeq: 1 REGISTER
Contact: <sip:alice@[local_ip]:[local_port];transport=tcp>
Expires: 60
Max-Forwards: 70
Content-Length: 0

]]></send><recv response="401" auth="true"></recv><send><![CDATA[
REGISTER sip:${DOMAIN} SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:alice@${DOMAIN}>;tag=[call_number]
To: <sip:alice@${DOMAIN}>
Call-ID: [call_id]
CSeq: 2 REGISTER
Contact: <sip:alice@[local_ip]:[local_port];transport=tcp>
Expires: 60
Max-Forwards: 70
[authentication username=alice password=x]
Content-Length: 0

]]></send><recv response="200"></recv></scenario>
`;

const sipp = ({ port }) => ['-sf', file('sipp.xml'), '-m', '1', '-t', 't1', '-nostdin', `127.0.0.1:${port}`];

writeFileSync(file('password'), 'x');
writeFileSync(file('sipp.xml'), SIPP);
const registrar = await startRegistrar(makeIdentity());
const relays = {};
for (const transport of ['tcp', 'tls', 'udp'])
  relays[transport] = await startRelay(registrar[transport], ROUND_TRIP_MS);

const taken = { floor: [], tcp: [], tls: [], tcpBoth: [], tlsBoth: [], sipp: [] };
const codes = new Set();
const note = (list, { ms, code }) => {
  list.push(ms);
  codes.add(code);
};
for (let run = 0; run < RUNS; run += 1) {
  taken.floor.push((await time(process.execPath, ['-e', '0'])).ms);
  for (const transport of ['tcp', 'tls']) {
    note(taken[transport], await time(process.execPath, signin(transport, relays[transport])));
    note(taken[`${transport}Both`], await time(process.execPath, signin(transport, relays[transport], 'both')));
  }
  note(taken.sipp, await time('sipp', sipp(relays.tcp)));
}

const silent = createSocket('udp4');
silent.bind(0, '127.0.0.1');
await once(silent, 'listening');
const quiet = await time(process.execPath, signin('udp', silent.address()));
silent.close();
registrar.stop();
for (const relay of Object.values(relays)) relay.stop();
rmSync(folder, { recursive: true, force: true });

const show = (what, value, goal = '') => console.log(`${what.padEnd(58)} ${value.padStart(10)}   ${goal}`);
const floor = median(taken.floor);
const [tcp, tls, tcpBoth, tlsBoth] = [taken.tcp, taken.tls, taken.tcpBoth, taken.tlsBoth].map(median);
console.log(`sipdiag signin, Node ${process.versions.node}, medians of ${RUNS} runs, relay of ${ROUND_TRIP_MS} ms\n`);
show('exit codes', [...codes].join(', '), '0');
show('F: node -e 0', `${floor.toFixed(1)} ms`);
show('one TCP cell (query, password, sign-out: 3 RTT)', `${tcp.toFixed(1)} ms`);
show('one TLS cell (handshake and the same: 4 RTT)', `${tls.toFixed(1)} ms`);
show('sipp, REGISTER with password over TCP (2 RTT)', `${median(taken.sipp).toFixed(1)} ms`);
show('TCP cell / (F + 3 RTT)', (tcp / (floor + 3 * ROUND_TRIP_MS)).toFixed(3), '<= 1.15');
show('TLS cell / (F + 4 RTT)', (tls / (floor + 4 * ROUND_TRIP_MS)).toFixed(3), '<= 1.2');
show('TCP by address and by name / one cell', (tcpBoth / tcp).toFixed(2), '<= 1.6');
show('TLS by address and by name / one cell', (tlsBoth / tls).toFixed(2), '<= 1.6');
show('TCP cell / sipp', (tcp / median(taken.sipp)).toFixed(2), '<= 0.9');
show('a silent UDP server', `${quiet.ms.toFixed(0)} ms`, '<= 3500 ms');
process.exitCode = codes.size === 1 && codes.has(0) ? 0 : 1;
