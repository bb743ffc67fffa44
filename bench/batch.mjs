// Goal P6: `sipdiag batch` over many targets against programs that do one of its steps alone, and its memory as the list grows.
// node bench/batch.mjs [3] [dns] [tls] [signin] [doctor] [--json] [--quick | --full]: --quick a twentieth of everything, --full the memory of
// all commands to 100,000.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { startBulkDns, startBulkTls, ZONE } from './bulk-servers.mjs';
import { createCertificates } from './certificates.mjs';
import { BIN, compare, createReport, isInstalled, RUNS } from './measure.mjs';
import { enterStage } from './stage.mjs';

const HOST = 'sip.example.org';
const TLS_PORT = 5061;
const SHARE = process.argv.includes('--quick') ? 0.05 : 1;
const MOST = process.argv.includes('--full') ? 100_000 : 5_000;
/** Enough for all threads to run. */
const FEW = SHARE < 1 ? 200 : 1_000;
const QUESTIONS = 100_000 * SHARE;
const TLS_TARGETS = 2_000 * SHARE;
const RATE_SECONDS = 3;

const stage = await enterStage();
const report = createReport('P6', 'sipdiag batch');
const certificates = createCertificates(HOST, ZONE);

const list = (name, count, line) => {
  const file = certificates.file(name);
  writeFileSync(file, Array.from({ length: count }, (_, at) => `${line(at)}\n`).join(''));
  return file;
};
const batch = (command, file, ...rest) => [process.execPath, BIN, 'batch', command, file, '-q', ...rest];
const missing = (...tools) => tools.filter((one) => !isInstalled(one));

/** Peak resident memory of a command in MiB, as the kernel counted it. */
async function peakMiB(command) {
  const script =
    'import resource,subprocess,sys;subprocess.run(sys.argv[1:],stdout=subprocess.DEVNULL);' +
    'print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)';
  const child = spawn('python3', ['-c', script, ...command], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (bytes) => (said += bytes));
  await once(child, 'close');
  return Number(said) / 1024;
}

async function memory(name, { command, limit, most = MOST }) {
  const [few, many] = [FEW, most * SHARE];
  const [less, more] = [await peakMiB(command(few)), await peakMiB(command(many))];
  report.fact(`${name}: peak memory at ${few} targets`, less, 'MiB');
  report.fact(`${name}: peak memory at ${many} targets`, more, 'MiB');
  report.goal(`${name}: memory at ${many} targets - at ${few}, MiB / ${limit}`, (more - less) / limit, 1);
}

/** The questions that `sipdiag dns` asks about one domain, as they stand in its report. */
function questionsOf(domain) {
  const command = [BIN, 'dns', domain, '--resolver', '127.0.0.1', '--json'];
  const { observations } = JSON.parse(execFileSync(process.execPath, command, { encoding: 'utf8' }));
  return observations.filter(({ kind }) => kind === 'dns').map(({ about }) => `${about.name} ${about.type}`);
}

async function dns() {
  const lacking = missing('named', 'dig');
  if (lacking.length > 0) return report.leftOut('batch dns', `not installed: ${lacking.join(', ')}`);
  const resolver = ['--resolver', '127.0.0.1'];
  const stop = await startBulkDns('127.0.0.1', QUESTIONS);
  const asked = questionsOf(`t0.${ZONE}`);
  const domains = Math.round(QUESTIONS / asked.length);
  const targets = list('domains', domains, (at) => `t${at}.${ZONE}`);
  const questions = list('questions', domains, (at) => asked.join('\n').replaceAll(`t0.${ZONE}`, `t${at}.${ZONE}`));
  const singles = (count) => list(`singles-${count}`, count, (at) => `_sip._tcp.t${at}.${ZONE}`);
  const single = singles(QUESTIONS);
  const what = `batch dns, whole domains (${domains * asked.length} questions)`;
  const known = isInstalled('dnsperf');
  const { ms } = await compare(
    {
      domains: batch('dns', targets, ...resolver),
      ...(known ? { dnsperf: ['dnsperf', '-s', '127.0.0.1', '-d', questions, '-n', '1'] } : {}),
    },
    1,
  );
  report.fact(what, ms.domains);
  if (known) {
    report.fact('dnsperf, the same questions', ms.dnsperf);
    report.goal(`${what} / dnsperf`, ms.domains / ms.dnsperf, 1.5);
  } else report.leftOut(`${what} / dnsperf`, 'dnsperf is not installed');
  await memory('batch dns, one question each', {
    command: (count) => batch('dns', count === QUESTIONS ? single : singles(count), ...resolver),
    limit: 32,
    most: 100_000,
  });
  await stop();
}

/** Handshakes in a second, by the clock: what it says it has done, over the time that it was to take. */
function sTimeRate() {
  const args = ['s_time', '-connect', `127.0.0.1:${TLS_PORT}`, '-new', '-time', String(RATE_SECONDS)];
  const said = execFileSync('openssl', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const [, count, seconds] = /(\d+) connections in (\d+) real seconds/.exec(said) ?? [];
  return Number(count) / Number(seconds);
}

async function tls() {
  const stop = await startBulkTls(TLS_PORT, certificates);
  if (stop === undefined) return report.leftOut('batch tls', 'nginx is not installed');
  const address = (at) => `127.0.${at >> 8}.${at & 255}`;
  const targets = list('tls', TLS_TARGETS, (at) => `${address(at + 1)}:${TLS_PORT}`);
  const addresses = list('addresses', TLS_TARGETS, (at) => address(at + 1));
  const settings = ['--ca', certificates.root, '--sni', HOST, '--verify-name', HOST];
  const known = isInstalled('nmap');
  const scan = ['nmap', '-n', '-Pn', '-sT', '-T5', '-p', String(TLS_PORT), '--script', 'ssl-cert', '-iL', addresses];
  const { ms } = await compare(
    { batch: batch('tls', targets, ...settings), ...(known ? { nmap: scan } : {}) },
    Math.min(RUNS, 3),
  );
  const rate = (TLS_TARGETS * 1000) / ms.batch;
  const peer = sTimeRate();
  report.fact(`batch tls, ${TLS_TARGETS} targets`, ms.batch);
  report.fact('batch tls', rate, 'targets/s');
  report.fact('openssl s_time -new', peer, 'handshakes/s');
  report.goalAtLeast('batch tls / openssl s_time -new, by rate', rate / peer, 0.8);
  if (known) report.fact(`nmap ssl-cert, ${TLS_TARGETS} targets`, ms.nmap);
  if (known) report.goal(`batch tls, ${TLS_TARGETS} targets / nmap ssl-cert`, ms.batch / ms.nmap, 1 / 3);
  else report.leftOut('batch tls / nmap ssl-cert', 'nmap is not installed');
  const many = (count) =>
    list(`tls-${count}`, count, (at) => `127.${at >> 16}.${(at >> 8) & 255}.${at & 255}:${TLS_PORT}`);
  await memory('batch tls', { command: (count) => batch('tls', many(count), ...settings), limit: 64 });
  await stop();
}

async function accounts(...ways) {
  const sip = await stage.near('sip', { cert: certificates.cert, key: certificates.key });
  const password = certificates.file('password');
  writeFileSync(password, 'x');
  const users = (count) => list(`accounts-${count}`, count, (at) => `sip:u${at}@${ZONE}`);
  const everybody = ['--per-server', '64', '--password-file', password];
  for (const [command, transport] of ways) {
    const { address, port } = sip[transport];
    const settings = ['--server', `${address}:${port}`, '--transport', transport, '--ca', certificates.root];
    await memory(`batch ${command} over ${transport}`, {
      command: (count) => batch(command, users(count), ...settings, ...everybody),
      limit: 64,
    });
  }
  sip.stop();
}

try {
  const signin = () => accounts(['signin', 'udp'], ['signin', 'tcp']);
  const doctor = () => accounts(['doctor', 'tls']);
  const parts = { dns, tls, signin, doctor };
  const named = Object.keys(parts).filter((name) => process.argv.includes(name));
  for (const name of named.length > 0 ? named : Object.keys(parts)) await parts[name]();
} finally {
  certificates.remove();
}
report.end();
