// What the tools at hand make of a faulty certificate: node bench/peers.mjs [--write]. Each is told the name, the address and the root,
// and asked three times; what counts is its exit code and its own words for the cause. --write puts the table into PEERS.md.
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { BIN, isInstalled } from './measure.mjs';

/** testssl needs some twenty seconds on a quiet machine. */
const LIMIT_MS = 180_000;
const LAB_SECONDS = 3600;
/** testssl does not always end with the same exit code. */
const TIMES = 3;

/** What is wrong, and by which words of a tool it has named it. */
const FAULTS = [
  { fault: 'none', title: 'nothing is wrong', words: /(?!)/ },
  {
    fault: 'cert-expired',
    title: 'expired',
    words: /certificate has expired|\(expired\)|expired certificate|cert-dates\.expired/i,
  },
  {
    fault: 'cert-wrong-name',
    title: 'another name',
    words: /hostname mismatch|does not match [\w ]+|cert-name\.mismatch/i,
  },
  {
    fault: 'cert-server-auth-missing',
    title: 'for clients only',
    words:
      /unsuitable certificate purpose|incorrectly used for[^\n]*|does not match the intended purpose|cert-eku\.server-auth-missing/i,
  },
  {
    fault: 'cert-intermediate-missing',
    title: 'intermediate missing',
    words:
      /chain incomplete|unable to get local issuer certificate|issuer is unknown|cert-chain\.intermediate-missing/i,
  },
];

const H = 'sip.fuzzybunny.local';
const TOOLS = [
  {
    name: 'sipdiag',
    version: ['node', BIN, '--version'],
    command: ({ dns, root }) => [
      'node',
      BIN,
      'tls',
      'fuzzybunny.local',
      '--resolver',
      `${dns}`,
      '--ca',
      root,
      '--transport',
      'tls',
      '--deadline',
      '60000',
    ],
  },
  {
    name: 'openssl s_client',
    version: ['openssl', 'version'],
    command: ({ at, root }) =>
      `openssl s_client -connect ${at} -servername ${H} -verify_hostname ${H} -CAfile ${root} -verify_return_error -brief`.split(
        ' ',
      ),
  },
  {
    name: 'gnutls-cli',
    version: ['gnutls-cli', '--version'],
    command: ({ host, port, root }) =>
      `gnutls-cli ${host} --port ${port} --sni-hostname ${H} --verify-hostname ${H} --x509cafile ${root}`.split(' '),
  },
  {
    name: 'sslscan',
    version: ['sslscan', '--version'],
    command: ({ at }) => ['sslscan', '--no-colour', `--sni-name=${H}`, at],
  },
  {
    name: 'nmap ssl-cert',
    version: ['nmap', '--version'],
    command: ({ host, port }) => ['nmap', '-Pn', '-n', '-p', port, '--script', 'ssl-cert', host],
  },
  {
    name: 'testssl -S',
    version: ['testssl', '--version'],
    command: ({ host, port, root }) =>
      `testssl --quiet --color 0 --warnings off --nodns none -S --add-ca ${root} --ip ${host} ${H}:${port}`.split(' '),
  },
];

/** Exit code and everything that was printed; standard input is at its end. */
async function ask([program, ...args]) {
  const child = execFile(program, args, { timeout: LIMIT_MS, maxBuffer: 1 << 26 });
  child.stdin?.end();
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (text += chunk));
  const [code, signal] = await once(child, 'close');
  return { code: code ?? signal, text };
}

/** The lab with a fault, as a process of its own, and what a tool has to know of it. */
async function startLab(fault) {
  const faults = fault === 'none' ? [] : ['--fault', fault];
  const lab = spawn('node', [BIN, 'lab', ...faults, '--json', '--for', String(LAB_SECONDS)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(createInterface({ input: lab.stdout }), 'line');
  const { dns, sip, rootFile } = JSON.parse(line);
  const { address, port } = sip.tls;
  const end = async () => {
    lab.kill('SIGINT');
    await once(lab, 'close');
  };
  return {
    place: {
      host: address,
      port: String(port),
      at: `${address}:${port}`,
      dns: `${dns[0].address}:${dns[0].port}`,
      root: rootFile,
    },
    end,
  };
}

function versionOf({ version: [program, ...args] }) {
  try {
    const text = execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    return /\d+\.\d+[\w.]*/.exec(text)?.[0] ?? '?';
  } catch {
    return '?';
  }
}

const short = (words) => words.replaceAll('|', '/').trim();

async function askAll(tools) {
  const rows = new Map(tools.map(({ name }) => [name, []]));
  for (const { fault, words } of FAULTS) {
    const { place, end } = await startLab(fault);
    for (const { name, command } of tools) {
      const answers = [];
      for (let time = 0; time < TIMES; time += 1) answers.push(await ask(command(place)));
      const code = [...new Set(answers.map((one) => one.code))].toSorted((a, b) => Number(a) - Number(b)).join(' or ');
      const named = answers.map(({ text }) => words.exec(text)?.[0]).find((one) => one !== undefined);
      rows.get(name)?.push(named === undefined ? code : `${code}: ${short(named)}`);
      console.error(`${fault}: ${name}: ${code} ${named ?? ''}`);
    }
    await end();
  }
  return rows;
}

const tableOf = (tools, rows) => [
  `| Tool | ${FAULTS.map(({ title }) => title).join(' | ')} |`,
  `| --- |${FAULTS.map(() => ' --- |').join('')}`,
  ...tools.map((tool) => `| ${tool.name} ${versionOf(tool)} | ${rows.get(tool.name)?.join(' | ')} |`),
];

const tools = TOOLS.filter(({ name, version: [program = ''] }) => {
  const here = isInstalled(program);
  if (!here) console.error(`${name}: not installed, left out`);
  return here;
});
const table = tableOf(tools, await askAll(tools));
console.log(table.join('\n'));
if (process.argv.includes('--write')) {
  const page = `# What other tools make of a faulty certificate

Written by \`node bench/peers.mjs --write\` (${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}): the lab serves the certificate, each tool is told its
name, its address and the root that it comes from, and asked three times. A cell holds the exit code, and behind a colon the words by which
the tool has named the cause; no words: it has not.

${table.join('\n')}
`;
  writeFileSync(join(import.meta.dirname, 'PEERS.md'), page);
}
