import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readToken } from '../../src/cli/agent-token.ts';
import { parseListen } from '../../src/cli/parse-listen.ts';
import { parseMirrorPorts, parsePortRanges } from '../../src/cli/port-ranges.ts';
import { askAgent, codeOf, TOKEN } from '../agent/loopback-agent.ts';
import { runningAgent } from '../agent/running-agent.ts';
import { sipdiag } from '../command-line.ts';
import { complaintOf, laterComplaintOf } from './usage.ts';

const folder = mkdtempSync(join(tmpdir(), 'sipdiag-agent-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function fileOf(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

const tokenFile = fileOf('token', `${TOKEN}\n`);

describe('lists of ports', () => {
  test('name single ports and ranges', () => {
    expect(parsePortRanges('443,5060-5061, 7100-7103')).toEqual([
      { first: 443, last: 443 },
      { first: 5060, last: 5061 },
      { first: 7100, last: 7103 },
    ]);
    expect(parseMirrorPorts('5060,15060')).toEqual([5060, 15_060]);
    expect(parseMirrorPorts('none')).toEqual([]);
  });

  test.each(['', 'x', '0', '65536', '7103-7100', '1-', '-5', '1;2', '1.5', '123456'])('do not hold %j', (text) => {
    expect(complaintOf(() => parsePortRanges(text))).toContain('expected numbers and ranges');
    expect(complaintOf(() => parseMirrorPorts(text))).toContain('--mirror-ports');
  });

  test.each(['5060-5061', '5060,5060', '1,2,3,4,5'])('of mirror ports are no %j', (text) => {
    expect(complaintOf(() => parseMirrorPorts(text))).toContain('up to 4 different ports');
  });
});

test.each([
  ['7199', { address: '0.0.0.0', port: 7199 }],
  ['192.0.2.1:7199', { address: '192.0.2.1', port: 7199 }],
  ['[::1]:7199', { address: '::1', port: 7199 }],
])('--listen %s is understood', (text, endpoint) => {
  expect(parseListen(text)).toEqual(endpoint);
});

describe('a token file', () => {
  test('holds one line, whose end nobody means', async () => {
    expect((await readToken(tokenFile))()).toBe(TOKEN);
  });

  test.each([
    ['short', '123456789012345'],
    ['empty', ''],
    ['two-lines', `${TOKEN}\n${TOKEN}\n`],
    ['long', 'x'.repeat(257)],
  ])('that is %s is refused without repeating it', async (name, text) => {
    const complaint = await laterComplaintOf(readToken(fileOf(name, text)));
    expect(complaint).toContain('16 to 256 characters');
    expect(text === '' || !complaint.includes(text)).toBe(true);
  });
});

describe('the command line', () => {
  test.each([
    ['agent', 'whom to serve is not said'],
    [`agent --open --token-file ${tokenFile}`, 'exclude each other'],
    ['agent --open --tls-key key.pem', '--tls-key is of no use alone'],
    ['agent --open --listen here', "--listen 'here' is not understood"],
    ['agent --open --allow-ports all', "--allow-ports 'all' is no list of ports"],
    ['agent --open --listen 203.0.113.99:7199', 'expected free ports of this machine'],
    ['agent --token-file /nonexistent', 'there is no such file'],
  ])('%s is refused in one line', async (line, words) => {
    const { stdout, stderr, code } = await sipdiag(line.split(' '));
    expect(stderr).toContain(words);
    expect({ stdout, code, lines: stderr.trimEnd().split('\n').length }).toEqual({ stdout: '', code: 2, lines: 1 });
  });
});

describe('a running agent', () => {
  test.each([
    [
      ['--token-file', tokenFile],
      /; plain TCP, no TLS; for whoever knows the token; .*private addresses too; mirrors no SIP\n$/,
    ],
    [['--open'], /; open to anybody; connects back to ports 443 and 1024-65535 .*private addresses refused/],
    [
      ['--open', '--allow-private', '--allow-ports', '7100-7103'],
      /connects back to ports 7100-7103 .*private addresses too/,
    ],
    [['--token-file', tokenFile, '--no-allow-private'], /private addresses refused/],
  ])('with %j says what it does in one line, and ends at SIGTERM', async (args, words) => {
    const { child, said, ended } = await runningAgent(args);
    expect(said.err).toMatch(/^sipdiag agent: listening on 127\.0\.0\.1:\d+; [^\n]+\n$/);
    expect(said.err).toMatch(words);
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    expect(said).toMatchObject({ out: '' });
  });

  test('with --once ends after it has served, not after it has refused, and logs both', async () => {
    const { said, ended, local } = await runningAgent(['--token-file', tokenFile, '--once']);
    expect(codeOf(await askAgent({ local }, {}, { token: 'not the token' }))).toBe('token');
    expect(codeOf(await askAgent({ local }))).toBeUndefined();
    expect(await ended).toEqual([0, null]);
    const entries = said.out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(entries).toMatchObject([
      { event: 'refused', reason: 'token' },
      { event: 'served', token: 'proven' },
    ]);
    expect(entries.every(({ at }) => typeof at === 'string' && !Number.isNaN(Date.parse(at)))).toBe(true);
    expect(said.out + said.err).not.toContain(TOKEN);
  });
});
