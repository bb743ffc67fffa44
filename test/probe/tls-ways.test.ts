import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Attempt, Observation } from '../../src/model.ts';
import { createRealWorld } from '../../src/net/real-world.ts';
import type { ProbeContext } from '../../src/probe/context.ts';
import { probeServer, type ServerPlan } from '../../src/probe/probe-server.ts';

const HOST = 'sip.example.com';
let folder: string;
let identity: { cert: string; key: string };
const servers: { server: Server; sockets: Set<Socket> }[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sipdiag-ways-'));
  const subject = ['-subj', `/CN=${HOST}`, '-addext', `subjectAltName=DNS:${HOST}`];
  const key = ['-newkey', 'rsa:2048', '-nodes', '-keyout', 'key.pem', '-out', 'cert.pem', '-days', '2'];
  execFileSync('openssl', ['req', '-x509', ...key, ...subject], { cwd: folder, stdio: 'pipe' });
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
  identity = { cert: read('cert.pem'), key: read('key.pem') };
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

afterEach(() => {
  for (const { server, sockets } of servers.splice(0)) {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
});

/** Also counts the connections. */
async function serve(server: Server): Promise<{ port: number; connections: () => number }> {
  const sockets = new Set<Socket>();
  servers.push({ server, sockets });
  server.on('connection', (socket) => {
    socket.on('error', () => undefined);
    sockets.add(socket);
  });
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  return { port: typeof bound === 'object' && bound !== null ? bound.port : 0, connections: () => sockets.size };
}

const serveTls = (options: TlsOptions = {}) =>
  serve(createTlsServer({ ...identity, ...options }, (socket) => void socket.on('error', () => undefined).resume()));

async function probe(port: number, plan: Partial<ServerPlan> = {}): Promise<Observation[]> {
  const world = createRealWorld();
  const context: ProbeContext = { world, startedAt: world.now(), timeoutMs: 400 };
  const about: Attempt = { transport: 'tls', host: HOST, address: '127.0.0.1', port, published: true, set: 'x' };
  const judgeAt = new Date(world.now()).toISOString();
  const trust = { added: [], builtIn: () => Promise.resolve([]) };
  return probeServer(context, {
    about,
    identity: { requestUri: `sip:${HOST}`, aor: `sip:toml@${HOST}` },
    tls: { sni: HOST, verifyName: HOST, judgeAt, trust },
    sip: 'left-out',
    ...plan,
  });
}

const kindsOf = (observations: readonly Observation[]): string[] => observations.map(({ kind }) => kind);

describe('probing TLS', () => {
  test('takes one connection when nothing more is asked for', async () => {
    const { port, connections } = await serveTls();
    expect(kindsOf(await probe(port))).toEqual(['tcp', 'tls']);
    expect(connections()).toBe(1);
  });

  test('comes by the address on a second connection', async () => {
    const { port, connections } = await serveTls();
    const seen = await probe(port, { ways: ['by-address'] });
    expect(kindsOf(seen)).toEqual(['tcp', 'tls', 'variant']);
    expect(connections()).toBe(2);
    expect(seen[2]).toMatchObject({ about: { way: 'by-address', sni: null }, outcome: { ok: true } });
  });

  test('tries each version on a connection of its own', async () => {
    const { port, connections } = await serveTls({ minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' });
    const seen = await probe(port, { ways: ['versions'] });
    const versions = seen.flatMap((one) =>
      one.kind === 'variant' ? [[one.about.offered.join(), one.outcome.ok]] : [],
    );
    expect(versions).toEqual([
      ['TLSv1', false],
      ['TLSv1.1', false],
      ['TLSv1.2', true],
      ['TLSv1.3', false],
    ]);
    expect(connections()).toBe(5);
  });

  test('tries old versions only after the handshake of today has failed', async () => {
    const old: TlsOptions = { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0' };
    const { port } = await serveTls(old);
    const seen = await probe(port);
    expect(kindsOf(seen)).toEqual(['tcp', 'tls', 'variant']);
    expect(seen[2]).toMatchObject({ about: { way: 'legacy' }, outcome: { ok: true, value: { version: 'TLSv1' } } });
  });

  test('asks in clear where TLS gets no answer', async () => {
    const answer = (socket: Socket): void => {
      socket.on('data', (bytes: Buffer) => {
        if (bytes.toString('latin1').startsWith('OPTIONS ')) socket.write('SIP/2.0 200 OK\r\n\r\n');
      });
    };
    const { port } = await serve(createServer(answer));
    const seen = await probe(port);
    expect(kindsOf(seen)).toEqual(['tcp', 'tls', 'cleartext']);
    expect(seen[2]?.outcome).toMatchObject({ ok: true, value: { received: 'SIP/2.0 200 OK' } });
  });

  test.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'keeps what was seen of a server that demands a certificate (%s)',
    async (version) => {
      const demand: TlsOptions = {
        requestCert: true,
        rejectUnauthorized: true,
        ca: identity.cert,
        maxVersion: version,
      };
      const { port } = await serveTls(demand);
      const [, tls] = await probe(port);
      expect(tls?.outcome).toMatchObject({
        ok: true,
        value: {
          version,
          chain: [expect.any(String)],
          clientCertRequest: { authorities: [`CN=${HOST}`], total: 1 },
          refusal: { reason: expect.stringMatching(/^(tls-alert|closed|reset)$/) },
        },
      });
    },
  );

  test.each([
    ['without a certificate, that is its answer', undefined, 'closed'],
    ['with one, it may have other reasons', 'offered', undefined],
  ])('a server that asks and closes after the handshake: %s', async (_name, offer, reason) => {
    const options: TlsOptions = { ...identity, requestCert: true, rejectUnauthorized: false, ca: identity.cert };
    const { port } = await serve(createTlsServer(options, (socket) => void socket.end()));
    const { cert: certPem, key: keyPem } = identity;
    const clientCertificate = { source: 'client.pem', chain: [], subject: `CN=${HOST}`, certPem, keyPem };
    const [, tls] = await probe(port, offer === undefined ? {} : { clientCertificate });
    expect(tls?.kind === 'tls' && tls.outcome.ok ? tls.outcome.value.refusal?.reason : 'no handshake').toBe(reason);
  });
});
