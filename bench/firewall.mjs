// Goal P7: ports that a firewall filters cost `sipdiag firewall` one time-out, however many they are.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createCertificates } from './certificates.mjs';
import { BIN, compare, createReport } from './measure.mjs';
import { enterStage } from './stage.mjs';

const AGENT = '127.0.0.1:7199';
const TIMEOUT_MS = 1000;
const SLACK_MS = 100;
/** Of TCP as of UDP: as many as an agent tries for one ask. */
const PORTS = 8;
const FILTERED = { tcp: '7110-7117', udp: '5360-5367' };
const RULES = `add table inet bench
add chain inet bench in { type filter hook input priority 0 ; }
${Object.entries(FILTERED)
  .map(([transport, ports]) => `add rule inet bench in ${transport} dport ${ports} drop`)
  .join('\n')}
`;

const stage = await enterStage();
const report = createReport('P7', 'sipdiag firewall');
const certificates = createCertificates('sip.example.org');
const token = certificates.file('token');
writeFileSync(token, 'the token of the benchmark', { mode: 0o600 });
const sip = await stage.near('sip', { cert: certificates.cert, key: certificates.key });

async function startAgent() {
  const args = ['agent', '--listen', AGENT, '--token-file', token, '--mirror-ports', 'none'];
  const child = spawn(process.execPath, [BIN, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(child, 'close');
  const spoken = await Promise.race([once(child.stderr, 'data'), ended.then(() => undefined)]);
  if (spoken === undefined) throw new Error('the agent has not come up');
  return async () => {
    child.kill();
    await ended;
  };
}

const firewall = (tcp, udp) => {
  const asked = ['--via', 'agent', '--agent', AGENT, '--token-file', token, '--transport', 'tcp'];
  const ports = ['--ports', tcp, '--media-ports', udp, '--timeout', String(TIMEOUT_MS)];
  return [process.execPath, BIN, 'firewall', `${sip.tcp.address}:${sip.tcp.port}`, '--json', ...asked, ...ports];
};

const stopAgent = await startAgent();
try {
  execFileSync('nft', ['-f', '-'], { input: RULES });
  const { ms, codes } = await compare({
    floor: [process.execPath, '-e', '0'],
    open: firewall('7100-7107', '5350-5357'),
    filtered: firewall(FILTERED.tcp, FILTERED.udp),
    one: firewall('7110', '5360'),
  });
  report.expect('exit code, all ports open', codes.open, 0);
  report.expect('exit code, all ports filtered', codes.filtered, 1);
  report.fact('F: node -e 0', ms.floor);
  report.fact(`${2 * PORTS} open ports`, ms.open);
  report.fact(`${2 * PORTS} filtered ports, a time-out of ${TIMEOUT_MS} ms`, ms.filtered);
  report.goal(
    `${2 * PORTS} filtered ports / (time-out + F + ${SLACK_MS} ms)`,
    ms.filtered / (TIMEOUT_MS + ms.floor + SLACK_MS),
    1,
  );
  report.goal(`${2 * PORTS} filtered ports / 2 of them`, ms.filtered / ms.one, 1.05);
  report.leftOut(
    '1000 closed ports / nmap -sT',
    'a witness tries sixteen ports at most, so there is no scan to compare',
  );
} finally {
  await stopAgent();
  sip.stop();
  certificates.remove();
}
report.end();
