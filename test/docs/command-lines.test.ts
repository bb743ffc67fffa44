import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import { startLab, type Lab } from '../../src/lab/lab.ts';
import { sipdiag, type CommandResult } from '../command-line.ts';
import { freePorts, loopbackAddress } from '../e2e/real/ports.ts';
import { pageText } from './code-blocks.ts';

const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  'docs/agent-protocol.md',
  'docs/batch.md',
  'docs/findings.md',
  'docs/runbooks.md',
];

/** The command lines of a page that nobody runs otherwise: up to a pipe, a redirection, or the words beside them. */
function linesOf(file: string): string[] {
  const text = pageText(file).replaceAll(/^```(?:bash|console)\n[\s\S]*?^```$/gm, '');
  const lines = [...text.matchAll(/(?:^ {4}|^\$ |\(|= |`)sipdiag ((?:[a-z]|--)[^|>()\n`]*)(>?)/gm)];
  // What is redirected may be named by its number: '2> errors.txt'.
  const before = ([, line = '', redirected]: RegExpExecArray): string =>
    redirected === '>' ? line.replace(/ \d$/, '') : line;
  return lines.map((found) => (before(found).split(/ {2,}/)[0] ?? '').trim());
}

/** 'sipdiag csr makes the request', or the bare name of a command, is said of it. */
const isProse = (line: string): boolean => /^[a-z]+$|^[a-z]+ (makes|asks)\b/.test(line);
const isPlaceholder = (line: string): boolean => /\b(ID|FAULT|FILE|COMMAND|HOST|DOMAIN|IP|LIST|NAME)\b/.test(line);

const written = PAGES.flatMap((file) => linesOf(file).flatMap((line) => (isProse(line) ? [] : [{ file, line }])));
const helped = COMMANDS.flatMap(({ name, examples }) =>
  examples.map(({ line }) => ({ file: `${name} --help`, line: line.replace(/ > .*$/, '') })),
);
const LINES = [...written, ...helped].filter(({ line }, at, all) => {
  return !isPlaceholder(line) && all.findIndex((other) => other.line === line) === at;
});

/** What looks at the network, and what does not. */
const CONNECTING = new Set(['doctor', 'dns', 'signin', 'tls', 'firewall', 'batch']);
/** What goes on until somebody ends it. */
const SERVING: Readonly<Record<string, readonly string[]>> = { agent: ['--mirror-ports', 'none'], lab: [] };
const SERVING_MS = 3000;
const LOCAL = new Set(['csr', 'judge', 'explain', 'completion', '--version', '--help', 'help']);

async function ownPort(): Promise<string> {
  const address = loopbackAddress(0);
  const [port] = await freePorts(address, 1);
  return `${address}:${port}`;
}

/** The same line, so that nothing of it leaves this machine: every DNS server is one on loopback, which knows no name. */
async function onLoopback(line: string, { address, port }: Lab['dns']): Promise<string[]> {
  const words = line.split(' ');
  const [command = ''] = words;
  if (LOCAL.has(command)) return words;
  const served = SERVING[command];
  if (served !== undefined) return [...words, ...served, ...(command === 'agent' ? ['--listen', await ownPort()] : [])];
  if (!CONNECTING.has(command)) throw new Error(`say in this test how '${command}' is to be run on loopback`);
  if (words.includes('--lab') || words.includes('--file')) return words;
  const listen = words.indexOf('--listen');
  if (listen >= 0) return [...words.with(listen + 1, await ownPort()), '--deadline', '300'];
  const resolver = `${address}:${port}`;
  const safe = words.map((word, at) => (words[at - 1] === '--resolver' ? word.replace(/[^=]+$/, resolver) : word));
  return safe.includes('--resolver') ? safe : [...safe, '--resolver', resolver];
}

let folder = '';
let lab: Lab;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sipdiag-lines-'));
  lab = await startLab({ faults: ['srv-records-absent-and-no-address'] });
  for (const name of ['sip.pem', 'root.pem']) writeFileSync(join(folder, name), lab.rootPem);
  writeFileSync(join(folder, 'pw'), 'secret\n');
  writeFileSync(join(folder, 'token'), `${'0123456789abcdef'.repeat(2)}\n`);
  writeFileSync(join(folder, 'domains.txt'), 'fuzzybunny.local\n');
  writeFileSync(join(folder, 'servers.csv'), 'target,transport\n127.0.0.1:9,tls\n');
  const made = ['-subj', '/CN=agent', '-keyout', 'agent.key', '-out', 'agent.crt'];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...made], { cwd: folder, stdio: 'ignore' });
  const pem = ['agent.crt', 'agent.key'].map((name) => readFileSync(join(folder, name), 'utf8'));
  writeFileSync(join(folder, 'agent.pem'), pem.join(''));
  writeFileSync(join(folder, 'ports.reg'), 'Windows Registry Editor Version 5.00\n');
  await sipdiag(['doctor', '--lab', '--save', 'run.json'], { cwd: folder });
});
afterAll(async () => {
  await lab.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('there are command lines in the pages, and in the help of every command', () => {
  expect(written.length).toBeGreaterThan(15);
  expect(helped.length).toBeGreaterThan(2 * COMMANDS.length - 1);
});

describe('a command line that somebody may copy', () => {
  const isServing = (line: string): boolean => Object.hasOwn(SERVING, line.split(' ')[0] ?? '');
  const run = async (line: string): Promise<CommandResult> =>
    sipdiag(await onLoopback(line, lab.dns), {
      cwd: folder,
      env: { SIPDIAG_PASSWORD: 'secret' },
      ...(isServing(line) ? { timeoutMs: SERVING_MS, endedBy: 'SIGTERM' as const } : {}),
    });

  test.each(LINES)('$line ($file) is understood, and ends with what it was to say', async ({ line }) => {
    const { stdout, stderr, code } = await run(line);
    expect(stderr).not.toMatch(/^sipdiag: (?!waiting)/m);
    expect(isServing(line) ? [0] : [0, 1, 3]).toContain(code);
    // With --output or --resume, the file has it all.
    expect(stdout === '' && !/--(output|resume)/.test(line) && !isServing(line)).toBe(false);
  });
});
