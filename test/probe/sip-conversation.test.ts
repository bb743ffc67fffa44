import { describe, expect, test } from 'vitest';
import type { Observation } from '../../src/model.ts';
import { datagramChannel, streamChannel } from '../../src/probe/sip-channel.ts';
import { converse, type SipPlan } from '../../src/probe/sip-conversation.ts';
import { createSignInGate, type SignInGate } from '../../src/probe/sign-in-gate.ts';
import type { TracedMessage } from '../../src/wire/traced-message.ts';
import { answerTo, attemptOver, contextOf, scriptWorld, SERVER, type Reaction } from './scripted-world.ts';

const identity = { requestUri: 'sip:example.org', aor: 'sip:alice@example.org' };
const WAY = 'name tcp';
type Said = [status: number, reason: string, extra?: [string, string][]];

const digest = (nonce: string, more = ''): [string, string] => [
  'WWW-Authenticate',
  `Digest realm="registrar", nonce="${nonce}", qop="auth"${more}`,
];
const OK: Said = [200, 'OK'];
const asks = (nonce: string, more = ''): Said => [401, 'Unauthorized', [digest(nonce, more)]];

/** Answers OPTIONS with 200, and each REGISTER with the next of the list. */
function registrar(answers: readonly Said[]): Reaction {
  const left = [...answers];
  return ({ bytes, at }) => {
    const text = Buffer.from(bytes).toString();
    const [status, reason, extra = []] = text.startsWith('OPTIONS') ? OK : (left.shift() ?? [500, 'Script is over']);
    return [{ at: at + 10, bytes: answerTo(bytes, [status, reason], { extra }) }];
  };
}

const newGate = (): SignInGate => createSignInGate([WAY, 'other']);

function planWith(gate: SignInGate, transport: 'udp' | 'tcp' = 'tcp'): SipPlan {
  const credentials = { account: 'alice', password: () => 'tangerine', unverified: 'refused' as const };
  const signIn = { credentials, gate, way: WAY, instance: 'urn:uuid:1' };
  return { about: attemptOver(transport), identity, signIn };
}

async function talk(answers: readonly Said[], gate = newGate()) {
  const script = scriptWorld(registrar(answers));
  const context = contextOf(script);
  const seen = await converse(context, planWith(gate), { channel: streamChannel(context, 'tcp', script.stream()) });
  const registers = script.sent.map(({ text }) => text).filter((text) => text.startsWith('REGISTER'));
  return { seen, registers, gate };
}

const stepsOf = (seen: readonly Observation[]): string[] =>
  seen.flatMap((one) => {
    if (one.kind === 'withheld') return [`withheld ${one.outcome.ok ? one.outcome.value.why : ''}`];
    if (one.kind !== 'sip' || one.about.step === undefined) return [];
    return [`${one.about.step} ${one.outcome.ok ? one.outcome.value.status : one.outcome.reason}`];
  });
const field = (request: string | undefined, pattern: RegExp): string | undefined => pattern.exec(request ?? '')?.[1];

describe('signing in on a connection', () => {
  test('answers the challenge with a Contact of its own, and takes the same Contact back', async () => {
    const { seen, registers, gate } = await talk([asks('a'), OK, OK]);
    expect(stepsOf(seen)).toEqual(['sign-in 200', 'sign-out 200']);
    const contacts = registers.map((one) => field(one, /^Contact: <([^>]*)>/m));
    expect(contacts).toEqual([undefined, 'sip:alice@192.0.2.9:40000;transport=tcp', contacts[1]]);
    expect(registers.map((one) => field(one, /^Expires: (\d+)/m))).toEqual([undefined, '60', '0']);
    expect(registers.map((one) => field(one, /^Supported: (.*)\r$/m))).toEqual([undefined, 'path', 'path']);
    expect(registers.map((one) => field(one, /nc=(\d+)/))).toEqual([undefined, '00000001', '00000002']);
    expect(registers.join('')).not.toContain('tangerine');
    expect(registers.join('')).not.toContain('Contact: *');
    expect(await gate.enter('other')).toBe('accepted');
  });

  test.each([
    ['same-nonce', 'a'],
    ['new-nonce', 'b'],
  ])('takes a second challenge (%s) for a refusal, and asks no third time', async (refusal, nonce) => {
    const { seen, registers, gate } = await talk([asks('a'), asks(nonce), OK, OK]);
    expect(stepsOf(seen)).toEqual(['sign-in 401']);
    expect(registers).toHaveLength(2);
    expect(JSON.stringify(seen)).toContain(`"refusal":"${refusal}"`);
    expect(await gate.enter('other')).toBe('refused');
  });

  test('answers a stale nonce with the same password, twice at most', async () => {
    const stale = asks('b', ', stale=true');
    expect(stepsOf((await talk([asks('a'), stale, OK, OK])).seen)).toEqual(['sign-in 200', 'sign-out 200']);
    const endless = await talk([asks('a'), stale, stale, stale, stale, stale, stale]);
    expect(endless.registers).toHaveLength(4);
  });

  test('answers the registrar and the proxy together', async () => {
    const both: Said = [401, 'Unauthorized', [digest('a'), ['Proxy-Authenticate', 'Digest realm="proxy", nonce="p"']]];
    const { registers } = await talk([both, OK, OK]);
    expect(registers[1]).toMatch(/^Authorization: Digest .*realm="registrar"/m);
    expect(registers[1]).toMatch(/^Proxy-Authorization: Digest .*realm="proxy"/m);
  });

  test('goes on with the proxy that asks only after the registrar', async () => {
    const proxy: Said = [
      407,
      'Proxy Authentication Required',
      [['Proxy-Authenticate', 'Digest realm="proxy", nonce="p"']],
    ];
    const { seen, registers } = await talk([asks('a'), proxy, OK, OK]);
    expect(stepsOf(seen)).toEqual(['sign-in 200', 'sign-out 200']);
    expect(registers[2]).toMatch(/^Authorization: .*\r\n(?:.*\r\n)*Proxy-Authorization: /m);
  });

  test('takes the algorithm that the server likes best', async () => {
    const challenges = ['SHA-256', 'MD5'].map((name) => digest('a', `, algorithm=${name}`));
    const { registers } = await talk([[401, 'Unauthorized', challenges], OK, OK]);
    expect(field(registers[1], /algorithm=([\w-]+)/)).toBe('SHA-256');
  });

  test('takes up a nextnonce', async () => {
    const { registers } = await talk([asks('a'), [200, 'OK', [['Authentication-Info', 'nextnonce="n2"']]], OK]);
    expect(field(registers[2], /nonce="(\w+)"/)).toBe('n2');
    expect(field(registers[2], /nc=(\d+)/)).toBe('00000001');
  });

  test('asks once more when the interval was too brief', async () => {
    const brief: Said = [423, 'Interval Too Brief', [['Min-Expires', '300']]];
    const { seen, registers } = await talk([asks('a'), brief, OK, OK]);
    expect(registers.map((one) => field(one, /^Expires: (\d+)/m))).toEqual([undefined, '60', '300', '0']);
    expect(stepsOf(seen)).toEqual(['sign-in 200', 'sign-out 200']);
    expect(stepsOf((await talk([asks('a'), brief, brief])).seen)).toEqual(['sign-in 423']);
  });

  test('takes a redirection for a password that was accepted, and registers nothing at the server that sends on', async () => {
    const moved: Said = [302, 'Moved Temporarily', [['Contact', '<sip:home.example.org>']]];
    const { seen, registers, gate } = await talk([asks('a'), moved]);
    expect(stepsOf(seen)).toEqual(['sign-in 302']);
    expect(registers).toHaveLength(2);
    expect(await gate.enter('other')).toBe('accepted');
  });

  test('behind another way it asks for the bindings only', async () => {
    const gate = createSignInGate(['first', WAY]);
    await gate.enter('first');
    gate.settle('accepted');
    const { seen, registers } = await talk([asks('a'), OK], gate);
    expect(stepsOf(seen)).toEqual(['sign-in 200']);
    expect(registers[1]).not.toContain('Contact:');
  });

  test('behind a refusal it sends nothing', async () => {
    const gate = createSignInGate(['first', WAY]);
    await gate.enter('first');
    gate.settle('refused');
    const { seen, registers } = await talk([asks('a'), OK], gate);
    expect(stepsOf(seen)).toEqual(['withheld refused-before']);
    expect(registers).toHaveLength(1);
  });

  test('sends no password where only NTLM is offered', async () => {
    const { seen, registers } = await talk([[401, 'Unauthorized', [['WWW-Authenticate', 'NTLM realm="x"']]], OK]);
    expect(stepsOf(seen)).toEqual(['withheld no-scheme']);
    expect(registers).toHaveLength(1);
  });

  test('signs out when the REGISTER was not answered: the server may have carried it out', async () => {
    const script = scriptWorld(({ bytes, at }) => {
      const text = Buffer.from(bytes).toString();
      const isBinding = /^Expires: 60/m.test(text);
      const said = registrar([asks('a')])({ bytes, nth: 1, at });
      return isBinding ? [] : said;
    });
    const context = contextOf(script);
    const seen = await converse(context, planWith(newGate(), 'udp'), {
      channel: datagramChannel(context, script.datagrams(), SERVER),
    });
    expect(stepsOf(seen)[0]).toBe('sign-in timeout');
    expect(script.sent.at(-1)?.text).toMatch(/^Expires: 0\r$/m);
    expect(script.elapsed()).toBeLessThan(4100);
  });
});

test('a trace has every message as it went over the wire', async () => {
  const script = scriptWorld(registrar([asks('a'), OK, OK]));
  const traced: TracedMessage[] = [];
  const context = contextOf(script, { trace: (message) => void traced.push(message) });
  await converse(context, planWith(newGate()), { channel: streamChannel(context, 'tcp', script.stream()) });
  const sent = traced.filter(({ direction }) => direction === 'sent');
  expect(sent.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual(script.sent.map(({ text }) => text));
  expect(traced.filter(({ direction }) => direction === 'received')).toHaveLength(sent.length);
});

test('OPTIONS is repeated as often as asked for, and what is lost is counted', async () => {
  let options = 0;
  const script = scriptWorld((sent) => {
    const isOptions = Buffer.from(sent.bytes).toString().startsWith('OPTIONS');
    options += isOptions ? 1 : 0;
    // The third datagram is lost: its repetition half a second later is answered.
    return isOptions && options === 3 ? [] : registrar([asks('a')])(sent);
  });
  const context = contextOf(script);
  const plan: SipPlan = { about: attemptOver('udp'), identity, count: 4 };
  const seen = await converse(context, plan, { channel: datagramChannel(context, script.datagrams(), SERVER) });
  const latency = seen.find(({ kind }) => kind === 'latency');
  expect(latency?.outcome).toMatchObject({
    value: { samples: [10, 510, 10, 10], sent: 4, lost: 0, retransmissions: 1 },
  });
});
