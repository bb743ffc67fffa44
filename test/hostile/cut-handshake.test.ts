import { createServer } from 'node:tls';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { createLabCertificates } from '../../src/lab/certificates.ts';
import type { Report } from '../../src/model.ts';
import { createRealWorld } from '../../src/net/real-world.ts';
import { sideBySide } from '../../src/probe/context.ts';
import { run } from '../../src/run.ts';
import type { Endpoint } from '../../src/world.ts';
import { cutting } from './cut-conversation.ts';
import { causeOf, expectSound, PATIENT_MS, requestTo } from './hostile-run.ts';
import { startHostile } from './hostile-server.ts';

const SIDE_BY_SIDE = 6;
const LIMIT_MS = 90_000;
/** Records and messages begin in the first octets; what follows is certificates and signatures. */
const EACH_UP_TO = 96;
const STEP = 37;
const HOST = 'fuzzybunny.local';

const made = await createLabCertificates({ domain: HOST, now: Date.now(), flaw: 'none' });

async function startGood(version: 'TLSv1.2' | 'TLSv1.3'): Promise<Endpoint> {
  const settings = { cert: made.chainPem, key: made.keyPem, minVersion: version, maxVersion: version };
  const server = createServer(settings, (socket) => socket.on('error', () => undefined).resume());
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('the server has no port');
  return { address: bound.address, port: bound.port };
}

interface CutRun {
  report: Report;
  /** Octets that the good server has sent, on all connections. */
  returned: number;
  connections: number;
}

/** `sipdiag tls` of the good server, each connection cut after so many octets of it. */
async function lookCut(good: Endpoint, octets: number): Promise<CutRun> {
  const { behaviour, returned } = cutting(good, octets);
  const server = await startHostile(behaviour);
  const request = requestTo(server.endpoint, 'tls', {
    command: 'tls',
    timeoutMs: PATIENT_MS,
    verifyName: HOST,
    trust: { added: [made.rootPem], builtIn: () => Promise.resolve([]) },
  });
  const report = await run(createRealWorld(), request);
  await server.abandoned();
  return { report, returned: returned(), connections: server.connections() };
}

test.each(['TLSv1.2', 'TLSv1.3'] as const)(
  'a handshake of %s that is cut at any octet of the server is told as that, at once',
  async (version) => {
    const good = await startGood(version);
    const whole = await lookCut(good, Infinity);
    expect(causeOf(whole.report)).toMatch(/^healthy/);
    const flight = Math.floor(whole.returned / whole.connections);
    expect(flight).toBeGreaterThan(1_000);
    const places = [
      ...Array.from({ length: EACH_UP_TO }, (_, at) => at),
      ...Array.from({ length: Math.floor((flight - EACH_UP_TO) / STEP) }, (_, at) => EACH_UP_TO + at * STEP),
    ];
    const runs = await sideBySide(places, SIDE_BY_SIDE, (octets) => lookCut(good, octets));
    const told = runs.map(({ report }) => causeOf(report));
    runs.forEach(({ report }) => expectSound(report, { codes: [0, 1], limitMs: PATIENT_MS }));
    const strange = places.flatMap((octets, at) =>
      /^(?:tls-handshake\.(?:closed|unfinished)|healthy)/.test(told[at] ?? '') ? [] : [`${octets}: ${told[at]}`],
    );
    expect(strange).toEqual([]);
    // The last octets of a flight of TLS 1.3 are tickets, which no handshake waits for.
    const healthy = places.filter((_, at) => told[at]?.startsWith('healthy') === true);
    expect(healthy.filter((octets) => octets < flight / 2)).toEqual([]);
  },
  LIMIT_MS,
);
