import { expect, test } from 'vitest';
import { sipdiag } from '../command-line.ts';

test.each([
  ['stun', 'No STUN server is known', 'Give a STUN server with --stun HOST'],
  ['turn', 'No TURN server is known', 'Give a TURN server with --turn turn:HOST'],
])('firewall --via %s without such a server says what to give, and names no server', async (via, text, remedy) => {
  const { stdout, code } = await sipdiag(['firewall', '--lab', '--via', via]);
  const words = stdout.replace(/\s+/g, ' ');
  expect(code).toBe(3);
  expect(words).toContain(text);
  expect(words).toContain(remedy);
  expect(words).toContain('witness.none-known');
  expect(stdout).not.toMatch(/server {2}could|server {2}runs/);
});
