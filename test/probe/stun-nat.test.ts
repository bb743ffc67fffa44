import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../src/model.ts';
import type { Binding } from '../../src/probe/stun-binding.ts';
import { alternateOf, natSeen, type NatTests } from '../../src/probe/stun-nat.ts';
import { buildStun, parseStun, type StunAttribute, type StunMessage } from '../../src/wire/stun-message.ts';
import { STUN_ATTRIBUTE as A } from '../../src/wire/stun-registry.ts';
import { plainAddressAttribute, xorAddressAttribute } from '../../src/wire/stun-values.ts';
import type { Endpoint } from '../../src/world.ts';

const ID = '78ad3433c6ad72c029da412e';
const SERVER: Endpoint = { address: '192.0.2.1', port: 3478 };
const OTHER: Endpoint = { address: '192.0.2.2', port: 3479 };
const LOCAL: Endpoint = { address: '10.0.0.5', port: 50_000 };
const mappedTo = (port: number): Endpoint => ({ address: '198.51.100.7', port });

const success = (attributes: readonly StunAttribute[] = []): StunMessage => {
  const mapped = xorAddressAttribute(A.XOR_MAPPED_ADDRESS, mappedTo(1), ID);
  return parseStun(buildStun({ class: 'success', method: 1, transactionId: ID, attributes: [mapped, ...attributes] }));
};
const bound = (mapped: Endpoint, from = SERVER): Outcome<Binding> => ({
  ok: true,
  ms: 1,
  value: { message: success(), from, mapped },
});
const silent: Outcome<Binding> = { ok: false, reason: 'timeout', detail: 'no answer', ms: 3000 };
const refused: Outcome<Binding> = { ok: false, reason: 'other', detail: '420 Unknown Attribute', ms: 3 };

const first: Binding = { message: success(), from: SERVER, mapped: mappedTo(1) };
const healthy: NatTests = {
  local: LOCAL,
  server: SERVER,
  first,
  alternate: { known: OTHER },
  mapping: { otherAddress: bound(mappedTo(1)), otherBoth: bound(mappedTo(1)) },
  filtering: { control: bound(mappedTo(9)), changedBoth: bound(mappedTo(9), OTHER), changedPort: silent },
};
const seen = (change: Partial<NatTests>) => natSeen({ ...healthy, ...change });

describe('mapping', () => {
  test.each<[string, [Outcome<Binding>, Outcome<Binding>], string]>([
    ['alike at three places', [bound(mappedTo(1)), bound(mappedTo(1))], 'endpoint-independent'],
    ['alike at two of two that answered', [silent, bound(mappedTo(1))], 'endpoint-independent'],
    ['another at the other address', [bound(mappedTo(2)), bound(mappedTo(2))], 'address-dependent'],
    ['another at each place', [bound(mappedTo(2)), bound(mappedTo(3))], 'address-and-port-dependent'],
    ['another at the only other place that answered', [silent, bound(mappedTo(2))], 'unknown'],
    ['alike at the other address, the port unanswered', [bound(mappedTo(1)), silent], 'endpoint-independent'],
    ['unanswered at the other address', [silent, silent], 'unknown'],
  ])('%s', (_what, [otherAddress, otherBoth], mapping) => {
    const result = seen({ mapping: { otherAddress, otherBoth } });
    expect(result.mapping).toBe(mapping);
    expect(result.detail !== '').toBe(mapping === 'unknown');
  });

  test('is none where this machine is seen as it is', () => {
    expect(seen({ local: mappedTo(1) }).mapping).toBe('none');
  });

  test('is unknown without a second address', () => {
    const { mapping: _left, ...rest } = healthy;
    expect(natSeen({ ...rest, alternate: { why: 'it has none' } })).toMatchObject({
      mapping: 'unknown',
      filtering: 'unknown',
      detail: 'it has none',
    });
  });
});

describe('filtering', () => {
  const fromPort = { address: SERVER.address, port: OTHER.port };

  test.each<[string, Partial<NatTests['filtering']>, string]>([
    ['an answer from the other address', {}, 'endpoint-independent'],
    [
      'an answer from the other port only',
      { changedBoth: silent, changedPort: bound(first.mapped, fromPort) },
      'address-dependent',
    ],
    ['no changed answer', { changedBoth: silent }, 'address-and-port-dependent'],
    ['a changed answer that comes from where it was asked', { changedBoth: bound(first.mapped, SERVER) }, 'unknown'],
    ['a changed port that is the same', { changedBoth: silent, changedPort: bound(first.mapped, SERVER) }, 'unknown'],
    ['a changed answer from a third place', { changedBoth: bound(first.mapped, { ...OTHER, port: 1 }) }, 'unknown'],
    ['a server that refuses to change', { changedBoth: refused }, 'unknown'],
    ['a server that refuses to change the port', { changedBoth: silent, changedPort: refused }, 'unknown'],
    ['a fresh port without any answer', { control: silent, changedBoth: silent }, 'unknown'],
  ])('%s', (_what, change, filtering) => {
    const result = seen({ filtering: { ...healthy.filtering, ...change } });
    expect(result.filtering).toBe(filtering);
    expect(result.detail !== '').toBe(filtering === 'unknown');
  });

  test('a server that answers from where it was asked never passes for a full cone', () => {
    const changedBoth = bound(first.mapped, SERVER);
    const { detail } = seen({ filtering: { ...healthy.filtering, changedBoth } });
    expect(detail).toBe('the server ignores CHANGE-REQUEST: it answered from 192.0.2.1:3478');
  });

  test('silence proves nothing while the second address was never heard', () => {
    const filtering = { ...healthy.filtering, changedBoth: silent };
    const mapping = { otherAddress: silent, otherBoth: silent };
    expect(seen({ filtering, mapping }).filtering).toBe('unknown');
  });
});

describe('the second address of a server', () => {
  const named = (other: Endpoint) => alternateOf(success([plainAddressAttribute(A.OTHER_ADDRESS, other)]), SERVER);

  test('is what it names', () => {
    expect(named(OTHER)).toEqual({ known: OTHER });
  });

  test.each([
    ['its own address', { ...SERVER, port: 3479 }],
    ['its own port', { ...OTHER, port: 3478 }],
    ['no port', { ...OTHER, port: 0 }],
    ['this machine', { address: '127.0.0.1', port: 3479 }],
    ['a host of a private network', { address: '192.168.1.1', port: 3479 }],
    ['everybody', { address: '255.255.255.255', port: 3479 }],
    ['a group', { address: '239.1.2.3', port: 3479 }],
    ['nobody', { address: '0.0.0.0', port: 3479 }],
    ['another family', { address: '2001:db8::2', port: 3479 }],
  ])('is not asked when it is %s', (_what, other) => {
    expect(named(other)).toEqual({ why: expect.stringContaining('as its second address') as unknown });
  });

  test('is not asked when it cannot be read, nor when there is none', () => {
    const unreadable = success([{ type: A.OTHER_ADDRESS, value: new Uint8Array(3) }]);
    expect(alternateOf(unreadable, SERVER)).toEqual({ why: expect.stringContaining('cannot be read') as unknown });
    expect(alternateOf(success(), SERVER)).toEqual({ why: 'the server has no second address (RFC 5780)' });
  });

  test('of a server of RFC 3489 is not relied on', () => {
    const attributes = [A.MAPPED_ADDRESS, A.CHANGED_ADDRESS, A.OTHER_ADDRESS].map((type) =>
      plainAddressAttribute(type, OTHER),
    );
    const old = parseStun(buildStun({ class: 'success', method: 1, transactionId: ID, attributes }));
    expect(alternateOf(old, SERVER)).toEqual({ why: expect.stringContaining('RFC 3489') as unknown });
  });
});
