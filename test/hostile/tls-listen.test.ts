import { connect } from 'node:net';
import { connect as connectTls, createSecureContext } from 'node:tls';
import { describe, expect, test } from 'vitest';
import type { Observation, Report } from '../../src/model.ts';
import { assembleReport } from '../../src/judge.ts';
import { createLabCertificates } from '../../src/lab/certificates.ts';
import { createRealWorld } from '../../src/net/real-world.ts';
import { writePem } from '../../src/pki/pem-text.ts';
import { sideBySide } from '../../src/probe/context.ts';
import { probePeer } from '../../src/probe/tls-listen.ts';
import { freePort } from '../e2e/real/ports.ts';
import { makeDer, makeKey } from '../pki/make-certificate.ts';
import { ADDRESS, causesOf, gone, hello, listenFor, PATIENCE_MS } from './listening-command.ts';
import { drip, flood, silent, type StreamBehaviour } from './hostile-server.ts';
import { startMeasured } from './measured-command.ts';
import * as tls from './tls-wire.ts';

const MIB = 1024 * 1024;
const MOST_MEMORY = 200 * MIB;

const key = makeKey('ec');
const keyPem = key.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const leafPem = writePem(makeDer({ subject: 'peer.example.org', key }));
const largest = tls.handshake(tls.certificates(Buffer.alloc(0xff_ff_ff - 10)));
const damaged = tls.handshake(tls.certificates(Buffer.alloc(100, 5)));

const says =
  (bytes: Uint8Array): StreamBehaviour =>
  (socket) =>
    void socket.write(bytes);
/** Sends its certificates without having looked at the answer. */
const shows =
  (bytes: Uint8Array): StreamBehaviour =>
  (socket) => {
    socket.write(hello);
    socket.once('data', () => socket.write(bytes));
  };
/** Read once: that takes longer than a step. */
const longChain = createSecureContext({ cert: leafPem.repeat(1000), key: keyPem });
const showsLongChain: StreamBehaviour = (socket) =>
  void connectTls({ socket, rejectUnauthorized: false, secureContext: longChain }).on('error', () => undefined);
const NOTHING = new Uint8Array(0);

const PEERS: [string, string, StreamBehaviour][] = [
  ['says nothing', 'tls-peer.silent', silent],
  ['goes away at once', 'tls-peer.silent', (socket) => void socket.end()],
  ['sends an octet at a time', 'tls-peer.unfinished', drip(hello)],
  ['says hello and nothing more', 'tls-peer.unfinished', says(hello)],
  ['speaks HTTP', 'tls-peer.not-tls', says(Buffer.from('GET / HTTP/1.1\r\n\r\n'))],
  ['sends records for ever', 'tls-peer.malformed', flood(NOTHING, tls.record(tls.HANDSHAKE, Buffer.alloc(16_384)))],
  ['sends empty records for ever', 'tls-peer.malformed', flood(hello, tls.record(tls.HANDSHAKE, NOTHING))],
  ['sends warnings for ever', 'tls-peer.malformed', flood(hello, tls.alert(1, 90))],
  ['shows a chain of 1,000 certificates', 'tls-peer.malformed', showsLongChain],
  ['shows a certificate of 16 MiB', 'tls-peer.malformed', shows(largest)],
  ['shows garbage as its certificate', 'tls-peer.malformed', shows(damaged)],
  ['has no certificate', 'tls-peer.no-certificate', (socket) => void connectTls({ socket, rejectUnauthorized: false })],
];

describe('sipdiag tls --listen', () => {
  test.each(PEERS)('tells of a peer that %s, within its memory, and ends', async (_name, cause, behaviour) => {
    const { report, code, stderr, peakBytes } = await listenFor(behaviour);
    expect(causesOf(report)).toEqual([cause]);
    expect([1, 3]).toContain(code);
    expect(stderr).toMatch(/^sipdiag: waiting at .*\n$/);
    expect(peakBytes).toBeLessThan(MOST_MEMORY);
  });

  test('takes the first of 100 peers, and leaves none of the others open', async () => {
    const { report, code } = await listenFor(silent, { peers: 100 });
    expect(causesOf(report)).toEqual(['tls-peer.silent']);
    expect(code).toBe(3);
  });

  test('passes over a connection that was reset before anybody looked', async () => {
    const port = await freePort(ADDRESS);
    const command = startMeasured([
      'tls',
      '--listen',
      `${ADDRESS}:${port}`,
      '--deadline',
      String(PATIENCE_MS),
      '--json',
    ]);
    await command.said('waiting at');
    const knock = connect(port, ADDRESS);
    knock.on('error', () => undefined);
    knock.once('connect', () => knock.resetAndDestroy());
    await gone(knock);
    const { stdout, code } = await command.ended;
    const report: Report = JSON.parse(stdout);
    expect([report.verdict.status, code]).toEqual(['unknown', 3]);
  });
});

describe('a peer that goes away inside its ClientHello', () => {
  test('is told as that, wherever it is', async () => {
    const made = await createLabCertificates({ domain: 'sipdiag.invalid', now: Date.now(), flaw: 'self-signed' });
    const world = createRealWorld();
    const runs = await sideBySide([...hello.keys()], 4, async (octets): Promise<Observation[]> => {
      const listener = await world.net.listen({ address: ADDRESS, port: 0 });
      const socket = connect(listener.local.port, ADDRESS);
      socket.on('error', () => undefined).once('connect', () => socket.end(hello.subarray(0, octets)));
      const context = { world, startedAt: world.now(), timeoutMs: 10_000 };
      const observations = await probePeer(context, {
        listener,
        server: { certificate: made.chainPem, key: made.keyPem },
        shown: 'throw-away',
        trust: { added: [], builtIn: () => Promise.resolve([]) },
        judgeAt: new Date().toISOString(),
        profile: 'rfc3263',
        verifyName: '',
        patienceMs: 10_000,
      });
      listener.close();
      return observations;
    });
    expect(runs.length).toBeGreaterThan(200);
    const target = { input: '--listen', scheme: 'sip', transports: [], profile: 'auto' } as const;
    const told = runs.map((observations) =>
      causesOf(
        assembleReport(observations, {
          version: '0.0.0',
          command: 'tls',
          startedAt: new Date().toISOString(),
          ms: 0,
          target: { ...target, transports: [] },
        }),
      ).join(),
    );
    expect(told).toEqual(['tls-peer.silent', ...told.slice(1).map(() => 'tls-peer.malformed')]);
  });
});
