import { createSocket } from 'node:dgram';
import { describe, test } from 'vitest';
import { encodeQuery } from '../../src/wire/dns-message.ts';
import { answerTo, HOSTILE_ANSWERS, NXDOMAIN, record, SERVFAIL, STRAYS } from './dns-octets.ts';
import { causeOf, expectSound, PATIENT_MS, questionsTo, runInTime, STEP_MS } from './hostile-run.ts';
import { startHostileUdp, type DatagramBehaviour } from './hostile-server.ts';

type Making = (query: Buffer) => Uint8Array;

const sends =
  (make: Making, times = 1): DatagramBehaviour =>
  (query, send) => {
    for (let left = times; left > 0; left -= 1) send(make(query));
  };

/** Answers from a port that nobody has asked. */
const fromElsewhere: DatagramBehaviour = (query, _send, { address, port }) => {
  const other = createSocket('udp4');
  other.send(answerTo(query, { flags: NXDOMAIN }), port, address, () => other.close());
};

const strayTimes = (times: number): [string, string, DatagramBehaviour][] =>
  STRAYS.map(([name, make]) => [`sends ${name} ${times} times`, 'resolver.timeout', sends(make, times)]);

/** Longer ones, sent by the dozen, overrun the buffer of a socket: then it is the loss that is told. */
const LONGEST = 1500;
const SAMPLE = encodeQuery({ id: 1, name: 'a.example', type: 'A', recursion: 'desired' });

const CASES: [string, string, DatagramBehaviour][] = [
  ['never answers', 'resolver.timeout', () => undefined],
  ...strayTimes(1),
  ...strayTimes(100),
  ['answers from another port', 'resolver.timeout', fromElsewhere],
  ['sends empty datagrams', 'resolver.timeout', sends(() => new Uint8Array(0), 100)],
  ['sends one octet', 'resolver.timeout', sends(() => new Uint8Array(1))],
  ['sends the largest datagrams', 'resolver.timeout', sends(() => Buffer.alloc(65_000, 'a'), 10)],
  ['cuts its answer short', 'resolver.failure', sends((query) => answerTo(query).subarray(0, 15))],
  [
    'sends garbage behind the id',
    'resolver.failure',
    sends((query) => Buffer.concat([query.subarray(0, 2), Buffer.alloc(300, 0x85)])),
  ],
  ['speaks SIP', 'resolver.timeout', sends(() => Buffer.from('SIP/2.0 400 Bad Request\r\n\r\n'))],
  ['fails at everything', 'resolver.failure', sends((query) => answerTo(query, { flags: SERVFAIL }))],
  [
    'gives every name an alias that leads back',
    'cname.loop',
    sends((query) => answerTo(query, { answers: 1, rest: record('CNAME', [0xc0, 12]) })),
  ],
  ...HOSTILE_ANSWERS.filter(([, make]) => make(SAMPLE).length < LONGEST).map(
    ([name, make, cause]): [string, string, DatagramBehaviour] => [`answers with ${name}`, cause, sends(make)],
  ),
];

describe('a DNS server over udp', () => {
  test.concurrent.for(CASES)(
    'that %s is told as what it is, in time',
    async ([, cause, behaviour], { expect, onTestFinished: atEnd }) => {
      const endpoint = await startHostileUdp(behaviour, { atEnd });
      const limitMs = cause === 'resolver.timeout' ? STEP_MS : PATIENT_MS;
      const report = await runInTime(() => questionsTo({ label: 'hostile', endpoint }, { timeoutMs: limitMs }));
      expect(causeOf(report)).toBe(cause);
      expectSound(report, { limitMs });
    },
  );
});

const DOCTORED = CASES.filter(([name]) => /^(?:never|sends forged ids 1 |fails|gives every)/.test(name));

describe.concurrent('doctor at a DNS server over udp', () => {
  test.for(DOCTORED)(
    'that %s names the same cause',
    async ([, cause, behaviour], { expect, onTestFinished: atEnd }) => {
      const endpoint = await startHostileUdp(behaviour, { atEnd });
      const limitMs = cause === 'resolver.timeout' ? STEP_MS : PATIENT_MS;
      const request = { timeoutMs: limitMs, command: 'doctor' as const };
      const report = await runInTime(() => questionsTo({ label: 'hostile', endpoint }, request));
      expect(causeOf(report)).toBe(cause);
      expectSound(report, { limitMs });
    },
  );
});
