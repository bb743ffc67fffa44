import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect as connectSocket, type Socket } from 'node:net';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createRealNet } from '../../src/net/real-net.ts';
import { createRealWorld } from '../../src/net/real-world.ts';
import { recordWorld } from '../../src/net/record.ts';
import { replayWorld } from '../../src/net/replay.ts';
import { readServerFlight } from '../../src/wire/tls-flight.ts';
import type { Endpoint, TlsSettings, TlsStream, World } from '../../src/world.ts';
import {
  createOpened,
  makeCertificates,
  portOf,
  serveOpenssl,
  serveTcp,
  writeBundle,
  type TestCertificates,
} from './loopback-servers.ts';

const net = createRealNet();
const opened = createOpened();
const wait = { timeoutMs: 5_000 };
let certificates: TestCertificates;

beforeAll(() => {
  certificates = makeCertificates();
});
afterEach(() => opened.closeAll());
afterAll(() => certificates.remove());

async function handshake(at: Endpoint, settings: TlsSettings = {}, timeoutMs = 5_000): Promise<TlsStream> {
  return net.startTls(await net.connect(at, wait), settings, { timeoutMs });
}

function sentBy({ facts }: Pick<TlsStream, 'facts'>): ReturnType<typeof readServerFlight> {
  return readServerFlight(facts.handshake ?? { serverFlight: new Uint8Array(), keyLog: [] });
}

describe.each(['-tls1_2', '-tls1_3'])('the chain of a server with %s', (version) => {
  test.each([
    ['whole and in order', ['intermediate', 'root']],
    ['in the wrong order', ['root', 'intermediate']],
    ['with a stranger in it', ['stranger', 'intermediate']],
    ['with a certificate twice', ['intermediate', 'intermediate']],
    ['without its intermediate', ['root']],
  ])('is read exactly as sent: %s', async (_what, extra) => {
    const bundle = writeBundle(certificates, extra);
    const { at } = await serveOpenssl(opened, certificates.directory, [version, '-cert_chain', bundle]);
    const stream = await handshake(at);
    const expected = ['leaf', ...extra].map((name) => certificates.der(name));
    expect(sentBy(stream).certificates).toEqual(expected);
    expect(stream.facts.readChain()[0]).toEqual(expected[0]);
    stream.close();
  });

  test('comes with the authorities that a request for a client certificate names', async () => {
    const args = [version, '-verify', '1', '-CAfile', 'stranger.pem'];
    const { at } = await serveOpenssl(opened, certificates.directory, args);
    const stream = await handshake(at);
    const request = sentBy(stream).certificateRequest;
    expect(request?.authorities.map((name) => Buffer.from(name).toString('latin1'))).toEqual([
      expect.stringContaining('stranger'),
    ]);
    expect(request?.signatureAlgorithms).toContain(0x0403);
    stream.close();
  });
});

test.each([
  ['TLS_AES_128_GCM_SHA256', 0x1301],
  ['TLS_AES_256_GCM_SHA384', 0x1302],
  ['TLS_CHACHA20_POLY1305_SHA256', 0x1303],
])('the certificates are read under %s', async (suite, code) => {
  const { at } = await serveOpenssl(opened, certificates.directory, ['-tls1_3', '-ciphersuites', suite]);
  const stream = await handshake(at);
  expect(stream.facts.cipher).toBe(suite);
  expect(sentBy(stream)).toMatchObject({
    cipherSuite: code,
    version: 'TLSv1.3',
    certificates: [certificates.der('leaf')],
  });
  stream.close();
});

test('the certificates are read after a HelloRetryRequest', async () => {
  const { at } = await serveOpenssl(opened, certificates.directory, ['-tls1_3', '-groups', 'secp521r1']);
  const stream = await handshake(at);
  expect(sentBy(stream).certificates).toEqual([certificates.der('leaf')]);
  stream.close();
});

test('a recorded handshake is replayed with all that was seen of it', async () => {
  const { at } = await serveOpenssl(opened, certificates.directory, ['-tls1_3', '-rev']);
  const program = async (world: World): Promise<unknown[]> => {
    const stream = await world.net.startTls(await world.net.connect(at, wait), { serverName: 'sip.example.com' }, wait);
    await stream.send(Buffer.from('abc\n'), wait);
    const answer = Buffer.from(await stream.receive(wait)).toString();
    const { readChain, ...facts } = stream.facts;
    const chain = readChain();
    stream.close();
    return [{ ...facts, chain }, stream.local, stream.remote, sentBy(stream).certificates, answer];
  };
  const recording = recordWorld(createRealWorld({ net }));
  const live = await program(recording.world);
  expect(live.slice(2)).toEqual([at, [certificates.der('leaf')], 'cba\n']);
  const replay = replayWorld(recording.tape());
  expect(await program(replay)).toEqual(live);
  replay.finish();
});

test.each(['-tls1_2', '-tls1_3'])('a stapled OCSP response is asked for and read with %s', async (version) => {
  const staple = Buffer.from('30030a0106', 'hex');
  writeFileSync(join(certificates.directory, 'staple.der'), staple);
  const { at } = await serveOpenssl(opened, certificates.directory, [version, '-status_file', 'staple.der']);
  const stream = await handshake(at);
  expect(stream.facts.ocspStaple).toEqual(new Uint8Array(staple));
  expect(sentBy(stream).ocspStaple).toEqual(new Uint8Array(staple));
  stream.close();
});

test('an old version is spoken when it is asked for', async () => {
  const old = 'DEFAULT@SECLEVEL=0';
  const { at } = await serveOpenssl(opened, certificates.directory, ['-tls1', '-cipher', old]);
  const stream = await handshake(at, { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: old });
  expect(stream.facts.version).toBe('TLSv1');
  expect(sentBy(stream).certificates).toEqual([certificates.der('leaf')]);
  stream.close();
});

test.each([
  ['a name', 'sip.example.com', 'sip.example.com'],
  ['no name', undefined, false],
  ['an address', '192.0.2.1', false],
])('given %s, the server is told just that', async (_what, serverName, expected) => {
  const read = (name: string): Buffer => readFileSync(join(certificates.directory, name));
  const server = createServer({ cert: read('leaf.pem'), key: read('leaf.key') });
  opened.keep(() => server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const secure = once(server, 'secureConnection');
  const stream = await handshake({ address: '127.0.0.1', port: portOf(server) }, { serverName });
  expect(await secure).toMatchObject([{ servername: expected }]);
  stream.close();
});

describe('a stream after the handshake', () => {
  test('carries octets both ways', async () => {
    const { at, process } = await serveOpenssl(opened, certificates.directory, ['-tls1_3', '-rev']);
    const stream = await handshake(at);
    await stream.send(Buffer.from('abc\n'), wait);
    expect(Buffer.from(await stream.receive(wait)).toString()).toBe('cba\n');
    stream.close();
    expect(process.exitCode).toBeNull();
  });

  test('reports the refusal of a missing client certificate in TLS 1.3 at the first receive', async () => {
    const { at } = await serveOpenssl(opened, certificates.directory, ['-tls1_3', '-Verify', '1']);
    const stream = await handshake(at);
    await expect(stream.receive(wait)).rejects.toMatchObject({ code: 'tls-alert', alert: 116 });
  });

  test('presents the client certificate that it was given', async () => {
    const { at, process } = await serveOpenssl(opened, certificates.directory, ['-tls1_2', '-Verify', '1']);
    const read = (name: string): string => readFileSync(join(certificates.directory, name), 'latin1');
    const stream = await handshake(at, { clientCert: read('stranger.pem'), clientKey: read('stranger.key') });
    process.stdin?.write('welcome\n');
    expect(Buffer.from(await stream.receive(wait)).toString()).toBe('welcome\n');
    stream.close();
  });

  test('reports a reset below it', async () => {
    let server: Socket | undefined;
    const { at } = await serveOpenssl(opened, certificates.directory, ['-tls1_3']);
    const relay = await serveTcp(opened, (socket) => {
      server = socket;
      const upstream = connectSocket(at.port, at.address).on('error', () => undefined);
      upstream.pipe(socket).pipe(upstream);
    });
    const stream = await handshake(relay);
    server?.resetAndDestroy();
    await expect(stream.receive(wait)).rejects.toMatchObject({ code: 'reset' });
  });
});

describe('a handshake that fails', () => {
  test.each([
    [
      'an answer in clear',
      (socket: Socket) => socket.write('SIP/2.0 400 Bad Request\r\n\r\n'),
      { code: 'not-tls', received: expect.any(Uint8Array) },
    ],
    ['too little of an answer in clear, then the end', (socket: Socket) => socket.end('SIP'), { code: 'not-tls' }],
    [
      'an alert',
      (socket: Socket) => socket.write(Buffer.from('15030300020246', 'hex')),
      { code: 'tls-alert', alert: 70 },
    ],
    [
      'an alert of a number without a name',
      (socket: Socket) => socket.write(Buffer.from('15030300020299', 'hex')),
      { code: 'tls-alert', alert: 0x99 },
    ],
    ['an endless record', (socket: Socket) => socket.write(Buffer.from('160303ffff', 'hex')), { code: 'malformed' }],
    ['the end', (socket: Socket) => socket.end(), { code: 'closed' }],
    ['a reset', (socket: Socket) => socket.resetAndDestroy(), { code: 'reset' }],
  ])('on %s says so and closes the stream', async (_what, answer, expected) => {
    let closed: Promise<unknown> = Promise.resolve();
    const at = await serveTcp(opened, (socket) => {
      closed = once(socket, 'close');
      socket.once('data', () => answer(socket));
    });
    await expect(handshake(at, {}, 1_000)).rejects.toMatchObject({ name: 'NetError', ...expected });
    await closed;
  });

  test('keeps 256 octets of a flood in clear', async () => {
    const at = await serveTcp(opened, (socket) => socket.write(Buffer.alloc(1024 * 1024, 'x')));
    await expect(handshake(at)).rejects.toMatchObject({ code: 'not-tls', received: new Uint8Array(256).fill(0x78) });
  });

  test('on silence runs out of time', async () => {
    const at = await serveTcp(opened, (socket) => socket.resume());
    await expect(handshake(at, {}, 50)).rejects.toMatchObject({ code: 'timeout' });
  });

  test('on a signal is cancelled', async () => {
    const at = await serveTcp(opened, (socket) => socket.resume());
    const controller = new AbortController();
    const running = net.startTls(await net.connect(at, wait), {}, { ...wait, signal: controller.signal });
    controller.abort();
    await expect(running).rejects.toMatchObject({ code: 'cancelled' });
  });

  test('for want of a client certificate keeps what the server had sent', async () => {
    const { at } = await serveOpenssl(opened, certificates.directory, ['-tls1_2', '-Verify', '1']);
    const error: unknown = await handshake(at).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'tls-alert', alert: 40, handshake: { serverFlight: expect.any(Uint8Array) } });
    // Asserted one line above.
    const { handshake: record } = error as { handshake: { serverFlight: Uint8Array; keyLog: string[] } };
    expect(readServerFlight(record)).toMatchObject({
      certificates: [certificates.der('leaf')],
      certificateRequest: {},
      alert: 40,
    });
  });

  test('says so when the key that it is given is none', async () => {
    const at = await serveTcp(opened, (socket) => socket.resume());
    await expect(handshake(at, { clientCert: 'none', clientKey: 'none' })).rejects.toMatchObject({
      code: 'tls-failed',
    });
  });
});
