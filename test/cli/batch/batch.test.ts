import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ResultLine } from '../../../src/cli/batch/job.ts';
import { startLab, type Lab } from '../../../src/lab/lab.ts';
import { sipdiag } from '../../command-line.ts';

const BIN = resolve(import.meta.dirname, '../../../bin/sipdiag.js');
const folder = mkdtempSync(join(tmpdir(), 'sipdiag-batch-'));
/** Longer than a busy machine takes to open the connections that it may. */
const QUIET_MS = 300;
let lab: Lab;
let lookedUp: string[];

beforeAll(async () => {
  lab = await startLab({ faults: [] });
  writeFileSync(join(folder, 'root.pem'), lab.rootPem);
  lookedUp = ['--resolver', `${lab.dns.address}:${lab.dns.port}`, '--ca', join(folder, 'root.pem')];
});

afterAll(async () => {
  await lab.stop();
  rmSync(folder, { recursive: true, force: true });
});

function list(name: string, lines: readonly string[]): string {
  const file = join(folder, name);
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

const linesOf = (text: string): ResultLine[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line): ResultLine => JSON.parse(line));

describe('sipdiag batch', () => {
  test('gives a line for each target, in the order of the list, and goes on after bad lines', async () => {
    const file = list('mixed.txt', [lab.domain, 'not a target', '# remark', `nowhere.${lab.domain}`, lab.domain]);
    const { stdout, stderr, code } = await sipdiag(['batch', 'doctor', file, ...lookedUp]);
    expect(linesOf(stdout).map(({ line, target, status, rung }) => [line, target, status, rung ?? null])).toEqual([
      [1, lab.domain, 'healthy', null],
      [2, 'not a target', 'error', null],
      [4, `nowhere.${lab.domain}`, 'broken', 'dns'],
      [5, lab.domain, 'healthy', null],
    ]);
    expect(stderr).toMatch(
      /^sipdiag: line 2: 'not a target' is not a valid target; .*\n4 targets \(doctor\) in \d+ s\n {7}2 {2}healthy\n {7}1 {2}broken\n/,
    );
    expect(code).toBe(1);
  });

  test('takes options from the columns of CSV, and a list from standard input', async () => {
    const child = spawn(process.execPath, [BIN, 'batch', 'signin', '-', '--quiet', ...lookedUp], {
      env: { ...process.env, SIPDIAG_PASSWORD: lab.password },
    });
    child.stdin.end(`target,transport\nsip:${lab.user}@${lab.domain},tcp\nsip:${lab.user}@${lab.domain},quic\n`);
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    const [code] = await once(child, 'close');
    const [first, second] = linesOf(text);
    expect(first).toMatchObject({ status: 'healthy', options: ['--transport=tcp'], rungs: { auth: 'passed' } });
    expect(second).toMatchObject({ line: 3, status: 'error', error: expect.stringContaining('quic') });
    expect({ code, errors }).toEqual({ code: 2, errors: '' });
    expect(text).not.toContain(lab.password);
  });

  test('a line that wants one family of addresses gets it beside a batch that wants the other', async () => {
    const line = { target: lab.domain, ipv6: true };
    const file = list('families.ndjson', [JSON.stringify(line), JSON.stringify({ ...line, ipv4: true })]);
    const { stdout } = await sipdiag(['batch', 'tls', file, '-4', '--quiet', ...lookedUp]);
    const [first, second] = linesOf(stdout);
    // The lab has addresses of IPv4 alone.
    expect(first).toMatchObject({ status: 'unknown', summary: expect.stringContaining('-6 leaves them out') });
    expect(second).toMatchObject({ status: 'error', error: expect.stringContaining('exclude each other') });
  });

  test('a name of SRV records is refused where a server is looked for, and looked up by dns', async () => {
    const file = list('service.txt', [`_sip._tcp.${lab.domain}`]);
    const [doctor, dns] = await Promise.all(
      ['doctor', 'dns'].map((command) => sipdiag(['batch', command, file, '--quiet', ...lookedUp])),
    );
    expect(linesOf(doctor?.stdout ?? '')).toMatchObject([{ status: 'error' }]);
    expect(linesOf(dns?.stdout ?? '')).toMatchObject([{ status: 'healthy' }]);
  });

  test('with --full holds the whole report, and with --redact nobody is named', async () => {
    const file = list('one.txt', [`sip:${lab.user}@${lab.domain}`]);
    const { stdout } = await sipdiag(['batch', 'dns', file, '--full', '--redact', ...lookedUp]);
    const [line] = linesOf(stdout);
    expect(line?.['report']).toMatchObject({ schema: 'sipdiag.report/1', command: 'dns' });
    expect(stdout).not.toContain(lab.domain);
  });

  test('goes on with an earlier output: what stands there whole is left out, what was cut off is done again', async () => {
    const targets = Array.from({ length: 6 }, (_, index) => `t${index}.${lab.domain}`);
    const file = list('six.txt', targets);
    const results = join(folder, 'results.ndjson');
    await sipdiag(['batch', 'dns', file, '--output', results, '--quiet', ...lookedUp]);
    const whole = readFileSync(results, 'utf8').trimEnd().split('\n');
    writeFileSync(results, `${whole.slice(0, 2).join('\n')}\n${whole[2]?.slice(0, 40)}`);
    const { stderr } = await sipdiag(['batch', 'dns', file, '--resume', results, ...lookedUp]);
    const resumed = linesOf(readFileSync(results, 'utf8'));
    expect(resumed.map(({ target }) => target)).toEqual(targets);
    expect(stderr).toContain('       2  done before, left out');
  });

  test('a file of --resume that is something else is refused and stays as it is', async () => {
    const other = list('other.txt', ['precious']);
    const { stderr, code } = await sipdiag(['batch', 'dns', list('x.txt', ['a.example']), '--resume', other]);
    expect({ stderr, code }).toEqual({
      stderr: 'sipdiag: line 1 of the file of --resume is no result of sipdiag batch; expected its output\n',
      code: 2,
    });
    expect(readFileSync(other, 'utf8')).toBe('precious\n');
  });

  const damaged: [string, (whole: string) => string][] = [
    ['with line ends of Windows', (whole) => `${whole.split('\n').slice(0, 2).join('\r\n')}\r\n`],
    ['cut off in its first line', (whole) => whole.slice(0, 20)],
    ['without the second of two like targets', (whole) => `${whole.split('\n').slice(0, 1).join('')}\n`],
  ];
  test.each(damaged)('goes on with an output %s, and every line is whole', async (_what, change) => {
    const file = list('like.txt', [lab.domain, 'no target', lab.domain]);
    const results = join(folder, 'damaged.ndjson');
    await sipdiag(['batch', 'dns', file, '--output', results, '--quiet', ...lookedUp]);
    writeFileSync(results, change(readFileSync(results, 'utf8')));
    const { code } = await sipdiag(['batch', 'dns', file, '--resume', results, '--quiet', ...lookedUp]);
    expect(linesOf(readFileSync(results, 'utf8')).map(({ line }) => line)).toEqual([1, 2, 3]);
    expect(code).toBe(2);
    const again = await sipdiag(['batch', 'dns', file, '--resume', results, ...lookedUp]);
    expect(again.stderr).toContain('       3  done before, left out');
    expect([again.code, linesOf(readFileSync(results, 'utf8')).length]).toEqual([2, 3]);
  });

  test('a foreign file without a line end is refused by --resume, and nothing is added to it', async () => {
    const other = join(folder, 'foreign.txt');
    writeFileSync(other, 'precious');
    const { code } = await sipdiag(['batch', 'dns', list('x.txt', ['a.example']), '--resume', other]);
    expect([code, readFileSync(other, 'utf8')]).toEqual([2, 'precious']);
  });

  test('reads a list in UTF-16, as Windows PowerShell writes it', async () => {
    const file = join(folder, 'utf16.txt');
    writeFileSync(file, Buffer.from(`\uFEFF${lab.domain}\r\n`, 'utf16le'));
    const { stdout, code } = await sipdiag(['batch', 'dns', file, '--quiet', ...lookedUp]);
    expect(linesOf(stdout)).toMatchObject([{ line: 1, target: lab.domain, status: 'healthy' }]);
    expect(code).toBe(0);
  });

  test('a password in a line is told nowhere', async () => {
    const file = list('secret.ndjson', [
      JSON.stringify({ target: `sip:${lab.user}@${lab.domain}`, password: 'hunter2' }),
      JSON.stringify({ target: `sip:${lab.user}:hunter2@${lab.domain}` }),
      JSON.stringify({ target: lab.domain, authority: 'hunter2' }),
    ]);
    const { stdout, stderr, code } = await sipdiag(['batch', 'dns', file, ...lookedUp]);
    expect(linesOf(stdout).map(({ status }) => status)).toEqual(['error', 'error', 'error']);
    expect(stderr).toContain("line 1: 'password' is no option of a line");
    expect(stderr).toContain("line 3: 'authority' is a switch; expected true or false");
    expect(stdout + stderr).not.toContain('hunter2');
    expect(code).toBe(2);
  });

  test('with --redact a line that cannot be used is not quoted in the output', async () => {
    const { stdout } = await sipdiag([
      'batch',
      'dns',
      list('named.txt', [`${lab.domain}:99999`]),
      '--redact',
      '--quiet',
    ]);
    expect(linesOf(stdout)).toEqual([
      { schema: 'sipdiag.batch/1', line: 1, target: '', status: 'error', error: 'the line cannot be used' },
    ]);
  });

  test('Ctrl-C ends a batch whose list is still being written', async () => {
    const child = spawn(process.execPath, [BIN, 'batch', 'dns', '-', ...lookedUp]);
    child.stdin.write(`${lab.domain}\n`);
    const [first] = (await once(child.stdout, 'data')) as [Buffer];
    child.kill('SIGINT');
    const [code] = await once(child, 'close');
    expect(linesOf(first.toString())).toMatchObject([{ line: 1, status: 'healthy' }]);
    expect(code).toBe(3);
  });

  test.each([
    ['the list itself', (file: string) => ['--output', file], /would be written over the list in/],
    ['a folder', () => ['--output', '/'], /cannot write \/: it is a directory/],
    ['a folder that is not there', () => ['--output', '/nowhere/x'], /the folder \/nowhere does not exist/],
    ['a full disk', () => ['--output', '/dev/full'], /cannot write \/dev\/full: the disk is full/],
    ['a folder to go on with', () => ['--resume', '/'], /cannot read \/: it is a directory/],
    ['names to go on with and names left out', () => ['--redact', '--resume', '/x'], /exclude each other/],
  ])('results for %s are refused in one line with exit code 2', async (_what, more, told) => {
    const file = list('kept.txt', [lab.domain]);
    const { stdout, stderr, code } = await sipdiag(['batch', 'dns', file, ...more(file), ...lookedUp]);
    expect(stderr).toMatch(told);
    expect([stderr.split('\n').length, stdout, code]).toEqual([2, '', 2]);
    expect(readFileSync(file, 'utf8')).toBe(`${lab.domain}\n`);
  });

  test.each([
    [
      'results that have no room on standard output',
      ['batch', 'dns', '-'],
      2,
      /^sipdiag: cannot write the output: .*\n$/,
    ],
    [
      'a complaint to a monitor',
      ['judge', '/nowhere', '--format', 'nagios'],
      3,
      /^sipdiag: cannot read \/nowhere: .*\n$/,
    ],
  ])('%s end in one line', async (...[, args, expected, told]) => {
    const full = openSync('/dev/full', 'w');
    const child = spawn(process.execPath, [BIN, ...args], { stdio: ['pipe', full, 'pipe'] });
    child.stdin?.on('error', () => undefined).end('nowhere.invalid:99999\n');
    let errors = '';
    child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    const [code] = await once(child, 'close');
    closeSync(full);
    expect(errors.replace(/^sipdiag: line 1: .*\n/, '')).toMatch(told);
    expect(code).toBe(expected);
  });

  test('a long list is spread over threads, and nothing is lost or told twice', async () => {
    const targets = Array.from({ length: 400 }, (_, index) => `n${index}.${lab.domain}`);
    const file = list('long.txt', targets);
    const { stdout, code } = await sipdiag(['batch', 'dns', file, '--workers', '2', '--timeout', '20000', ...lookedUp]);
    expect(linesOf(stdout).map(({ target }) => target)).toEqual(targets);
    expect(code).toBe(1);
  });

  test('no more connections than --per-server stand to one address, whatever the list asks', async () => {
    const held: Socket[] = [];
    const crowds: number[] = [];
    let quiet: NodeJS.Timeout | undefined;
    // Nobody is answered until nobody comes any more: those who wait then are those who may come together.
    const server = createServer((socket) => {
      held.push(socket.on('error', () => undefined));
      clearTimeout(quiet);
      quiet = setTimeout(() => {
        crowds.push(held.length);
        for (const one of held.splice(0)) one.end('no SIP\r\n\r\n');
      }, QUIET_MS);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo; // a TCP server has no other kind
    const targets = Array.from({ length: 10 }, (_, index) => `sip:u${index}@127.0.0.1:${port}`);
    const file = list('crowd.txt', targets);
    await sipdiag(['batch', 'doctor', file, '--transport', 'tcp', '--per-server', '3', ...lookedUp]);
    server.close();
    expect(Math.max(...crowds)).toBe(3);
    expect(crowds.reduce((sum, one) => sum + one, 0)).toBe(targets.length);
  });

  test('Ctrl-C leaves whole lines behind and exit code 3', async () => {
    const results = join(folder, 'interrupted.ndjson');
    const targets = Array.from({ length: 5000 }, (_, index) => `i${index}.${lab.domain}`);
    const args = ['batch', 'dns', list('many.txt', targets), '--output', results, '--workers', '0', ...lookedUp];
    const child = spawn(process.execPath, [BIN, ...args]);
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    await expect
      .poll(() => readFileSync(results, { encoding: 'utf8', flag: 'a+' }).length, { timeout: 20_000, interval: 50 })
      .toBeGreaterThan(0);
    child.kill('SIGINT');
    const [code] = await once(child, 'close');
    const text = readFileSync(results, 'utf8');
    const done = linesOf(text);
    expect(text.endsWith('\n')).toBe(true);
    expect(done.map(({ line }) => line)).toEqual(done.map((_, index) => index + 1));
    expect(done.length).toBeLessThan(targets.length);
    expect({ code, told: errors.includes('go on with --resume') }).toEqual({ code: 3, told: true });
  });

  test.each([
    ['a list that is not there', ['batch', 'dns', '/nonexistent'], 'cannot read /nonexistent'],
    ['no list', ['batch', 'dns'], "missing 'file'"],
    ['a command that fits no list', ['batch', 'csr', 'x'], "unknown command 'csr'"],
    ['a concurrency out of range', ['batch', 'dns', '-', '--concurrency', '0'], 'expected a number from 1 to 1024'],
    ['a rate that is none', ['batch', 'dns', '-', '--rate', 'fast'], "--rate 'fast' is not a rate"],
    ['an option for one run alone', ['batch', 'dns', '-', '--save', 'x'], "unknown option '--save'"],
  ])('%s is told in one line with exit code 2', async (_name, args, words) => {
    const { stdout, stderr, code } = await sipdiag(args);
    expect(stderr).toContain(words);
    expect({ lines: stderr.split('\n').length, stdout, code }).toEqual({ lines: 2, stdout: '', code: 2 });
  });
});
