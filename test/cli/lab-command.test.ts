import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { FAULT_NAMES, FAULTS } from '../../src/lab/faults.ts';
import { sipdiag } from '../command-line.ts';

const BIN = resolve(import.meta.dirname, '../../bin/sipdiag.js');
const folders: string[] = [];

/** Where the lab puts its files, when it is told no other place. */
function ownTmp(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sipdiag-test-'));
  folders.push(folder);
  return folder;
}

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** Starts `sipdiag lab --json`, hands what it said over, and ends it with the signal; gives its exit code. */
async function during(
  { args, tmp, signal }: { args: readonly string[]; tmp: string; signal: NodeJS.Signals },
  work: (said: { command: string; rootFile: string; faults: string[] }) => Promise<void>,
): Promise<number | null> {
  const child = spawn(process.execPath, [BIN, 'lab', '--json', ...args], { env: { ...process.env, TMPDIR: tmp } });
  const ended = new Promise<number | null>((settle) => child.on('close', settle));
  try {
    const said = await new Promise<string>((settle, fail) => {
      let text = '';
      child.stdout.on('data', (piece: Buffer) => {
        text += piece.toString();
        if (text.endsWith('\n')) settle(text);
      });
      child.on('close', () => fail(new Error(`it ended before it said: ${text}`)));
    });
    await work(JSON.parse(said));
  } finally {
    child.kill(signal);
  }
  return ended;
}

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('runs until %s, and leaves nothing behind', async (signal) => {
  const tmp = ownTmp();
  const code = await during({ args: [], tmp, signal }, async ({ rootFile }) => {
    expect(existsSync(rootFile)).toBe(true);
    await Promise.resolve();
  });
  expect([code, readdirSync(tmp)]).toEqual([0, []]);
});

test.each([
  [['cert-expired'], 'cert-dates.expired'],
  [['password-refused'], 'registration.credentials-rejected'],
  [['srv-records-shadowed'], 'srv-records.shadowed'],
  [['srv-records-not-found'], 'srv-records.not-found'],
  [['cert-expired', 'tcp-refused'], 'tcp-reach.refused'],
  [['media-refused'], 'media-port.refused'],
  [['nat-mapping-by-address'], 'nat-mapping.address-dependent'],
  [['callback-in-use'], 'callback-port.in-use'],
  [['client-ports-too-few'], 'callback-range.too-small'],
])('with %j, the command line that it prints finds %s', async (faults, findingId) => {
  const args = faults.flatMap((fault) => ['--fault', fault]);
  await during({ args, tmp: ownTmp(), signal: 'SIGINT' }, async (said) => {
    expect(said.faults).toEqual(faults);
    const [, ...words] = said.command.split(' ');
    const { stdout } = await sipdiag([...words, '--json']);
    const report: { verdict: { findingId: string } } = JSON.parse(stdout);
    expect(report.verdict.findingId).toBe(findingId);
  });
});

test('ends by itself after the time of --for; files in a folder of the user stay', async () => {
  const folder = ownTmp();
  const { stdout, code } = await sipdiag(['lab', '--for', '1', '--folder', folder]);
  expect(code).toBe(0);
  expect(stdout).toContain(`--ca ${join(folder, 'root.pem')}`);
  expect(stdout.split('\n').filter((line) => line.trim().startsWith('sipdiag doctor '))).toHaveLength(1);
  expect(readFileSync(join(folder, 'root.pem'), 'utf8')).toContain('BEGIN CERTIFICATE');
});

test('lists every fault with its finding, one line each', async () => {
  const { stdout } = await sipdiag(['lab', '--list']);
  const lines = stdout.trimEnd().split('\n');
  expect(lines.map((line) => line.split(/ {2,}/).slice(0, 2))).toEqual(
    FAULT_NAMES.map((name) => [name, FAULTS[name].expects.findingId]),
  );
});

test('lists the same as JSON', async () => {
  const { stdout } = await sipdiag(['lab', '--list', '--json']);
  const rows: { name: string }[] = JSON.parse(stdout);
  expect(rows.map(({ name }) => name)).toEqual(FAULT_NAMES);
});

test.each([
  [['--fault', 'cert-expird'], "--fault 'cert-expird' is not a fault; did you mean cert-expired?"],
  [['--fault', 'tls-silent', '--fault', 'tls-closes'], "contradict each other about 'tls'"],
  [['--domain', 'a b'], "cannot serve the domain 'a b'"],
  [['--port', '65535'], 'leaves no port above it for TLS'],
  [['--dns-port', '0'], "port '0'"],
  [['--for', 'ever'], "--for 'ever' is not understood; expected seconds"],
])('%j is refused in one line', async (args, words) => {
  const { stderr, stdout, code } = await sipdiag(['lab', ...args]);
  expect([code, stdout, stderr.split('\n').length]).toEqual([2, '', 2]);
  expect(stderr).toContain(words);
});

test('a port that is taken is refused, and the servers before it are stopped', async () => {
  await during({ args: [], tmp: ownTmp(), signal: 'SIGINT' }, async ({ command }) => {
    const port = /--resolver lab=127\.0\.0\.1:(\d+)/.exec(command)?.[1] ?? '';
    const { stderr, stdout, code } = await sipdiag(['lab', '--dns-port', port]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toBe(
      `sipdiag: the lab cannot start: cannot listen on 127.0.0.1:${port}: another program listens there; expected ports that are free, or none at all\n`,
    );
  });
});
