import { describe, expect, test } from 'vitest';
import type { Observation } from '../../src/model.ts';
import type { OpenPort } from '../../src/probe/open-ports.ts';
import { probeTurn } from '../../src/probe/turn.ts';
import { longTermKey, verifyIntegrity, type StunKey } from '../../src/wire/stun-integrity.ts';
import { attributeValue, type StunAttribute, type StunMessage } from '../../src/wire/stun-message.ts';
import { STUN_ATTRIBUTE as A, STUN_METHOD as M } from '../../src/wire/stun-registry.ts';
import {
  errorCodeAttribute,
  numberOf,
  textAttribute,
  textOf,
  xorAddressAttribute,
} from '../../src/wire/stun-values.ts';
import { servingStun, stunContext, type ScriptedStun, type StunReply, type StunScript } from './scripted-stun.ts';

const serve = servingStun();
const USER = { user: 'alice', password: 'secret' };
const REALM = 'turn.example';
const key: StunKey = await longTermKey({ ...USER, realm: REALM, algorithm: 'MD5' }, 'sha1');
const PEER = { address: '198.51.100.7', port: 40_000 };

const error = (code: number, ...attributes: StunAttribute[]): StunReply => ({
  class: 'error',
  attributes: [errorCodeAttribute({ code, reason: 'Scripted' }), ...attributes],
});
const challenge = (code: number, nonce: string): StunReply =>
  error(code, textAttribute(A.REALM, REALM), textAttribute(A.NONCE, nonce));
const allocated = ({ transactionId }: StunMessage, signedWith = key): StunReply => ({
  attributes: [
    xorAddressAttribute(A.XOR_MAPPED_ADDRESS, PEER, transactionId),
    xorAddressAttribute(A.XOR_RELAYED_ADDRESS, { address: '192.0.2.1', port: 50_000 }, transactionId),
  ],
  key: signedWith,
});

/** Challenges whoever comes without a user, serves Allocate and Refresh, and leaves the rest to the script. */
const serving =
  (rest: StunScript): StunScript =>
  (request, about) => {
    if (attributeValue(request, A.USERNAME) === undefined) return [challenge(401, 'first')];
    verifyIntegrity(request, key);
    if (request.method === M.REFRESH) return [{ key }];
    const replies = rest(request, about);
    return replies.length === 0 && request.method === M.ALLOCATE ? [allocated(request)] : replies;
  };

/** A port on which nothing arrives: what a server says of it is all that is known. */
const port = (transport: 'tcp' | 'udp', number: number): OpenPort => ({
  use: transport === 'tcp' ? 'sip' : 'media',
  transport,
  local: { address: '10.0.0.5', port: number },
  expect: (_wanted, { timeoutMs, signal }) =>
    new Promise((_resolve, reject) => {
      const fail = (code: string) => () => reject(Object.assign(new Error(code), { name: 'NetError', code }));
      setTimeout(fail('timeout'), timeoutMs);
      signal?.addEventListener('abort', fail('cancelled'));
    }),
});

async function ask(
  { server }: ScriptedStun,
  {
    ports = [port('tcp', 7100)],
    signal,
    limitMs = 600,
  }: { ports?: OpenPort[]; signal?: AbortSignal; limitMs?: number } = {},
): Promise<Observation[]> {
  const context = { ...stunContext(limitMs), signal };
  const credentials = { user: USER.user, password: () => USER.password };
  return probeTurn(context, { server, label: 'turn.example:3478', transport: 'tcp', credentials, ports });
}
const outcomesOf = (seen: readonly Observation[], kind: Observation['kind']) =>
  seen.filter((one) => one.kind === kind).map(({ outcome }) => outcome);
const released = ({ heard }: ScriptedStun): (number | undefined)[] =>
  heard.filter(({ method }) => method === M.REFRESH).map((one) => numberOf(one, A.LIFETIME));

describe('a TURN server that is asked to connect', () => {
  test.each<[string, number, { result: string; detail: RegExp }]>([
    [
      'could not',
      447,
      { result: 'refused', detail: /^447 Scripted: .* does not say which, but a time-out would have taken 30 s/ },
    ],
    ['may not', 403, { result: 'not-tried', detail: /^the server may not: 403 Scripted: its policy forbids it$/ }],
  ])('and %s says so of the port', async (_what, code, { result, detail }) => {
    const server = await serve.tcp(serving(({ method }) => (method === M.CONNECT ? [error(code)] : [])));
    const seen = await ask(server, { ports: [port('tcp', 7100), port('tcp', 7101)] });
    expect(outcomesOf(seen, 'reach')).toEqual(
      Array.from({ length: 2 }, () =>
        expect.objectContaining({ ok: true, value: { result, detail: expect.stringMatching(detail) as unknown } }),
      ),
    );
    expect(seen.find(({ kind }) => kind === 'reach')).toMatchObject({
      about: { address: PEER.address, port: 7100, transport: 'tcp', witness: 'turn' },
    });
    expect(released(server)).toEqual([0]);
  });

  test.each([
    [446, /^446 Scripted: it has such a connection already$/],
    [437, /^437 Scripted: it has lost the allocation/],
    [441, /^441 Scripted: the allocation belongs to another user$/],
  ])('and answers %i was not heard on the port', async (code, detail) => {
    const server = await serve.tcp(serving(({ method }) => (method === M.CONNECT ? [error(code)] : [])));
    const [reach] = outcomesOf(await ask(server), 'reach');
    expect(reach).toMatchObject({ ok: false, detail: expect.stringMatching(detail) as unknown });
  });

  test('and says nothing is a port in front of which something drops', async () => {
    const server = await serve.tcp(serving(() => []));
    const [reach] = outcomesOf(await ask(server), 'reach');
    expect(reach).toMatchObject({ ok: true, value: { result: 'timeout' } });
    expect(released(server)).toEqual([0]);
  });
});

describe('a TURN server that is asked for a relay', () => {
  test.each<[string, number, { reason: string; detail: RegExp }]>([
    ['knows no RFC 6062', 442, { reason: 'denied', detail: /^it relays no TCP \(RFC 6062\): 442 / }],
    ['knows it even less', 400, { reason: 'denied', detail: /^it relays no TCP \(RFC 6062\): 400 / }],
    ['has a quota', 486, { reason: 'denied', detail: /this user has as many allocations as it allows$/ }],
    ['has no port left', 508, { reason: 'denied', detail: /^508 Scripted: it has no relay port left$/ }],
    [
      'takes no such user',
      401,
      { reason: 'denied', detail: /^401 Scripted: it does not take this user name and password$/ },
    ],
    ['sends to another', 300, { reason: 'other', detail: /^300 Scripted: it sends its clients to another server$/ }],
    ['answers a number of its own', 699, { reason: 'other', detail: /^699 Scripted$/ }],
  ])('and %s cannot help, and nothing is to be given back', async (_what, code, { reason, detail }) => {
    const server = await serve.tcp(serving(() => [error(code)]));
    const seen = await ask(server);
    expect(seen).toHaveLength(1);
    expect(seen[0]?.outcome).toMatchObject({ ok: false, reason, detail: expect.stringMatching(detail) as unknown });
    expect(released(server)).toEqual([]);
  });

  test('and calls the nonce stale is given the new one', async () => {
    const nonces = ['second', 'third'];
    const server = await serve.tcp(
      serving(({ method }) => {
        const next = method === M.ALLOCATE ? nonces.shift() : undefined;
        return next === undefined ? [] : [challenge(438, next)];
      }),
    );
    const seen = await ask(server, { ports: [] });
    expect(outcomesOf(seen, 'witness')).toEqual([expect.objectContaining({ ok: true })]);
    const used = server.heard.map((one) => textOf(one, A.NONCE));
    expect(used).toEqual([undefined, 'first', 'second', 'third', 'third']);
  });

  test('and calls each nonce stale is given up', async () => {
    let count = 0;
    const server = await serve.tcp(serving(() => [challenge(438, `n${(count += 1)}`)]));
    const seen = await ask(server);
    expect(seen[0]?.outcome).toMatchObject({
      ok: false,
      detail: expect.stringContaining('calls each nonce stale') as unknown,
    });
    expect(server.heard).toHaveLength(4);
  });

  test.each<[string, StunReply, RegExp]>([
    ['challenges without a realm', error(401, textAttribute(A.NONCE, 'x')), /no REALM/],
    ['challenges without a nonce', error(401, textAttribute(A.REALM, 'x')), /no NONCE/],
    ['fails without a number', { class: 'error' }, /without ERROR-CODE/],
    ['sends what is no STUN', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), /neither STUN nor ChannelData/],
    ['wants more understood', { attributes: [{ type: 0x7777, value: new Uint8Array() }] }, /0x7777/],
  ])('and %s answers against its protocol', async (_what, reply, detail) => {
    const server = await serve.tcp(() => [reply]);
    const seen = await ask(server);
    expect(seen).toHaveLength(1);
    expect(seen[0]?.outcome).toMatchObject({
      ok: false,
      reason: 'malformed',
      detail: expect.stringMatching(detail) as unknown,
    });
  });

  test('and whose success is not signed with the password is not believed', async () => {
    const other = await longTermKey({ user: 'alice', password: 'other', realm: REALM, algorithm: 'MD5' }, 'sha1');
    const server = await serve.tcp(
      serving((request) => (request.method === M.ALLOCATE ? [allocated(request, other)] : [])),
    );
    const seen = await ask(server);
    expect(seen[0]?.outcome).toMatchObject({
      ok: false,
      reason: 'malformed',
      detail: expect.stringContaining('MESSAGE-INTEGRITY') as unknown,
    });
    // It may have been a success all the same, spoilt on the way.
    expect(released(server)).toEqual([0]);
  });

  test('and that has no address for this machine is malformed, and the relay is given back', async () => {
    const server = await serve.tcp(serving(({ method }) => (method === M.ALLOCATE ? [{ key }] : [])));
    const seen = await ask(server);
    expect(seen[0]?.outcome).toMatchObject({
      ok: false,
      detail: expect.stringContaining('XOR-MAPPED-ADDRESS') as unknown,
    });
    expect(released(server)).toEqual([0]);
  });
});

test('a password that was refused is not sent again for the other ports', async () => {
  const server = await serve.tcp(serving(() => [error(401)]));
  const seen = await ask(server, { ports: [port('tcp', 7100), port('udp', 5350)] });
  const details = outcomesOf(seen, 'witness').map((one) => (one.ok ? 'ok' : one.detail));
  expect(details.toSorted()).toEqual([
    '401 Scripted: it does not take this user name and password',
    'not asked with the password, which the server has refused a moment before',
  ]);
  expect(server.heard.filter((one) => attributeValue(one, A.USERNAME) !== undefined)).toHaveLength(1);
});

test('the relay is given back when the run is cancelled in the middle', async () => {
  const ending = new AbortController();
  const server = await serve.tcp(
    serving(({ method }) => {
      if (method === M.CONNECT) ending.abort();
      return [];
    }),
  );
  const [reach] = outcomesOf(await ask(server, { signal: ending.signal }), 'reach');
  expect(reach).toMatchObject({ ok: false, reason: 'cancelled' });
  expect(released(server)).toEqual([0]);
});

test('a datagram is sent until time is up', async () => {
  const server = await serve.tcp(serving(({ method }) => (method === M.CREATE_PERMISSION ? [{ key }] : [])));
  const [reach] = outcomesOf(await ask(server, { ports: [port('udp', 5350)], limitMs: 2000 }), 'reach');
  const sent = server.heard.filter(({ method }) => method === M.SEND).length;
  // After 0, 500 and 1500 ms, as far as a busy machine comes.
  expect(sent).toBeGreaterThan(1);
  expect(reach).toMatchObject({
    value: { result: 'timeout', detail: `nothing arrived of ${sent} datagrams from the relay` },
  });
});
