import { spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { saveRun } from '../../src/cli/saved-run.ts';
import type { Observation, Report } from '../../src/model.ts';
import { assembleReport } from '../../src/judge.ts';
import { target, tcpSeen } from '../check/server-seen.ts';
import { dnsFails, healthyRun, onTls } from '../check/whole-run.ts';
import { sipdiag } from '../command-line.ts';
import { assertValidReport } from '../report/valid-report.ts';

const BIN = resolve(import.meta.dirname, '../../bin/sipdiag.js');
const folder = mkdtempSync(join(tmpdir(), 'sipdiag-command-'));
const at = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function save(name: string, observations: Observation[]): Promise<void> {
  const head = { version: '0.1.0', command: 'doctor', startedAt: '2026-06-01T00:00:00.000Z', ms: 12, target };
  await saveRun(at(name), assembleReport(observations, head));
}

beforeAll(async () => {
  await save('healthy.json', healthyRun());
  await save('degraded.json', [...healthyRun(), tcpSeen('refused', { ...onTls, address: '192.0.2.2' })]);
  await save('broken.json', dnsFails('timeout'));
  await save('unknown.json', dnsFails('no-network'));
  writeFileSync(at('half.json'), readFileSync(at('healthy.json'), 'utf8').slice(0, 500));
  writeFileSync(at('foreign.json'), '{"schema":"\\u001b[31mred\\nline"}');
});

describe('the exit code', () => {
  test.each([
    ['healthy', 0, 0],
    ['degraded', 0, 1],
    ['broken', 1, 1],
    ['unknown', 3, 3],
  ])('of a run that is %s is %d, and %d with --fail-on warning', async (name, code, strict) => {
    const plain = await sipdiag(['judge', at(`${name}.json`)]);
    const failing = await sipdiag(['judge', at(`${name}.json`), '--fail-on', 'warning']);
    expect([plain.code, failing.code]).toEqual([code, strict]);
    expect(failing.stdout).toBe(plain.stdout);
    expect(plain.stdout).toContain(name.toUpperCase());
    expect(plain.stderr).toBe('');
  });
});

test('a clone that was not built says so in one line', () => {
  mkdirSync(at('bin'));
  copyFileSync(BIN, at('bin/sipdiag.js'));
  writeFileSync(at('package.json'), '{}');
  const { status, stderr } = spawnSync(process.execPath, [at('bin/sipdiag.js')], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([2, expect.stringMatching(/^sipdiag: it is not built yet; expected .+\n$/)]);
});

describe('wrong usage is told in one line on stderr, nothing on stdout, and the exit code 2', () => {
  test.each<[string, string[], string]>([
    ['no target', ['doctor'], 'the target is missing'],
    ['an empty target', ['doctor', ''], 'the target is empty'],
    ['port 70000', ['doctor', 'sip.example.com:70000'], "port '70000'"],
    ['an unknown option', ['doctor', 'example.com', '--colour'], "unknown option '--colour'"],
    ['an unknown command', ['docter', 'example.com'], "unknown command 'docter'; did you mean doctor?"],
    ['help for an unknown command', ['help', 'docter'], "unknown command 'docter'; did you mean doctor?"],
    ['help of an unknown command', ['docter', '--help'], "unknown command 'docter'; did you mean doctor?"],
    ['help for what batch has not', ['batch', 'help', 'tlss'], "unknown command 'tlss'; did you mean tls?"],
    ...['doctor', 'signin', 'tls', 'firewall'].map((command): [string, string[], string] => [
      `a name of SRV records for ${command}`,
      [command, 'sip:a@_sip._tls.a.example'],
      "'sip:a@_sip._tls.a.example' names an SRV record; expected its domain, a.example, or sipdiag dns _sip._tls.a.example",
    ]),
    ['both families alone', ['tls', 'a.example', '-4', '-6'], '-4 and -6 exclude each other'],
    ['an address of IPv4 with -6', ['tls', '127.0.0.1', '-6'], "-6 leaves out the address of '127.0.0.1'"],
    ['a server of IPv6 with -4', ['doctor', 'a.example', '--server', '[::1]', '-4'], '::1; expected IPv4'],
    ['a target without a command', ['sip:a@a.example'], 'for example sipdiag doctor sip:a@a.example'],
    ['an unknown command of batch', ['batch', 'tlss', '-'], "unknown command 'tlss'; did you mean tls?"],
    ['a misspelt option', ['dns', 'a.example', '--timout', '5'], "'--timout'; did you mean --timeout?"],
    ['an argument that is missing', ['completion'], "missing 'shell'; expected sipdiag completion <shell>"],
    [
      'two formats',
      ['doctor', 'a.example', '--json', '--format', 'html'],
      '--json and --format html exclude each other',
    ],
    ['a report in no folder', ['doctor', 'a.example', '--output', '/nowhere/x'], 'the folder /nowhere does not exist'],
    ['a run in no folder', ['doctor', 'a.example', '--save', '/nowhere/x'], 'the folder /nowhere does not exist'],
    ['a trace over a folder', ['doctor', 'a.example', '--trace', '/'], 'cannot write /: it is a directory'],
    ['a key in no folder', ['csr', '--name', 'a.example', '--key', '/nowhere/k'], 'the folder /nowhere does not exist'],
    ['targets in no file', ['batch', 'dns', '/nowhere/x'], 'cannot read /nowhere/x: there is no such file'],
    ['targets in a folder', ['batch', 'dns', '/'], 'cannot read /: it is a directory'],
    ['a mail address', ['doctor', 'mailto:a@a.example'], 'is an address for mailto; expected sip:user@domain'],
    ['a telephone number', ['doctor', 'tel:+4912345'], 'is an address for tel; expected sip:user@domain'],
    ['a web address', ['doctor', 'https://a.example/x'], 'is an address for https; expected sip:user@domain'],
    ['a web address with a password', ['doctor', 'https://a:b@a.example/'], 'the target holds a password'],
    ['one target too many', ['doctor', 'a.example', 'b.example'], 'too many arguments'],
    ['an option without its value', ['doctor', 'example.com', '--timeout'], '--timeout'],
    ['an unreadable root', ['doctor', 'example.com', '--ca', '/nowhere/root.pem'], '/nowhere/root.pem'],
    ['a folder as run', ['judge', tmpdir()], 'it is a directory'],
    ['no run', ['judge'], 'run.json'],
    ['half a run', ['judge', at('half.json')], 'is not JSON'],
    ['a foreign document', ['judge', at('foreign.json')], 'is not a saved run'],
    ['an unknown profile', ['doctor', 'example.com', '--profile', 'nonsense'], "--profile 'nonsense'"],
    ['a bad time', ['doctor', 'example.com', '--at', 'tomorrow'], "--at 'tomorrow'"],
    ['a day that does not exist', ['doctor', 'example.com', '--at', '2026-02-30'], '2026-02-30'],
    ['a bad limit', ['doctor', 'example.com', '--timeout', '0'], "--timeout '0'"],
    ['a bad resolver', ['doctor', 'example.com', '--resolver', 'dns'], "--resolver 'dns'"],
    ['a bad severity', ['judge', at('healthy.json'), '--fail-on', 'info'], '--fail-on'],
    ['a bad format', ['judge', at('healthy.json'), '--format', 'xml'], "--format 'xml'"],
    ['quiet and verbose', ['doctor', 'example.com', '-q', '-v'], '--quiet and --verbose'],
    ['sips without TLS', ['doctor', 'sips:a@example.com', '--transport', 'udp'], '--transport udp'],
    ['an unknown fault', ['doctor', '--lab', 'nonsense'], "--lab 'nonsense'"],
    [
      'no place for the report',
      ['judge', at('healthy.json'), '--output', '/nowhere/report'],
      'cannot write /nowhere/report',
    ],
    ['a target over two lines', ['doctor', 'a\nb:c:d'], 'is not a valid target'],
  ])('%s', async (_what, args, told) => {
    const { stdout, stderr, code } = await sipdiag(args);
    expect(stderr).toMatch(/^sipdiag: [^\n]+\n$/);
    expect(stderr).toContain(told);
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });

  test('what stands in a file cannot act on the terminal', async () => {
    const { stderr } = await sipdiag(['judge', at('foreign.json')]);
    expect(stderr).toContain('\\x1b[31mred\\x0aline');
    expect(stderr).not.toContain('\u001b');
  });
});

describe('a run that was saved', () => {
  test('gives the same findings and verdict when it is judged again', async () => {
    const file = at('saved.json');
    const seen = await sipdiag(['doctor', '--lab', 'cert-expired', '--save', file, '--json']);
    const again = await sipdiag(['judge', file, '--json']);
    expect([seen.code, again.code]).toEqual([1, 1]);
    expect(JSON.parse(again.stdout)).toEqual(JSON.parse(seen.stdout));
    const report: Report = JSON.parse(again.stdout);
    expect(report.verdict.findingId).toBe('cert-dates.expired');
  });
});

describe('the report', () => {
  test.each([
    ['--json', ['--json']],
    ['--format json', ['--format', 'json']],
  ])('as %s is one document that keeps to the schema', async (_what, args) => {
    const { stdout, stderr, code } = await sipdiag(['doctor', '--lab', ...args]);
    expect(() => assertValidReport(JSON.parse(stdout))).not.toThrow();
    expect([stderr, code]).toEqual(['', 0]);
  });

  test('with --output goes to the file as a whole, and stdout stays empty', async () => {
    const { stdout } = await sipdiag(['judge', at('broken.json')]);
    const before = readdirSync(folder);
    const written = await sipdiag(['judge', at('broken.json'), '--output', at('report.txt')]);
    expect(written).toEqual({ stdout: '', stderr: '', code: 1 });
    expect(readFileSync(at('report.txt'), 'utf8')).toBe(stdout);
    expect(readdirSync(folder).toSorted()).toEqual([...before, 'report.txt'].toSorted());
  });

  test('with --quiet is the verdict and no ladder, with --verbose more than without', async () => {
    const [quiet, normal, verbose] = await Promise.all(
      [['-q'], [], ['-v']].map((more) => sipdiag(['judge', at('broken.json'), ...more])),
    );
    expect(quiet?.stdout).toMatch(/^BROKEN/);
    expect(quiet?.stdout).not.toMatch(/^ +ok |^ +- +sip/m);
    expect(quiet?.stdout.length).toBeLessThan(normal?.stdout.length ?? 0);
    expect(normal?.stdout.length).toBeLessThan(verbose?.stdout.length ?? 0);
    expect([quiet?.code, normal?.code, verbose?.code]).toEqual([1, 1, 1]);
  });

  test('has no colours in a pipe', async () => {
    const { stdout } = await sipdiag(['judge', at('broken.json')], {
      env: { TERM: 'xterm-256color' },
    });
    expect(stdout).not.toContain('\u001b');
  });
});

interface Ended {
  text: string;
  stderr: string;
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** Runs a command with its output where `attach` wants it. */
async function runChild(
  command: readonly string[],
  attach: (child: ReturnType<typeof spawn>) => void,
  env = {},
): Promise<Ended> {
  const [program = '', ...args] = command;
  const child = spawn(program, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 20_000,
  });
  let text = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (more: string) => (text += more));
  child.stderr.setEncoding('utf8').on('data', (more: string) => (stderr += more));
  const closed = once(child, 'close');
  attach(child);
  const [code, signal] = (await closed) as [number | null, NodeJS.Signals | null]; // as node:child_process gives them
  return { text, stderr, code, signal };
}

describe('colours', () => {
  const onTerminal = (more: readonly string[], env: Record<string, string>) =>
    runChild(
      ['script', '-qec', [process.execPath, BIN, 'judge', at('broken.json'), ...more].join(' '), '/dev/null'],
      () => undefined,
      { TERM: 'xterm-256color', ...env },
    );

  test('are there on a terminal', async () => {
    const { text, code } = await onTerminal([], { NO_COLOR: '' });
    expect(text).toContain('\u001b[');
    expect(code).toBe(1);
  });

  test.each<[string, string[], Record<string, string>]>([
    ['NO_COLOR', [], { NO_COLOR: '1' }],
    ['--no-color', ['--no-color'], { NO_COLOR: '' }],
    ['a terminal that knows none', [], { NO_COLOR: '', TERM: 'dumb' }],
  ])('are not with %s', async (_what, args, env) => {
    const { text } = await onTerminal(args, env);
    expect(text).toContain('BROKEN');
    expect(text).not.toContain('\u001b[');
  });
});

describe('what happens around it', () => {
  test('a reader that leaves early, as head -1 does, is no crash', async () => {
    const ended = await runChild([process.execPath, BIN, 'judge', at('degraded.json'), '--json'], ({ stdout }) => {
      stdout?.destroy();
    });
    expect(ended).toMatchObject({ stderr: '', code: 0, signal: null });
  });

  test('Ctrl-C ends a run that waits for a silent resolver within a second, with a report and exit code 3', async () => {
    const silent = createSocket('udp4');
    silent.bind(0, '127.0.0.1');
    await once(silent, 'listening');
    const resolver = `127.0.0.1:${silent.address().port}`;
    let interruptedAt = 0;
    const ended = await runChild(
      [process.execPath, BIN, 'doctor', 'example.org', '--resolver', resolver, '--timeout', '15000', '--json'],
      (child) => {
        silent.once('message', () => {
          interruptedAt = performance.now();
          child.kill('SIGINT');
        });
      },
    );
    const took = performance.now() - interruptedAt;
    silent.close();
    expect(interruptedAt).toBeGreaterThan(0);
    expect(took).toBeLessThan(1000);
    expect(ended).toMatchObject({ stderr: '', code: 3, signal: null });
    const report: Report = JSON.parse(ended.text);
    expect(() => assertValidReport(report)).not.toThrow();
    expect(report.verdict.status).toBe('unknown');
    expect(report.verdict.summary).toContain('the run was ended before it was done');
  });

  test('the deadline ends it just so', async () => {
    const silent = createSocket('udp4');
    silent.bind(0, '127.0.0.1');
    await once(silent, 'listening');
    const resolver = `127.0.0.1:${silent.address().port}`;
    const ended = await sipdiag([
      'doctor',
      'example.org',
      '--resolver',
      resolver,
      '--timeout',
      '15000',
      '--deadline',
      '300',
      '--json',
    ]);
    silent.close();
    const report: Report = JSON.parse(ended.stdout);
    expect([ended.code, report.verdict.status]).toEqual([3, 'unknown']);
    expect(report.ms).toBeLessThan(1300);
  });
});
