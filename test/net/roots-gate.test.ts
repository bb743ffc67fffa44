import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createRealNet } from '../../src/net/real-net.ts';
import { createRealWorld } from '../../src/net/real-world.ts';
import { recordWorld } from '../../src/net/record.ts';
import { replayWorld } from '../../src/net/replay.ts';
import { judgingBy } from '../../src/net/judging-contexts.ts';
import { createRootsGate } from '../../src/net/roots-gate.ts';
import { readServerFlight } from '../../src/wire/tls-flight.ts';
import { HANDSHAKE, splitRecords } from '../../src/wire/tls-record.ts';
import { WireError } from '../../src/wire/wire-error.ts';
import type { Endpoint, HandshakeRecord, TlsFacts, TlsSettings, World } from '../../src/world.ts';
import {
  createOpened,
  makeCertificates,
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

const fileOf = (name: string): string => readFileSync(join(certificates.directory, name), 'latin1');

/** As a probe answers: nothing until the certificates can be read. */
const rootsOnceRead = (names: readonly string[], trust: object = {}): TlsSettings => {
  const find = (handshake: HandshakeRecord): Promise<string[] | undefined> => {
    try {
      const { certificates: sent } = readServerFlight(handshake);
      return Promise.resolve(sent.length === 0 ? undefined : names.map((name) => fileOf(`${name}.pem`)));
    } catch (error) {
      if (error instanceof WireError) return Promise.resolve(undefined);
      throw error;
    }
  };
  return { roots: { trust, find } };
};

async function verdictBy(at: Endpoint, settings: TlsSettings): Promise<TlsFacts['openssl']> {
  const stream = await net.startTls(await net.connect(at, wait), settings, wait);
  stream.close();
  return stream.facts.openssl;
}

const verdictOf = (at: Endpoint, ...roots: string[]) => verdictBy(at, rootsOnceRead(roots));

const serve = (...args: string[]) =>
  serveOpenssl(opened, certificates.directory, ['-cert_chain', writeBundle(certificates, ['intermediate']), ...args]);

/** Hands what a server sends on in other pieces, each in a segment of its own. */
async function inPieces(to: Endpoint, cut: (bytes: Buffer) => Uint8Array[]): Promise<Endpoint> {
  return serveTcp(opened, (client) => {
    client.setNoDelay(true);
    const server = connect(to.port, to.address);
    opened.keep(() => server.destroy());
    server.on('error', () => undefined);
    client.pipe(server);
    server.on('data', (bytes: Buffer) => {
      server.pause();
      const pieces = cut(bytes);
      const pass = (): void => {
        const piece = pieces.shift();
        if (piece === undefined) return void server.resume();
        client.write(piece);
        setTimeout(pass, 2);
      };
      pass();
    });
  });
}

function eighths(bytes: Buffer): Uint8Array[] {
  const step = Math.ceil(bytes.length / 8);
  return Array.from({ length: 8 }, (_, index) => bytes.subarray(index * step, (index + 1) * step));
}

const recordsOf = (bytes: Buffer): Uint8Array[] =>
  splitRecords(bytes).map(({ header, body }) => Buffer.concat([header, body]));

/** Hello, certificates and all in one record, as Schannel sends them (RFC 5246 section 6.2.1). */
function oneRecord(bytes: Buffer): Uint8Array[] {
  const records = splitRecords(bytes);
  if (records.some(({ type }) => type !== HANDSHAKE)) return [bytes];
  const body = Buffer.concat(records.map((record) => record.body));
  return [Buffer.concat([Buffer.from([HANDSHAKE, 3, 3, body.length >> 8, body.length & 0xff]), body])];
}

describe.each([['-tls1_2'], ['-tls1_3'], ['-tls1_3', '-groups', 'secp521r1']])('OpenSSL with %s %s %s', (...args) => {
  const options = args.filter((one) => one !== undefined);

  test('accepts a chain that leads to a root which it was given', async () => {
    const { at } = await serve(...options);
    expect(await verdictOf(at, 'root')).toEqual({ version: process.versions.openssl, verdict: 'ok' });
  });

  test('refuses one that leads to another root', async () => {
    const { at } = await serve(...options);
    expect((await verdictOf(at, 'stranger'))?.verdict).toMatch(/^UNABLE_TO_/);
  });

  test('refuses one that leads to no root at all', async () => {
    const { at } = await serve(...options);
    expect((await verdictOf(at))?.verdict).toMatch(/^UNABLE_TO_/);
  });

  test('is not asked where nobody names roots', async () => {
    const { at } = await serve(...options);
    const stream = await net.startTls(await net.connect(at, wait), {}, wait);
    stream.close();
    expect(stream.facts.openssl).toBeUndefined();
  });

  test.each([
    ['small pieces, which stay in their order', eighths],
    ['one segment for each record', recordsOf],
  ])('judges a chain that comes in %s', async (_what, cut) => {
    const { at } = await serve(...options);
    expect((await verdictOf(await inPieces(at, cut), 'root'))?.verdict).toBe('ok');
  });
});

describe('connections side by side', () => {
  test('that are judged by the same trust give the same verdict, whatever the other has asked for', async () => {
    const { at } = await serve('-tls1_3');
    const settings = rootsOnceRead(['root'], {});
    const verdicts = await Promise.all([settings, settings, settings].map((one) => verdictBy(at, one)));
    expect(verdicts.map((one) => one?.verdict)).toEqual(['ok', 'ok', 'ok']);
  });

  test('that are judged by different trust know nothing of one another', async () => {
    const { at } = await serve('-tls1_3');
    const [mine, theirs] = [rootsOnceRead(['root'], {}), rootsOnceRead(['stranger'], {})];
    expect((await verdictBy(at, mine))?.verdict).toBe('ok');
    expect((await verdictBy(at, theirs))?.verdict).toMatch(/^UNABLE_TO_/);
    expect((await verdictBy(at, mine))?.verdict).toBe('ok');
  });
});

test('OpenSSL has the roots when hello and chain come in one record', async () => {
  const { at } = await serve('-tls1_2');
  expect((await verdictOf(await inPieces(at, oneRecord), 'root'))?.verdict).toBe('ok');
});

test('the verdict is on the tape, and a replay needs no roots', async () => {
  const { at } = await serve('-tls1_3');
  const program = async (world: World): Promise<TlsFacts['openssl']> => {
    const settings = rootsOnceRead(['root']);
    const stream = await world.net.startTls(await world.net.connect(at, wait), settings, wait);
    stream.close();
    return stream.facts.openssl;
  };
  const recording = recordWorld(createRealWorld({ net }));
  const live = await program(recording.world);
  expect(live?.verdict).toBe('ok');
  const replay = replayWorld(recording.tape());
  expect(await program(replay)).toEqual(live);
});

describe('what the first root costs', () => {
  const gateOf = (find: Parameters<typeof createRootsGate>[0]['find']) => {
    const warmUp = vi.fn<() => void>();
    const context = judgingBy(createSecureContext({ ca: [] }));
    return { warmUp, gate: createRootsGate({ find, context, warmUp }) };
  };
  const noRoots = (): Promise<undefined> => Promise.resolve(undefined);

  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  test('is paid while the peer is silent', () => {
    const { warmUp } = gateOf(noRoots);
    vi.advanceTimersByTime(1_000);
    expect(warmUp).toHaveBeenCalledOnce();
  });

  test('is not paid ahead when the peer answers at once', async () => {
    const { warmUp, gate } = gateOf(noRoots);
    await gate.pass(new Uint8Array([0]), () => undefined);
    vi.advanceTimersByTime(1_000);
    expect(warmUp).not.toHaveBeenCalled();
  });

  test('is not paid when nobody asks OpenSSL', () => {
    const { warmUp } = gateOf(undefined);
    vi.advanceTimersByTime(1_000);
    expect(warmUp).not.toHaveBeenCalled();
  });
});
