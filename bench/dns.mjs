// Goal: `sipdiag dns` costs its start and the round trips that DNS forces, and nothing else. See README.md.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { DOMAIN, startCountingDns } from './counting-dns.mjs';
import { startRelay } from './relay.mjs';

const BIN = resolve(import.meta.dirname, '../bin/sipdiag.js');
const RUNS = Number(process.argv[2] ?? 11);
const ROUND_TRIP_MS = 50;

// What the environment of a shell may add to every start of Node would hide the ratio.
const { NODE_EXTRA_CA_CERTS: _extra, NODE_OPTIONS: _options, ...env } = process.env;

async function time(command, args) {
  const startedAt = performance.now();
  const child = spawn(command, args, { stdio: 'ignore', env });
  const [code] = await once(child, 'close');
  return { ms: performance.now() - startedAt, code };
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

const sipdiagDns = ({ address, port }) => [BIN, 'dns', DOMAIN, '--json', '--resolver', `${address}:${port}`];

const TYPES = ['A', 'AAAA'];
const HOSTS = ['', 'sip.', 'sipinternal.', 'sipexternal.', 'lyncdiscover.', 'lyncdiscoverinternal.', 'pool01.'];
const SERVICES = [
  '_sips._tcp.',
  '_sip._tcp.',
  '_sip._udp.',
  '_sip._tls.',
  '_sipinternaltls._tcp.',
  '_sipinternal._tcp.',
  '_sipfederationtls._tcp.',
];
/** 22 questions, as an administrator would type them one by one. */
const BY_HAND = [
  [DOMAIN, 'NAPTR'],
  ...SERVICES.map((name) => [`${name}${DOMAIN}`, 'SRV']),
  ...HOSTS.flatMap((name) => TYPES.map((type) => [`${name}${DOMAIN}`, type])),
];

async function digEach({ address, port }) {
  let ms = 0;
  for (const [name, type] of BY_HAND)
    ms += (await time('dig', [`@${address}`, '-p', `${port}`, '+tries=1', name, type])).ms;
  return ms;
}

async function countRounds() {
  const server = await startCountingDns('in-rounds');
  const { code } = await time(process.execPath, sipdiagDns(server));
  server.stop();
  return { rounds: server.rounds, code };
}

async function measure(work) {
  const values = [];
  for (let run = 0; run < RUNS; run += 1) values.push(await work());
  return values;
}

/** One after the other within each run, so that what else the machine does falls on all alike. */
async function compare(server, relay) {
  const taken = { floor: [], loopback: [], delayed: [] };
  await measure(async () => {
    taken.floor.push((await time(process.execPath, ['-e', '0'])).ms);
    taken.loopback.push((await time(process.execPath, sipdiagDns(server))).ms);
    taken.delayed.push((await time(process.execPath, sipdiagDns(relay))).ms);
  });
  return { floor: median(taken.floor), loopback: median(taken.loopback), delayed: median(taken.delayed) };
}

const show = (what, value, goal) => console.log(`${what.padEnd(58)} ${value.padStart(10)}   ${goal}`);

const { rounds, code } = await countRounds();
const server = await startCountingDns('at-once');
const relay = await startRelay(server, ROUND_TRIP_MS);
const { floor, loopback, delayed } = await compare(server, relay);
const dig = median(await measure(() => digEach(relay)));
relay.stop();
server.stop();

console.log(
  `sipdiag dns ${DOMAIN}, Node ${process.versions.node}, medians of ${RUNS} runs, relay of ${ROUND_TRIP_MS} ms\n`,
);
show('exit code', String(code), '0 or 1');
show('questions in each serial round', rounds.join(' + '), 'two rounds');
show('F: node -e 0', `${floor.toFixed(1)} ms`, '');
show('loopback', `${loopback.toFixed(1)} ms`, '');
show('at 50 ms', `${delayed.toFixed(1)} ms`, '');
show(`${BY_HAND.length} dig processes at 50 ms`, `${dig.toFixed(0)} ms`, '');
show('loopback / F', (loopback / floor).toFixed(2), '<= 2.2');
show('at 50 ms / (F + 2 RTT)', (delayed / (floor + 2 * ROUND_TRIP_MS)).toFixed(3), '<= 1.15');
show(`at 50 ms / ${BY_HAND.length} dig`, (delayed / dig).toFixed(3), '<= 0.15');
