// What the tools at hand make of a fault: node bench/peers.mjs [certificates] [dns] [sign-in] [--write], all three without a name.
// Each is asked three times; what counts is its exit code and its own words for the cause. --write puts the tables into PEERS.md.
// The part dns needs port 53 of 127.0.0.1 to be free, and the right to listen there.
import { execFile, spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { BIN, isInstalled, median } from './measure.mjs';
import { PARTS } from './peer-parts.mjs';

/** testssl needs some twenty seconds on a quiet machine. */
const LIMIT_MS = 180_000;
const LAB_SECONDS = 3600;
/** testssl does not always end with the same exit code. */
const TIMES = 3;
const PAGE = join(import.meta.dirname, 'PEERS.md');

/** Exit code, seconds and everything that was printed; standard input is at its end. */
async function ask([program, ...args]) {
  const startedAt = performance.now();
  const child = execFile(program, args, { timeout: LIMIT_MS, maxBuffer: 1 << 26 });
  child.stdin?.end();
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (text += chunk));
  const [code, signal] = await once(child, 'close');
  return { code: code ?? signal, seconds: (performance.now() - startedAt) / 1000, text };
}

/** A UDP relay in front of the lab that leaves the MD5 challenge alone: sipsak of Debian ends at one with SHA-256. */
async function startRelay({ address, port }) {
  const [front, back] = [createSocket('udp4'), createSocket('udp4')];
  let client;
  front.on('message', (bytes, from) => {
    client = from;
    back.send(bytes, port, address);
  });
  back.on('message', (bytes) => {
    const text = bytes.toString('latin1').replace(/^WWW-Authenticate:.*SHA-256.*\r\n/im, '');
    front.send(Buffer.from(text, 'latin1'), client.port, client.address);
  });
  front.bind(0, '127.0.0.1');
  await once(front, 'listening');
  return {
    port: front.address().port,
    end: () => {
      front.close();
      back.close();
    },
  };
}

/** The lab with a fault, as a process of its own, and what a tool has to know of it. */
async function startLab(fault, options) {
  const faults = fault === 'none' ? [] : ['--fault', fault];
  const lab = spawn('node', [BIN, 'lab', ...faults, ...options, '--json', '--for', String(LAB_SECONDS)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(createInterface({ input: lab.stdout }), 'line');
  const { dns, sip, rootFile, passwordFile } = JSON.parse(line);
  const { address, port } = sip.tls;
  const relay = await startRelay(sip.udp);
  const end = async () => {
    relay.end();
    lab.kill('SIGINT');
    await once(lab, 'close');
  };
  return {
    place: {
      host: address,
      port: String(port),
      at: `${address}:${port}`,
      udp: relay.port,
      dns: `${dns[0].address}:${dns[0].port}`,
      root: rootFile,
      passwordFile,
      password: readFileSync(passwordFile, 'utf8').trim(),
    },
    end,
  };
}

function versionOf({ version: [program, ...args] }) {
  const { stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  return /\d+\.\d+[\w.]*/.exec(`${stdout}${stderr}`)?.[0] ?? '?';
}

const short = (words) => words.replaceAll('|', '/').trim();
const secondsText = (seconds) => `${seconds < 10 ? seconds.toFixed(1) : seconds.toFixed(0)} s`;

function cellOf(answers, { words, timed }) {
  const code = [...new Set(answers.map((one) => one.code))].toSorted((a, b) => Number(a) - Number(b)).join(' or ');
  const time = timed ? `, ${secondsText(median(answers.map(({ seconds }) => seconds)))}` : '';
  const named = answers.map(({ text }) => words.exec(text)?.[0]).find((one) => one !== undefined);
  return `${code}${time}${named === undefined ? '' : `: ${short(named)}`}`;
}

async function askAll({ faults, lab, timed }, tools) {
  const rows = new Map(tools.map(({ name }) => [name, []]));
  for (const { fault, words } of faults) {
    const { place, end } = await startLab(fault, lab);
    for (const { name, command } of tools) {
      const answers = [];
      for (let time = 0; time < TIMES; time += 1) answers.push(await ask(command(place)));
      const cell = cellOf(answers, { words, timed });
      rows.get(name)?.push(cell);
      console.error(`${fault}: ${name}: ${cell}`);
    }
    await end();
  }
  return rows;
}

async function tableOf(part) {
  const tools = part.tools.filter(({ name }) => {
    const [program = ''] = name.split(' ');
    const here = program === 'sipdiag' || isInstalled(program);
    if (!here) console.error(`${name}: not installed, left out`);
    return here;
  });
  const rows = await askAll(part, tools);
  return [
    `| Tool | ${part.faults.map(({ title }) => title).join(' | ')} |`,
    `| --- |${part.faults.map(() => ' --- |').join('')}`,
    ...tools.map((tool) => `| ${tool.name} ${versionOf(tool)} | ${rows.get(tool.name)?.join(' | ')} |`),
  ].join('\n');
}

/** The page with the section of one part anew; a new one goes to the end. */
function withSection(page, { title }, text) {
  const section = `## ${title}\n\n${text}\n`;
  const old = new RegExp(`^## ${title}$[^]*?(?=^## |(?![^]))`, 'm');
  return old.test(page) ? page.replace(old, () => `${section}\n`).trimEnd() + '\n' : `${page.trimEnd()}\n\n${section}`;
}

const named = PARTS.filter(({ id }) => process.argv.includes(id));
for (const part of named.length > 0 ? named : PARTS) {
  const table = await tableOf(part);
  console.log(table);
  if (!process.argv.includes('--write')) continue;
  const measured = `Measured on ${new Date().toISOString().slice(0, 10)} with Node ${process.versions.node}.`;
  writeFileSync(PAGE, withSection(readFileSync(PAGE, 'utf8'), part, `${part.told} ${measured}\n\n${table}`));
}
