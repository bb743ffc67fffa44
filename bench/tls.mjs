// Goal P3: `sipdiag tls` costs its start and the round trips that TCP and TLS force, and nothing else. See README.md.
import { createCertificates } from './certificates.mjs';
import { bare, BIN, compare, createReport, isInstalled } from './measure.mjs';
import { enterStage, ROUND_TRIP_MS } from './stage.mjs';

const HOST = 'sip.example.org';
/** TCP takes one round trip, TLS 1.3 another. */
const FORCED_MS = 2 * ROUND_TRIP_MS;

const stage = await enterStage();
const report = createReport('P3', `sipdiag tls ${HOST}`);
const certificates = createCertificates(HOST);
const files = { cert: certificates.cert, key: certificates.key };
const [near, far] = [await stage.near('tls', files), await stage.far('tls', files)];

const tls = ({ address, port }, ...rest) => {
  const pin = ['--resolve', `${HOST}:${port}:${address}`];
  return [process.execPath, BIN, 'tls', `${HOST}:${port}`, ...pin, '--ca', certificates.root, '--json', ...rest];
};
const sClient = ({ address, port }) => {
  const verify = ['-servername', HOST, '-verify_hostname', HOST, '-showcerts'];
  return ['openssl', 's_client', '-connect', `${address}:${port}`, ...verify];
};
const { ms, codes } = await compare({
  floor: [process.execPath, '-e', '0'],
  loopback: tls(near),
  delayed: tls(far),
  versions: tls(near, '--versions'),
  openssl: sClient(far),
  bareNear: bare('tls', near, HOST),
  bareFar: bare('tls', far, HOST),
  ...(isInstalled('sslscan')
    ? { sslscan: ['sslscan', '--no-colour', `--sni-name=${HOST}`, `${far.address}:${far.port}`] }
    : {}),
});
// It takes many seconds: a few runs show enough.
const testssl = ['testssl', '-p', '--quiet', '--color', '0', `${near.address}:${near.port}`];
const slow = isInstalled('testssl') ? (await compare({ testssl }, 1)).ms.testssl : undefined;
near.stop();
far.stop();
certificates.remove();

report.expect('exit code', codes.delayed, 0);
report.fact('F: node -e 0', ms.floor);
report.fact('on loopback', ms.loopback);
report.fact(`at ${ROUND_TRIP_MS} ms`, ms.delayed);
report.fact('--versions on loopback', ms.versions);
report.fact(`openssl s_client at ${ROUND_TRIP_MS} ms`, ms.openssl);
report.fact('a bare script, on loopback / F', ms.bareNear / ms.floor, 'x');
report.fact(`a bare script, at ${ROUND_TRIP_MS} ms / (F + 2 RTT)`, ms.bareFar / (ms.floor + FORCED_MS), 'x');
report.goal('on loopback / F', ms.loopback / ms.floor, 3);
report.goal(`at ${ROUND_TRIP_MS} ms / (F + 2 RTT)`, ms.delayed / (ms.floor + FORCED_MS), 1.2);
report.goal(`at ${ROUND_TRIP_MS} ms / openssl s_client`, ms.delayed / ms.openssl, 0.9);
if (ms.sslscan === undefined) report.leftOut(`at ${ROUND_TRIP_MS} ms / sslscan`, 'sslscan is not installed');
else report.goal(`at ${ROUND_TRIP_MS} ms / sslscan`, ms.delayed / ms.sslscan, 0.2);
if (slow === undefined) report.leftOut('--versions / testssl -p', 'testssl.sh is not installed');
else report.goal('--versions / testssl -p', ms.versions / slow, 1 / 40);
report.end();
