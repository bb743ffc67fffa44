// Limits: the built command against servers that mean it ill. How long its longest step takes, how much memory it needs at most.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { startHostileServers } from './hostile-servers.mjs';
import { BIN, createReport, isInstalled } from './measure.mjs';

const STEP_MS = 1_000;
/** What a step may take beyond its limit. */
const GRACE_MS = 500;
const MEMORY_MIB = 200;
const STDOUT_BYTES = 64 * 1024 * 1024;

// The kernel counts the peak of a child that was waited for.
const MEASURING =
  'import resource,subprocess,sys;code=subprocess.run(sys.argv[1:]).returncode;' +
  'print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss,file=sys.stderr);sys.exit(code)';

/** Exit code, peak of resident memory in MiB, and the milliseconds of the longest step as the report tells them. */
async function look([command, ...args]) {
  const line = [BIN, command, ...args, '--json', '--timeout', String(STEP_MS)];
  const child = spawn('python3', ['-c', MEASURING, process.execPath, ...line], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [said, complaints] = [[], []];
  child.stdout.on('data', (bytes) => said.push(bytes));
  child.stderr.on('data', (bytes) => complaints.push(bytes));
  const [code] = await once(child, 'close');
  const text = Buffer.concat(said).toString('utf8');
  if (text.length > STDOUT_BYTES) throw new Error(`sipdiag ${command} wrote ${text.length} characters`);
  const { observations, verdict } = JSON.parse(text);
  return {
    code,
    findingId: verdict.findingId,
    peakMiB: Number(Buffer.concat(complaints).toString('latin1').trim().split('\n').at(-1)) / 1024,
    longestMs: Math.max(...observations.map(({ outcome }) => outcome.ms)),
  };
}

const report = createReport('limits', 'sipdiag against hostile servers', 'one run each');
if (!isInstalled('python3')) report.leftOut('hostile servers', 'python3 is not installed');
else {
  execFileSync(process.execPath, [BIN, '--version']);
  const servers = await startHostileServers();
  const seen = [];
  for (const { name, args } of servers.list) seen.push({ name, ...(await look(args)) });
  servers.stop();
  for (const { name, code, findingId, longestMs, peakMiB } of seen) {
    report.fact(`${name}: exit code ${code}, ${findingId}; longest step`, longestMs);
    report.fact(`${name}: peak memory`, peakMiB, 'MiB');
  }
  const named = seen.filter(({ code, findingId }) => (code === 1 || code === 3) && findingId !== null);
  report.expect('servers that a finding names, with exit code 1 or 3', named.length, seen.length);
  const most = (of) => Math.max(...seen.map(of));
  report.goal(
    'longest step of all / (its limit + 0.5 s)',
    most(({ longestMs }) => longestMs) / (STEP_MS + GRACE_MS),
    1,
  );
  report.goal(`highest peak memory of all / ${MEMORY_MIB} MiB`, most(({ peakMiB }) => peakMiB) / MEMORY_MIB, 1);
}
report.end();
