/** What is asked over HTTP because DNS or a certificate says so: autodiscover, OCSP responders, revocation lists. */
import { describe, expect, test } from 'vitest';
import type { Observation } from '../../src/model.ts';
import { createRealWorld } from '../../src/net/real-world.ts';
import { probeAutodiscover } from '../../src/probe/autodiscover.ts';
import { probeRevocation } from '../../src/probe/revocation.ts';
import type { Endpoint, World } from '../../src/world.ts';
import { addressRecord, seenBy } from '../check/dns-seen.ts';
import { discovered } from '../check/server-seen.ts';
import { healthyExtensions, seen } from '../check/tls-observation.ts';
import { revocationUrls } from '../pki/make-certificate.ts';
import { expectSound, inTime, PATIENT_MS, reportOn, STEP_MS } from './hostile-run.ts';
import {
  closesAtOnce,
  drip,
  flood,
  onFirst,
  resets,
  says,
  silent,
  startHostile,
  type AtEnd,
  type StreamBehaviour,
  text,
  httpHead,
} from './hostile-server.ts';
import { certificates } from './hostile-identity.ts';

/** More than the largest list and every buffer between two programs hold, and far less than what the server would like to send. */
const MOST_TAKEN = 32 * 1024 * 1024;

const whole = (body: Uint8Array | string): StreamBehaviour =>
  onFirst((socket) => {
    socket.write(httpHead('200 OK', `Content-Length: ${body.length}`));
    socket.end(body);
  });
const GARBAGE = Buffer.from(Array.from({ length: 4096 }, (_, at) => (at * 167 + 13) % 256));

/** What is told: of the connection, or of an answer that is whole and of no use. */
type Case = [name: string, why: RegExp, StreamBehaviour];

const NO_ANSWER: Case[] = [
  ['never answers', /nothing within/, silent],
  ['sends an octet at a time', /was not whole in/, drip(text(httpHead('200 OK', `X: ${'a'.repeat(5000)}`)))],
  ['announces a body and sends none', /was not whole in/, says(httpHead('200 OK', 'Content-Length: 10'))],
  [
    'never ends a header',
    /HTTP (?:headers are too long|body of )/,
    flood(text('HTTP/1.1 200 OK\r\nX: '), text('a'.repeat(1000))),
  ],
  [
    'never ends its headers',
    /HTTP (?:headers are too long|body of )/,
    flood(text('HTTP/1.1 200 OK\r\n'), text('X: a\r\n')),
  ],
  [
    'sends a body without end',
    /HTTP (?:headers are too long|body of )/,
    flood(text(httpHead('200 OK')), Buffer.alloc(1024)),
  ],
  [
    'announces 1 GiB',
    /HTTP (?:headers are too long|body of )/,
    flood(text(httpHead('200 OK', 'Content-Length: 1073741824')), Buffer.alloc(1024)),
  ],
  [
    'sends chunks without end',
    /HTTP (?:headers are too long|body of )/,
    flood(text(httpHead('200 OK', 'Transfer-Encoding: chunked')), text('1\r\na\r\n')),
  ],
  ['sends garbage', /HTTP/, says(GARBAGE)],
  ['sends 1 GiB of garbage', /HTTP/, flood(GARBAGE, GARBAGE)],
  ['speaks SMTP', /HTTP/, says('220 mail.example ESMTP\r\n')],
  ['sends the request back', /HTTP/, (socket) => void socket.pipe(socket)],
  ['closes at once', /ends too early/, closesAtOnce],
  ['closes on the request', /ends too early/, onFirst((socket) => void socket.end())],
  [
    'closes inside an answer',
    /ends too early/,
    onFirst((socket) => void socket.end(httpHead('200 OK', 'Content-Length: 10'))),
  ],
  ['resets at once', /ECONNRESET/, resets],
  ['resets on the request', /ECONNRESET/, onFirst((_socket, _bytes, under) => void under.resetAndDestroy())],
];

const USELESS: Case[] = [
  ['answers 500', /HTTP status 500/, says(httpHead('500 No', 'Content-Length: 0'))],
  ['sends 10,000 answers', /HTTP status 404/, says(httpHead('404 Not Found', 'Content-Length: 0').repeat(10_000))],
  ['answers with nothing', /./, whole('')],
  ['answers with garbage', /./, whole(GARBAGE)],
  ['answers with 60,000 opened elements', /./, whole('<a>'.repeat(20_000))],
  ['answers with DER that says it is longer', /./, whole(Buffer.from('3083ffffff30', 'hex'))],
  ['answers with DER in DER, 10,000 deep', /./, whole(Buffer.alloc(20_000, Buffer.from('3080', 'hex')))],
];

/** A world in which every connection to one of these ports leads there; nobody listens on any other. */
function leading(ports: Readonly<Record<number, Endpoint>>): World {
  const world = createRealWorld();
  const nobody = { address: '127.0.0.1', port: 1 };
  return { ...world, net: { ...world.net, connect: (to, wait) => world.net.connect(ports[to.port] ?? nobody, wait) } };
}

const contextOf = (world: World, limitMs: number) => ({ world, startedAt: world.now(), timeoutMs: limitMs });

const HTTP_HOST = 'lyncdiscoverinternal.example.org';
const published: Observation[] = [
  discovered([], 'lync'),
  seenBy('192.0.2.53').answers(`${HTTP_HOST} A`, [addressRecord(HTTP_HOST, '127.0.0.1')]),
];

async function askAutodiscover(server: Endpoint, over: 'http' | 'https', limitMs: number): Promise<Observation[]> {
  const world = leading({ [over === 'http' ? 80 : 443]: server });
  const plan = {
    seen: published,
    resolversOf: () => Promise.resolve([]),
    families: [4 as const],
    pinned: new Map(),
    aor: 'sip:a@b.example',
  };
  return [...published, ...(await probeAutodiscover(contextOf(world, limitMs), plan))];
}

async function askRevocation({ address, port }: Endpoint, limitMs: number): Promise<Observation[]> {
  const place = `http://${address}:${port}`;
  const extensions = [...healthyExtensions(), ...revocationUrls({ crl: `${place}/a.crl`, ocsp: `${place}/` })];
  const shown = seen({ extensions, about: { address }, root: 'public' });
  return [shown, ...(await probeRevocation(contextOf(createRealWorld(), limitMs), [shown]))];
}

interface Asking {
  behaviour: StreamBehaviour;
  over: 'http' | 'https';
  limitMs: number;
  ask: (server: Endpoint, limitMs: number) => Promise<Observation[]>;
}

/** What is found, warnings and worse. */
async function findingsAt({ behaviour, over, limitMs, ask }: Asking, id: string, atEnd: AtEnd) {
  const server = await startHostile(behaviour, over === 'https' ? certificates : undefined, atEnd);
  const report = await inTime(() => ({ limitMs, report: ask(server.endpoint, limitMs).then(reportOn) }));
  expectSound(report, { limitMs, codes: [0, 1, 3] });
  await server.abandoned();
  expect(server.sent()).toBeLessThan(MOST_TAKEN);
  return report.findings.filter((one) => one.id.startsWith(id));
}

const limitOf = (why: RegExp): number => (/within|whole/.test(why.source) ? STEP_MS : PATIENT_MS);

describe.concurrent.each(['http', 'https'] as const)('an autodiscover service over %s', (over) => {
  const ask = (server: Endpoint, limitMs: number): Promise<Observation[]> => askAutodiscover(server, over, limitMs);
  test.for(NO_ANSWER)('that %s is told as what it is, in time', async ([, why, behaviour], { onTestFinished }) => {
    const limitMs = limitOf(why);
    const [found, ...others] = await findingsAt({ behaviour, over, limitMs, ask }, 'autodiscover.', onTestFinished);
    expect([found?.id, others]).toEqual(['autodiscover.unanswered', []]);
    expect(found?.text).toMatch(why);
  });

  test.for(USELESS)('that %s is no autodiscover service', async ([, why, behaviour], { onTestFinished }) => {
    const asked = { behaviour, over, limitMs: PATIENT_MS, ask };
    const [found] = await findingsAt(asked, 'autodiscover.', onTestFinished);
    expect(found?.id).toBe('autodiscover.not-understood');
    expect(found?.text).toMatch(why);
  });

  test('that sends to itself is left after one step', async ({ onTestFinished }) => {
    const location = `Location: ${over}://127.0.0.1/`;
    const behaviour = says(httpHead('302 Found', location, 'Content-Length: 0'));
    const [found] = await findingsAt({ behaviour, over, limitMs: PATIENT_MS, ask }, 'autodiscover.', onTestFinished);
    expect(found?.id).toBe('autodiscover.redirect-dead');
  });
});

describe.concurrent('a place that tells of revocation', () => {
  test.for(NO_ANSWER)('and %s is told as what it is, in time', async ([, why, behaviour], { onTestFinished }) => {
    const asked: Asking = { behaviour, over: 'http', limitMs: limitOf(why), ask: askRevocation };
    const found = await findingsAt(asked, 'revocation.', onTestFinished);
    expect(found.map(({ id }) => id)).toEqual(['revocation.unreachable', 'revocation.unreachable']);
    for (const one of found) expect(one.text).toMatch(why);
  });

  test.for(USELESS)('and %s leaves the state unknown', async ([, why, behaviour], { onTestFinished }) => {
    const asked: Asking = { behaviour, over: 'http', limitMs: PATIENT_MS, ask: askRevocation };
    const found = await findingsAt(asked, 'revocation.', onTestFinished);
    expect(found.map(({ id }) => id)).toEqual(['revocation.unknown', 'revocation.unknown']);
    for (const one of found) expect(one.text).toMatch(why);
  });
});
