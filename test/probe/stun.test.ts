import { describe, expect, test } from 'vitest';
import type { Observation } from '../../src/model.ts';
import { probeStun } from '../../src/probe/stun.ts';
import { STUN_ATTRIBUTE as A } from '../../src/wire/stun-registry.ts';
import {
  errorCodeAttribute,
  plainAddressAttribute,
  textAttribute,
  xorAddressAttribute,
} from '../../src/wire/stun-values.ts';
import { servingStun, stunContext, type StunReply, type StunScript } from './scripted-stun.ts';

const serve = servingStun();

async function seenOf(script: StunScript, timeoutMs = 700): Promise<Observation[]> {
  const { server } = await serve.udp(script);
  return probeStun(stunContext(timeoutMs), { server, label: 'stun.example.com:3478' });
}
const of = (seen: readonly Observation[], kind: Observation['kind']) => seen.find((one) => one.kind === kind)?.outcome;

/** What an honest server of one address says. */
const honest: StunScript = ({ transactionId }, { from }) => [
  {
    attributes: [xorAddressAttribute(A.XOR_MAPPED_ADDRESS, from, transactionId), textAttribute(A.SOFTWARE, 'scripted')],
  },
];

describe('a STUN server', () => {
  test('of one address says where this machine is, and nothing of filters', async () => {
    const seen = await seenOf(honest);
    expect(of(seen, 'witness')).toMatchObject({ ok: true, value: { software: 'scripted' } });
    expect(of(seen, 'nat')).toMatchObject({ value: { mapping: 'none', filtering: 'unknown' } });
    expect(of(seen, 'mapped')).toMatchObject({ value: { seen: expect.stringMatching(/^127\.0\.0\.1:/) as unknown } });
  });

  test('that has a second address and ignores CHANGE-REQUEST is no proof of a full cone', async () => {
    const other = plainAddressAttribute(A.OTHER_ADDRESS, { address: '127.0.0.2', port: 9 });
    const seen = await seenOf(({ transactionId }, { from }) => [
      { attributes: [xorAddressAttribute(A.XOR_MAPPED_ADDRESS, from, transactionId), other] },
    ]);
    expect(of(seen, 'nat')).toMatchObject({
      value: { filtering: 'unknown', detail: expect.stringContaining('ignores CHANGE-REQUEST') as unknown },
    });
  });

  test('of RFC 3489 is understood as far as its mapped address', async () => {
    const stranger = { address: '127.0.0.9', port: 9 };
    const seen = await seenOf((_request, { from }) => [
      {
        attributes: [plainAddressAttribute(A.MAPPED_ADDRESS, from), plainAddressAttribute(A.CHANGED_ADDRESS, stranger)],
      },
    ]);
    expect(of(seen, 'nat')).toMatchObject({
      value: { mapping: 'none', filtering: 'unknown', detail: expect.stringContaining('RFC 3489') as unknown },
    });
  });

  test('whose first answer is lost is asked again', async () => {
    const lost = new Set<string>();
    const seen = await seenOf((request, about) => {
      const isFirst = !lost.has(request.transactionId);
      lost.add(request.transactionId);
      return isFirst ? [] : honest(request, about);
    }, 2500);
    expect(of(seen, 'witness')).toMatchObject({ ok: true });
  });

  test.each<[string, readonly StunReply[], string]>([
    ['octets that are no STUN', [Buffer.from('SIP/2.0 200 OK\r\n\r\n')], 'malformed'],
    ['an answer to somebody else', [{ transactionId: '0'.repeat(24) }], 'timeout'],
    ['a request of its own', [{ class: 'request' }, { class: 'indication' }], 'timeout'],
    ['an answer to another method', [{ method: 3 }], 'timeout'],
  ])('that sends %s has not answered', async (_what, replies, reason) => {
    const seen = await seenOf(() => replies);
    expect(seen).toHaveLength(1);
    expect(of(seen, 'witness')).toMatchObject({ ok: false, reason });
  });

  test.each<[string, StunReply, { reason: string; detail: RegExp }]>([
    ['no address', {}, { reason: 'malformed', detail: /without a mapped address/ }],
    [
      'half an address',
      { attributes: [{ type: A.XOR_MAPPED_ADDRESS, value: new Uint8Array(5) }] },
      { reason: 'malformed', detail: /address attribute/ },
    ],
    [
      'an attribute that must be understood',
      { attributes: [{ type: 0x7777, value: new Uint8Array() }] },
      { reason: 'malformed', detail: /0x7777/ },
    ],
    [
      'an error',
      { class: 'error', attributes: [errorCodeAttribute({ code: 500, reason: 'Oops' })] },
      { reason: 'other', detail: /^500 Oops: / },
    ],
    [
      'a challenge',
      { class: 'error', attributes: [errorCodeAttribute({ code: 401, reason: 'No' })] },
      { reason: 'denied', detail: /^401 No: / },
    ],
  ])('that answers %s says so', async (_what, reply, { reason, detail }) => {
    const seen = await seenOf(() => [reply]);
    expect(seen).toHaveLength(1);
    expect(of(seen, 'witness')).toMatchObject({ ok: false, reason, detail: expect.stringMatching(detail) as unknown });
  });

  test('that calls itself by a thousand octets keeps its name for itself', async () => {
    const seen = await seenOf(({ transactionId }, { from }) => [
      {
        attributes: [
          xorAddressAttribute(A.XOR_MAPPED_ADDRESS, from, transactionId),
          textAttribute(A.SOFTWARE, 'x'.repeat(1000)),
        ],
      },
    ]);
    expect(of(seen, 'witness')).toMatchObject({
      ok: true,
      value: expect.not.objectContaining({ software: expect.anything() as unknown }) as unknown,
    });
  });

  test('is not waited for once the run is cancelled', async () => {
    const { server, heard } = await serve.udp(() => []);
    const ending = new AbortController();
    const context = { ...stunContext(60_000), signal: ending.signal };
    const running = probeStun(context, { server, label: 'x' });
    await expect.poll(() => heard.length).toBeGreaterThan(0);
    ending.abort();
    expect(of(await running, 'witness')).toMatchObject({ ok: false, reason: 'cancelled' });
  });
});
