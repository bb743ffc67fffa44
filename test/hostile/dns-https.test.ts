import { describe, expect, test } from 'vitest';
import { answerTo, HOSTILE_ANSWERS, SERVFAIL, STRAYS, TRUNCATED } from './dns-octets.ts';
import { causeOf, expectSound, PATIENT_MS, questionsTo, runInTime, STEP_MS } from './hostile-run.ts';
import {
  closesAtOnce,
  drip,
  flood,
  onFirst,
  resets,
  says,
  silent,
  startHostile,
  type StreamBehaviour,
  MOST_TAKEN,
  text,
  httpHead,
} from './hostile-server.ts';
import { certificates } from './hostile-identity.ts';

const DNS = 'Content-Type: application/dns-message';
const A_GIB = 'Content-Length: 1073741824';

/** Answers each request with what is made of the question in its body. */
const posted =
  (make: (query: Buffer) => Uint8Array): StreamBehaviour =>
  (socket) => {
    let held = Buffer.alloc(0);
    socket.on('data', (bytes: Buffer) => {
      held = Buffer.concat([held, bytes]);
      for (;;) {
        const end = held.indexOf('\r\n\r\n');
        const length = Number(
          /content-length: (\d+)/i.exec(held.subarray(0, Math.max(0, end)).toString('latin1'))?.[1],
        );
        if (end < 0 || !(held.length >= end + 4 + length)) return;
        const query = held.subarray(end + 4, end + 4 + length);
        held = held.subarray(end + 4 + length);
        socket.write(make(query));
      }
    });
  };
const ok = (body: Uint8Array, type = DNS): Buffer =>
  Buffer.concat([text(httpHead('200 OK', type, `Content-Length: ${body.length}`)), body]);
const replies = (whole: string): StreamBehaviour => posted(() => text(whole));

interface Case {
  name: string;
  cause: string;
  behaviour: StreamBehaviour;
  limitMs: number;
}

const broken = (name: string, fault: 'timeout' | 'failure' | 'unreachable', behaviour: StreamBehaviour): Case => ({
  name,
  cause: `resolver.${fault}`,
  behaviour,
  limitMs: fault === 'timeout' ? STEP_MS : PATIENT_MS,
});
const whole = (name: string, cause: string, make: (query: Uint8Array) => Uint8Array): Case => ({
  name: `answers with ${name}`,
  cause,
  behaviour: posted((query) => ok(make(query))),
  limitMs: PATIENT_MS,
});

const CASES: Case[] = [
  broken('never answers', 'timeout', silent),
  broken('sends an octet at a time', 'timeout', drip(text(httpHead('200 OK', DNS)))),
  broken(
    'sends an octet of the body at a time',
    'timeout',
    posted(() => text(httpHead('200 OK', DNS, A_GIB))),
  ),
  broken('never ends a header', 'failure', flood(text('HTTP/1.1 200 OK\r\nX: '), text('a'.repeat(1000)))),
  broken('never ends its headers', 'failure', flood(text('HTTP/1.1 200 OK\r\n'), text('X: a\r\n'))),
  broken('says Continue for ever', 'failure', flood(text(httpHead('100 Continue')), text(httpHead('100 Continue')))),
  broken('sends 1 GiB', 'failure', flood(text(httpHead('200 OK', DNS, A_GIB)), Buffer.alloc(1024))),
  broken('sends a body without end', 'failure', flood(text(httpHead('200 OK', DNS)), Buffer.alloc(1024))),
  broken(
    'sends chunks without end',
    'failure',
    flood(text(httpHead('200 OK', DNS, 'Transfer-Encoding: chunked')), text('1\r\na\r\n')),
  ),
  broken(
    'sends a chunk without size',
    'failure',
    replies(`${httpHead('200 OK', DNS, 'Transfer-Encoding: chunked')}zz\r\n`),
  ),
  // The first is read as the answer to the first question, and none of the others is believed.
  broken('sends 10,000 answers', 'failure', says(text(httpHead('200 OK', DNS, 'Content-Length: 0').repeat(10_000)))),
  broken('answers 500', 'failure', replies(httpHead('500 No', 'Content-Length: 0'))),
  broken(
    'sends elsewhere',
    'failure',
    replies(httpHead('302 Found', 'Location: https://127.0.0.1:1/', 'Content-Length: 0')),
  ),
  broken(
    'answers with a page',
    'failure',
    posted(() => ok(text('<html>'), 'Content-Type: text/html')),
  ),
  broken(
    'answers with nothing',
    'failure',
    posted(() => ok(text(''))),
  ),
  broken(
    'switches protocols',
    'failure',
    replies(httpHead('101 Switching Protocols', 'Upgrade: x', 'Connection: upgrade')),
  ),
  broken('speaks SSH', 'failure', says('SSH-2.0-OpenSSH_9.2\r\n')),
  broken('speaks SIP', 'failure', says('SIP/2.0 400 Bad Request\r\n\r\n')),
  broken('sends 1 GiB of garbage', 'failure', flood(Buffer.alloc(4, 0x85), Buffer.alloc(1024, 0x85))),
  broken('sends the request back', 'failure', (socket) => void socket.pipe(socket)),
  broken('closes at once', 'unreachable', closesAtOnce),
  broken(
    'closes on the question',
    'unreachable',
    onFirst((socket) => void socket.end()),
  ),
  broken(
    'closes inside an answer',
    'unreachable',
    onFirst((socket) => void socket.end(httpHead('200 OK', DNS, A_GIB))),
  ),
  broken('resets at once', 'unreachable', resets),
  broken(
    'resets on the question',
    'unreachable',
    onFirst((_socket, _bytes, under) => void under.resetAndDestroy()),
  ),
  ...STRAYS.map(([name, make]) => whole(name, 'resolver.failure', make)),
  whole('a truncated answer', 'resolver.truncated-no-tcp', (query) => answerTo(query, { flags: TRUNCATED })),
  whole('SERVFAIL', 'resolver.failure', (query) => answerTo(query, { flags: SERVFAIL })),
  ...HOSTILE_ANSWERS.map(([name, make, cause]) => whole(name, cause, make)),
];

const codesOf = (cause: string) => (cause.startsWith('healthy') ? [0] : [1, 3]);

describe.concurrent('a DNS server over https', () => {
  test.for(CASES)(
    'that $name is told as what it is, in time',
    async ({ cause, behaviour, limitMs }, { onTestFinished }) => {
      const server = await startHostile(behaviour, certificates, onTestFinished);
      const resolver = {
        label: 'hostile',
        endpoint: server.endpoint,
        over: { kind: 'https' as const, path: '/dns-query' },
      };
      const report = await runInTime(() => questionsTo(resolver, { timeoutMs: limitMs }));
      expect(causeOf(report), report.verdict.summary).toBe(cause);
      expectSound(report, { limitMs, codes: codesOf(cause) });
      await server.abandoned();
      expect(server.sent()).toBeLessThan(MOST_TAKEN);
    },
  );
});
