import { describe, expect, test } from 'vitest';
import { altNames, der, makeDer, makeKey, type TestName } from '../pki/make-certificate.ts';
import { causeOf, expectSound, requestTo, runInTime } from './hostile-run.ts';
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
} from './hostile-server.ts';
import * as tls from './tls-wire.ts';

/** More than every buffer between two programs holds, and far less than what the server would like to send. */
const MOST_TAKEN = 48 * 1024 * 1024;
const MIB = 1024 * 1024;

const HOST = 'sip.example.org';
const key = makeKey('ec');
const names = Array.from({ length: 10_000 }, (_, at): TestName => ['dns', `host${at}.example.org`]);
const leaf = makeDer({ subject: HOST, key, extensions: [altNames(['dns', HOST])] });
const manyNames = makeDer({ subject: HOST, key, extensions: [altNames(...names)] });
const largeExtension = makeDer({ subject: HOST, key, extensions: [{ oid: '1.2.3.4', value: Buffer.alloc(MIB) }] });
/** As long as a message of the handshake can say. */
const largest = Buffer.concat([Buffer.from('3083fffff0', 'hex'), Buffer.alloc(0xff_ff_ff - 11)]);
const garbage = Buffer.from(Array.from({ length: 4096 }, (_, at) => (at * 167 + 13) % 256));
const authorities = Array.from({ length: 10_000 }, () => der(0x30));

const hello = tls.serverHello();
/** A whole side of the server up to TLS 1.2, which nobody but the signature makes true. */
function whole(...inserted: Uint8Array[]): StreamBehaviour {
  const [before, after] = [
    tls.handshake(hello, tls.certificates(leaf)),
    tls.handshake(...inserted, tls.serverHelloDone),
  ];
  return onFirst((socket, clientHello) => {
    const exchange = tls.handshake(tls.serverKeyExchange(clientHello, key.privateKey));
    socket.write(Buffer.concat([before, exchange, after]));
  });
}

const answers = (...messages: Uint8Array[]): StreamBehaviour => answersIn(tls.handshake(hello, ...messages));
const answersIn = (bytes: Uint8Array): StreamBehaviour => onFirst((socket) => void socket.write(bytes));
const floods = (head: Uint8Array, piece: Uint8Array): StreamBehaviour =>
  onFirst((socket, _bytes, under) => flood(head, piece)(socket, under));
const NOTHING = new Uint8Array(0);

const WITHOUT_END: [string, string, StreamBehaviour][] = [
  ['never answers', 'timeout', silent],
  ['sends an octet at a time', 'unfinished', onFirst((socket, _, under) => drip(tls.handshake(hello))(socket, under))],
  ['never ends a record', 'unfinished', answersIn(Buffer.from('1603034000', 'hex'))],
  ['sends its hello and nothing more', 'unfinished', answers()],
  ['sends its certificate and nothing more', 'unfinished', answers(tls.certificates(leaf))],
  ['sends all, and never answers the client', 'unfinished', whole()],
  [
    'never ends its certificates, slowly',
    'unfinished',
    onFirst((socket, _bytes, under) => {
      socket.write(Buffer.concat([tls.handshake(hello), tls.record(tls.HANDSHAKE, tls.messageHead(11, 90_000))]));
      drip(tls.record(tls.HANDSHAKE, Buffer.alloc(10)))(socket, under);
    }),
  ],
  ['asks for a handshake for ever', 'unfinished', floods(NOTHING, tls.handshake(tls.helloRequest))],
];

const TOO_LARGE: [string, string, StreamBehaviour][] = [
  [
    'never ends its certificates',
    'too-large',
    floods(
      Buffer.concat([tls.handshake(hello), tls.record(tls.HANDSHAKE, tls.messageHead(11, 0xff_ff_ff))]),
      tls.record(tls.HANDSHAKE, Buffer.alloc(16_384)),
    ),
  ],
  [
    'sends 1,000 certificates',
    'too-large',
    answers(tls.certificates(...Array.from({ length: 1000 }, () => leaf)), tls.serverHelloDone),
  ],
  ['sends a certificate of 16 MiB', 'too-large', answers(tls.certificates(largest))],
  ['has a certificate for 10,000 names', 'too-large', answers(tls.certificates(manyNames))],
  ['has a certificate with an extension of 1 MiB', 'too-large', answers(tls.certificates(largeExtension))],
  [
    'staples 1 MiB of garbage',
    'too-large',
    answersIn(
      tls.handshake(
        tls.serverHello({ extensions: [[5, NOTHING]] }),
        tls.certificates(leaf),
        tls.certificateStatus(Buffer.alloc(MIB, garbage)),
      ),
    ),
  ],
];

const BROKEN: [string, string, StreamBehaviour][] = [
  ['sends 1 GiB of data', 'malformed', floods(tls.handshake(hello), tls.record(23, Buffer.alloc(16_384)))],
  ['sends empty records for ever', 'malformed', floods(tls.handshake(hello), tls.record(tls.HANDSHAKE, NOTHING))],
  ['sends warnings for ever', 'malformed', floods(NOTHING, tls.alert(1, 112))],
  ['sends warnings behind its hello', 'malformed', floods(tls.handshake(hello), tls.alert(1, 90))],
  ['changes its cipher for ever', 'malformed', floods(tls.handshake(hello), tls.record(20, Buffer.from([1])))],
  ['sends a record that is too long', 'malformed', answersIn(Buffer.from('160303ffff010203', 'hex'))],
  ['sends the request back', 'malformed', (socket) => void socket.pipe(socket)],
  ['sends garbage as its certificate', 'malformed', answers(tls.certificates(garbage))],
  ['sends an empty certificate', 'malformed', answers(tls.certificates(NOTHING))],
  ['sends no certificate', 'malformed', answers(tls.certificates())],
  ['sends a list that is longer than its message', 'malformed', answers(tls.message(11, [0, 255, 255, 1, 2]))],
  ['chooses a cipher that was not offered', 'malformed', answersIn(tls.handshake(tls.serverHello({ suite: 1 })))],
  [
    'sends an extension that was not asked for',
    'malformed',
    answersIn(tls.handshake(tls.serverHello({ extensions: [[16, Buffer.alloc(65_000)]] }))),
  ],
  ['leaves its keys out', 'malformed', answers(tls.certificates(leaf), tls.serverHelloDone)],
  [
    'sends 150 certificates and no keys',
    'malformed',
    answers(tls.certificates(...Array.from({ length: 150 }, () => leaf)), tls.serverHelloDone),
  ],
  [
    'asks for certificates of 10,000 authorities and sends no keys',
    'malformed',
    answers(tls.certificates(leaf), tls.certificateRequest(authorities), tls.serverHelloDone),
  ],
  ['speaks a version that nobody knows', 'failed', answersIn(tls.handshake(tls.serverHello({ version: 0x0909 })))],
  ['says no', 'alert', answersIn(tls.alert(2, 40))],
  ['closes at once', 'closed', closesAtOnce],
  ['closes behind its hello', 'closed', onFirst((socket) => void socket.end(tls.handshake(hello)))],
  [
    'asks for a certificate, and closes before the client can answer',
    'closed',
    onFirst((socket, clientHello) => {
      const exchange = tls.serverKeyExchange(clientHello, key.privateKey);
      const request = tls.certificateRequest([]);
      socket.end(tls.handshake(hello, tls.certificates(leaf), exchange, request));
    }),
  ],
];

const refusing = whole(tls.certificateRequest(authorities));

const OTHERS: [string, string, StreamBehaviour][] = [
  ['resets at once', 'tcp-reach.reset', resets],
  ['sends garbage', 'tls-service.not-tls', answersIn(garbage)],
  ['sends 1 GiB of garbage', 'tls-service.not-tls', floods(garbage, garbage)],
  ['speaks HTTP', 'tls-service.not-tls', answersIn(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'))],
  ['speaks SSH', 'tls-service.not-tls', says('SSH-2.0-OpenSSH_9.2\r\n')],
  ['speaks SSL 2', 'tls-service.not-tls', answersIn(Buffer.from('802e0100020015', 'hex'))],
  [
    'answers TLS never, and other octets at once',
    'tls-handshake.timeout',
    onFirst((socket, bytes) => void (bytes[0] === tls.HANDSHAKE || socket.write('220 mail.example ESMTP\r\n'))),
  ],
  [
    'asks for certificates of 10,000 authorities and refuses who has none',
    'client-cert.required',
    (socket, under) => {
      refusing(socket, under);
      socket.once('data', () => socket.once('data', () => socket.end(tls.alert(2, 40))));
    },
  ],
];

const HANDSHAKES = [...WITHOUT_END, ...TOO_LARGE, ...BROKEN].map(
  ([name, found, behaviour]): (typeof OTHERS)[number] => [name, `tls-handshake.${found}`, behaviour],
);

/** Who is not waited for may be slow while the machine is busy: the server runs in the same process. */
const limitOf = (cause: string) => (/\.(?:timeout|unfinished)$/.test(cause) ? {} : { timeoutMs: 800 });

describe('a TLS server', () => {
  test.each([...HANDSHAKES, ...OTHERS])('that %s is told as what it is, in time', async (_name, cause, behaviour) => {
    const server = await startHostile(behaviour);
    const report = await runInTime(() => requestTo(server.endpoint, 'tls', { command: 'tls', ...limitOf(cause) }));
    expect(causeOf(report)).toBe(cause);
    expectSound(report);
    await server.abandoned();
    expect(server.sent()).toBeLessThan(MOST_TAKEN);
  });

  test.each([WITHOUT_END[2], TOO_LARGE[0], BROKEN[1]].flatMap((one) => (one === undefined ? [] : [one])))(
    'that %s is told by doctor in the same way',
    async (_name, cause, behaviour) => {
      const server = await startHostile(behaviour);
      const report = await runInTime(() => requestTo(server.endpoint, 'tls'));
      expect([report.verdict.rung, causeOf(report)]).toEqual(['tls', `tls-handshake.${cause}`]);
      expectSound(report);
    },
  );
});
