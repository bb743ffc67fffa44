import { createServer } from 'node:net';
import type { Endpoint } from '../world.ts';
import { listenTcp, type Listener } from './listener.ts';

export const HTTP_ANSWER = new TextEncoder().encode(
  'HTTP/1.1 400 Bad Request\r\nServer: sipdiag-lab\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
);
/** fatal(2) unrecognized_name(112) in a record of TLS 1.2. RFC 8446 section 6, RFC 6066 section 3. */
const ALERT = Uint8Array.of(0x15, 3, 3, 0, 2, 2, 112);
/** A ServerHello that ends before its version. */
const GARBLED = Uint8Array.of(0x16, 3, 3, 0, 5, 2, 0, 0, 1, 3);
/** A whole ServerHello of version 3.9, which there has never been: 32 octets at random, no session, a cipher, no compression. */
const OTHER_VERSION = Uint8Array.of(
  0x16,
  3,
  3,
  0,
  42,
  2,
  0,
  0,
  38,
  3,
  9,
  ...Array<number>(32).fill(7),
  0,
  0xc0,
  0x2b,
  0,
);
/** The head of a ServerHello of 70 octets, and nothing behind it. */
const BEGUN = Uint8Array.of(0x16, 3, 3, 0, 4, 2, 0, 0, 70);

const WORDS = {
  alert: ALERT,
  garbled: GARBLED,
  'other-version': OTHER_VERSION,
  stalls: BEGUN,
  'web-server': HTTP_ANSWER,
} as const;

export type CannedWords = keyof typeof WORDS;

/** A TCP port that answers whatever comes first with the same octets, and ends, or waits for ever. Throws NetError. */
export async function startCannedPort(at: Endpoint, words: CannedWords): Promise<Listener> {
  const server = createServer((socket) => {
    socket.once('data', () => {
      socket.on('data', () => undefined);
      socket.write(WORDS[words]);
      if (words !== 'stalls') socket.end();
    });
  });
  return listenTcp(server, at);
}

/** Takes connections and what is sent, and never speaks; or ends them at the first octets; or resets them at once. */
export type MuteBehaviour = 'silent' | 'closes' | 'resets';

/** A TCP port that says nothing. Throws NetError. */
export async function startMutePort(at: Endpoint, behaviour: MuteBehaviour): Promise<Listener> {
  const server = createServer((socket) => {
    if (behaviour === 'resets') return void socket.resetAndDestroy();
    // Read before the end: closing with unread octets would send a reset instead.
    socket.on('data', () => {
      if (behaviour === 'closes') socket.end();
    });
  });
  return listenTcp(server, at);
}
