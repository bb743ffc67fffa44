import { createPublicKey, randomBytes } from 'node:crypto';
import { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { writePem } from '../../src/pki/pem-text.ts';
import { der, makeDer, makeKey, oid, type TestKey } from '../pki/make-certificate.ts';
import { drip, flood, type StreamBehaviour } from './hostile-server.ts';
import { causesOf, hello, listenFor } from './listening-command.ts';
import * as tls from './tls-wire.ts';

const MOST_MEMORY = 200 * 1024 * 1024;
/** Where the peer is not waited for: a busy machine must not make the limit the cause. */
const STEP_MS = 500;
const PATIENT_MS = 8000;

const key = makeKey('ec');
const keyPem = key.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const leaf = makeDer({
  subject: 'peer.example.org',
  key,
  notBefore: '2020-01-01T00:00:00Z',
  notAfter: '2049-01-01T00:00:00Z',
});

/** The largest modulus that OpenSSL takes. */
const MODULUS_OCTETS = 16_384 / 8;

/** A certificate whose key has 16,384 bits; nobody has the private one. */
function largeKeyLeaf(): Buffer {
  const modulus = randomBytes(MODULUS_OCTETS);
  modulus[0] = 0xff;
  modulus[MODULUS_OCTETS - 1] = 0x01;
  const rsa = der(0x30, der(0x02, [0], modulus), der(0x02, [1, 0, 1]));
  const spki = der(0x30, der(0x30, oid('1.2.840.113549.1.1.1'), der(0x05)), der(0x03, [0], rsa));
  const large: TestKey = { ...key, publicKey: createPublicKey({ key: spki, format: 'der', type: 'spki' }) };
  return makeDer({ subject: 'peer.example.org', key: large, issuer: 'An authority', signer: key });
}

/** RFC 5246 section 7.4.7 with RFC 8422 section 5.7: any 32 octets are a point of X25519. */
const keyExchange = tls.handshake(tls.message(16, tls.vector(1, Buffer.alloc(32, 9))));
/** RFC 5246 section 7.4.8: rsa_pkcs1_sha256, and no signature of anybody. */
const rsaProof = tls.handshake(tls.message(15, [4, 1], tls.vector(2, Buffer.alloc(MODULUS_OCTETS, 1))));
const shown = tls.handshake(tls.certificates(leaf));
const endless = tls.record(tls.HANDSHAKE, tls.messageHead(11, 0xff_ff_ff));

/** Says hello, and goes on so once the other side has spoken. */
const afterHello =
  (act: StreamBehaviour): StreamBehaviour =>
  (socket, under) => {
    socket.write(hello);
    socket.once('data', () => act(socket, under));
  };
const sends =
  (...parts: Uint8Array[]): StreamBehaviour =>
  (socket) =>
    void socket.write(Buffer.concat(parts));
const leavesAfter = (...parts: Uint8Array[]): StreamBehaviour =>
  afterHello((socket) => void socket.end(Buffer.concat(parts)));

/** Shakes hands as it should, and then does that, inside TLS or below it. */
const afterHandshake =
  (version: 'TLSv1.2' | 'TLSv1.3', act: StreamBehaviour): StreamBehaviour =>
  (socket) => {
    // Node would wrap the connection itself, and nothing could be sent below TLS.
    const carrier = new Duplex({
      read: () => undefined,
      write: (chunk: Buffer, _encoding, done) => void socket.write(chunk, () => done()),
    });
    carrier.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => carrier.push(bytes));
    const settings = { cert: writePem(leaf), key: keyPem, minVersion: version, maxVersion: version };
    const inside = connectTls({ socket: carrier, rejectUnauthorized: false, ...settings });
    // Its last words are on their way then.
    inside.on('error', () => undefined).once('secureConnect', () => setImmediate(() => act(inside, socket)));
  };
const garbage = Buffer.from(Array.from({ length: 4096 }, (_, at) => (at * 167 + 13) % 256));
const SELF_SIGNED = 'cert-chain.self-signed';

const PEERS: [string, string, StreamBehaviour][] = [
  [
    'has a key of 16,384 bits',
    'tls-peer.failed',
    afterHello(sends(tls.handshake(tls.certificates(largeKeyLeaf())), keyExchange, rsaProof)),
  ],
  ['sends an octet at a time after its hello', 'tls-peer.unfinished', afterHello(drip(shown))],
  [
    'never ends its certificates',
    'tls-peer.malformed',
    afterHello(flood(endless, tls.record(tls.HANDSHAKE, Buffer.alloc(16_384)))),
  ],
  ['goes away after its hello', 'tls-peer.refused', leavesAfter()],
  ['goes away after its certificates', 'tls-peer.refused', leavesAfter(shown)],
  ['goes away after its key exchange', 'tls-peer.refused', leavesAfter(shown, keyExchange)],
  ['goes away after an alert', 'tls-peer.refused', leavesAfter(tls.alert(2, 48))],
  ...(['TLSv1.2', 'TLSv1.3'] as const).flatMap((version): [string, string, StreamBehaviour][] => [
    [`sends 1 GiB after its handshake of ${version}`, SELF_SIGNED, afterHandshake(version, flood(garbage, garbage))],
    [
      `sends garbage below TLS after its handshake of ${version}`,
      SELF_SIGNED,
      afterHandshake(version, (_inside, under) => flood(garbage, garbage)(under, under)),
    ],
    [
      `goes away after its handshake of ${version}`,
      SELF_SIGNED,
      afterHandshake(version, (_inside, under) => void under.end()),
    ],
  ]),
];

describe('sipdiag tls --listen', () => {
  test.each(PEERS)('tells of a peer that %s, within its memory, and ends', async (_name, cause, behaviour) => {
    const { report, code, stderr, peakBytes } = await listenFor(behaviour, {
      stepMs: cause === 'tls-peer.unfinished' ? STEP_MS : PATIENT_MS,
    });
    expect(causesOf(report)).toEqual([cause]);
    expect([1, 3]).toContain(code);
    expect(stderr).toMatch(/^sipdiag: waiting at .*\n$/);
    expect(peakBytes).toBeLessThan(MOST_MEMORY);
  });
});
