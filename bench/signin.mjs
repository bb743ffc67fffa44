// Goal P4: `sipdiag signin` costs its start and the round trips that SIP forces; all ways together hardly more than the longest.
import { writeFileSync } from 'node:fs';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createCertificates } from './certificates.mjs';
import { DOMAIN } from './counting-dns.mjs';
import { bare, BIN, compare, createReport, time } from './measure.mjs';
import { enterStage, FAR, ROUND_TRIP_MS } from './stage.mjs';

const HOST = `sip.${DOMAIN}`;
const SILENT_LIMIT_MS = 3500;
/** TCP, the challenge, the sign-in, the sign-out; TLS adds one. */
const TCP_MS = 4 * ROUND_TRIP_MS;
const TLS_MS = 5 * ROUND_TRIP_MS;

const stage = await enterStage();
const report = createReport('P4', 'sipdiag signin');
const certificates = createCertificates(HOST, DOMAIN);
const password = certificates.file('password');
writeFileSync(password, 'x');

const signin = (...where) => {
  const secrets = ['--password-file', password, '--ca', certificates.root];
  return [process.execPath, BIN, 'signin', `sip:alice@${DOMAIN}`, ...where, '--json', ...secrets];
};
/** One transport by address. */
const cell = (transport, { address, port }) => signin('--server', `${address}:${port}`, '--transport', transport);
/** By address and by name, of one transport or of all. */
const ways = (...transport) =>
  signin('--server', HOST, ...[5060, 5061].flatMap((port) => ['--resolve', `${HOST}:${port}:${FAR}`]), ...transport);

const register = (number, more, expires) => `<send><![CDATA[
REGISTER sip:${DOMAIN} SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:alice@${DOMAIN}>;tag=[call_number]
To: <sip:alice@${DOMAIN}>
Call-ID: [call_id]
CSeq: ${number} REGISTER
Contact: <sip:alice@[local_ip]:[local_port];transport=tcp>
Expires: ${expires}
Max-Forwards: 70
${more}Content-Length: 0

]]></send>`;
const AUTHORIZED = '[authentication username=alice password=x]\n';
/** The three exchanges of a cell: asked without the password, signed in, signed out. */
const SCENARIO = `<?xml version="1.0"?><scenario name="register">
${register(1, '', 60)}<recv response="401" auth="true"></recv>
${register(2, AUTHORIZED, 60)}<recv response="200"></recv>
${register(3, AUTHORIZED, 0)}<recv response="200"></recv></scenario>
`;
const scenario = certificates.file('sipp.xml');
writeFileSync(scenario, SCENARIO);

const far = await stage.far('sip', { sip: 5060, sips: 5061, cert: certificates.cert, key: certificates.key });
const { ms, codes } = await compare({
  floor: [process.execPath, '-e', '0'],
  tcp: cell('tcp', far.tcp),
  tls: cell('tls', far.tls),
  udp: cell('udp', far.udp),
  bothTcp: ways('--transport', 'tcp'),
  bothTls: ways('--transport', 'tls'),
  matrix: ways(),
  sipp: ['sipp', '-sf', scenario, '-m', '1', '-t', 't1', '-nostdin', `${far.tcp.address}:${far.tcp.port}`],
  bareTcp: bare('register', far.tcp, DOMAIN),
  bareTls: bare('register-tls', far.tls, DOMAIN),
});
far.stop();

const silent = createSocket('udp4');
silent.bind(0, '127.0.0.1');
await once(silent, 'listening');
const quiet = await time(cell('udp', silent.address()));
silent.close();
certificates.remove();

for (const [name, code] of Object.entries(codes)) report.expect(`exit code of ${name}`, code, 0);
report.fact('F: node -e 0', ms.floor);
report.fact('one UDP cell', ms.udp);
report.fact('one TCP cell (4 RTT)', ms.tcp);
report.fact('one TLS cell (5 RTT)', ms.tls);
report.fact('all transports, by address and by name', ms.matrix);
report.fact('sipp, the exchanges of the TCP cell', ms.sipp);
report.fact('a bare script, the round trips of the TCP cell / (F + 4 RTT)', ms.bareTcp / (ms.floor + TCP_MS), 'x');
report.fact('a bare script, the round trips of the TLS cell / (F + 5 RTT)', ms.bareTls / (ms.floor + TLS_MS), 'x');
report.goal('TCP cell / (F + 4 RTT)', ms.tcp / (ms.floor + TCP_MS), 1.15);
report.goal('TLS cell / (F + 5 RTT)', ms.tls / (ms.floor + TLS_MS), 1.2);
report.goal('TCP by address and by name / one cell', ms.bothTcp / ms.tcp, 1.6);
report.goal('TLS by address and by name / one cell', ms.bothTls / ms.tls, 1.6);
report.goal('the whole matrix / its longest cell', ms.matrix / Math.max(ms.tcp, ms.tls, ms.udp), 1.6);
report.goal('TCP cell / sipp', ms.tcp / ms.sipp, 0.9);
report.goal('a silent UDP server / 3.5 s', quiet.ms / SILENT_LIMIT_MS, 1);
report.end();
