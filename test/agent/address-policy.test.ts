import { describe, expect, test } from 'vitest';
import {
  ownAddresses,
  plainAddress,
  refusalOf,
  sourceKey,
  type AddressPolicy,
} from '../../src/agent/address-policy.ts';

const STRICT: AddressPolicy = {
  private: 'refused',
  loopback: 'refused',
  own: () => ['192.0.2.1', '2001:db8::1', 'fe80::1'],
};

describe('who may be connected to', () => {
  test.each(['10.0.0.1', '::ffff:10.0.0.1', 'fd00::1', '100.64.0.1', '169.254.1.1', '192.168.7.7'])(
    '%s only where private addresses are allowed',
    (address) => {
      expect(refusalOf(address, STRICT)).toContain('a private address');
      expect(refusalOf(address, { ...STRICT, private: 'allowed' })).toBeUndefined();
    },
  );

  test.each(['127.0.0.1', '::1', '::ffff:127.0.0.1'])('%s only by an agent that listens on loopback', (address) => {
    expect(refusalOf(address, { ...STRICT, private: 'allowed' })).toContain('loopback');
    expect(refusalOf(address, { ...STRICT, loopback: 'allowed' })).toBeUndefined();
  });

  test.each(['192.0.2.1', '::ffff:192.0.2.1', '2001:db8::1', 'fe80::1%eth0'])(
    'never %s, which is its own',
    (address) => {
      expect(refusalOf(address, { ...STRICT, private: 'allowed', loopback: 'allowed' })).toContain(
        'of the agent itself',
      );
    },
  );

  test.each(['224.0.0.1', 'ff02::1', '0.0.0.0', '255.255.255.255', ''])('never %j', (address) => {
    expect(refusalOf(address, { private: 'allowed', loopback: 'allowed', own: () => [] })).toBeDefined();
  });

  test('the machine knows its own addresses', () => {
    expect(ownAddresses()).toContain('127.0.0.1');
  });
});

describe('whose limits count', () => {
  test('an IPv6 network of 64 bits is one source, and an IPv4 address is one', () => {
    expect(sourceKey('2001:db8:1:2:3:4:5:6')).toBe(sourceKey('2001:db8:1:2::1'));
    expect(sourceKey('2001:db8:1:3::1')).not.toBe(sourceKey('2001:db8:1:2::1'));
    expect(sourceKey('192.0.2.1')).not.toBe(sourceKey('192.0.2.2'));
  });

  test('a mapped address is the IPv4 address, and not one of a /64 of all IPv4', () => {
    expect(sourceKey('::ffff:192.0.2.1')).toBe('192.0.2.1');
    expect(plainAddress('::FFFF:192.0.2.1')).toBe('192.0.2.1');
    expect(plainAddress('2001:db8::1')).toBe('2001:db8::1');
  });
});
