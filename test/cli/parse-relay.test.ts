import { describe, expect, test } from 'vitest';
import { parseStunServer, parseTurnServer } from '../../src/cli/parse-relay.ts';
import { complaintOf } from './usage.ts';

describe('a STUN server', () => {
  test.each([
    ['stun.example.com', 'stun.example.com', 3478],
    ['STUN.Example.com.:3479', 'stun.example.com', 3479],
    ['stun:stun.example.com', 'stun.example.com', 3478],
    ['stun:192.0.2.1:19302', '192.0.2.1', 19_302],
    ['192.0.2.1', '192.0.2.1', 3478],
    ['2001:DB8::1', '2001:db8::1', 3478],
    ['[2001:db8:0:0::1]:3479', '2001:db8::1', 3479],
    ['stun:[2001:db8::1]', '2001:db8::1', 3478],
    ['stun.müller.example', 'stun.xn--mller-kva.example', 3478],
    [' stun.example.com ', 'stun.example.com', 3478],
  ])('%j is read', (text, host, port) => {
    expect(parseStunServer(text)).toEqual({ host, port });
  });

  test.each([
    ['', 'names no host'],
    ['stun:', 'names no host'],
    ['stuns:stun.example.com', 'asks for TLS'],
    ['stun.example.com:', "port ''"],
    ['stun.example.com:0', "port '0'"],
    ['stun.example.com:65536', "port '65536'"],
    ['1.2.3', 'names no host'],
    ['[stun.example.com]', 'no IPv6 address in its brackets'],
    ['[2001:db8::1', 'is no host and port'],
    ['stun://stun.example.com', 'names no host'],
    ['a..b', 'names no host'],
    ['a b', 'names no host'],
    ['user@stun.example.com', 'names no host'],
  ])('%j is refused in one line', (text, words) => {
    expect(complaintOf(() => parseStunServer(text))).toContain(words);
  });
});

describe('a TURN server', () => {
  test.each([
    ['turn:turn.example.com', { host: 'turn.example.com', port: 3478, transport: 'udp' }],
    ['turn:turn.example.com?transport=udp', { host: 'turn.example.com', port: 3478, transport: 'udp' }],
    ['turn:turn.example.com:443?transport=tcp', { host: 'turn.example.com', port: 443, transport: 'tcp' }],
    ['TURNS:turn.example.com?transport=TCP', { host: 'turn.example.com', port: 5349, transport: 'tls' }],
    ['turns:[2001:db8::1]:443', { host: '2001:db8::1', port: 443, transport: 'tls' }],
    ['turn:192.0.2.1', { host: '192.0.2.1', port: 3478, transport: 'udp' }],
  ])('%j is read', (text, server) => {
    expect(parseTurnServer(text)).toEqual(server);
  });

  test.each([
    ['turn.example.com', 'does not begin with turn: or turns:'],
    ['turn:', 'names no host'],
    ['turn://turn.example.com', 'holds more than host and port'],
    ['turn:alice@turn.example.com', '--turn-user'],
    ['turn:turn.example.com?transport=sctp', "has '?transport=sctp'"],
    ['turn:turn.example.com?', "has '?'"],
    ['turns:turn.example.com?transport=udp', 'asks for DTLS'],
    ['turn:turn.example.com:x', "port 'x'"],
  ])('%j is refused in one line', (text, words) => {
    expect(complaintOf(() => parseTurnServer(text))).toContain(words);
  });
});
