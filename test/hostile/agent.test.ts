import { describe, expect, test } from 'vitest';
import { askWitness, whyNot } from './far-side-run.ts';
import { expectSound, HEARD_MS, PATIENT_MS, STEP_MS } from './hostile-run.ts';
import {
  closesAtOnce,
  drip,
  flood,
  resets,
  says,
  silent,
  startHostile,
  type StreamBehaviour,
  MOST_TAKEN,
} from './hostile-server.ts';
import { certificates } from './hostile-identity.ts';

const TOKEN = 'token-6e6f6e63652d';

const line = (value: unknown): string => `${JSON.stringify(value)}\n`;
const HELLO = { type: 'hello', versions: [1], challenge: 'ab'.repeat(16), token: 'required', ports: 16 };
const mirror = Array.from({ length: 16 }, () => ({ transport: 'tcp', port: 1, way: 'sip-port' }));
const ACCEPTED = {
  type: 'accepted',
  software: 'hostile',
  address: '127.0.0.1',
  port: 9,
  session: 'cd'.repeat(16),
  mirror: [],
};
const DONE = { type: 'done' };
const result = (port: number): unknown => ({
  type: 'result',
  transport: 'tcp',
  port,
  result: 'open-and-echoed',
  detail: '',
});

/** Greets, and answers the ask with this. */
const asked =
  (...answers: unknown[]): StreamBehaviour =>
  (socket) => {
    socket.write(line(HELLO));
    socket.once('data', () => void socket.write(answers.map(line).join('')));
  };
const greetsAnd =
  (act: StreamBehaviour): StreamBehaviour =>
  (socket, under) => {
    socket.write(line(HELLO));
    socket.once('data', () => act(socket, under));
  };

const NO_AGENT = 'what answers there is no agent';
/** The agent has accepted: what is wrong then is told of its ports. */
const ACCEPTS = '^$';

const CASES: [string, string, StreamBehaviour, number?][] = [
  ['never answers', 'nothing within', silent, STEP_MS],
  ['sends an octet at a time', 'no whole line came in time', drip(Buffer.from('a')), STEP_MS],
  ['sends 1 GiB of empty lines', NO_AGENT, flood(new Uint8Array(0), Buffer.from('\n'))],
  ['never ends a line', NO_AGENT, flood(new Uint8Array(0), Buffer.alloc(1024, 'a'))],
  [
    'sends 1 GiB of greetings',
    'went away|unreachable|said|nothing',
    flood(Buffer.from(line(HELLO)), Buffer.from(line(HELLO))),
  ],
  ['sends garbage', 'only 4096 octets of one', says(Buffer.alloc(4096, 0x85)), HEARD_MS],
  ['sends garbage in lines', NO_AGENT, says('\u0085\n'.repeat(100))],
  ['speaks HTTP', NO_AGENT, says('HTTP/1.1 400 Bad Request\r\n\r\n')],
  ['speaks SIP', NO_AGENT, says('SIP/2.0 400 Bad Request\r\n\r\n')],
  ['greets with what a greeting does not hold', NO_AGENT, says(line({ ...HELLO, address: '192.0.2.1' }))],
  ['greets with 10,000 versions', NO_AGENT, says(line({ ...HELLO, versions: Array.from({ length: 3000 }, () => 1) }))],
  ['greets with another version', 'it speaks version 2', says(line({ ...HELLO, versions: [2] }))],
  ['offers no ports', NO_AGENT, says(line({ ...HELLO, ports: 0 }))],
  ['speaks before it has greeted', NO_AGENT, says(line(DONE))],
  ['closes at once', 'ended the connection', closesAtOnce],
  ['resets at once', 'ECONNRESET', resets],
  ['closes on the ask', 'ended the connection', greetsAnd((socket) => void socket.end())],
  ['resets on the ask', 'ECONNRESET', greetsAnd((_socket, under) => void under.resetAndDestroy())],
  ['closes inside a line', 'ended the connection', greetsAnd((socket) => void socket.end('{"type":"acc'))],
  ['refuses', 'it says: no', asked({ type: 'error', code: 'token', detail: 'no', versions: [1] })],
  [
    'refuses with a control character',
    'detail',
    asked({ type: 'error', code: 'token', detail: '\u001b[2J', versions: [1] }),
  ],
  ['says nothing to the ask', 'nothing within', greetsAnd(silent), HEARD_MS],
  ['sends an octet at a time to the ask', 'no whole line', greetsAnd(drip(Buffer.from(' '))), HEARD_MS],
  ['sends 1 GiB to the ask', 'longer than 8192 octets', greetsAnd(flood(new Uint8Array(0), Buffer.alloc(1024, 'a')))],
  ['is done before it has begun', 'without an answer', asked(DONE)],
  [
    'tells of ports that were not asked for',
    ACCEPTS,
    asked(ACCEPTED, ...Array.from({ length: 40 }, (_, at) => result(at + 1)), DONE),
  ],
  ['tells of 10,000 ports', ACCEPTS, asked(ACCEPTED, ...Array.from({ length: 10_000 }, (_, at) => result(at + 1)))],
  ['accepts 10,000 times', ACCEPTS, asked(...Array.from({ length: 10_000 }, () => ACCEPTED))],
  ['names 16 mirrors where nobody listens', ACCEPTS, asked({ ...ACCEPTED, mirror }, DONE), HEARD_MS],
  ['accepts and closes', ACCEPTS, greetsAnd((socket) => void socket.end(line(ACCEPTED)))],
  ['accepts and says nothing', ACCEPTS, asked(ACCEPTED), HEARD_MS],
  ['says that a port was reached, which it was not', ACCEPTS, asked(ACCEPTED, result(23_000), DONE)],
];

let nextPorts = 23_000;

describe.concurrent.each(['tcp', 'tls'] as const)('an agent over %s', (tls) => {
  test.for(CASES)(
    'that %s is told as what it is, in time',
    async ([, why, behaviour, limitMs = PATIENT_MS], { expect: must, onTestFinished }) => {
      const server = await startHostile(behaviour, tls === 'tls' ? certificates : undefined, onTestFinished);
      const { address: host, port } = server.endpoint;
      const named = { agent: { host, port, tls, token: () => TOKEN } };
      const ports = (nextPorts += 8);
      const report = await askWitness({ witness: 'agent', named, limitMs, ports }, onTestFinished);
      must(whyNot(report)).toMatch(new RegExp(why));
      expectSound(report, { limitMs, codes: [0, 1, 3] });
      // Whatever it says: nothing has arrived here.
      expect(
        report.observations.filter(
          (one) => one.kind === 'reach' && one.outcome.ok && one.outcome.value.result === 'reached',
        ),
      ).toEqual([]);
      expect(JSON.stringify(report)).not.toContain(TOKEN);
      await server.abandoned();
      expect(server.sent()).toBeLessThan(MOST_TAKEN);
    },
  );
});
