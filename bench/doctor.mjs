// Goal P5: `sipdiag doctor`, healthy, costs its start and the round trips that the ladder forces, and little of the work by hand.
import { digs } from './by-hand.mjs';
import { createCertificates } from './certificates.mjs';
import { DOMAIN } from './counting-dns.mjs';
import { bare, BIN, compare, createReport, isInstalled } from './measure.mjs';
import { enterStage, FAR, ROUND_TRIP_MS } from './stage.mjs';

const HOST = `pool01.${DOMAIN}`;
/** Names, the addresses behind them, TCP, TLS, and SIP: each needs what the one before has given. */
const FORCED_MS = 5 * ROUND_TRIP_MS;
const PORTS = '7100-7129';

const stage = await enterStage();
const report = createReport('P5', `sipdiag doctor ${DOMAIN}`);
const certificates = createCertificates(HOST, DOMAIN);
const dns = await stage.far('dns', { port: 53, zone: 'one-server' });
const sip = await stage.far('sip', { sip: 5060, sips: 5061, cert: certificates.cert, key: certificates.key });

const sipsak = (port, transport) => ['sipsak', '-s', `sip:${DOMAIN}@${FAR}:${port}`, '-E', transport];
const byHand = [
  ...digs(DOMAIN, dns),
  ['openssl', 's_client', '-connect', `${FAR}:5061`, '-servername', HOST, '-showcerts'],
  sipsak(5060, 'udp'),
  sipsak(5060, 'tcp'),
  ['nmap', '-n', '-Pn', '-sT', '-p', PORTS, FAR],
];
const doctor = ['doctor', DOMAIN, '--resolver', `${FAR}:53`, '--ca', certificates.root, '--json'];
const tools = ['dig', 'openssl', 'sipsak', 'nmap'].filter((one) => !isInstalled(one));
const { ms, codes } = await compare({
  floor: [process.execPath, '-e', '0'],
  doctor: [process.execPath, BIN, ...doctor],
  bare: bare('ladder', { address: FAR, port: 53 }, DOMAIN),
  ...(tools.length > 0 ? {} : { byHand }),
});
dns.stop();
sip.stop();
certificates.remove();

report.expect('exit code', codes.doctor, 0);
report.expect('exit code of bare', codes.bare, 0);
report.fact('F: node -e 0', ms.floor);
report.fact(`doctor at ${ROUND_TRIP_MS} ms`, ms.doctor);
report.goal(`at ${ROUND_TRIP_MS} ms / (F + 5 RTT)`, ms.doctor / (ms.floor + FORCED_MS), 1.3);
report.fact(`a bare script, at ${ROUND_TRIP_MS} ms / (F + 5 RTT)`, ms.bare / (ms.floor + FORCED_MS), 'x');
if (ms.byHand === undefined) report.leftOut('/ the same by hand', `not installed: ${tools.join(', ')}`);
else {
  report.fact('by hand: 22 dig, openssl s_client, 2 sipsak, nmap', ms.byHand);
  report.goal('/ the same by hand', ms.doctor / ms.byHand, 0.25);
}
report.end();
