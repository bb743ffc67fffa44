import { spawn } from 'node:child_process';
import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startLab, type Lab } from '../../src/lab/lab.ts';
import { unusedPort } from '../net/loopback-servers.ts';
import { run as runProgram } from '../e2e/real/run-command.ts';

const BIN = resolve(import.meta.dirname, '../../bin/sipdiag.js');
const folder = mkdtempSync(join(tmpdir(), 'sipdiag-secrets-'));
/** Whatever a command writes: all of it is searched. */
const out = join(folder, 'out');
const given = (name: string): string => join(folder, name);
const written = (name: string): string => join(out, name);

const WRONG = 'wrong-0tangerine0-password';
const TOKEN = `token-${randomBytes(12).toString('hex')}`;
const PFX_PASSWORD = 'pfx-0clementine0-password';
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

let lab: Lab;
let marks: [string, string][] = [];

/** The ways in which a secret can be written: as it is, in base64 from any octet on, and in hex. */
function spellings(name: string, secret: Buffer): [string, string][] {
  const shifted = [0, 1, 2].map((skip): [string, string] => {
    const whole = secret.subarray(skip, skip + Math.floor((secret.length - skip) / 3) * 3);
    return [`${name} in base64 from octet ${skip}`, whole.toString('base64')];
  });
  return [[name, secret.toString('latin1')], ...shifted, [`${name} in hex`, secret.toString('hex')]];
}

/** HA1 of RFC 7616 section 3.4.2: as good as the password. */
function digestsOf(password: string): [string, string][] {
  return ['md5', 'sha256'].flatMap((hash) =>
    spellings(`HA1 by ${hash}`, createHash(hash).update(`${lab.user}:${lab.domain}:${password}`).digest()).slice(1),
  );
}

interface Search {
  /** Everything that the command has said. */
  said: string;
  code: number | null;
}

const processList = (): string =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
      } catch {
        return ''; // It has ended meanwhile.
      }
    })
    .join('\n');

/** Runs the built command; its output, and the process list while it ran. */
async function search(args: readonly string[], env: Record<string, string> = {}): Promise<Search> {
  const child = spawn(process.execPath, [BIN, ...args], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 20_000,
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (piece: string) => (said += piece));
  const watch = setInterval(() => (said += processList()), 50);
  const code = await new Promise<number | null>((settle) => child.on('close', settle));
  clearInterval(watch);
  return { said, code };
}

function leaksIn(text: string): string[] {
  return marks.filter(([, mark]) => text.includes(mark)).map(([name]) => name);
}

const filesOut = (): string =>
  readdirSync(out)
    .map((name) => readFileSync(join(out, name), 'latin1'))
    .join('\n');

beforeAll(async () => {
  mkdirSync(out);
  lab = await startLab();
  const key = privateKey.export({ format: 'der', type: 'sec1' });
  marks = [
    ...spellings('the password', Buffer.from(lab.password)),
    ...spellings('a wrong password', Buffer.from(WRONG)),
    ...spellings('the token', Buffer.from(TOKEN)),
    ...spellings('the password of a file', Buffer.from(PFX_PASSWORD)),
    // The private scalar, RFC 5915 section 3.
    ...spellings('the private key', key.subarray(7, 39)).slice(1),
    ...digestsOf(lab.password),
    ...digestsOf(WRONG),
  ];
  const files = {
    right: lab.password,
    wrong: WRONG,
    token: TOKEN,
    'pfx-password': PFX_PASSWORD,
    'root.pem': lab.rootPem,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(given(name), text);
  writeFileSync(given('key.pem'), privateKey.export({ format: 'pem', type: 'pkcs8' }));
  const openssl = async (...args: string[]): Promise<void> => {
    const { code, stderr } = await runProgram(['openssl', ...args], { cwd: folder });
    if (code !== 0) throw new Error(stderr);
  };
  await openssl('req', '-x509', '-new', '-key', 'key.pem', '-subj', '/CN=client', '-days', '9', '-out', 'cert.pem');
  await openssl(
    'pkcs12',
    '-export',
    '-inkey',
    'key.pem',
    '-in',
    'cert.pem',
    '-out',
    'both.p12',
    '-passout',
    `file:pfx-password`,
  );
});
afterAll(async () => {
  await lab.stop();
  rmSync(folder, { recursive: true, force: true });
});

const common = (): string[] => [
  '--resolver',
  `lab=${lab.dns.address}:${lab.dns.port}`,
  '--ca',
  given('root.pem'),
  '--timeout',
  '2500',
];
const target = (): string => `sip:${lab.user}@${lab.domain}`;
const right = (): string[] => ['--password-file', given('right')];
const wrong = (): string[] => ['--password-file', given('wrong')];
const traced = (name: string): string[] => {
  const trace = ['--trace', written(`${name}.trace`), '--trace-pcap', written(`${name}.pcap`)];
  return trace.concat('--save', written(`${name}.run`));
};
const pfx = (): string[] => ['--pfx', given('both.p12'), '--pfx-password-file', given('pfx-password')];
const pair = (): string[] => ['--client-cert', given('cert.pem'), '--client-key', given('key.pem')];
const tlsAt = (): string => `${lab.sip.tls.address}:${lab.sip.tls.port}`;
const agentAt = (): string[] => ['--agent', '127.0.0.1:1', '--token-file', given('token')];
const turnAt = (): string[] => [
  '--turn',
  'turn:127.0.0.1:1',
  '--turn-user',
  'u',
  '--turn-password-file',
  given('wrong'),
];

type Line = [string, () => string[], Record<string, string>?];

const FORMATS = ['human', 'json', 'ndjson', 'junit', 'nagios', 'markdown', 'html'];
const LINES: Line[] = [
  ...FORMATS.map((format): Line => [
    `doctor in the format ${format}`,
    () => [
      'doctor',
      target(),
      ...common(),
      ...right(),
      '--format',
      format,
      ...(format === 'human' ? ['--verbose'] : []),
    ],
  ]),
  [
    'signin with the right password, traced',
    () => ['signin', target(), ...common(), ...right(), ...traced('right'), '--verbose'],
  ],
  [
    'signin with a wrong password, traced',
    () => ['signin', target(), ...common(), ...wrong(), ...traced('wrong'), '--json'],
  ],
  [
    'signin, saved without names',
    () => ['signin', target(), ...common(), ...right(), '--redact', '--save', written('redacted.run')],
  ],
  ['doctor with a client certificate', () => ['doctor', target(), ...common(), ...right(), ...pair(), '--json']],
  ['dns', () => ['dns', lab.domain, ...common(), '--json']],
  ['tls with a PKCS#12 file', () => ['tls', tlsAt(), ...common(), ...pfx(), '--json', '--save', written('pfx.run')]],
  ['tls with a key', () => ['tls', tlsAt(), ...common(), ...pair(), '--verbose']],
  [
    'tls with a PKCS#12 file and another password',
    () => ['tls', tlsAt(), ...common(), '--pfx', given('both.p12'), '--pfx-password-file', given('wrong')],
  ],
  [
    'tls of a file with a key',
    () => ['tls', '--file', given('both.p12'), '--pfx-password-file', given('pfx-password'), '--json'],
  ],
  ['csr', () => ['csr', '--name', lab.domain, '--key', written('new.key'), '--output', written('new.csr')]],
  [
    'firewall with agent and relay',
    () => ['firewall', target(), ...common(), ...right(), ...agentAt(), ...turnAt(), ...traced('firewall'), '--json'],
  ],
  ['batch', () => ['batch', 'signin', given('targets'), ...common(), ...right(), '--output', written('batch')]],
  ['judge of a saved run', () => ['judge', written('right.run'), '--json']],
  ['explain', () => ['explain', 'registration.credentials-rejected']],
  ['lab', () => ['lab', '--for', '1', '--json']],
  ['doctor of a lab of its own', () => ['doctor', '--lab', '--json']],
  ['a password from the environment', () => ['signin', target(), ...common(), '--json'], { SIPDIAG_PASSWORD: WRONG }],
  ['a password in the target', () => ['signin', `sip:${lab.user}:x@${lab.domain}`, ...wrong()]],
  ['an option that does not exist, beside the secret', () => ['signin', target(), ...wrong(), '--pasword']],
  ['a file that cannot be read, beside the secret', () => ['signin', target(), ...wrong(), '--ca', given('absent')]],
  ['a key where a certificate is wanted', () => ['tls', '--file', given('key.pem')]],
  ['a password where a certificate is wanted', () => ['tls', tlsAt(), '--client-cert', given('wrong')]],
  ['a password where a policy is wanted', () => ['doctor', target(), '--policy', given('wrong')]],
  ['a password where a saved run is wanted', () => ['judge', given('wrong')]],
  ['a token that is too short', () => ['agent', '--token-file', given('short')]],
];

describe('no secret comes out of', () => {
  test.each(LINES)('%s', async (name, args, env) => {
    writeFileSync(given('targets'), `${target()}\n`);
    writeFileSync(given('short'), TOKEN.slice(0, 12));
    const { said, code } = await search(args(), env);
    expect(said, name).not.toBe('');
    expect(code).not.toBeNull();
    expect(leaksIn(said)).toEqual([]);
    expect(leaksIn(filesOut())).toEqual([]);
  });

  test.each([
    ['an option for a password, which there is not', ['signin', 'sip:a@b', `--password=${WRONG}`]],
    ['a password in the target', ['signin', `sip:a:${WRONG}@b`]],
    ['the same, to batch', ['batch', 'signin', '-', `--password=${WRONG}`]],
  ])('%s, though it was typed', async (_name, args) => {
    const { stdout, stderr, code } = await runProgram([process.execPath, BIN, ...args], { input: '' });
    expect(leaksIn(stdout + stderr)).toEqual([]);
    expect(code).toBe(2);
  });

  test('an agent that is asked with the token', async () => {
    const port = await unusedPort();
    const agent = search(['agent', '--listen', `127.0.0.1:${port}`, '--token-file', given('token'), '--once']);
    const ask = () =>
      search([
        'firewall',
        target(),
        ...common(),
        '--agent',
        `127.0.0.1:${port}`,
        '--token-file',
        given('token'),
        '--via',
        'agent',
        '--json',
      ]);
    const asked = await ask();
    const ended = await agent;
    expect(leaksIn(asked.said + ended.said)).toEqual([]);
    expect([asked.code, ended.code]).toEqual([expect.any(Number), expect.any(Number)]);
  });

  test('the search itself finds what it looks for', () => {
    expect(leaksIn(`x${lab.password}x`)).toEqual(['the password']);
    expect(leaksIn(Buffer.from(`ab${TOKEN}`).toString('base64')).length).toBeGreaterThan(0);
    expect(leaksIn(readFileSync(given('key.pem'), 'latin1').replaceAll('\n', '')).length).toBeGreaterThan(0);
  });
});
