import { createSocket } from 'node:dgram';
import { describe, test } from 'vitest';
import { buildStun, parseStun } from '../../src/wire/stun-message.ts';
import { STUN_ATTRIBUTE as A, STUN_METHOD } from '../../src/wire/stun-registry.ts';
import { plainAddressAttribute } from '../../src/wire/stun-values.ts';
import { askWitness, whyNot } from './far-side-run.ts';
import { expectSound, HEARD_MS, STEP_MS } from './hostile-run.ts';
import { startHostileUdp, type AtEnd, type DatagramBehaviour } from './hostile-server.ts';
import { answerTo, mapped, refusal, success, UNKNOWN, UNUSABLE } from './stun-servers.ts';

const raw =
  (octets: Uint8Array, times = 1): DatagramBehaviour =>
  (_datagram, send) => {
    for (let left = times; left > 0; left -= 1) send(octets);
  };

const ofAnother = answerTo((request) => success({ ...request, transactionId: 'f'.repeat(24) }));
const fromElsewhere: DatagramBehaviour = (datagram, _send, { address, port }) => {
  const other = createSocket('udp4');
  other.send(success(parseStun(datagram)), port, address, () => other.close());
};

const SILENT = 'no answer';
const UNREADABLE = 'what came cannot be read';

const CASES: [string, string, DatagramBehaviour][] = [
  ['never answers', SILENT, () => undefined],
  ['sends the request back', 'answers no request|no answer', (datagram, send) => send(datagram)],
  ['answers the request of another', 'answers no request', ofAnother],
  ['answers from another port', SILENT, fromElsewhere],
  ['sends garbage', UNREADABLE, raw(Buffer.alloc(500, 0x85))],
  ['speaks SIP', UNREADABLE, raw(Buffer.from('SIP/2.0 400 Bad Request\r\n\r\n'))],
  ['sends empty datagrams', UNREADABLE, raw(new Uint8Array(0), 1000)],
  ['sends the largest datagrams', UNREADABLE, raw(Buffer.alloc(65_000), 20)],
  ['cuts its answer short', UNREADABLE, answerTo((request) => success(request).subarray(0, 24))],
  [
    'says that its answer is longer',
    UNREADABLE,
    answerTo((request) => Buffer.concat([success(request), Buffer.alloc(4)])),
  ],
  ...UNUSABLE.map(([name, why, make]): [string, string, DatagramBehaviour] => [
    `answers with ${name}`,
    why,
    answerTo(make),
  ]),
  ['names no address', 'without a mapped address', answerTo((request) => success(request, []))],
  [
    'names an address of no family',
    'address',
    answerTo((request) =>
      success(request, [{ type: A.XOR_MAPPED_ADDRESS, value: Uint8Array.of(0, 9, 0, 1, 1, 2, 3, 4) }]),
    ),
  ],
  [
    'wants what nobody knows',
    'must be understood and are not: 0x7fff',
    answerTo((request) => success(request, [mapped(request), UNKNOWN])),
  ],
  ['fails', '500 Hostile: it had a fault of its own', answerTo(refusal(500))],
  [
    'sends elsewhere, each time',
    '300 Hostile',
    answerTo(refusal(300, plainAddressAttribute(A.ALTERNATE_SERVER, { address: '127.0.0.1', port: 1 }))),
  ],
  [
    'refuses without a code',
    'without a mapped address',
    answerTo(({ method, transactionId }) => buildStun({ class: 'error', method, transactionId, attributes: [] })),
  ],
];

/** Made once: the client that is tested shares this thread. */
const TO_ANOTHER = buildStun({
  class: 'success',
  method: STUN_METHOD.BINDING,
  transactionId: 'f'.repeat(24),
  attributes: [],
});
const FLOODS: [string, string, DatagramBehaviour][] = [
  ['sends thousands of answers to another', 'answers no request', raw(TO_ANOTHER, 2000)],
  ['sends thousands of empty datagrams', UNREADABLE, raw(new Uint8Array(0), 2000)],
];

async function ask(behaviour: DatagramBehaviour, { limitMs, ports }: { limitMs: number; ports: number }, atEnd: AtEnd) {
  const { address: host, port } = await startHostileUdp(behaviour, { atEnd });
  const report = await askWitness({ witness: 'stun', named: { stun: { host, port } }, limitMs, ports }, atEnd);
  expectSound(report, { limitMs, codes: [3] });
  return whyNot(report);
}

describe.concurrent('a STUN server', () => {
  test.for(CASES.map((one, at) => [...one, at] as const))(
    'that %s is told as what it is, in time',
    async ([, why, behaviour, at], { expect, onTestFinished }) => {
      const limitMs = why === SILENT ? STEP_MS : HEARD_MS;
      const told = await ask(behaviour, { limitMs, ports: 21_000 + 8 * at }, onTestFinished);
      expect(told).toMatch(new RegExp(`^witness\\.unreachable: .*(?:${why})`));
    },
  );
});

describe('a STUN server', () => {
  test.for(FLOODS)('that %s is told as what it is, in time', async ([, why, behaviour], { expect, onTestFinished }) => {
    const told = await ask(behaviour, { limitMs: HEARD_MS, ports: 20_900 }, onTestFinished);
    expect(told).toMatch(new RegExp(`^witness\\.unreachable: .*(?:${why})`));
  });
});
