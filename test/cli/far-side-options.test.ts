import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { sipdiag } from '../command-line.ts';

const folder = mkdtempSync(join(tmpdir(), 'sipdiag-far-side-'));
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const TOKEN = file('token', 'a token for the far side\n');
const SHORT = file('short', 'short\n');
const EMPTY = file('empty', '');
const GARBLED = file('garbled.reg', '\u0000\u0001 no registry at all');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

// Whatever is wrong is told before anything is sent.
test.each([
  [['--ports', '7103-7100'], '--ports', 'FIRST-LAST'],
  [['--ports', 'many'], '--ports', 'FIRST-LAST'],
  [['--ports', '0-7'], '--ports', 'FIRST-LAST'],
  [['--media-ports', '5350-70000'], '--media-ports', 'FIRST-LAST'],
  [['--via', 'pigeon'], "--via 'pigeon'", 'sip, agent, turn, stun, manual'],
  [['--via', 'agent'], '--via agent names no agent', '--agent HOST[:PORT]'],
  [['--idle', '0'], "--idle '0'", 'from 1 to 3600'],
  [['--idle', '9999'], "--idle '9999'", 'from 1 to 3600'],
  [['--agent', 'agent:port'], 'port', 'agent'],
  [['--agent', 'a b'], "--agent 'a b'", 'host:port'],
  [['--token-file', TOKEN], '--token-file is of no use alone', '--agent'],
  [['--agent-tls'], '--agent-tls is of no use alone', '--agent'],
  [['--agent', '127.0.0.1', '--token-file', SHORT], 'does not hold a token', '16'],
  [['--turn', '127.0.0.1'], 'turn:', 'turns:'],
  [['--turn', 'turn:127.0.0.1', '--turn-user', 'alice'], 'belong together', 'both'],
  [['--turn', 'turn:127.0.0.1', '--turn-password-file', TOKEN], 'belong together', 'both'],
  [['--turn-user', 'alice', '--turn-password-file', TOKEN], '--turn-user is of no use alone', '--turn URI'],
  [['--turn', 'turn:127.0.0.1', '--turn-user', 'alice', '--turn-password-file', EMPTY], 'is empty', 'a password'],
  [['--stun', 'stuns:127.0.0.1'], '--stun', 'host'],
  [['--policy', GARBLED], 'cannot read', 'registry'],
])('firewall %j is refused in one line', async (args, what, expected) => {
  const { stderr, code } = await sipdiag(['firewall', '127.0.0.1:9', ...args]);
  expect(code).toBe(2);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(stderr).toContain(what);
  expect(stderr).toContain(expected);
});
