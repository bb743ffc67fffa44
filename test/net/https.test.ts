import { once } from 'node:events';
import { createSecureServer, type SecureServerOptions } from 'node:http2';
import { createServer } from 'node:https';
import type { Server } from 'node:net';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createRealNet } from '../../src/net/real-net.ts';
import type { Endpoint } from '../../src/world.ts';
import {
  createOpened,
  makeCertificates,
  portOf,
  serveTcp,
  unusedPort,
  type TestCertificates,
} from './loopback-servers.ts';

const net = createRealNet();
const opened = createOpened();
const wait = { timeoutMs: 5_000 };
const post = { path: '/q?a=1', contentType: 'text/plain', accept: 'text/plain', body: Buffer.from('hello') };
let certificates: TestCertificates;
let credentials: SecureServerOptions;

beforeAll(() => {
  certificates = makeCertificates();
  const read = (name: string): Buffer => readFileSync(join(certificates.directory, name));
  credentials = { cert: read('leaf.pem'), key: read('leaf.key') };
});
afterAll(() => certificates.remove());
afterEach(() => opened.closeAll());

async function listen(server: Server): Promise<Endpoint> {
  server.on('connection', (socket) => opened.keep(() => socket.destroy()));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  opened.keep(() => server.close());
  return { address: '127.0.0.1', port: portOf(server) };
}

describe.each(['h2', 'http/1.1'] as const)('an HTTPS connection over %s', (alpn) => {
  const serve = (answer: (path: string, host: string) => string | undefined): Promise<Endpoint> => {
    // Requests of both servers have what is used here.
    const handle = (request: unknown, response: unknown): void => {
      const { url, headers } = request as { url: string; headers: Record<string, string> };
      const text = answer(url, headers[':authority'] ?? headers['host'] ?? '');
      const out = response as { setHeader(name: string, value: string): void; end(text?: string): void };
      out.setHeader('content-type', 'Text/Plain; charset=utf-8');
      if (text !== undefined) out.end(text);
    };
    const server: Server = alpn === 'h2' ? createSecureServer(credentials, handle) : createServer(credentials, handle);
    return listen(server);
  };

  test('posts side by side, and names the host of the URL', async () => {
    const at = await serve((path, host) => `${path} ${host}`);
    const connection = await net.openHttps(at, 'dns.example', wait);
    const answers = await Promise.all([connection.post(post, wait), connection.post({ ...post, path: '/r' }, wait)]);
    expect(answers.map(({ status, contentType }) => [status, contentType])).toEqual([
      [200, 'text/plain'],
      [200, 'text/plain'],
    ]);
    expect(answers.map(({ body }) => Buffer.from(body).toString())).toEqual([
      `/q?a=1 dns.example:${at.port}`,
      `/r dns.example:${at.port}`,
    ]);
    expect(connection.facts.alpn).toBe(alpn);
    connection.close();
  });

  test('gives up a request at its limit', async () => {
    const connection = await net.openHttps(await serve(() => undefined), 'dns.example', wait);
    await expect(connection.post(post, { timeoutMs: 50 })).rejects.toMatchObject({ name: 'NetError', code: 'timeout' });
    connection.close();
  });

  test('takes no more than 64 KiB', async () => {
    const connection = await net.openHttps(await serve(() => 'x'.repeat(65_537)), 'dns.example', wait);
    await expect(connection.post(post, wait)).rejects.toMatchObject({ name: 'NetError', code: 'too-large' });
    connection.close();
  });

  test('ends what is under way, and refuses what comes later, once it is closed', async () => {
    const connection = await net.openHttps(await serve(() => undefined), 'dns.example', wait);
    const underWay = connection.post(post, wait);
    setImmediate(() => {
      connection.close();
      connection.close();
    });
    await expect(underWay).rejects.toMatchObject({ name: 'NetError' });
    await expect(connection.post(post, wait)).rejects.toMatchObject({ name: 'NetError' });
  });
});

describe('opening', () => {
  test('fails with the reason of TCP or TLS', async () => {
    const plain = await serveTcp(opened, (socket) => void socket.end('hello'));
    const closed = { address: '127.0.0.1', port: await unusedPort() };
    await expect(net.openHttps(plain, 'dns.example', wait)).rejects.toMatchObject({ code: 'not-tls' });
    await expect(net.openHttps(closed, 'dns.example', wait)).rejects.toMatchObject({ code: 'refused' });
  });

  test('ends at its limit', async () => {
    const mute = await serveTcp(opened, () => undefined);
    await expect(net.openHttps(mute, 'dns.example', { timeoutMs: 50 })).rejects.toMatchObject({ code: 'timeout' });
  });
});
