import { describe, expect, test } from 'vitest';
import {
  endpointText,
  namedEndpoint,
  serverText,
  severityOf,
  standingOf,
  standInText,
} from '../../src/check/standing.ts';
import { attemptOn, tcpSeen } from './server-seen.ts';

const mine = attemptOn('tcp');
const other = attemptOn('tcp', { address: '192.0.2.2' });

describe('the standing of an attempt', () => {
  test('counts the other members of its set that got as far, each once', () => {
    expect(standingOf(mine, [tcpSeen('open', other), tcpSeen('open', other)])).toEqual({
      published: true,
      alternatives: ['tcp 192.0.2.2:5060'],
    });
  });

  test.each([
    ['itself', tcpSeen('open')],
    ['a member that failed as well', tcpSeen('refused', other)],
    ['a server of another set', tcpSeen('open', { ...other, set: 'another' })],
  ])('does not count %s', (_what, observation) => {
    expect(standingOf(mine, [observation]).alternatives).toEqual([]);
  });

  test.each([
    ['published, alone', { published: true, alternatives: [] }, 'error'],
    ['published, with a stand-in', { published: true, alternatives: ['tcp 192.0.2.2:5060'] }, 'warning'],
    ['by custom, with a stand-in', { published: false, alternatives: ['tcp 192.0.2.2:5060'] }, 'info'],
    ['by custom, alone', { published: false, alternatives: [] }, 'error'],
  ])('%s', (_what, standing, severity) => {
    expect(severityOf(standing)).toBe(severity);
  });

  test('the half sentence names the stand-ins, or is not there', () => {
    expect(standInText({ published: true, alternatives: [] })).toBe('');
    expect(standInText({ published: true, alternatives: ['a', 'b'] })).toBe(' Clients can still use a, b.');
  });
});

describe('the name of a server', () => {
  const six = attemptOn('tls', { address: '2001:db8::1', host: '2001:db8::1' });

  test('puts an IPv6 address into brackets', () => {
    expect(endpointText(six)).toBe('[2001:db8::1]:5061');
    expect(serverText(six)).toBe('tls [2001:db8::1]:5061');
  });

  test('is the host with its address, or the bare address when there is no host name', () => {
    expect(namedEndpoint(mine)).toBe('sip.example.org (192.0.2.1:5060)');
    expect(namedEndpoint(six)).toBe('[2001:db8::1]:5061');
  });
});
