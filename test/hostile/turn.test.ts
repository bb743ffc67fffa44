import { describe, expect, test } from 'vitest';
import { STUN_ATTRIBUTE as A } from '../../src/wire/stun-registry.ts';
import { attributeValue, type StunMessage } from '../../src/wire/stun-message.ts';
import { plainAddressAttribute } from '../../src/wire/stun-values.ts';
import { askWitness, whyNot } from './far-side-run.ts';
import { expectSound, HEARD_MS, PATIENT_MS, STEP_MS } from './hostile-run.ts';
import {
  closesAtOnce,
  drip,
  flood,
  onFirst,
  resets,
  says,
  silent,
  startHostile,
  startHostileUdp,
  type AtEnd,
  type DatagramBehaviour,
  type StreamBehaviour,
  MOST_TAKEN,
} from './hostile-server.ts';
import { answering, answerTo, challenged, refusal, success, UNKNOWN, UNUSABLE, type Making } from './stun-servers.ts';
import { certificates } from './hostile-identity.ts';

const PASSWORD = 'clementine-6e6f6e6365';

type Over = 'udp' | 'tcp' | 'tls';

/** Requests with a user name: a password is in their integrity. */
interface Counted {
  behaviour: Making;
  passwords: () => number;
}

function counted(make: (request: StunMessage, nth: number) => Uint8Array): Counted {
  const ids = new Set<string>();
  let requests = 0;
  return {
    behaviour(request) {
      if (attributeValue(request, A.USERNAME) !== undefined) ids.add(request.transactionId);
      return make(request, (requests += 1));
    },
    passwords: () => ids.size,
  };
}

/** First a challenge, and then this. */
const behindChallenge = (make: (request: StunMessage, nth: number) => Uint8Array) => () =>
  counted((request, nth) =>
    attributeValue(request, A.USERNAME) === undefined ? challenged(401, 'n')(request) : make(request, nth),
  );

/** What is told, how often the password may be used, and what answers. */
type Answering = [string, string, number, () => Counted];

const ANSWERS: Answering[] = [
  [
    'challenges with a new nonce, again and again',
    'denied: .*401',
    1,
    () => counted((r, nth) => challenged(401, `n${nth}`)(r)),
  ],
  [
    'calls every nonce stale',
    'denied: .*438 Hostile: it calls each nonce stale',
    3,
    () => counted((r, nth) => challenged(nth === 1 ? 401 : 438, `n${nth}`)(r)),
  ],
  [
    'calls a nonce stale that was never given',
    'denied: .*438',
    3,
    () => counted((r, nth) => challenged(438, `n${nth}`)(r)),
  ],
  ['challenges with nothing', 'no REALM', 0, () => counted(refusal(401))],
  [
    'sends elsewhere, each time',
    '300 Hostile: it sends its clients',
    0,
    () => counted(refusal(300, plainAddressAttribute(A.ALTERNATE_SERVER, { address: '127.0.0.1', port: 1 }))),
  ],
  ['sends elsewhere after the password', '300 Hostile', 1, behindChallenge(refusal(300))],
  ['has no room', 'denied: .*486', 1, behindChallenge(refusal(486))],
  ['fails at the password', '500 Hostile', 1, behindChallenge(refusal(500))],
  ['wants what nobody knows', 'must be understood', 0, () => counted((request) => success(request, [UNKNOWN]))],
  ['allocates nothing', 'without XOR-MAPPED-ADDRESS', 0, () => counted((request) => success(request, []))],
  [
    'accepts without a proof',
    'MESSAGE-INTEGRITY of another password',
    2,
    behindChallenge((request) => success(request)),
  ],
];

const RAW: [string, string, StreamBehaviour][] = [
  ['never answers', 'no answer', silent],
  ['sends an octet at a time', 'no answer', drip(Buffer.alloc(64))],
  ['sends the head of a message and no more', 'no answer', says(Buffer.from('0103fffc2112a442', 'hex'))],
  ['sends 1 GiB of zeros', 'no answer|cannot be read|answers no request', flood(new Uint8Array(0), Buffer.alloc(1024))],
  ['sends 1 GiB of garbage', 'neither STUN nor ChannelData', flood(new Uint8Array(0), Buffer.alloc(1024, 0x85))],
  ['speaks HTTP', 'neither STUN nor ChannelData', says('HTTP/1.1 400 Bad Request\r\n\r\n')],
  ['closes at once', 'ended the connection|ECONNRESET|ended before all', closesAtOnce],
  ['closes on the request', 'ended the connection', onFirst((socket) => void socket.end())],
  [
    'closes inside an answer',
    'ended the connection',
    onFirst((socket) => void socket.end(Buffer.from('01030010', 'hex'))),
  ],
  ['resets at once', 'ECONNRESET', resets],
  ['resets on the request', 'ECONNRESET', onFirst((_socket, _bytes, under) => void under.resetAndDestroy())],
  ['sends the request back', 'no answer', (socket) => void socket.pipe(socket)],
];

let nextPorts = 22_000;

async function start(over: Over, how: { stream: StreamBehaviour; datagram: DatagramBehaviour }, atEnd: AtEnd) {
  if (over === 'udp') return { endpoint: await startHostileUdp(how.datagram, { atEnd }), server: undefined };
  const server = await startHostile(how.stream, over === 'tls' ? certificates : undefined, atEnd);
  return { endpoint: server.endpoint, server };
}

async function askTurn(
  over: Over,
  { how, limitMs }: { how: { stream: StreamBehaviour; datagram: DatagramBehaviour }; limitMs: number },
  atEnd: AtEnd,
) {
  const { endpoint, server } = await start(over, how, atEnd);
  const turn = { host: endpoint.address, port: endpoint.port, transport: over };
  const turnCredentials = { user: 'alice', password: () => PASSWORD };
  const ports = (nextPorts += 8);
  const report = await askWitness({ witness: 'turn', named: { turn, turnCredentials }, limitMs, ports }, atEnd);
  expectSound(report, { limitMs, codes: [0, 3] });
  expect(JSON.stringify(report)).not.toContain(PASSWORD);
  await server?.abandoned();
  expect(server?.sent() ?? 0).toBeLessThan(MOST_TAKEN);
  return whyNot(report);
}

const ROWS = (['udp', 'tcp', 'tls'] as const).flatMap((over) => ANSWERS.map((one) => [over, ...one] as const));
const STREAMS = (['tcp', 'tls'] as const).flatMap((over) => RAW.map((one) => [over, ...one] as const));

describe.concurrent('a TURN server', () => {
  test.for(ROWS)(
    'over %s that %s is told as what it is, in time',
    async ([over, , why, most, make], { expect, onTestFinished }) => {
      const { behaviour, passwords } = make();
      const how = { stream: answering(behaviour), datagram: answerTo(behaviour) };
      const limitMs = why.includes('INTEGRITY') ? HEARD_MS : PATIENT_MS;
      const told = await askTurn(over, { how, limitMs }, onTestFinished);
      expect(told).toMatch(new RegExp(why));
      // Over a connection there is an allocation of its own for TCP.
      expect(passwords()).toBeLessThanOrEqual(over === 'udp' ? most : 2 * most);
    },
  );

  test.for(UNUSABLE)(
    'over udp that answers with %s is told as what it is, in time',
    async ([, why, make], { expect, onTestFinished }) => {
      const how = { stream: answering(make), datagram: answerTo(make) };
      expect(await askTurn('udp', { how, limitMs: HEARD_MS }, onTestFinished)).toMatch(new RegExp(why));
    },
  );

  test.for(UNUSABLE)(
    'over tcp that answers with %s is told as what it is, in time',
    async ([, why, make], { expect, onTestFinished }) => {
      const how = { stream: answering(make), datagram: answerTo(make) };
      expect(await askTurn('tcp', { how, limitMs: PATIENT_MS }, onTestFinished)).toMatch(new RegExp(why));
    },
  );

  test.for(STREAMS)(
    'over %s that %s is told as what it is, in time',
    async ([over, , why, stream], { expect, onTestFinished }) => {
      const limitMs = why.startsWith('no answer') ? STEP_MS : PATIENT_MS;
      const told = await askTurn(over, { how: { stream, datagram: () => undefined }, limitMs }, onTestFinished);
      expect(told).toMatch(new RegExp(`witness\\.unreachable: .*(?:${why})`));
    },
  );
});
