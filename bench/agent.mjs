// `sipdiag agent` under attack on loopback: whom it connects to, its memory, how long an honest asker waits, what its log tells;
// and how many asks it refuses in a second of one core, beside a bare server of Node that says as many lines.
import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { BIN, createReport } from './measure.mjs';

const [ATTACKS, SECONDS] = numbersGiven(10_000, 3);
/** The numbers of the command line, for those that are missing the usual ones. */
function numbersGiven(...usual) {
  const given = process.argv.slice(2).filter((word) => /^\d+$/.test(word));
  return usual.map((number, at) => Number(given[at] ?? number));
}

const TOKEN = 'the token of the benchmark';
const TICKS_PER_SECOND = 100;
/** Below what one source may ask: thirty a minute. */
const HONEST_EVERY_MS = 2100;
const SIDE_BY_SIDE = 300;
const RATE_SIDE_BY_SIDE = 96;

const folder = mkdtempSync(join(tmpdir(), 'sipdiag-agent-'));
const children = new Set();
const nonce = '00112233445566778899aabbccddeeff';

const report = createReport(
  'P7',
  'sipdiag agent under attack',
  `${ATTACKS} attacks, the best of 3 rounds of ${SECONDS} s`,
);

/** Starts a program and waits for its first word on standard error, which holds the port. */
async function start(args) {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  children.add(child);
  const started = { pid: child.pid, port: 0, out: '', stop: () => child.kill() };
  child.stdout.setEncoding('utf8').on('data', (text) => (started.out += text));
  const [line] = await once(child.stderr.setEncoding('utf8'), 'data');
  started.port = Number(/127\.0\.0\.1:(\d+)/.exec(line)?.[1]);
  return started;
}

/** Milliseconds of one core that a process has used. */
function cpuMs(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_SECOND;
}

const peakMiB = (pid) => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;

function proofOf(challenge, port) {
  const text = ['sipdiag agent', 1, challenge, 500, 'left-out', `tcp/${port}/${nonce}`].join('\n');
  return createHmac('sha256', TOKEN).update(text).digest('hex');
}

const askLine = (port, more = {}) => {
  const ports = [{ transport: 'tcp', port, nonce }];
  return `${JSON.stringify({ type: 'ask', version: 1, waitMs: 500, ports, mirror: 'left-out', ...more })}\n`;
};

/** One connection: `speak` gets the socket and the challenge. Resolves with all that was said, when it has ended or after `limitMs`. */
async function visit(port, from, { speak, limitMs = 8000 }) {
  const socket = connect({ host: '127.0.0.1', port, localAddress: from });
  let said = '';
  let spoken = false;
  socket.setTimeout(limitMs, () => socket.destroy());
  socket
    .on('error', () => undefined)
    .on('data', (bytes) => {
      said += bytes;
      const challenge = /"challenge":"(\w+)"/.exec(said)?.[1];
      if (challenge === undefined || spoken) return;
      spoken = true;
      speak(socket, challenge);
    });
  await once(socket, 'close').catch(() => undefined);
  return said;
}

/** Ways to attack; each shall come to nothing. */
const attacksOn = (sink) => ({
  garbage: (socket) => socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'),
  'half-open': () => undefined,
  slow: (socket) => {
    const drip = setInterval(() => socket.write(' '), 100);
    socket.once('close', () => clearInterval(drip));
  },
  oversized: (socket) => socket.write('x'.repeat(64 * 1024)),
  replayed: (socket) => socket.write(askLine(sink, { proof: proofOf('f'.repeat(32), sink) })),
  'wrong token': (socket) => socket.write(askLine(sink, { proof: 'a'.repeat(64) })),
  'other address': (socket, challenge) =>
    socket.write(askLine(sink, { proof: proofOf(challenge, sink), address: '127.0.0.77' })),
  leaving: (socket) => socket.destroy(),
});

async function inLanes(count, lanes, work) {
  let next = 0;
  const lane = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

/** An asker who knows the token, again and again until the attack is over; gives the times that it waited. */
async function askHonestly(port, sink, signal) {
  const waits = [];
  while (!signal.aborted) {
    const from = performance.now();
    const said = await visit(port, '127.0.0.1', {
      speak: (socket, challenge) => socket.write(askLine(sink, { proof: proofOf(challenge, sink) })),
    });
    waits.push({ ms: performance.now() - from, served: said.includes('open-and-echoed') });
    await pause(HONEST_EVERY_MS);
  }
  return waits;
}

/** Takes connections on every loopback address, and remembers at which of them they came in. */
async function openSink() {
  const reached = new Map();
  const server = createServer((socket) => {
    const at = socket.localAddress ?? '';
    reached.set(at, (reached.get(at) ?? 0) + 1);
    socket.on('error', () => undefined).pipe(socket);
  });
  server.listen(0, '0.0.0.0');
  await once(server, 'listening');
  return { port: server.address().port, reached, server };
}

function logOf(out) {
  const counts = {};
  const add = (name, count) => (counts[name] = (counts[name] ?? 0) + count);
  for (const line of out.split('\n').filter((one) => one !== '')) {
    const entry = JSON.parse(line);
    if (entry.event === 'refused-more') for (const [name, count] of Object.entries(entry.counts)) add(name, count);
    else add(entry.reason ?? entry.event, 1);
  }
  return counts;
}

async function underAttack(agentArgs) {
  const agent = await start(agentArgs);
  const sink = await openSink();
  const idleMiB = peakMiB(agent.pid);
  const over = new AbortController();
  const honest = askHonestly(agent.port, sink.port, over.signal);
  const attacks = Object.values(attacksOn(sink.port));
  await inLanes(ATTACKS, SIDE_BY_SIDE, (at) => {
    const from = `127.${1 + (at % 3)}.${(at >> 4) % 250}.${2 + (at % 200)}`;
    return visit(agent.port, from, { speak: attacks[at % attacks.length] });
  });
  over.abort();
  const waits = await honest;
  await pause(1200);
  const elsewhere = [...sink.reached.keys()].filter((address) => address !== '127.0.0.1');
  const longest = Math.max(...waits.map(({ ms }) => ms));
  const served = waits.filter((one) => one.served).length;
  const what = `${ATTACKS} hostile connections`;
  report.expect(`${what}: connections to anybody but the honest asker`, elsewhere.length, 0);
  report.expect(`${what}: asks of the honest asker that were not served`, waits.length - served, 0);
  report.fact(`${what}: asks of the honest asker`, waits.length, '');
  report.fact(`${what}: peak memory, idle`, idleMiB, 'MiB');
  report.goal(`${what}: peak memory, MiB / 150`, peakMiB(agent.pid) / 150, 1);
  report.goal(`${what}: longest wait of the honest asker / 1 s`, longest / 1000, 1);
  report.fact(`${what}: lines in the log (${JSON.stringify(logOf(agent.out))})`, agent.out.split('\n').length - 1, '');
  agent.stop();
  sink.server.close();
}

/** Connections that are answered in a second of the server's own core time. */
async function rateOf(server) {
  let count = 0;
  const before = cpuMs(server.pid);
  const until = performance.now() + SECONDS * 1000;
  const line = askLine(7100, { proof: 'a'.repeat(64) });
  const lane = async (at) => {
    while (performance.now() < until) {
      const said = await visit(server.port, `127.5.0.${2 + (at % 16)}`, { speak: (socket) => socket.write(line) });
      if (said.includes('"error"')) count += 1;
    }
  };
  const from = performance.now();
  await Promise.all(Array.from({ length: RATE_SIDE_BY_SIDE }, (_, at) => lane(at)));
  const wall = (performance.now() - from) / 1000;
  return { perCore: (count * 1000) / (cpuMs(server.pid) - before), perSecond: count / wall };
}

const BARE = `const s = require('node:net').createServer({ noDelay: true }, (c) => {
  c.on('error', () => c.destroy());
  c.on('data', () => c.end('{"type":"error"}\\n'));
  c.write('{"challenge":"00"}\\n');
});
s.listen({ host: '127.0.0.1', port: 0, backlog: 511 }, () => process.stderr.write('127.0.0.1:' + s.address().port));`;

async function howFast(agentArgs) {
  const [agent, bare] = [await start(agentArgs), await start(['-e', BARE])];
  const rounds = [];
  for (let round = 0; round < 3; round += 1) rounds.push([await rateOf(agent), await rateOf(bare)]);
  const best = (place) => Math.max(...rounds.map((round) => round[place].perCore));
  const wall = Math.max(...rounds.map(([first]) => first.perSecond));
  report.fact('asks refused in a second by the clock, with the asker on the other core', wall, '');
  report.fact('a bare server of Node that says as many lines, in a second of one core', best(1), '');
  report.goalAtLeast('asks refused in a second of one core / 10,000', best(0) / 10_000, 1);
  agent.stop();
  bare.stop();
}

try {
  const token = join(folder, 'token');
  writeFileSync(token, TOKEN);
  const probe = createServer();
  probe.listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  const args = [BIN, 'agent', '--listen', `127.0.0.1:${port}`, '--token-file', token, '--mirror-ports', 'none'];
  await underAttack(args);
  await pause(300);
  await howFast(args);
} finally {
  report.end();
  for (const child of children) child.kill();
  rmSync(folder, { recursive: true, force: true });
}
