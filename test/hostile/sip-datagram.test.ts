import { describe, expect, test } from 'vitest';
import { causeOf, expectSound, requestTo, runInTime } from './hostile-run.ts';
import { startHostileUdp, type DatagramBehaviour, text } from './hostile-server.ts';

const repeat =
  (times: number, bytes: Uint8Array): DatagramBehaviour =>
  (_request, send) => {
    for (let left = times; left > 0; left -= 1) send(bytes);
  };

const ANOTHER = text(
  'SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKanother\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>;tag=2\r\nCall-ID: another\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n',
);
const viaOf = (request: Buffer): string => /^Via:.*$/im.exec(request.toString('latin1'))?.[0] ?? '';
const provisional: DatagramBehaviour = (request, send, from) =>
  repeat(10_000, text(`SIP/2.0 100 Trying\r\n${viaOf(request)}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n`))(
    request,
    send,
    from,
  );

const CASES: [string, string, DatagramBehaviour][] = [
  ['never answers', 'sip-answer.none', () => undefined],
  ['sends 10,000 answers to another', 'sip-answer.none', repeat(10_000, ANOTHER)],
  ['sends 10,000 provisional answers', 'sip-answer.none', provisional],
  ['sends empty datagrams', 'sip-answer.none', repeat(1000, new Uint8Array(0))],
  ['sends line ends', 'sip-answer.none', repeat(1000, text('\r\n\r\n'))],
  ['sends the largest datagrams', 'sip-answer.not-sip', repeat(100, Buffer.alloc(65_000, 'a'))],
  ['sends garbage', 'sip-answer.not-sip', repeat(1, Buffer.from(Array.from({ length: 512 }, (_, at) => at % 256)))],
  ['sends the request back', 'sip-answer.not-sip', (request, send) => send(request)],
  ['cuts its answer short', 'sip-answer.none', (_request, send) => send(text('SIP/2.0 200 OK\r\nVia: SI'))],
  ['speaks STUN', 'sip-answer.not-sip', repeat(1, Buffer.from('0101000c2112a442000000000000000000000000', 'hex'))],
];

describe('a SIP server over udp', () => {
  test.each(CASES)('that %s is told as what it is, in time', async (_name, cause, behaviour) => {
    const endpoint = await startHostileUdp(behaviour);
    const report = await runInTime(() => requestTo(endpoint, 'udp'));
    expect(causeOf(report)).toBe(cause);
    expectSound(report);
  });
});
