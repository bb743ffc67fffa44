import { describe, test } from 'vitest';
import { causeOf, expectSound, PATIENT_MS, questionsTo, runInTime, STEP_MS } from './hostile-run.ts';
import {
  drip,
  flood,
  onFirst,
  says,
  silent,
  startHostile,
  type StreamBehaviour,
  MOST_TAKEN,
} from './hostile-server.ts';
import { certificates } from './hostile-identity.ts';

/** RFC 9113 section 6. */
const TYPE = { data: 0, headers: 1, reset: 3, settings: 4, ping: 6, goAway: 7, window: 8, continuation: 9 };
const END_HEADERS = 4;
const FIRST_STREAM = 1;

interface Frame {
  type: keyof typeof TYPE;
  flags?: number;
  stream?: number;
  payload?: Uint8Array;
}

/** RFC 9113 section 4.1. */
function frame({ type, flags = 0, stream = 0, payload = Buffer.alloc(0) }: Frame): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(TYPE[type], 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

const HELLO = frame({ type: 'settings' });
/** ':status: 200' of the static table of HPACK, and no end. RFC 7541 appendix A. */
const OK = frame({ type: 'headers', flags: END_HEADERS, stream: FIRST_STREAM, payload: Buffer.of(0x88) });
const OPEN_HEADERS = frame({ type: 'headers', stream: FIRST_STREAM, payload: Buffer.of(0x88) });
const DATA = frame({ type: 'data', stream: FIRST_STREAM, payload: Buffer.alloc(1024) });
const MORE_HEADERS = frame({ type: 'continuation', stream: FIRST_STREAM, payload: Buffer.alloc(1024, 0x88) });
const GO_AWAY = frame({ type: 'goAway', payload: Buffer.alloc(8) });
const RESET = frame({ type: 'reset', stream: FIRST_STREAM, payload: Buffer.alloc(4) });

/** Once the client has spoken: what it has not asked for ends the connection. */
const after = (behaviour: StreamBehaviour): StreamBehaviour =>
  onFirst((socket, _bytes, under) => {
    socket.write(HELLO);
    setImmediate(() => behaviour(socket, under));
  });

const CASES: [string, string, StreamBehaviour][] = [
  ['never answers', 'resolver.timeout', silent],
  ['greets and never answers', 'resolver.timeout', says(HELLO)],
  ['sends an octet at a time', 'resolver.timeout', drip(HELLO)],
  ['sends garbage', 'resolver.failure', says(Buffer.alloc(4096, 0x85))],
  ['speaks HTTP/1.1', 'resolver.failure', says('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n')],
  ['goes away', 'resolver.failure', after(says(GO_AWAY))],
  ['resets the first question', 'resolver.unreachable', after(says(RESET))],
  ['closes on the question', 'resolver.unreachable', onFirst((socket) => void socket.end())],
  ['closes inside an answer', 'resolver.unreachable', after((socket) => void socket.end(Buffer.concat([OK, DATA])))],
  ['sends 1 GiB', 'resolver.failure', after(flood(OK, DATA))],
  ['never ends its headers', 'resolver.failure', after(flood(OPEN_HEADERS, MORE_HEADERS))],
  ['sends settings for ever', 'resolver.failure', after(flood(HELLO, HELLO))],
  ['sends pings for ever', 'resolver.timeout', after(flood(HELLO, frame({ type: 'ping', payload: Buffer.alloc(8) })))],
  ['sends empty data for ever', 'resolver.failure', after(flood(OK, frame({ type: 'data', stream: FIRST_STREAM })))],
  [
    'opens its window for ever',
    'resolver.failure',
    after(flood(OK, frame({ type: 'window', payload: Buffer.of(0x7f, 255, 255, 255) }))),
  ],
];

describe.concurrent('a DNS server over HTTP/2', () => {
  test.for(CASES)(
    'that %s is told as what it is, in time',
    async ([, cause, behaviour], { expect, onTestFinished }) => {
      const server = await startHostile(behaviour, { ...certificates, alpn: ['h2'] }, onTestFinished);
      const over = { kind: 'https' as const, path: '/dns-query' };
      const limitMs = cause === 'resolver.timeout' ? STEP_MS : PATIENT_MS;
      const report = await runInTime(() =>
        questionsTo({ label: 'hostile', endpoint: server.endpoint, over }, { timeoutMs: limitMs }),
      );
      expect(causeOf(report)).toBe(cause);
      expectSound(report, { limitMs });
      await server.abandoned();
      expect(server.sent()).toBeLessThan(MOST_TAKEN);
    },
  );
});
