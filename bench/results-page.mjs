// The page RESULTS.md: machine, versions, every figure with its command, and a paragraph for each goal that was missed.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { format } from 'prettier';

const PEERS = [
  'bind9',
  'bind9-dnsutils',
  'dnsperf',
  'openssl',
  'sslscan',
  'testssl.sh',
  'sip-tester',
  'sipsak',
  'nmap',
  'nginx-light',
];

function debianVersion(name) {
  try {
    const args = ['-W', '-f', '${db:Status-Abbrev}${Version}', name];
    const said = execFileSync('dpkg-query', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return said.startsWith('ii') ? said.slice(3).trim() : 'not installed';
  } catch {
    return 'not installed';
  }
}

/** Cells may hold what a table would take for its own. */
const cell = (text) => text.replaceAll('|', '\\|');
const tableRow = (cells) => `| ${cells.map(cell).join(' | ')} |`;

function machine() {
  const [cpu] = cpus();
  return [
    `- Processor: ${cpu?.model ?? 'unknown'}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB`,
    `- Kernel: ${process.platform} ${release()}`,
    `- Node: ${process.version}; sipdiag ${JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')).version}`,
    `- Peers: ${PEERS.map((name) => `${name} ${debianVersion(name)}`).join(', ')}`,
  ];
}

const factText = ({ what, value, unit }) => {
  const scale = unit === 'x' ? 1000 : 10;
  return `${what}: ${Math.round(value * scale) / scale} ${unit}`.trim();
};

function section({ name, command, entries }, { row, isGoal }) {
  const facts = entries.filter((entry) => !isGoal(entry));
  return [
    `## ${name}`,
    '',
    `\`${command.join(' ')}\``,
    '',
    '| Goal | Figure | Seen | Limit | |',
    '| --- | --- | ---: | --- | --- |',
    ...entries.filter(isGoal).map((entry) => tableRow(row(entry))),
    '',
    ...(facts.length === 0 ? [] : [`For the scale: ${facts.map(factText).join('; ')}.`, '']),
  ];
}

/** missed.json: the figure as the table names it, to what was tried and where the time goes. */
function missedParagraphs(missed) {
  const known = JSON.parse(readFileSync(join(import.meta.dirname, 'missed.json'), 'utf8'));
  if (missed.length === 0) return ['None.', ''];
  return missed.flatMap(({ id, what }) => {
    const found = Object.entries(known).find(([key]) => `${id} ${what}`.startsWith(key));
    return [`**${id} ${what}.** ${found?.[1] ?? 'Not looked into yet.'}`, ''];
  });
}

export async function resultsPage({ results, summary, minutes, row, isGoal, stateOf }) {
  const missed = results.flatMap(({ entries }) => entries.filter((one) => isGoal(one) && stateOf(one) === 'MISSED'));
  const lines = [
    '# Results of the benchmarks',
    '',
    `Written by \`npm run bench -- --write\` on ${new Date().toISOString().slice(0, 10)} in ${minutes} min: ${summary}. [README.md](README.md)`,
    'says what is measured, and why it is fair. Ratios are of medians within one run; milliseconds only give the scale.',
    '',
    ...machine(),
    '',
    ...results.flatMap((result) => section(result, { row, isGoal })),
    '## What was missed, and why',
    '',
    ...missedParagraphs(missed),
  ];
  return format(lines.join('\n'), { parser: 'markdown', printWidth: 120 });
}
