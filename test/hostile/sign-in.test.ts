import { describe, test } from 'vitest';
import { answer } from '../e2e/sip-scripts.ts';
import { causeOf, expectSound, HEARD_MS, PATIENT_MS, requestTo, runInTime, STEP_MS } from './hostile-run.ts';
import { drip, startHostile, startHostileUdp, type AtEnd } from './hostile-server.ts';
import { challenge, createRegistrar, ELSEWHERE, type Hand, type Registrar, type Script } from './registrar.ts';
import { certificates } from './hostile-identity.ts';

const PASSWORD = 'tangerine-6e6f6e6365';

type Over = 'tcp' | 'udp' | 'tls';

interface Case {
  name: string;
  cause: string;
  /** The most requests with credentials, those that take the Contact back included. */
  passwords: number;
  script: Script;
}

const asks = (nonce: (nth: number) => string | number, more = ''): Script => ({
  register: (hand, { nth }) => hand.reply('401 Unauthorized', challenge(nonce(nth), more)),
});
const says = (status: string, ...headers: string[]): Script => ({ register: (hand) => hand.reply(status, ...headers) });
const offers = (...headers: string[]): Script => ({ first: (hand) => hand.reply('401 Unauthorized', ...headers) });
/** Carries the request out, and then does this. */
const binds = (act: (hand: Hand) => void): Script => ({
  register: (hand) => {
    hand.bind();
    act(hand);
  },
});
const inRealm = (nth: number, nonce: string | number = nth): string =>
  challenge(nonce).replace('fuzzybunny.local', `${nth}.example`);
const toItself = 'Contact: <sip:127.0.0.1:1;transport=tcp>';

const cases = (over: readonly Over[], limitMs: number, rows: [string, string, number, Script][]) =>
  rows.flatMap(([name, cause, passwords, script]) =>
    over.map((one): Case & { over: Over; limitMs: number } => ({ name, cause, passwords, script, over: one, limitMs })),
  );

const REJECTED = 'registration.credentials-rejected';
const LOOP = 'registration.challenge-loop';
const BRIEF = 'registration.interval-too-brief';
const UNANSWERED = 'registration.sign-in-unanswered';
const HEALTHY = 'healthy at null';

const AT_ONCE = cases(['tcp', 'udp'], PATIENT_MS, [
  ['refuses with a new nonce, again and again', REJECTED, 1, asks((nth) => `x${nth}`)],
  ['refuses with the same nonce, again and again', REJECTED, 1, asks(() => 'n1')],
  ['calls every nonce stale', LOOP, 3, asks((nth) => `x${nth}`, ', stale=true')],
  [
    'asks for another realm each time',
    LOOP,
    6,
    { register: (hand, { nth }) => hand.reply('401 Unauthorized', inRealm(nth)) },
  ],
  [
    'asks in the name of another proxy each time',
    LOOP,
    6,
    { register: (hand, { nth }) => hand.reply('407 Proxy', inRealm(nth).replace('WWW-', 'Proxy-')) },
  ],
  [
    'wants a longer registration each time',
    BRIEF,
    2,
    { register: (hand, { nth }) => hand.reply('423 Interval Too Brief', `Min-Expires: ${100 * nth}`) },
  ],
  ['wants a longer registration and does not say which', BRIEF, 1, says('423 Interval Too Brief')],
  ['wants a registration for ever', BRIEF, 1, says('423 Interval Too Brief', 'Min-Expires: 4294967295')],
  ['fails at the password', 'registration.sign-in-refused', 1, says('500 Server Internal Error')],
  ['challenges with nonsense', 'registration.challenge-missing', 0, offers('WWW-Authenticate: \u0001"", ,=,')],
  ['challenges with nothing', 'registration.challenge-missing', 0, offers()],
  ['sends on and on', 'registration.redirect-dead', 0, { first: (hand) => hand.reply('302 Moved', toItself) }],
  ['sends on after the password', 'registration.redirect-dead', 1, says('302 Moved Temporarily', toItself)],
  ['accepts and names no Contact', HEALTHY, 2, binds((hand) => hand.reply('200 OK'))],
]);

const OVER_STREAMS = cases(['tcp', 'tls'], PATIENT_MS, [
  ['has 300 realms', HEALTHY, 2, offers(...Array.from({ length: 300 }, (_, nth) => inRealm(nth, 'n')))],
  ['has a nonce of 60 KB', HEALTHY, 2, offers(challenge('n'.repeat(60_000)))],
  ['has a nonce of 70 KB', 'registration.unanswered', 0, offers(challenge('n'.repeat(70_000)))],
  ['ends the connection on the password', UNANSWERED, 2, binds((hand) => hand.end())],
  ['resets the connection on the password', UNANSWERED, 2, binds((hand) => hand.reset())],
  ['sends garbage to the password', UNANSWERED, 2, binds((hand) => hand.send(Buffer.alloc(300, 0x85)))],
  [
    'accepts and ends the connection',
    HEALTHY,
    3,
    binds((hand) => {
      hand.reply('200 OK');
      hand.end();
    }),
  ],
  [
    'answers the password 10,000 times',
    // A busy machine may not be through with them when the Contact is to be taken back.
    `${HEALTHY}|registration.left-behind`,
    2,
    {
      register: (hand, { text }) => {
        hand.bind();
        hand.send(answer(text, '200 OK').repeat(10_000));
      },
    },
  ],
]);

const LATE = cases(['tcp', 'udp'], HEARD_MS, [
  [
    'tries for ever',
    UNANSWERED,
    2,
    {
      register: (hand) => {
        for (let left = 1000; left > 0; left -= 1) hand.reply('100 Trying');
      },
    },
  ],
  ['says nothing to the password', UNANSWERED, 2, { register: () => undefined }],
  [
    'answers the password to another',
    UNANSWERED,
    2,
    { register: (hand, { text }) => hand.send(answer(text.replace(/branch=\w+/, 'branch=z9hG4bKx'), '200 OK')) },
  ],
]);

async function signInAt(registrar: Registrar, { over, limitMs }: { over: Over; limitMs: number }, atEnd: AtEnd) {
  const identity = over === 'tls' ? certificates : undefined;
  const server = over === 'udp' ? undefined : await startHostile(registrar.onStream, identity, atEnd);
  const endpoint = server?.endpoint ?? (await startHostileUdp(registrar.onDatagram, { atEnd }));
  const trust = { added: [certificates.rootPem], builtIn: () => Promise.resolve([]) };
  const credentials = { account: 'alice', password: () => PASSWORD, unverified: 'allowed' as const };
  let before = 0;
  const report = await runInTime(() => {
    registrar.registers.length = 0;
    before = server?.connections() ?? 0;
    return requestTo(endpoint, over, { credentials, trust, timeoutMs: limitMs });
  });
  await server?.abandoned();
  return { report, connections: (server?.connections() ?? 1) - before };
}

describe.concurrent('a registrar', () => {
  test.for([...AT_ONCE, ...OVER_STREAMS, ...LATE])(
    'over $over that $name is told as what it is, and hears the password no oftener than it must',
    async ({ cause, script, passwords, ...how }, { expect, onTestFinished }) => {
      const registrar = createRegistrar(script);
      const { report, connections } = await signInAt(registrar, how, onTestFinished);
      expect(causeOf(report)).toMatch(new RegExp(`^(?:${cause})$`));
      expectSound(report, { limitMs: how.limitMs, codes: [0, 1, 3] });
      expect(registrar.passwords()).toBeLessThanOrEqual(passwords);
      expect([...registrar.bindings]).toEqual([ELSEWHERE]);
      expect(connections).toBeLessThanOrEqual(2);
      expect(JSON.stringify(report)).not.toContain(PASSWORD);
    },
  );
});

describe('a registrar', () => {
  test('that drips its answer to the password is left in time', async ({ expect, onTestFinished }) => {
    const octets = answer('REGISTER a', '200 OK');
    const registrar = createRegistrar({ register: () => undefined });
    const server = await startHostile(
      (socket, under) => {
        registrar.onStream(socket, under);
        drip(Buffer.from(octets))(socket, under);
      },
      undefined,
      onTestFinished,
    );
    const credentials = { account: 'alice', password: () => PASSWORD, unverified: 'refused' as const };
    const report = await runInTime(() => requestTo(server.endpoint, 'tcp', { credentials, timeoutMs: STEP_MS }));
    expectSound(report);
    expect(causeOf(report)).toBe(UNANSWERED);
    // The one that signs in, and two that take the Contact back: the answer to the first of them was garbled as well.
    expect(registrar.passwords()).toBeLessThanOrEqual(3);
    await server.abandoned();
  });
});
