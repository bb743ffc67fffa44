import { createServer } from 'node:net';
import { once } from 'node:events';
import { connect, type ConnectionOptions } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { readClientHello } from '../../src/wire/tls-client-hello.ts';

/** What Node itself sends first. */
async function captureHello(options: ConnectionOptions): Promise<Buffer> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const client = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options });
  client.on('error', () => undefined);
  const [socket] = await once(server, 'connection');
  const [bytes] = await once(socket, 'data');
  client.destroy();
  socket.destroy();
  server.close();
  return bytes;
}

/** A ClientHello without extensions, as SSL 3.0 and TLS 1.0 clients of their time sent it. */
function oldHello(version: number): Buffer {
  const body = Buffer.concat([Buffer.from([3, version]), Buffer.alloc(32), Buffer.from([0, 0, 2, 0, 10, 1, 0])]);
  const message = Buffer.concat([Buffer.from([1, 0, 0, body.length]), body]);
  return Buffer.concat([Buffer.from([22, 3, version, 0, message.length]), message]);
}

describe('readClientHello', () => {
  test('reads name, versions and protocols of a client of today', async () => {
    const bytes = await captureHello({
      servername: 'sip.example.org',
      ALPNProtocols: ['sip/2'],
      minVersion: 'TLSv1.2',
    });
    expect(readClientHello(bytes)).toMatchObject({
      serverName: 'sip.example.org',
      versions: ['TLSv1.3', 'TLSv1.2'],
      alpn: ['sip/2'],
    });
  });

  test('reads a client that sends no name', async () => {
    const { serverName, alpn, cipherSuites } = readClientHello(await captureHello({}));
    expect([serverName, alpn]).toEqual([null, []]);
    expect(cipherSuites).toBeGreaterThan(3);
  });

  test.each([
    [1, ['TLSv1']],
    [3, ['TLSv1.2', 'TLSv1.1', 'TLSv1']],
  ])('takes the legacy version 3.%i for the highest of those that are offered', (minor, versions) => {
    expect(readClientHello(oldHello(minor))).toEqual({ versions, serverName: null, cipherSuites: 1, alpn: [] });
  });

  test('refuses a hello that is cut short, wherever that is', async () => {
    const bytes = await captureHello({ servername: 'sip.example.org' });
    for (let end = 0; end < bytes.length; end += 1) {
      expect(() => readClientHello(bytes.subarray(0, end)), `at ${end}`).toThrow(
        expect.objectContaining({ name: 'WireError', code: 'tls-truncated' }),
      );
    }
  });

  test.each([
    ['a server hello', Buffer.from([22, 3, 3, 0, 4, 2, 0, 0, 0]), 'tls-message'],
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n'), 'tls-record'],
    ['an alert', Buffer.from([21, 3, 3, 0, 2, 2, 40]), 'tls-truncated'],
  ])('refuses %s', (_name, bytes, code) => {
    expect(() => readClientHello(bytes)).toThrow(expect.objectContaining({ name: 'WireError', code }));
  });
});
