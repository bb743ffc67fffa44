/** A step waits for one thing after the other: all of them share its limit. The clock is that of the test. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Observation } from '../../src/model.ts';
import { limited } from '../../src/net/limit.ts';
import { createRandomHex } from '../../src/net/real-world.ts';
import { probeAgent } from '../../src/probe/ask-agent.ts';
import { askResolver, type Resolver } from '../../src/probe/ask-dns.ts';
import { probeAutodiscover } from '../../src/probe/autodiscover.ts';
import type { ProbeContext } from '../../src/probe/context.ts';
import type { OpenPort } from '../../src/probe/open-ports.ts';
import { probeRevocation } from '../../src/probe/revocation.ts';
import { openLine, type SipWay } from '../../src/probe/sip-line.ts';
import { tryByAddress } from '../../src/probe/tls-variant.ts';
import { probeTurn } from '../../src/probe/turn.ts';
import { formatLine } from '../../src/wire/agent-protocol.ts';
import { attributeValue, parseStun } from '../../src/wire/stun-message.ts';
import { STUN_ATTRIBUTE } from '../../src/wire/stun-registry.ts';
import type { ByteStream, Net, Wait } from '../../src/world.ts';
import { addressRecord, seenBy } from '../check/dns-seen.ts';
import { discovered } from '../check/server-seen.ts';
import { healthyExtensions, seen } from '../check/tls-observation.ts';
import { challenged } from '../hostile/stun-servers.ts';
import { revocationUrls } from '../pki/make-certificate.ts';
import { attemptOver, NO_NET, SERVER } from './scripted-world.ts';

const STEP_MS = 3000;
/** What each act of the network takes: the second, the third or the sixth is the one that does not fit into a step. */
const SLOWNESS_MS = [1800, 1400, 500];

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] }));
afterEach(() => void vi.useRealTimers());

type Slowly = <T>(wait: Wait, value: T) => Promise<T>;

const slowlyBy =
  (slowMs: number): Slowly =>
  (wait, value) =>
    limited(wait, 'the network', ({ resolve }) => {
      const timer = setTimeout(() => resolve(value), slowMs);
      return () => clearTimeout(timer);
    });

/** What the server says to what was last sent to it; undefined: nothing. */
type Says = (sent: Uint8Array) => Uint8Array | undefined;

const silent: Says = () => undefined;
const never = (wait: Wait): Promise<never> => limited(wait, 'the network', () => () => undefined);

function slowStream(slowly: Slowly, says: Says): ByteStream {
  let sent = new Uint8Array(0);
  return {
    local: { address: '192.0.2.9', port: 40_000 },
    remote: SERVER,
    send(bytes, wait = { timeoutMs: Infinity }) {
      sent = new Uint8Array(bytes);
      return slowly(wait, undefined);
    },
    receive(wait) {
      const answer = says(sent);
      return answer === undefined ? never(wait) : slowly(wait, answer);
    },
    close: () => undefined,
  };
}

function slowContext(slowMs: number, says: Says = silent): ProbeContext {
  const slowly = slowlyBy(slowMs);
  const net: Net = {
    ...NO_NET,
    connect: (_to, wait) => slowly(wait, slowStream(slowly, says)),
    startTls: (stream, _settings, wait) =>
      slowly(wait, { ...stream, facts: { version: 'TLSv1.3', cipher: 'x', readChain: () => [] } }),
    systemLookup: (_host, wait) => slowly(wait, [SERVER.address]),
    openHttps: (_to, _host, wait) => never(wait),
  };
  const world = { net, now: () => Date.now(), randomHex: createRandomHex('22'.repeat(32)) };
  return { world, startedAt: world.now(), timeoutMs: STEP_MS };
}

const port = (transport: 'tcp' | 'udp'): OpenPort => ({
  use: 'sip',
  transport,
  local: { address: '192.0.2.9', port: 7100 },
  expect: (_wanted, wait) => never(wait),
});

const hello = formatLine({ type: 'hello', versions: [1], challenge: 'ab'.repeat(16), token: 'none', ports: 4 });

function askAgent(slowMs: number, tls: 'tcp' | 'tls'): Promise<Observation[]> {
  const says: Says = (sent) => (sent.length === 0 ? Buffer.from(hello) : undefined);
  const asked = { server: SERVER, host: 'agent.example', ports: [port('tcp')], mirror: 'left-out' as const };
  return probeAgent(slowContext(slowMs, says), { ...asked, tls });
}

/** Challenges, and says nothing to the password. */
const unfinished: Says = (sent) => {
  const request = parseStun(sent);
  const isLoggedIn = attributeValue(request, STUN_ATTRIBUTE.USERNAME) !== undefined;
  return isLoggedIn ? undefined : challenged(401, 'n')(request);
};

function askTurn(slowMs: number, transport: 'tcp' | 'tls'): Promise<Observation[]> {
  const credentials = { user: 'alice', password: () => 'secret' };
  const plan = { server: SERVER, label: 'turn.example:3478', transport, credentials };
  return probeTurn(slowContext(slowMs, unfinished), { ...plan, ports: [port('tcp'), port('udp')] });
}

const revocable = seen({
  extensions: [
    ...healthyExtensions(),
    ...revocationUrls({ crl: 'http://crl.example/a.crl', ocsp: 'http://ocsp.example/' }),
  ],
});

const resolverOver = (over: NonNullable<Resolver['over']>): Resolver => ({
  label: 'slow',
  endpoint: over.kind === 'https' ? { address: 'dns.example', port: 443 } : SERVER,
  over,
});
const askDns = (slowMs: number, over: NonNullable<Resolver['over']>): Promise<Observation[]> =>
  askResolver(slowContext(slowMs), resolverOver(over), {
    questions: [{ name: 'example.org', type: 'A' }],
    followUps: () => [],
  });

const HTTP_HOST = 'lyncdiscoverinternal.example.org';
const published = [
  discovered([], 'lync'),
  seenBy(SERVER.address).answers(`${HTTP_HOST} A`, [addressRecord(HTTP_HOST, SERVER.address)]),
];
const askAutodiscover = (slowMs: number): Promise<Observation[]> =>
  probeAutodiscover(slowContext(slowMs), {
    seen: published,
    resolversOf: () => Promise.resolve([]),
    families: [4],
    pinned: new Map(),
    aor: undefined,
  });

interface Probing {
  what: string;
  /** Steps that follow one another. */
  steps: number;
  probe: (slowMs: number) => Promise<Observation[]>;
}

const PROBES: Probing[] = [
  { what: 'an agent over TCP', steps: 2, probe: (slowMs) => askAgent(slowMs, 'tcp') },
  { what: 'an agent over TLS', steps: 2, probe: (slowMs) => askAgent(slowMs, 'tls') },
  // The second gives back what may have been allocated.
  { what: 'a TURN server over TCP', steps: 2, probe: (slowMs) => askTurn(slowMs, 'tcp') },
  { what: 'a TURN server over TLS', steps: 2, probe: (slowMs) => askTurn(slowMs, 'tls') },
  {
    what: 'a handshake by the address',
    steps: 1,
    probe: async (slowMs) => [await tryByAddress(slowContext(slowMs), attemptOver('tls'))],
  },
  { what: 'revocation', steps: 1, probe: (slowMs) => probeRevocation(slowContext(slowMs), [revocable]) },
  // HTTPS, and then HTTP.
  { what: 'autodiscover', steps: 2, probe: askAutodiscover },
  // The connection, and the question.
  { what: 'a resolver over TLS', steps: 2, probe: (slowMs) => askDns(slowMs, { kind: 'tls' }) },
  { what: 'a resolver over HTTPS', steps: 1, probe: (slowMs) => askDns(slowMs, { kind: 'https', path: '/dns-query' }) },
];

/** Lets the time pass until the work is done; gives how long that took. */
async function timePasses(work: Promise<unknown>): Promise<number> {
  const from = Date.now();
  const progress = { isDone: false };
  const done = work.finally(() => (progress.isDone = true));
  while (!progress.isDone) {
    await vi.advanceTimersToNextTimerAsync();
    await new Promise((settle) => setImmediate(settle));
  }
  await done;
  return Date.now() - from;
}

describe('the waits of one step share its limit', () => {
  test.each(PROBES)('$what', async ({ steps, probe }) => {
    const observations: Observation[] = [];
    for (const slowMs of SLOWNESS_MS) {
      const work = probe(slowMs);
      expect(await timePasses(work)).toBeLessThanOrEqual(steps * STEP_MS);
      observations.push(...(await work));
    }
    expect(observations.some(({ outcome }) => !outcome.ok && outcome.reason === 'timeout')).toBe(true);
    expect(observations.filter(({ outcome }) => outcome.ms > STEP_MS)).toEqual([]);
  });
});

test('a SIP line is opened within one step, or not at all', async () => {
  const context = slowContext(1800);
  const { sni, verifyName, judgeAt } = revocable.about;
  const way: SipWay = {
    about: { ...attemptOver('tls'), transport: 'tls' },
    tls: { sni, verifyName, judgeAt, trust: { added: [], builtIn: () => Promise.resolve([]) } },
    identity: { requestUri: 'sip:example.org', aor: 'sip:alice@example.org' },
    credentials: undefined,
  };
  const opening = openLine(context, way);
  expect(await timePasses(opening)).toBe(STEP_MS);
  expect(await opening).toMatchObject({ ok: false, reason: 'failed' });
});
