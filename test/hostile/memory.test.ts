import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Report } from '../../src/model.ts';
import { createLabCertificates } from '../../src/lab/certificates.ts';
import { assertValidReport } from '../report/valid-report.ts';
import {
  drip,
  flood,
  onFirst,
  says,
  silent,
  startHostile,
  startHostileUdp,
  type StreamBehaviour,
  text,
} from './hostile-server.ts';
import { startMeasured } from './measured-command.ts';
import { afterHandshake, endlessly } from './tls-after.ts';
import * as tls from './tls-wire.ts';

const MOST_MEMORY = 200 * 1024 * 1024;
const STEP_MS = 1000;
/** A busy machine adds to it; half a second is kept where a run is made again (hostile-run.ts). */
const MARGIN_MS = 2500;

const hello = tls.handshake(tls.serverHello());
const certificateHead = tls.record(tls.HANDSHAKE, tls.messageHead(11, 0xff_ff_ff));
const zeros = tls.record(tls.HANDSHAKE, Buffer.alloc(16_384));
const identity = await createLabCertificates({ domain: 'fuzzybunny.local', now: Date.now(), flaw: 'none' });
const folder = mkdtempSync(join(tmpdir(), 'sipdiag-memory-'));
const rootFile = join(folder, 'root.pem');
writeFileSync(rootFile, identity.rootPem);
afterAll(() => rmSync(folder, { recursive: true }));

const largest = tls.handshake(tls.serverHello(), tls.certificates(Buffer.alloc(0xff_ff_ff - 10)));
const garbage = Buffer.from(Array.from({ length: 4096 }, (_, at) => (at * 167 + 13) % 256));
const onFirstFlood = (head: Uint8Array, piece: Uint8Array): StreamBehaviour =>
  onFirst((socket, _bytes, under) => flood(head, piece)(socket, under));

const TLS: [string, string, StreamBehaviour][] = [
  ['never answers', 'tls-handshake.timeout', silent],
  ['sends an octet at a time', 'tls-handshake.unfinished', drip(hello)],
  ['asks for a handshake for ever', 'tls-handshake.unfinished', onFirstFlood(new Uint8Array(0), zeros)],
  [
    'never ends its certificates',
    'tls-handshake.too-large',
    onFirstFlood(Buffer.concat([hello, certificateHead]), zeros),
  ],
  ['sends a certificate of 16 MiB', 'tls-handshake.too-large', onFirst((socket) => void socket.write(largest))],
  ['sends empty records for ever', 'tls-handshake.malformed', onFirstFlood(hello, Buffer.from('1603030000', 'hex'))],
  ['sends 1 GiB of garbage', 'tls-service.not-tls', flood(garbage, garbage)],
];

const ticket = tls.message(4, Buffer.alloc(8), tls.vector(1, [1]), tls.vector(2, Buffer.alloc(64)), tls.vector(2));
const AFTER: [string, string, StreamBehaviour][] = [
  [
    'sends tickets for ever',
    'sip-answer.none',
    afterHandshake('TLSv1.3', identity, (socket, { seal }) => endlessly(socket, () => seal(tls.HANDSHAKE, ticket))),
  ],
  [
    'sends 1 GiB inside TLS',
    'sip-answer.not-sip',
    afterHandshake('TLSv1.2', identity, (socket, { seal }) =>
      endlessly(socket, () => seal(tls.APPLICATION_DATA, Buffer.alloc(16_384, 'a'))),
    ),
  ],
];

const SIP: [string, string, StreamBehaviour][] = [
  ['never answers', 'sip-answer.none', silent],
  ['sends an octet at a time', 'sip-answer.none', drip(text('SIP/2.0 200 OK\r\n'))],
  ['sends line ends for ever', 'sip-answer.none', flood(text('\r\n'), text('\r\n\r\n'))],
  ['never ends a header', 'sip-answer.not-sip', flood(text('SIP/2.0 200 OK\r\nX: '), text('a'.repeat(1000)))],
  [
    'never ends a body',
    'sip-answer.not-sip',
    flood(text('SIP/2.0 200 OK\r\nContent-Length: 1073741824\r\n\r\n'), text('a')),
  ],
  [
    'sends 1 GiB of answers to another',
    'sip-answer.none',
    flood(new Uint8Array(0), text('SIP/2.0 200 OK\r\nVia: SIP/2.0/TCP a;branch=z9hG4bK1\r\nCSeq: 1 OPTIONS\r\n\r\n')),
  ],
  ['speaks SMTP', 'sip-answer.not-sip', says('220 mail.example ESMTP\r\n')],
];

/** What a run came to; what went beyond its bounds is told with its numbers. */
async function outcomeOf(args: readonly string[]) {
  const limits = ['--timeout', String(STEP_MS), '--resolver', '127.0.0.1:1', '--json'];
  const { stdout, stderr, code, peakBytes } = await startMeasured([...args, ...limits]).ended;
  const report: Report = JSON.parse(stdout);
  assertValidReport(report);
  const late = report.observations.filter(({ outcome }) => outcome.ms > STEP_MS + MARGIN_MS);
  const memory = peakBytes < MOST_MEMORY ? 'within its bound' : `${peakBytes} octets`;
  return { cause: report.verdict.findingId, code, stderr, late, memory };
}

const bounded = (cause: string) => ({ cause, code: 1, stderr: '', late: [], memory: 'within its bound' });

describe('the built command stays within 200 MiB, and ends, against a server', () => {
  test.each(TLS)('for TLS that %s', async (_name, cause, behaviour) => {
    const { endpoint } = await startHostile(behaviour);
    expect(await outcomeOf(['tls', `${endpoint.address}:${endpoint.port}`])).toEqual(bounded(cause));
  });

  test.each(AFTER)('that after its handshake %s', async (_name, cause, behaviour) => {
    const { endpoint } = await startHostile(behaviour);
    const trust = ['--ca', rootFile, '--verify-name', 'fuzzybunny.local'];
    expect(
      await outcomeOf(['doctor', `sip:alice@${endpoint.address}:${endpoint.port};transport=tls`, ...trust]),
    ).toEqual(bounded(cause));
  });

  test.each(SIP)('for SIP over TCP that %s', async (_name, cause, behaviour) => {
    const { endpoint } = await startHostile(behaviour);
    expect(await outcomeOf(['doctor', `sip:alice@${endpoint.address}:${endpoint.port};transport=tcp`])).toEqual(
      bounded(cause),
    );
  });

  test('for SIP over UDP that sends the largest datagrams again and again', async () => {
    const endpoint = await startHostileUdp((_request, send) => {
      for (let left = 1000; left > 0; left -= 1) send(Buffer.alloc(65_000, 'a'));
    });
    expect(await outcomeOf(['doctor', `sip:alice@${endpoint.address}:${endpoint.port};transport=udp`])).toEqual(
      bounded('sip-answer.not-sip'),
    );
  });
});
