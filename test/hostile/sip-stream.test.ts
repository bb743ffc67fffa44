import { describe, expect, test } from 'vitest';
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
  MOST_TAKEN,
  text,
} from './hostile-server.ts';
import { certificates } from './hostile-identity.ts';

const ANOTHER = text(
  'SIP/2.0 200 OK\r\nVia: SIP/2.0/TCP 127.0.0.1;branch=z9hG4bKanother\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>;tag=2\r\nCall-ID: another\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n',
);
const GARBAGE = Buffer.from(Array.from({ length: 4096 }, (_, at) => (at * 167 + 13) % 256));

const CASES: [string, string, StreamBehaviour][] = [
  ['never answers', 'sip-answer.none', silent],
  ['sends an octet at a time', 'sip-answer.none', drip(ANOTHER)],
  ['sends line ends for ever', 'sip-answer.none', flood(text('\r\n'), text('\r\n\r\n'))],
  ['never ends a header', 'sip-answer.not-sip', flood(text('SIP/2.0 200 OK\r\nX: '), text('a'.repeat(1000)))],
  ['never ends its headers', 'sip-answer.not-sip', flood(text('SIP/2.0 200 OK\r\n'), text('Warning: 399 a "b"\r\n'))],
  [
    'sends 1 GiB behind a body of 1 MB',
    'sip-answer.not-sip',
    flood(text('SIP/2.0 200 OK\r\nContent-Length: 1000000\r\n\r\n'), text('a')),
  ],
  [
    'announces a body of 1 GiB',
    'sip-answer.not-sip',
    flood(text('SIP/2.0 200 OK\r\nContent-Length: 1073741824\r\n\r\n'), text('a')),
  ],
  ['sends 1 GiB of answers to another', 'sip-answer.none', flood(ANOTHER, ANOTHER)],
  [
    'sends 10,000 answers to another',
    'sip-answer.none',
    says(Buffer.concat(Array.from({ length: 10_000 }, () => ANOTHER))),
  ],
  [
    'sends 10,000 provisional answers',
    'sip-answer.none',
    onFirst((socket, request) => {
      const via = /^Via:.*$/im.exec(request.toString('latin1'))?.[0] ?? '';
      socket.write(text(`SIP/2.0 100 Trying\r\n${via}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n`.repeat(10_000)));
    }),
  ],
  [
    'sends 10,000 requests of its own',
    'sip-answer.none',
    says(
      text(
        'OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP a;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n'.repeat(
          10_000,
        ),
      ),
    ),
  ],
  ['sends garbage', 'sip-answer.not-sip', says(GARBAGE)],
  ['sends 1 GiB of garbage', 'sip-answer.not-sip', flood(GARBAGE, GARBAGE)],
  ['speaks HTTP', 'sip-answer.not-sip', says('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n')],
  ['speaks SMTP', 'sip-answer.not-sip', says('220 mail.example ESMTP\r\n')],
  ['speaks SSH', 'sip-answer.not-sip', says('SSH-2.0-OpenSSH_9.2\r\n')],
  ['sends NUL octets for ever', 'sip-answer.not-sip', flood(Buffer.alloc(8), Buffer.alloc(1024))],
  ['sends the request back', 'sip-answer.not-sip', (socket) => void socket.pipe(socket)],
  ['closes at once', 'sip-answer.closed', closesAtOnce],
  ['closes on the request', 'sip-answer.closed', onFirst((socket) => void socket.end())],
  ['resets at once', 'reset at once', resets],
  ['resets on the request', 'sip-answer.closed', onFirst((_socket, _request, under) => void under.resetAndDestroy())],
  ['closes inside an answer', 'sip-answer.closed', onFirst((socket) => void socket.end('SIP/2.0 200 OK\r\nVia: SI'))],
];

describe.each([
  ['tcp', undefined],
  ['tls', certificates],
] as const)('a SIP server over %s', (transport, identity) => {
  test.each(CASES)('that %s is told as what it is, in time', async (_name, cause, behaviour) => {
    const server = await startHostile(behaviour, identity);
    const trust = { added: [certificates.rootPem], builtIn: () => Promise.resolve([]) };
    const report = await runInTime(() => requestTo(server.endpoint, transport, { trust }));
    const expected =
      cause === 'reset at once' ? { tcp: 'tcp-reach.reset', tls: 'sip-answer.closed' }[transport] : cause;
    expect(causeOf(report)).toBe(expected);
    expectSound(report);
    await server.abandoned();
    expect(server.sent()).toBeLessThan(MOST_TAKEN);
  });
});
