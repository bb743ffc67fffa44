import { once } from 'node:events';
import { createServer as createHttpsServer } from 'node:https';
import { createSecureServer, type Http2ServerResponse, type Http2ServerRequest } from 'node:http2';
import type { Server } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createLabCertificates, type LabCertificates } from '../../src/lab/certificates.ts';
import { createRealWorld } from '../../src/net/real-world.ts';
import { recordWorld } from '../../src/net/record.ts';
import { replayWorld } from '../../src/net/replay.ts';
import { askResolver, type Resolver } from '../../src/probe/ask-dns.ts';
import type { ProbeContext } from '../../src/probe/context.ts';
import { decodeMessage } from '../../src/wire/dns-message.ts';
import { createDnsFramer, frameDnsMessage } from '../../src/wire/dns-stream.ts';
import { addressRecord, ask, fateOf, nameOf, probeContext, reply } from './scripted-dns.ts';

const DOMAIN = 'fuzzybunny.local';
const HOST = `sip.${DOMAIN}`;
const NAMES = ['a.example', 'b.example', 'c.example'];
let certificates: LabCertificates;
const stops: (() => void)[] = [];

beforeAll(async () => {
  certificates = await createLabCertificates({ domain: DOMAIN, now: Date.now(), flaw: 'none' });
});

afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

const credentials = () => ({ cert: certificates.chainPem, key: certificates.keyPem });

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stops.push(() => void server.close());
  return Object(server.address()).port;
}

const trusting = (changes: Partial<ProbeContext> = {}): ProbeContext =>
  probeContext({ trust: { added: [certificates.rootPem], builtIn: () => Promise.resolve([]) }, ...changes });

/** DNS over TLS; counts its connections. */
async function serveTls(): Promise<{ resolver: (verifyName?: string) => Resolver; connections: () => number }> {
  let connections = 0;
  const server = createTlsServer({ ...credentials(), ALPNProtocols: ['dot'] }, (socket) => {
    connections += 1;
    stops.push(() => socket.destroy());
    socket.on('error', () => undefined);
    const framer = createDnsFramer();
    const held: Uint8Array[] = [];
    socket.on('data', (bytes) => {
      for (const message of framer.push(bytes)) {
        const query = decodeMessage(message);
        held.push(frameDnsMessage(reply(query, [addressRecord(nameOf(query))])));
      }
      // Only a client that does not wait between its questions gets an answer.
      if (held.length === NAMES.length) for (const answer of held.toReversed()) socket.write(answer);
    });
  });
  const port = await listen(server);
  const over = (verifyName?: string) => ({ kind: 'tls' as const, ...(verifyName === undefined ? {} : { verifyName }) });
  return {
    resolver: (verifyName) => ({ label: 'test', endpoint: { address: '127.0.0.1', port }, over: over(verifyName) }),
    connections: () => connections,
  };
}

describe('DNS over TLS', () => {
  test('asks everything at once on one connection, and says that nobody was verified', async () => {
    const server = await serveTls();
    const seen = await askResolver(trusting(), server.resolver(), ask(...NAMES));
    const value = { via: 'tls', unverified: 'no name was given to verify it' };
    expect(seen.map(({ outcome }) => outcome)).toMatchObject(NAMES.map(() => ({ ok: true, value })));
    expect(server.connections()).toBe(1);
  });

  test('goes on when the name that was given is that of the certificate', async () => {
    const server = await serveTls();
    const seen = await askResolver(trusting(), server.resolver(HOST), ask(...NAMES));
    expect(seen.map(({ outcome }) => outcome.ok && outcome.value.unverified)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(seen[0]?.about.resolver).toMatch(/^tls:\/\/127\.0\.0\.1:\d+$/);
  });

  test.each<[string, string, 'trusted' | 'not trusted']>([
    ['another name', 'dns.example', 'trusted'],
    ['an untrusted root', HOST, 'not trusted'],
  ])('asks nothing of a server with %s', async (_what, name, root) => {
    const server = await serveTls();
    const context =
      root === 'trusted' ? trusting() : trusting({ trust: { added: [], builtIn: () => Promise.resolve([]) } });
    const seen = await askResolver(context, server.resolver(name), ask(...NAMES));
    expect(seen.map(fateOf)).toEqual(['tls-failed', 'tls-failed', 'tls-failed']);
    expect(seen[0]?.outcome).toMatchObject({ detail: expect.stringContaining('the certificate does not hold') });
  });

  test('to a server that does not speak it fails with what was seen', async () => {
    const { createServer } = await import('node:net');
    const port = await listen(createServer((socket) => socket.end('220 mail ESMTP\r\n')));
    const resolver: Resolver = { label: 'test', endpoint: { address: '127.0.0.1', port }, over: { kind: 'tls' } };
    const seen = await askResolver(trusting(), resolver, ask('a.example'));
    expect(seen.map(fateOf)).toEqual(['not-tls']);
  });
});

type Respond = (query: Uint8Array) => { status: number; type: string; body: Uint8Array };

const respond: Respond = (bytes) => {
  const query = decodeMessage(bytes);
  return { status: 200, type: 'application/dns-message', body: reply(query, [addressRecord(nameOf(query))]) };
};

interface Asked {
  methods: string[];
  versions: string[];
}

async function serveHttps(kind: 'h2' | 'http/1.1', answer: Respond): Promise<{ resolver: Resolver; asked: Asked }> {
  const asked: Asked = { methods: [], versions: [] };
  const handle = async (request: Http2ServerRequest, response: Http2ServerResponse): Promise<void> => {
    asked.methods.push(`${request.method} ${request.url} ${request.headers['content-type']}`);
    asked.versions.push(request.httpVersion);
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { status, type, body } = answer(Buffer.concat(chunks));
    response.writeHead(status, { 'content-type': type });
    response.end(body);
  };
  // Both servers hand over requests of the same shape.
  const onRequest = (request: unknown, response: unknown): void => void handle(request as never, response as never);
  const server: Server =
    kind === 'h2' ? createSecureServer(credentials(), onRequest) : createHttpsServer(credentials(), onRequest);
  server.on('connection', (socket) => stops.push(() => socket.destroy()));
  const port = await listen(server);
  const resolver: Resolver = {
    label: 'test',
    endpoint: { address: 'localhost', port },
    over: { kind: 'https', path: '/dns-query' },
  };
  return { resolver, asked };
}

describe('DNS over HTTPS', () => {
  test.each([
    ['h2', '2.0'],
    ['http/1.1', '1.1'],
  ] as const)(
    'over %s posts every question, and says that the name is not that of the certificate',
    async (kind, version) => {
      const { resolver, asked } = await serveHttps(kind, respond);
      const seen = await askResolver(trusting(), resolver, ask(...NAMES));
      expect(seen.map(({ outcome }) => outcome)).toMatchObject(
        NAMES.map(() => ({ ok: true, value: { via: 'https' } })),
      );
      expect(seen[0]?.outcome).toMatchObject({ value: { unverified: expect.any(String) } });
      expect(seen[0]?.about.resolver).toBe(`https://localhost:${resolver.endpoint.port}/dns-query`);
      expect(asked.methods).toEqual(NAMES.map(() => 'POST /dns-query application/dns-message'));
      expect(asked.versions).toEqual(NAMES.map(() => version));
    },
  );

  test('verifies the host of the URL', async () => {
    const { resolver } = await serveHttps('h2', respond);
    const world = createRealWorld();
    const systemLookup = (host: string): Promise<string[]> => Promise.resolve(host === HOST ? ['127.0.0.1'] : []);
    const context = trusting({ world: { ...world, net: { ...world.net, systemLookup } } });
    const named = { ...resolver, endpoint: { ...resolver.endpoint, address: HOST } };
    const [seen] = await askResolver(context, named, ask('a.example'));
    expect(seen?.outcome.ok && Object.keys(seen.outcome.value)).not.toContain('unverified');
    expect(seen?.outcome.ok).toBe(true);
  });

  test('fails for a host that has no address', async () => {
    const world = createRealWorld();
    const systemLookup = (): Promise<string[]> => Promise.resolve([]);
    const context = trusting({ world: { ...world, net: { ...world.net, systemLookup } } });
    const endpoint = { address: 'nowhere.invalid', port: 443 };
    const resolver: Resolver = { label: 'test', endpoint, over: { kind: 'https', path: '/dns-query' } };
    const [seen] = await askResolver(context, resolver, ask('a.example'));
    expect(seen?.outcome).toMatchObject({ ok: false, detail: expect.stringContaining('no address for the host') });
  });

  test.each<[string, Respond, RegExp]>([
    ['a status other than 200', () => ({ status: 404, type: 'text/html', body: Buffer.from('no') }), /HTTP status 404/],
    ['another type', () => ({ status: 200, type: 'text/html', body: Buffer.from('no') }), /of type 'text\/html'/],
    [
      'too much',
      () => ({ status: 200, type: 'application/dns-message', body: new Uint8Array(70_000) }),
      /more than 65536/,
    ],
  ])('%s fails its question alone', async (_what, bad, detail) => {
    const { resolver } = await serveHttps('h2', (query) =>
      nameOf(decodeMessage(query)) === 'b.example' ? bad(query) : respond(query),
    );
    const seen = await askResolver(trusting(), resolver, ask(...NAMES));
    expect(seen.map(({ outcome }) => outcome.ok)).toEqual([true, false, true]);
    expect(seen[1]?.outcome).toMatchObject({ detail: expect.stringMatching(detail) });
  });

  test('ends at the limit when the server stays silent', async () => {
    const server = createSecureServer(credentials());
    server.on('connection', (socket) => stops.push(() => socket.destroy()));
    const port = await listen(server);
    const resolver: Resolver = {
      label: 'test',
      endpoint: { address: '127.0.0.1', port },
      over: { kind: 'https', path: '/' },
    };
    const seen = await askResolver(trusting({ timeoutMs: 300 }), resolver, ask('a.example'));
    expect(seen.map(fateOf)).toEqual(['timeout']);
  });

  test('is repeated from a tape', async () => {
    const { resolver } = await serveHttps('h2', respond);
    const recording = recordWorld(createRealWorld());
    const look = (world: ProbeContext['world']) =>
      askResolver(trusting({ world, startedAt: world.now() }), resolver, ask(...NAMES));
    const live = await look(recording.world);
    const replay = replayWorld(recording.tape());
    expect(await look(replay)).toEqual(live);
    replay.finish();
    expect(live.map(fateOf)).toEqual(['answer', 'answer', 'answer']);
  });
});
